//! The only way out: data goes to standard output, talk to standard error, and neither takes a secret that this process
//! knows along. So a face says what it shows, and never whether that may be seen.

use std::io::Write as _;

use crate::mask::{conceal, conceal_json};

/// Prints one line of data, without secrets.
pub fn data(line: &str) {
    print(&conceal(line));
}

/// Prints one line of JSON, without secrets: it stays JSON.
pub fn data_json(line: &str) {
    print(&conceal_json(line));
}

fn print(line: &str) {
    // A reader that has seen enough closes the pipe; that is no error of ours.
    let _ = writeln!(anstream::stdout(), "{line}");
}

/// Prints one line of talk, without secrets.
pub fn talk(line: &str) {
    let _ = writeln!(anstream::stderr(), "{}", conceal(line));
}
