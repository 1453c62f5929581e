//! What is printed leaves through one file, which hides secrets: a new face cannot forget to.

use super::house::House;

/// Names of what else prints.
const PRINTERS: [&str; 5] = ["anstream::stdout", "anstream::stderr", "io::stdout", "io::stderr", "stdout().lock"];
/// The file through which everything leaves.
const EXIT: &str = "src/report/out.rs";
/// Who else writes there, and why that is no text of ours.
const OTHERS: [&str; 2] = [
    // A socket for ssh.
    "src/ssh/dial.rs",
    // The question for a password.
    "src/settings/password.rs",
];
/// Whether it is a terminal is asked there, and nothing printed.
const ASKED: [&str; 2] = ["io::stderr().is_terminal()", "io::stdout().is_terminal()"];

#[test]
fn everything_that_is_printed_leaves_through_one_file() {
    let mut faults = vec![];
    for file in
        House::of_this_repository().files().filter(|file| file.path != EXIT && !OTHERS.contains(&file.path.as_str()))
    {
        let text = std::fs::read_to_string(format!("{}/{}", env!("CARGO_MANIFEST_DIR"), file.path)).unwrap();
        let prints = |line: &str| {
            let line = ASKED.iter().fold(line.to_owned(), |line, asked| line.replace(asked, ""));
            PRINTERS.iter().any(|printer| line.contains(printer))
        };
        faults.extend(text.lines().filter(|line| prints(line)).map(|line| format!("{}: {}", file.path, line.trim())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
