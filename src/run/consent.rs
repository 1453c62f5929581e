//! Consent to what destroys: all hosts are planned before any is changed, and one question is asked for all of them.
//! A host that has a plan waits here until the others have one as well, or need none.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use futures::future::LocalBoxFuture;
use tokio::sync::watch;

use crate::model::HostName;
use crate::plan::{Destroyed, Loss};

/// What a host would lose, for the question.
pub type Asked = Vec<(HostName, Vec<Destroyed>)>;

/// Who is asked.
pub trait Ask {
    /// Asks whether all of it may go.
    fn ask(&self, asked: Asked) -> LocalBoxFuture<'_, bool>;
}

/// What may be destroyed, and who is asked about the rest.
pub struct Consent<'a> {
    /// What is allowed without a question.
    pub allowed: BTreeSet<Loss>,
    /// Asks the user; `None` where nobody can be asked.
    pub ask: Option<&'a dyn Ask>,
}

impl Consent<'_> {
    /// What a plan destroys and nobody has allowed yet.
    #[must_use]
    pub fn lacking(&self, destroyed: &[Destroyed]) -> Vec<Destroyed> {
        destroyed.iter().filter(|one| !self.allowed.contains(&one.kind())).cloned().collect()
    }

    /// Everything is allowed: no host need wait for another.
    fn is_complete(&self) -> bool {
        [Loss::Remove, Loss::User].iter().all(|loss| self.allowed.contains(loss))
    }
}

/// Where the hosts of a run wait for each other.
pub struct Gate<'a> {
    consent: &'a Consent<'a>,
    /// How many hosts have not said yet what they would lose, and what came of the question.
    state: watch::Sender<State>,
    asked: RefCell<Asked>,
    asking: Cell<bool>,
}

#[derive(Clone, Copy)]
struct State {
    planning: usize,
    granted: Option<bool>,
}

impl<'a> Gate<'a> {
    /// For that many hosts. Where nothing will be changed, or everything is allowed, none waits.
    pub fn of(hosts: usize, changes: bool, consent: &'a Consent<'a>) -> Self {
        let granted = (!changes || consent.is_complete()).then_some(true);
        let state = watch::Sender::new(State { planning: hosts, granted });
        Self { consent, state, asked: RefCell::default(), asking: Cell::new(false) }
    }

    /// The place of one host; it gives it up at its end, if not before.
    pub fn seat(&self) -> Seat<'_> {
        Seat { gate: self, told: Cell::new(false) }
    }

    fn tell(&self, host: Option<(&HostName, Vec<Destroyed>)>) {
        let lost = host.filter(|(_, lost)| !lost.is_empty());
        self.asked.borrow_mut().extend(lost.map(|(host, lost)| (host.clone(), lost)));
        self.state.send_modify(|state| state.planning = state.planning.saturating_sub(1));
    }

    /// What has come of the question. Whoever hears first that all have a plan asks it.
    async fn granted(&self) -> bool {
        let mut heard = self.state.subscribe();
        loop {
            let State { planning, granted } = *heard.borrow_and_update();
            if let Some(granted) = granted {
                return granted;
            }
            if planning == 0 && !self.asking.replace(true) {
                let mut asked = self.asked.borrow().clone();
                asked.sort();
                let granted = match self.consent.ask {
                    _ if asked.is_empty() => true,
                    Some(user) => user.ask(asked).await,
                    None => false,
                };
                self.state.send_modify(|state| state.granted = Some(granted));
                return granted;
            }
            if heard.changed().await.is_err() {
                return false;
            }
        }
    }
}

/// The place of one host at the gate.
pub struct Seat<'g> {
    gate: &'g Gate<'g>,
    told: Cell<bool>,
}

impl Seat<'_> {
    /// No host has to wait for another one.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.gate.state.borrow().granted == Some(true)
    }

    /// Waits until all hosts have a plan and somebody has agreed to what is destroyed; whether that is so. A host that
    /// others changed meanwhile has another plan: what was not asked then is not agreed to.
    pub async fn granted(&self, host: &HostName, destroyed: &[Destroyed]) -> bool {
        let lacking = self.gate.consent.lacking(destroyed);
        if !self.told.replace(true) {
            self.gate.tell(Some((host, lacking)));
            return self.gate.granted().await;
        }
        let asked = self.gate.asked.borrow();
        let known = |one: &Destroyed| asked.iter().any(|(of, lost)| of == host && lost.contains(one));
        self.is_open() && lacking.iter().all(known)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if !self.told.get() {
            self.gate.tell(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::future::join3;

    use super::*;

    /// A user who always gives the same answer.
    struct User {
        answer: bool,
        questions: RefCell<Vec<Asked>>,
    }

    impl Ask for User {
        fn ask(&self, asked: Asked) -> LocalBoxFuture<'_, bool> {
            self.questions.borrow_mut().push(asked);
            std::future::ready(self.answer).boxed_local()
        }
    }

    fn host(name: &str) -> HostName {
        name.parse().unwrap()
    }

    fn app(name: &str) -> Destroyed {
        Destroyed::App(name.parse().unwrap(), std::time::Duration::ZERO)
    }

    /// Three hosts, of which the second loses an app and the third comes to no plan: what each of the first two hears,
    /// and what was asked.
    fn run(allowed: &[Loss], answer: Option<bool>) -> (bool, bool, Vec<Asked>) {
        let user = User { answer: answer == Some(true), questions: RefCell::default() };
        let ask = answer.map(|_| &user as &dyn Ask);
        let consent = Consent { allowed: allowed.iter().copied().collect(), ask };
        let gate = Gate::of(3, true, &consent);
        let first = async {
            let seat = gate.seat();
            seat.granted(&host("a"), &[]).await
        };
        let second = async {
            let seat = gate.seat();
            seat.granted(&host("b"), &[app("blue")]).await
        };
        let third = async { drop(gate.seat()) };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (first, second, ()) = runtime.block_on(join3(first, second, third));
        drop(gate);
        (first, second, user.questions.into_inner())
    }

    #[test]
    fn one_question_is_asked_for_all_and_its_answer_is_for_all() {
        let asked = vec![vec![(host("b"), vec![app("blue")])]];
        assert_eq!(run(&[], Some(true)), (true, true, asked.clone()));
        assert_eq!(run(&[Loss::User], Some(false)), (false, false, asked));
        assert_eq!(run(&[Loss::Remove], Some(false)), (true, true, vec![]));
        assert_eq!(run(&[Loss::Remove, Loss::User], None), (true, true, vec![]));
        assert_eq!(run(&[], None), (false, false, vec![]), "nobody can be asked");
    }

    #[test]
    fn none_is_asked_before_all_have_a_plan() {
        let consent = Consent { allowed: BTreeSet::new(), ask: None };
        let gate = Gate::of(2, true, &consent);
        let (seat, other) = (gate.seat(), gate.seat());
        let name = host("a");
        let mut waits = Box::pin(seat.granted(&name, &[]));
        assert_eq!((&mut waits).now_or_never(), None);
        drop(other);
        assert_eq!(waits.now_or_never(), Some(true));
    }

    #[test]
    fn another_plan_after_the_question_needs_another_one() {
        let user = User { answer: true, questions: RefCell::default() };
        let consent = Consent { allowed: BTreeSet::new(), ask: Some(&user) };
        let gate = Gate::of(1, true, &consent);
        let (seat, name) = (gate.seat(), host("a"));
        let again = |lost: &[Destroyed]| seat.granted(&name, lost).now_or_never();
        assert_eq!(again(&[app("blue")]), Some(true));
        assert_eq!(again(&[app("blue")]), Some(true));
        assert_eq!(again(&[app("blue"), app("green")]), Some(false));
    }
}
