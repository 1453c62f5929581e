//! What ssh is told to run, whatever shell the user has on the host, and what that reads first. Pure.
//!
//! The user's shell gets one line of words in single quotes: `!`, `\` and line breaks are special there to csh or fish,
//! so no word has one. Its start-up files may print what they like before, with or without a final line break. A Bash
//! that replaces it would read them once more.

use crate::encode::shell;

/// Announces the script, and how many bytes it has.
const SCRIPT: &str = "provision-script";

/// The line before the answer. A line of its own, whatever start-up files have printed.
pub const BEGINS: &str = "provision-begins";

/// The whole answer, where something else has read what was meant for the loader.
pub const UNHEARD: &str = "provision-unheard";

/// What sudo prints on standard error where it waits for a password.
pub const PROMPT: &str = "provision-asks";

/// Reads the script from standard input and leaves the rest of it to the script. `head` takes not a byte more than it
/// is told. A line before the announcement is a password that `sudo` did not ask for.
const LOADER: &str = concat!(
    r#"echo; echo provision-begins; IFS= read -r line; "#,
    r#"case $line in "provision-script "*) ;; *) IFS= read -r line ;; esac; "#,
    r#"case $line in "provision-script "*) eval "$(head -c "${line#provision-script }")" ;; "#,
    r#"*) echo provision-unheard ;; esac"#
);

/// What ssh is told to run. Who is root already needs no sudo.
pub fn command(escalate: bool, password: bool) -> String {
    let loader = shell::quote(LOADER);
    if !escalate {
        return format!("bash --norc -c {loader}");
    }
    let options = if password { format!("-S -p {PROMPT}") } else { "-n".to_owned() };
    // ssh hands the user's locale on, and what sudo complains of is read.
    let root =
        format!(r#"((EUID)) || exec bash --norc -c "$0"; export LC_ALL=C; exec sudo {options} -- bash --norc -c "$0""#);
    format!("bash --norc -c {} {loader}", shell::quote(&root))
}

/// What comes before the payload.
pub fn head(text: &str) -> String {
    format!("{SCRIPT} {}\n{text}", text.len())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;

    /// What a shell answers that is told to run the command, as sshd does it.
    fn answer(shell: &str, command: &str, input: &str) -> Option<String> {
        let mut process = Command::new(shell);
        process.args(["-c", command]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = process.spawn().ok()?;
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && errors.is_empty(), "{shell}: {errors}");
        Some(String::from_utf8(output.stdout).unwrap())
    }

    #[test]
    fn the_script_runs_whatever_the_shell_and_reads_what_is_left() {
        let script = "IFS= read -r word\nprintf 'heard %s!\\n' \"$word\"\n";
        let input = format!("{}it's\nrest", head(script));
        let mut tried = 0;
        for shell in ["sh", "bash", "dash", "csh", "tcsh", "zsh", "fish", "ksh", "busybox"] {
            let Some(text) = answer(shell, &command(false, false), &input) else { continue };
            assert_eq!(text, "\nprovision-begins\nheard it's!\n", "{shell}");
            tried += 1;
        }
        assert!(tried >= 3, "{tried}");
        let text = answer("sh", &command(false, false), &format!("a password\n{input}"));
        assert_eq!(text.unwrap(), "\nprovision-begins\nheard it's!\n");
    }

    #[test]
    fn what_another_program_has_read_is_missed_at_once() {
        for input in ["", "\n", "echo one\necho two\necho three\n"] {
            let text = answer("sh", &command(false, false), input);
            assert_eq!(text.unwrap(), "\nprovision-begins\nprovision-unheard\n", "{input:?}");
        }
    }

    #[test]
    fn no_shell_finds_anything_special_in_the_command() {
        for command in [command(false, false), command(true, false), command(true, true)] {
            assert!(!command.contains(['!', '\\', '\n']), "{command}");
            assert!(command.len() < 1024, "csh has no longer words");
            for word in [SCRIPT, BEGINS, UNHEARD] {
                assert!(command.contains(word), "{command}");
            }
        }
    }

    #[test]
    fn root_needs_no_sudo() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let programs = tempfile::tempdir().unwrap();
        for program in ["bash", "head"] {
            std::os::unix::fs::symlink(format!("/usr/bin/{program}"), programs.path().join(program)).unwrap();
        }
        for password in [false, true] {
            let command = format!("PATH={}; {}", programs.path().display(), command(true, password));
            assert_eq!(answer("bash", &command, &head("echo \"$EUID\"\n")).unwrap(), "\nprovision-begins\n0\n");
        }
    }
}
