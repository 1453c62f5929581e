//! Versions of what is stored, on hosts and on this machine. What an older `provision` stored is read for ever; what a
//! newer one has written is refused, for nobody knows what would be lost.
//!
//! A text that names no version is of the first one: `provision` 0.1.0 wrote none into most.

use crate::fault::Fault;
use crate::outside::phrase;

/// What begins a line that names the version of the lines around it: `format<TAB>2`.
pub const KEY: &str = "format";

/// One kind of what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    what: &'static str,
    newest: u32,
}

impl Format {
    /// `what` is stored, as a noun phrase; `newest` is the version that is written.
    #[must_use]
    pub const fn new(what: &'static str, newest: u32) -> Self {
        Self { what, newest }
    }

    /// The version that is written.
    #[must_use]
    pub const fn newest(self) -> u32 {
        self.newest
    }

    /// The line that names the version, without its end.
    #[must_use]
    pub fn line(self) -> String {
        format!("{KEY}\t{}", self.newest)
    }

    /// The version that a text names, if this `provision` can read it.
    ///
    /// # Errors
    /// When it is not a number, or not one that this `provision` knows.
    pub fn read(self, version: &str) -> Result<u32, Fault> {
        match version.parse() {
            Ok(number) if (1..=self.newest).contains(&number) => Ok(number),
            Ok(_) | Err(_) => {
                let Self { what, newest } = self;
                let known = format!("this version of provision knows formats 1 to {newest}");
                let fault = Fault::new(format!("{what} is of format {}, and {known}", phrase(version)));
                Err(fault.hint("update `provision`"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_versions_are_read_and_others_say_what_to_do() {
        let format = Format::new("the list of moons", 2);
        assert_eq!((format.read("1"), format.read("2")), (Ok(1), Ok(2)));
        for unknown in ["0", "3", "-1", "two", ""] {
            let fault = format.read(unknown).expect_err("a refusal");
            assert!(fault.message.ends_with("knows formats 1 to 2"), "{fault}");
            assert_eq!(fault.hints, ["update `provision`"]);
        }
        assert_eq!(format.line(), "format\t2");
    }
}
