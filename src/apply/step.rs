//! One step of a transaction as data: a function of `host/*.sh` with its words, and a title for people.

use crate::encode::shell;

/// One step of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it does, for people.
    pub title: String,
    /// The function of `host/*.sh`, then its arguments.
    pub words: Vec<String>,
    /// What is live has begun to change by the time this step runs.
    pub live: bool,
}

impl Step {
    /// A step that calls `function` with `arguments`.
    pub fn new<A: AsRef<str>>(
        title: impl Into<String>,
        function: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let mut words = vec![function.to_owned()];
        words.extend(arguments.into_iter().map(|word| word.as_ref().to_owned()));
        Self { title: title.into(), words, live: false }
    }

    /// What its failure means, for people.
    #[must_use]
    pub fn failure(&self) -> String {
        let subject = self.words.get(1).map_or("", String::as_str);
        match self.words.first().map_or("", String::as_str) {
            "check_app" => format!("app `{subject}` cannot be imported"),
            "unpack_release" | "fetch_release" => format!("the code of app `{subject}` cannot be delivered"),
            "check_release" => format!("the release of app `{subject}` cannot go live"),
            "check_units" => "systemd refuses the new units".to_owned(),
            "check_jobs" => "Upstart refuses the new jobs".to_owned(),
            "check_nginx" => "Nginx refuses the new configuration".to_owned(),
            "run_release_command" => format!("the release command of app `{subject}` failed"),
            "check_health" => "not every app is healthy".to_owned(),
            "judge_watch" => "requests failed during the switch".to_owned(),
            _ => format!("failed to {}", self.title),
        }
    }

    /// Changes something that all of the host shares, whether or not the run is refused later.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.words.iter().take(2).map(String::as_str).eq(["install_python", "system"])
    }

    /// The app whose release command it runs, which may change what is not provision's to bring back.
    #[must_use]
    pub fn release_command_of(&self) -> Option<&str> {
        let is_command = self.words.first().is_some_and(|function| function == "run_release_command");
        self.words.get(1).filter(|_| is_command).map(String::as_str)
    }

    /// Before it ends a cut is undone, afterwards finished.
    #[must_use]
    pub fn is_commit(&self) -> bool {
        self.words.first().is_some_and(|function| function == "commit")
    }

    /// The line of the script that runs it.
    #[must_use]
    pub fn line(&self, number: usize) -> String {
        let words: Vec<String> = self.words.iter().map(|word| shell::quote(word)).collect();
        format!("step {number} {} {}\n", shell::quote(&self.title), words.join(" "))
    }
}
