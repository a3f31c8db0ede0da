//! What every reader of observations needs, the checks included: the case, and what is known of single answers.

pub(crate) use crate::case::prelude::*;
pub(crate) use crate::knowledge::known::{self, Gateway};
pub(crate) use crate::knowledge::responder::{self, FrontEnd, Responder};
pub(crate) use crate::knowledge::spoken::{self, LogicApps};
pub(crate) use crate::knowledge::token_reply::{Class, Reply};
pub(crate) use crate::knowledge::{self, EndpointSays, EntraRefusal, GatewaySays, Says, has_mark, phrase};
pub(crate) use crate::knowledge::{Confidence, Difference, EvidenceLine, Found, Origin, Rule, Said, Words, says};
