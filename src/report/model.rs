//! The report itself: a case, its steps judged, and the diagnosis.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::case::Case;
use crate::case::code::Code;
use crate::case::credential::{self, CredentialSource};
use crate::case::ids::ClientId;
use crate::case::inputs::{CredentialKind, IdentitySelector, Inputs};
use crate::case::may_send::{Decision, Permission};
use crate::case::resource::ResourceSource;
use crate::case::shown::drawn::without_any;
use crate::case::shown::{self, ShownCase};
use crate::case::step::StepId;
use crate::case::token::DecodedToken;
use crate::check;
use crate::diagnosis::{self, Verdict};
use crate::evidence::Evidence;
use crate::knowledge::{Confidence, Found, Severity};

use super::facts::{self, Shown};
use super::fixes;
use super::supposed::{self, Supposed};
use super::worded::{Diagnosis, Finding, Rule, StepReport};
use super::wording::{Memo, Wording};

/// The version of the JSON report.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything that is shown of a case. It is judged on what was observed, and its texts hold nothing that may not be
/// shown.
#[derive(Clone)]
pub struct Report {
    observed: Arc<Case>,
    /// The case that the steps are about: another one where changes are assumed.
    supposed: Arc<Case>,
    judged: Arc<Judged>,
    shows: Shows,
    inputs: OnceLock<Inputs>,
    shown: OnceLock<ShownCase>,
    memo: Memo,
    steps: OnceLock<Vec<StepReport>>,
    /// Those that were asked for one by one, while the check runs.
    single: [OnceLock<StepReport>; 8],
    diagnosis: OnceLock<Diagnosis>,
    rules: OnceLock<Vec<Rule>>,
    suggested: OnceLock<Option<String>>,
    /// The verdict on what was observed, without the changes that are assumed. It decides the exit code.
    pub observed_verdict: Verdict,
}

/// What a step shows beside its findings.
pub(super) type Shows = fn(&Evidence<'_>, &[check::StepReport], &check::StepReport) -> Shown;

/// What was judged, before it has words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Judged {
    /// The eight steps in order.
    pub(super) steps: Vec<check::StepReport>,
    /// Root cause, alternatives and what comes next.
    pub(super) diagnosis: diagnosis::Diagnosis,
}

impl PartialEq for Report {
    fn eq(&self, other: &Self) -> bool {
        self.case() == other.case() && self.judged == other.judged
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Report")
            .field("case", self.case())
            .field("steps", &self.steps())
            .field("diagnosis", self.diagnosis())
            .finish()
    }
}

impl Report {
    /// Judges a case, with the changes that it assumes.
    #[must_use]
    pub fn of(mut case: Case) -> Self {
        case.hide_secrets();
        case.compare_answers();
        let Supposed { case: supposed, mut steps, diagnosis, observed: observed_verdict } = supposed::judged(&case);
        // What is undetermined is a finding, too, of the step where the evidence ends.
        if let Some(root) = &diagnosis.root_cause
            && root.found.code.is_undetermined()
            && case.is_settled(StepId::Call)
            && !steps.iter().flat_map(|step| &step.findings).any(|found| found.code == root.found.code)
            && let Some(step) = steps.iter_mut().find(|step| step.id == root.step)
        {
            step.findings.push(root.found.clone());
        }
        let changed = match supposed {
            Cow::Owned(changed) => Some(Arc::new(changed)),
            Cow::Borrowed(_) => None,
        };
        let report = Self::judged(Arc::new(case), Judged { steps, diagnosis }, facts::of, observed_verdict);
        Self { supposed: changed.unwrap_or_else(|| Arc::clone(&report.observed)), ..report }
    }

    /// A case judged in another way.
    pub(super) fn judged(observed: Arc<Case>, judged: Judged, shows: Shows, observed_verdict: Verdict) -> Self {
        Self {
            supposed: Arc::clone(&observed),
            observed,
            judged: Arc::new(judged),
            shows,
            inputs: OnceLock::new(),
            shown: OnceLock::new(),
            memo: Memo::default(),
            steps: OnceLock::new(),
            single: Default::default(),
            diagnosis: OnceLock::new(),
            rules: OnceLock::new(),
            suggested: OnceLock::new(),
            observed_verdict,
        }
    }

    /// The report of a case with these words, whatever would be judged of it: for trials of the written forms.
    #[must_use]
    pub fn with_words(case: Case, steps: Vec<StepReport>, diagnosis: Diagnosis, observed_verdict: Verdict) -> Self {
        let judged = Judged {
            steps: Vec::new(),
            diagnosis: diagnosis::Diagnosis {
                verdict: diagnosis.verdict,
                root_cause: None,
                alternatives: Vec::new(),
                next: Vec::new(),
            },
        };
        Self {
            steps: OnceLock::from(steps),
            diagnosis: OnceLock::from(diagnosis),
            ..Self::judged(Arc::new(case), judged, facts::of, observed_verdict)
        }
    }

    /// The eight steps in order.
    #[must_use]
    pub fn steps(&self) -> &[StepReport] {
        self.steps.get_or_init(|| -> Vec<StepReport> {
            let evidence = Evidence::of(&self.supposed);
            self.judged.steps.iter().map(|step| self.worded(&evidence, step)).collect()
        })
    }

    /// The warnings, each with its step: they don't fail the call.
    pub fn warnings(&self) -> impl Iterator<Item = (StepId, &Finding)> {
        let all = self.steps().iter().flat_map(|step| step.findings.iter().map(|finding| (step.id, finding)));
        all.filter(|(_, finding)| finding.severity == Severity::Warning)
    }

    /// Root cause, alternatives and what comes next.
    #[must_use]
    pub fn diagnosis(&self) -> &Diagnosis {
        self.diagnosis.get_or_init(|| self.wording().diagnosis(&self.judged.diagnosis))
    }

    /// App 2's rules beside the token; gathered where nobody has asked for them before.
    pub(super) fn rules(&self, gather: impl FnOnce(&Self) -> Vec<Rule>) -> &[Rule] {
        self.rules.get_or_init(|| gather(self))
    }

    pub(super) fn wording(&self) -> Wording<'_> {
        Wording::of(&self.observed, &self.supposed, &self.memo)
    }

    /// The answer to "does the call work", with the changes that are assumed.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.judged.diagnosis.verdict
    }

    /// The same, to be shared with another report.
    pub(super) fn shared(&self) -> Arc<Case> {
        Arc::clone(&self.observed)
    }

    /// What was judged, before it has words.
    pub(super) fn without_words(&self) -> &Judged {
        &self.judged
    }

    /// The case as it may be shown and saved.
    #[must_use]
    pub fn case(&self) -> &ShownCase {
        self.shown.get_or_init(|| ShownCase::of(Arc::clone(&self.observed)))
    }

    /// What the user asked for, as it may be shown.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        self.inputs.get_or_init(|| shown::inputs(&self.observed))
    }

    /// The case as it was observed, for judging it again. It is not for showing.
    #[must_use]
    pub fn observed(&self) -> &Case {
        &self.observed
    }

    /// The same case without the changes that it assumes.
    #[must_use]
    pub fn without_assumptions(&self) -> Self {
        Self::of(self.observed.without_assumptions())
    }

    /// What was observed: this report where it assumes nothing.
    #[must_use]
    pub fn as_observed(&self) -> Cow<'_, Self> {
        if self.assumed().is_empty() { Cow::Borrowed(self) } else { Cow::Owned(self.without_assumptions()) }
    }

    /// App 2's complete settings for a PUT request, with the root cause and the later faults that settings can fix
    /// corrected, and the codes of what is fixed. `None` where the settings were not read completely, or where they do
    /// not fix the root cause.
    #[must_use]
    pub fn edited_settings(&self) -> Option<(serde_json::Value, Vec<Code>)> {
        let diagnosis = &self.judged.diagnosis;
        let root = &diagnosis.root_cause.as_ref()?.found;
        // A caller must pass every part of the policy, so each that is known to refuse it is corrected.
        let is_of_policy = |code: Code| code.step() == StepId::Authorization;
        let is_part = |of: &Found| is_of_policy(root.code) && is_of_policy(of.code) && of.is_determined();
        let alternatives = diagnosis.alternatives.iter().map(|other| other.found.code);
        let others = diagnosis.next.iter().map(|fault| fault.found.code).chain(alternatives);
        let sure = others
            .filter_map(|code| self.error(code))
            .filter(|finding| finding.confidence == Confidence::Certain || is_part(finding));
        let findings: Vec<&Found> = self.error(root.code).into_iter().chain(sure).collect();
        let (edited, fixed) = fixes::edited_settings(&self.observed, &findings)?;
        fixed.contains(&root.code).then_some((edited, fixed))
    }

    /// The change of App 2's settings that would fix the root cause, in the words of `--assume`; `None` where no
    /// setting fixes it.
    #[must_use]
    pub fn suggested_assumption(&self) -> Option<&str> {
        let suggested = || {
            let root = self.judged.diagnosis.root_cause.as_ref()?;
            fixes::what_if(&self.observed, self.error(root.found.code)?)
        };
        // The screen asks for it whenever it lists its keys.
        self.suggested.get_or_init(suggested).as_deref()
    }

    /// The error with this code.
    fn error(&self, code: Code) -> Option<&Found> {
        let found = self.judged.steps.iter().flat_map(|step| &step.findings);
        found.filter(|finding| finding.severity == Severity::Error).find(|finding| finding.code == code)
    }

    /// The changes that are assumed.
    #[must_use]
    pub fn assumed(&self) -> &[String] {
        &self.observed.inputs.assume
    }

    /// The report of one step.
    #[must_use]
    pub fn step(&self, id: StepId) -> Option<&StepReport> {
        if let Some(steps) = self.steps.get() {
            return steps.iter().find(|step| step.id == id);
        }
        let judged = self.judged.steps.iter().find(|step| step.id == id)?;
        let worded = self.single.get(id as usize)?;
        Some(worded.get_or_init(|| self.worded(&Evidence::of(&self.supposed), judged)))
    }

    fn worded(&self, evidence: &Evidence<'_>, step: &check::StepReport) -> StepReport {
        let shown = (self.shows)(evidence, &self.judged.steps, step);
        let mut worded = self.wording().step(step, &shown);
        let root = self.judged.diagnosis.root_cause.as_ref().map(|root| root.found.code);
        for finding in worded.findings.iter_mut().filter(|finding| finding.code.is_undetermined()) {
            finding.is_open_root = root == Some(finding.code);
        }
        worded
    }

    /// The exit code: 0 pass, 1 fail, 3 inconclusive. What is only assumed does not change it.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.observed_verdict {
            Verdict::Pass => 0,
            Verdict::Fail => 1,
            Verdict::Inconclusive | Verdict::WouldPass => 3,
        }
    }

    /// The decoded token, if there is one.
    #[must_use]
    pub fn token(&self) -> Option<&DecodedToken> {
        self.case().token.as_ref().map(|token| &token.decoded)
    }

    /// The kind of credential in use: what the token came from, else what would be chosen, else what was asked for.
    #[must_use]
    pub fn credential(&self) -> CredentialKind {
        if let Some(token) = &self.observed.token {
            return token.source.kind();
        }
        match &self.observed.environment {
            Some(environment) => credential::choose(environment, &self.observed.inputs).source.kind(),
            None => self.observed.inputs.credential,
        }
    }

    /// Whether there is a credential: a token, or something that may get one.
    #[must_use]
    pub fn has_credential(&self) -> bool {
        let environment = self.observed.environment.as_ref().filter(|_| self.observed.token.is_none());
        let chosen = environment.map(|environment| credential::choose(environment, &self.observed.inputs).source);
        chosen != Some(CredentialSource::Unavailable)
    }

    /// Which identity is used, in the form of `--identity`; `None` when it is not known.
    #[must_use]
    pub fn identity(&self) -> Option<String> {
        let identity = self.observed_identity()?;
        Some(without_any(&self.observed, &identity))
    }

    fn observed_identity(&self) -> Option<String> {
        let variable = |name| self.observed.environment.as_ref().and_then(|environment| environment.text(name));
        match self.credential() {
            CredentialKind::Auto | CredentialKind::ManagedIdentity => Some(match &self.observed.inputs.identity {
                IdentitySelector::Auto => {
                    variable("AZURE_CLIENT_ID").map_or_else(|| "system".to_owned(), |id| format!("client-id:{id}"))
                }
                chosen => chosen.to_string(),
            }),
            CredentialKind::ClientSecret | CredentialKind::ClientCertificate | CredentialKind::WorkloadIdentity => self
                .observed
                .inputs
                .client_id
                .as_ref()
                .map(ClientId::as_str)
                .or_else(|| variable("AZURE_CLIENT_ID"))
                .map(|id| format!("client-id:{id}")),
            CredentialKind::AzureCli | CredentialKind::Token => {
                let token = &self.observed.token.as_ref()?.decoded;
                match token.caller_client_id() {
                    Some(id) => Some(format!("client-id:{id}")),
                    None => token.text("oid").map(|id| format!("object-id:{id}")),
                }
            }
        }
    }

    /// The resource and where it came from.
    #[must_use]
    pub fn resource(&self) -> Option<(String, ResourceSource)> {
        let (resource, source) = self.observed_resource()?;
        Some((without_any(&self.observed, resource), source))
    }

    /// Where the resource came from, for people. The lab gives its own, whatever variable brings it elsewhere.
    #[must_use]
    pub fn resource_place(&self) -> Option<&'static str> {
        let (_, source) = self.observed_resource()?;
        let is_given = matches!(source, ResourceSource::Environment | ResourceSource::Option);
        Some(if is_given && self.inputs().is_lab { "the lab" } else { source.place() })
    }

    fn observed_resource(&self) -> Option<(&str, ResourceSource)> {
        match (&self.observed.resource, &self.observed.inputs.resource) {
            (Some(chosen), _) => Some((&chosen.value, chosen.source)),
            (None, Some(given)) if self.observed.inputs.resource_from_environment => {
                Some((given, ResourceSource::Environment))
            }
            (None, Some(given)) => Some((given, ResourceSource::Option)),
            // A token given by hand: its audience is the resource, where somebody names it as App 2's.
            (None, None) => match self.observed.decision.as_ref()? {
                Decision::Sent(Permission::Confirmed { audience, by }) => Some((audience, by.resource_source())),
                Decision::Sent(Permission::Claimed { audience, by }) => Some((audience, by.first()?.resource_source())),
                Decision::Sent(Permission::Exception { .. }) | Decision::Withheld(_) => None,
            },
        }
    }
}
