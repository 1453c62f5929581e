//! The pipeline for each host: connect, look, plan, and change if that was asked. Hosts are worked on concurrently in
//! one thread; a failing host never stops another.

mod change;
mod fleet;
mod host;
mod interrupt;
mod look;
mod reload;
mod wanted;

pub use fleet::fleet;
pub use host::{Goal, InventoryText, Shared};
pub use interrupt::Interrupt;
pub use reload::{Reloaded, reload};
pub use wanted::{Origin, Wanted};
