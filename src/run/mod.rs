//! The pipeline for each host: connect, look, plan, and change if that was asked. Hosts are worked on concurrently in
//! one thread; a failing host never stops another.

mod access;
mod change;
mod consent;
mod fleet;
mod history;
mod host;
mod interrupt;
mod look;
mod reload;
mod seen;
mod shared;
mod status;
mod verdict;
mod visit;
mod wanted;

pub use access::Access;
pub use consent::{Ask, Asked, Consent};
pub use fleet::fleet;
pub use history::history;
pub use host::Goal;
pub use interrupt::Interrupt;
pub use reload::{Reloaded, Turn, reload};
pub use shared::{InventoryText, Shared};
pub use status::status;
pub use wanted::{Origin, Wanted};
