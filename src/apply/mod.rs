//! The change: one transaction on the host carries out a plan. What is sent is a small door, which takes the lock and
//! the payload and lets pid 1 run the rest.

mod argument;
mod call;
mod payload;
mod point;
mod progress;
mod script;
mod step;
mod steps;
mod stream;
mod touches;
mod undo;

pub use argument::{Act, Argument, Hashes, Method, NginxChange, OnProbation, Part, Senders};
pub use call::{Call, Signature};
pub use payload::Payload;
pub use point::{DOOR, END, Point, points};
pub use progress::{Progress, Remark, Result as EndResult};
pub use script::{Decision, UNITS, Visitor, library, reload, script};
pub use step::Step;
pub use steps::{Options, Transaction, transaction};
pub use stream::Stream;
pub use undo::{RETREAT, Retreat, When};
