//! The look: one remote script reports every fact that a plan needs, and changes nothing.

mod facts;
mod noted;
mod parse;
mod request;
mod units;

pub use facts::{AtWork, Facts, Node, NodeKind, Unit, Untold, Welcome};
pub use noted::{Dependencies, Holding, Loaded, Owned, ownership_record};
pub use parse::parse;
pub use request::Request;
