//! Why a remote command did not work: sudo's own words, or what the user's shell said instead of an answer.

use std::time::Duration;

use anyhow::Result;

use super::remote::PROMPT;
use crate::fault::Fault;

/// How a remote command ended.
pub struct End<'a> {
    /// What it printed on standard error.
    pub stderr: &'a str,
    /// What came before the answer: of start-up files of the user's shell, or of that shell instead of an answer.
    pub before: &'a str,
    /// The answer has begun.
    pub begun: bool,
    /// The answer has a line.
    pub answered: bool,
    /// sudo asked for the password again.
    pub wrong_password: bool,
    /// It was to become root.
    pub escalate: bool,
    /// Logs in by hand.
    pub by_hand: &'a str,
}

/// How start-up files keep out of the way.
const START_UP: &str = "let start-up files of that user's shell on the host, such as ~/.bashrc, begin with \
                        `[[ $- == *i* ]] || return`";

/// Why a command did not work that has ended.
///
/// # Errors
/// When there is a reason.
pub fn judge(end: &End<'_>, status: Option<openssh::Error>) -> Result<()> {
    if end.begun && end.answered {
        return Ok(());
    }
    let told = told(end.stderr);
    if let Some(fault) = of_sudo(end, &told) {
        return Err(fault.into());
    }
    match status {
        Some(openssh::Error::Remote(_)) if !end.begun => {
            let needs = if end.escalate { "the host needs bash and sudo" } else { "the host needs bash" };
            Err(not_started(end, &told).hint(needs).into())
        }
        Some(error) if told.is_empty() => Err(anyhow::Error::from(error).context("the connection broke")),
        _ if !end.begun => {
            let hint = format!("see what `{} true` says: it must run a command, and print nothing", end.by_hand);
            Err(not_started(end, &told).hint(hint).into())
        }
        Some(_) => Err(Fault::new(told).into()),
        None => Ok(()),
    }
}

/// What was printed on standard error, without sudo's questions, and its lecture before the first: it gives one to
/// whoever uses it for the first time.
pub fn told(stderr: &str) -> String {
    match stderr.split_once(PROMPT) {
        Some((_, rest)) => lines(&rest.replace(PROMPT, "")),
        None => lines(stderr),
    }
}

fn of_sudo(end: &End<'_>, told: &str) -> Option<Fault> {
    let has = |words: &str| end.stderr.contains(words);
    if end.wrong_password {
        let hint = "give the password of the user who logs in: sudo was asked once, so that no account is locked";
        return Some(Fault::new("sudo does not accept the password").hint(hint));
    }
    if !end.escalate || end.begun {
        return None;
    }
    if has("sudo: a password is required") || has("sudo: a terminal is required") {
        let hint = "give `--ask-become-pass` (-K), or let the user run sudo without one";
        return Some(Fault::new("sudo asks for a password").hint(hint));
    }
    if has("must have a tty") {
        let hint = "let sudo do without: remove `requiretty` from /etc/sudoers, or add `Defaults:USER !requiretty`";
        return Some(Fault::new("sudo asks for a terminal, and there is none").hint(hint));
    }
    let refused = ["is not in the sudoers file", "incorrect password", "is not allowed to", "may not run sudo"];
    let words = told.lines().find(|line| refused.iter().any(|words| line.contains(words)))?;
    Some(Fault::new(words).hint("provision needs root on the host: name a user who may use sudo"))
}

/// No command was started: what was said instead.
fn not_started(end: &End<'_>, told: &str) -> Fault {
    let said = [lines(end.before), told.to_owned()].into_iter().filter(|text| !text.is_empty());
    let said = said.collect::<Vec<_>>().join("\n");
    let what = "the host started no command";
    Fault::new(if said.is_empty() { what.to_owned() } else { format!("{what}, and said: {said}") })
}

/// Something else read what was meant for the command.
pub fn unheard() -> Fault {
    Fault::new("something on the host read what was meant for provision's command").hint(START_UP)
}

/// Nothing was started for so long.
pub fn not_begun(limit: Duration, by_hand: &str) -> Fault {
    let message = format!("the host started no command within {} seconds", limit.as_secs());
    let hint = format!("see where `{by_hand} true` hangs: a start-up file of the shell may wait for something");
    Fault::of(crate::fault::Kind::Excess, message).hint(hint).hint(START_UP)
}

/// The lines that have something in them.
fn lines(text: &str) -> String {
    text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault;

    const LECTURE: &str = "\nWe trust you have received the usual lecture from the local System\n\
                           Administrator. It usually boils down to these three things:\n\n    #1) Respect\n\n";

    fn end(stderr: &str) -> End<'_> {
        End {
            stderr,
            before: "",
            begun: false,
            answered: false,
            wrong_password: false,
            escalate: true,
            by_hand: "ssh -p 2222 web",
        }
    }

    #[track_caller]
    fn check(end: &End<'_>, message: &str, hint: &str) {
        let error = judge(end, None).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(fault::hints(&error)[0].contains(hint), "{:?}", fault::hints(&error));
    }

    #[test]
    fn sudo_says_in_one_line_why_there_is_no_root() {
        check(&end("sudo: a password is required"), "sudo asks for a password", "-K");
        let tty = "sudo: sorry, you must have a tty to run sudo";
        check(&end(tty), "sudo asks for a terminal, and there is none", "Defaults:USER !requiretty");
        let wrong = format!("{LECTURE}{PROMPT}Sorry, try again.\n{PROMPT}\nsudo: no password was provided\n");
        let wrong = End { wrong_password: true, ..end(&wrong) };
        check(&wrong, "sudo does not accept the password", "asked once");
        let stranger = format!("{LECTURE}{PROMPT}deploy is not in the sudoers file.  This incident will be reported.");
        let words = "deploy is not in the sudoers file.  This incident will be reported.";
        check(&end(&stranger), words, "who may use sudo");
    }

    #[test]
    fn what_a_shell_says_instead_of_an_answer_is_shown() {
        let end = End { before: "\nThis account is currently not available.\n", ..end("") };
        let words = "the host started no command, and said: This account is currently not available.";
        check(&end, words, "`ssh -p 2222 web true`");
        check(&super::tests::end(""), "the host started no command", "print nothing");
        check(
            &super::tests::end("bash: sudo: not found\n"),
            "the host started no command, and said: bash: sudo: not found",
            "true",
        );
    }

    #[test]
    fn neither_a_question_nor_a_lecture_is_told() {
        assert_eq!(told(&format!("{LECTURE}{PROMPT}")), "");
        assert_eq!(told(&format!("{PROMPT}tar: no space\n\n")), "tar: no space");
        assert_eq!(told("tar: no space\nleft"), "tar: no space\nleft");
    }

    #[test]
    fn an_answer_needs_no_reason() {
        let end = End { begun: true, answered: true, ..end("sudo: a password is required") };
        assert!(judge(&end, None).is_ok());
    }
}
