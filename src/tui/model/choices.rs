//! What a person chose in the views of the evidence.

/// Which part of the token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// The claims.
    #[default]
    Claims,
    /// The header.
    Header,
    /// Both as JSON.
    Raw,
}

/// The order of the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By their numbers, which is the order of their starts.
    #[default]
    Start,
    /// The one that took longest first.
    Time,
    /// The highest status first; those without an answer before all.
    Status,
}

impl Order {
    /// The order that follows.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Start => Self::Time,
            Self::Time => Self::Status,
            Self::Status => Self::Start,
        }
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "views.by-start",
            Self::Time => "views.by-time",
            Self::Status => "views.by-status",
        }
    }
}

/// What a person chose in the views of the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// The part of the token.
    pub part: Part,
    /// Which requests are shown, in words that must all match.
    pub filter: Option<String>,
    /// Whether only those of the selected step are.
    pub only_step: bool,
    /// The order of the requests.
    pub order: Order,
    /// Whether long bodies are shown whole.
    pub unfolded: bool,
}
