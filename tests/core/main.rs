//! The core with no host: facts from reports, plans from facts, steps from plans, and the programs that travel.

mod apply;
mod converge;
mod fixture;
mod health;
mod plan;
mod probe;
