//! The filter of `jq` that moves App 2's misplaced settings to the places that Easy Auth reads them from.

use crate::case::Case;
use crate::case::auth_settings::home;
use crate::case::text::is_deceptive;
use crate::evidence::target;
use crate::knowledge::{jq_move, shell_word};

/// The filter, as a word of a shell; `None` where nothing is misplaced, or it isn't in the stored object as it is
/// named.
pub(super) fn filter(case: &Case) -> Option<String> {
    let settings = target::stored(case)?;
    let stored = settings.editable.as_ref()?;
    let moves: Vec<String> =
        settings.misplaced.iter().map(|place| jq_move(stored, place, home(place)?)).collect::<Option<_>>()?;
    let filter = moves.join(" | ");
    (!filter.is_empty() && !filter.chars().any(is_deceptive)).then(|| shell_word(&filter))
}
