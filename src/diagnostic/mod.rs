//! Mistakes in a text file, each with its place, the source line and a hint.
//! Knows nothing of what the file means.

mod guess;
mod list;
mod mistake;

pub use guess::did_you_mean;
pub use list::{Diagnostics, Style};
pub use mistake::{Broken, Diagnostic, Related, Severity, Span};
