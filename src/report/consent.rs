//! What would be destroyed, and the question whether it may be, in words.

use std::time::Duration;

use crate::event::{Ending, Outcome};
use crate::model::HostName;
use crate::plan::{Destroyed, Loss, lasting};

/// What is done, as a phrase that follows `to`.
pub fn destroy(lost: &[Destroyed]) -> String {
    let phrases: Vec<String> = lost.iter().map(phrase).collect();
    match &phrases[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn phrase(lost: &Destroyed) -> String {
    match lost {
        Destroyed::App(app, Duration::ZERO) => format!("remove the app `{app}` with its releases"),
        Destroyed::App(app, keep) => {
            format!("remove the app `{app}` (`rollback` brings it back for {})", lasting(*keep))
        }
        Destroyed::User(user) => format!("remove the user `{user}`"),
        Destroyed::Site(site) => format!("remove the site `{site}`"),
        Destroyed::UserOf { app, from, to } => format!("run the app `{app}` as `{to}` instead of `{from}`"),
    }
}

/// The options that allow it.
pub fn options(lost: &[Destroyed]) -> String {
    let allows = |loss| lost.iter().any(|one| one.kind() == loss);
    let words = [(Loss::Remove, "remove"), (Loss::User, "user")].into_iter().filter(|(loss, _)| allows(*loss));
    let words: Vec<&str> = words.map(|(_, word)| word).collect();
    format!("`--yes` or `--allow {}` gives it", words.join(","))
}

/// The question, with a line for each host.
pub fn question(asked: &[(HostName, Vec<Destroyed>)]) -> String {
    let lines: String = asked.iter().map(|(host, lost)| format!("  {host}: {}\n", destroy(lost))).collect();
    format!("this run would\n{lines}Nothing was changed yet. Go on? [y/N]")
}

/// What hosts lack, where nobody could be asked.
#[must_use]
pub fn withheld(outcomes: &[Outcome]) -> Option<String> {
    let lacking = outcomes.iter().filter_map(|outcome| match &outcome.ending {
        Ending::Withheld(lost) if !lost.is_empty() => Some((&outcome.host, lost)),
        _ => None,
    });
    let lacking: Vec<(&HostName, &Vec<Destroyed>)> = lacking.collect();
    if lacking.is_empty() {
        return None;
    }
    let all: Vec<Destroyed> = lacking.iter().flat_map(|(_, lost)| lost.iter().cloned()).collect();
    let lines: Vec<String> = lacking.iter().map(|(host, lost)| format!("  {host}: {}", destroy(lost))).collect();
    let said = "consent is needed, and there is no terminal to ask for it; nothing was changed. This run would";
    Some(format!("error: {said}\n{}\n  = help: {}", lines.join("\n"), options(&all)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_destroyed_is_named_with_the_option_that_allows_it() {
        let user = |name: &str| name.parse().expect("a user");
        let app = |name: &str| name.parse().expect("an app");
        let lost = [
            Destroyed::App(app("blue"), Duration::ZERO),
            Destroyed::User("blue".to_owned()),
            Destroyed::UserOf { app: app("web"), from: user("web"), to: user("www") },
        ];
        let expected = "remove the app `blue` with its releases, remove the user `blue` and run the app `web` as `www` \
                        instead of `web`";
        assert_eq!(destroy(&lost), expected);
        assert_eq!(options(&lost), "`--yes` or `--allow remove,user` gives it");
        assert_eq!(options(&lost[..1]), "`--yes` or `--allow remove` gives it");
        let asked = [("web-01".parse().expect("a host"), lost[..1].to_vec())];
        assert!(question(&asked).contains("web-01: remove the app `blue` with its releases\n"));
    }
}
