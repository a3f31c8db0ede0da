//! What `probe` sends while it looks: one observation after the other.

use super::auth_settings::SettingsReading;
use super::environment::Environment;
use super::exchange::{Exchange, LeftOut};
use super::may_send::Decision;
use super::registration::Registration;
use super::resource::ChosenResource;
use super::secret::{Secret, SecretForm};
use super::site::Site;
use super::step::StepId;
use super::target_log::TargetLog;
use super::token::{AcquiredToken, Caller, OutsideToken, SignatureVerdict};
use super::under_way::UnderWay;

/// One observation. [`Case::apply`](super::Case::apply) takes it in.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// App 1's machine was read.
    Environment(Box<Environment>),
    /// The resource was given or discovered.
    Resource(ChosenResource),
    /// A token for App 2 was obtained (or given) and decoded.
    Token(Box<AcquiredToken>),
    /// Whether the token goes to App 2 was decided.
    Decision(Decision),
    /// The caller's names were seen in a token of the same identity for another resource.
    Caller(Caller),
    /// A federated token was read from its file, to ask Entra with.
    OutsideToken(Box<OutsideToken>),
    /// The client secret has a form that a secret's value doesn't have.
    SecretForm(SecretForm),
    /// The token's signature was checked.
    Signature(SignatureVerdict),
    /// A source of App 2's settings was read or tried.
    Settings(Box<SettingsReading>),
    /// App 2's site object was read.
    Site(Box<Site>),
    /// The access restrictions of App 2, which are read after its site.
    Restrictions(Box<Site>),
    /// App 2's registration was read.
    Registration(Box<Registration>),
    /// App 2's log was read.
    TargetLog(Box<TargetLog>),
    /// A secret is in use: it must appear in nothing that is shown.
    Secret(Secret<String>),
    /// A value that is sent and may be a secret, under the name of its header or parameter.
    Sent {
        /// The name.
        name: String,
        /// The value.
        value: Secret<String>,
    },
    /// The body of the final call, which may contain secrets.
    SentBody(Secret<String>),
    /// A request starts; changes nothing in the case, but the screen shows it.
    Started(Box<UnderWay>),
    /// What had started is over and leaves no exchange: a local command that succeeded.
    Ended {
        /// Its number.
        id: u32,
    },
    /// A request came to its end.
    Exchange(Box<Exchange>),
    /// A planned request will not be made.
    LeftOut(LeftOut),
    /// Everything that this step judges by is observed.
    Settled(StepId),
}
