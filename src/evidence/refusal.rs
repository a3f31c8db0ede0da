//! What the answers to an identity's token requests say side by side.

use super::prelude::*;

/// Whether Entra refused this token because the resource is unknown (AADSTS500011, 650057, …).
pub fn refused_as_unknown_resource(case: &Case, purpose: &Purpose) -> bool {
    Reply::to(case, purpose).is_some_and(|reply| match &reply.class {
        Class::Entra(refusal) => refusal.is_of_an_unknown_resource(),
        _ => false,
    })
}

/// The replies to the same identity's requests for other resources.
fn other_replies(case: &Case) -> impl Iterator<Item = Reply<'_>> {
    let others = [
        Purpose::TokenForResourceManager,
        Purpose::TokenForGraph,
        Purpose::TokenForBareClientId,
        Purpose::TokenWithoutLastPart,
        Purpose::TokenForNonsense,
    ];
    others.into_iter().filter_map(|purpose| Reply::to(case, &purpose))
}

/// The finding that a refusal is, with a credential of this kind. What gets other tokens isn't stale.
pub fn meaning(case: &Case, refusal: &EntraRefusal, credential: CredentialKind) -> Option<Code> {
    let gets_others = || other_replies(case).any(|reply| reply.class == Class::Issued);
    let code = knowledge::refusal(&refusal.number, &refusal.text, credential)?;
    (code != Code::ManagedIdentityStale || !gets_others()).then_some(code)
}

/// Whether this identity got a token for another resource, or Entra's refusal of one: it exists and can be used.
pub fn is_usable(case: &Case) -> bool {
    other_replies(case).any(|reply| matches!(reply.class, Class::Issued | Class::Entra(_)))
}
