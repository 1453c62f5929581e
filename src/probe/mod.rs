//! The look: one remote script reports every fact that a plan needs, and changes nothing.

mod facts;
mod parse;
mod request;
mod units;

pub use facts::{AtWork, Facts, Loaded, Node, NodeKind, Owned, Unit, Untold, Welcome};
pub use parse::parse;
pub use request::Request;
