//! Listeners that move. Where one app takes the address of another, all of them move in one step, so that nobody
//! listens there for as short a time as can be. Pure.

use std::collections::BTreeSet;

use super::Builder;
use crate::apply::argument::{Act, Part, Senders};
use crate::apply::call::Call;
use crate::model::layout;
use crate::model::{AppName, Bind, Init};
use crate::plan::{Handover, Operation, Reason};

impl Builder<'_> {
    pub(super) fn move_listener(&mut self, app: &AppName, bind: &Bind) {
        let (senders, parts) = self.exchange();
        let mut takers = parts.iter().filter_map(|part| if let Part::Takes(app) = part { Some(app) } else { None });
        let socket = layout::listener(app);
        match takers.next() {
            Some(first) if first == app => {
                let names: Vec<String> = parts.iter().map(|part| part.app().to_string()).collect();
                let title = format!("let addresses go from app to app: {}", names.join(", "));
                self.add(title, Call::MoveListeners { senders, parts });
            }
            // With the first one.
            Some(_) if takers.any(|taker| taker == app) => {}
            _ => self.make(format!("move the listener of {app} to {bind}"), Act::Move, &socket),
        }
        self.remember(&socket);
        self.remember(&layout::process(app, Init::Systemd));
    }

    /// What each app does whose address goes to another one, or that takes another's.
    fn exchange(&self) -> (Senders, Vec<Part>) {
        let mut givers = BTreeSet::new();
        let mut moving = vec![];
        for change in &self.plan.changes {
            if let Operation::MoveListener(app, _, handover) = &change.operation {
                let from: &[AppName] = if let Handover::From(from) = handover { from } else { &[] };
                givers.extend(from);
                moving.push((app, from, change.reason == Reason::NotThereYet));
            }
        }
        moving.retain(|(app, from, _)| !from.is_empty() || givers.contains(app));
        let all_new = moving.iter().all(|(.., new)| *new);
        let senders = if all_new { Senders::Same } else { Senders::Nginx };
        givers.retain(|giver| !moving.iter().any(|(app, ..)| app == giver));
        let gives = givers.into_iter().cloned().map(Part::Gives);
        (senders, gives.chain(moving.into_iter().map(|(app, ..)| Part::Takes(app.clone()))).collect())
    }
}
