//! Asks the user on the terminal whether what a change destroys may go.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::thread;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use provision::plan::Loss;
use provision::report::Report;
use provision::run::{Ask, Asked};
use tokio::sync::oneshot;

use crate::cli::{Allow, ChangeArgs};

/// What the command line allows.
pub fn allowed(change: &ChangeArgs) -> BTreeSet<Loss> {
    let all = [Allow::Remove, Allow::User];
    let named = if change.yes { &all[..] } else { &change.allow };
    let loss = |allow: &Allow| match allow {
        Allow::Remove => Loss::Remove,
        Allow::User => Loss::User,
    };
    named.iter().map(loss).collect()
}

/// The user at the terminal, to whom the report belongs.
pub struct User<'r> {
    /// Where the question is shown.
    pub report: &'r RefCell<Box<dyn Report>>,
}

impl User<'_> {
    /// Is there a terminal to ask on, and to be answered from?
    pub fn can_be_asked() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }
}

impl Ask for User<'_> {
    fn ask(&self, asked: Asked) -> LocalBoxFuture<'_, bool> {
        self.report.borrow_mut().ask(&asked);
        async {
            let answer = answer().await;
            self.report.borrow_mut().answered();
            answer
        }
        .boxed_local()
    }
}

/// Reads one line; whether it says yes. A thread of its own waits for it: Ctrl-C ends the run, and the thread with it.
async fn answer() -> bool {
    let (tell, hear) = oneshot::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).is_ok();
        let _ = tell.send(read && matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"));
    });
    hear.await.unwrap_or(false)
}
