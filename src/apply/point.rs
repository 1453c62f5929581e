//! The points at which a transaction can be cut: between any two of its steps, and around the first and the last. The
//! program lists them itself, so that the tests that cut cannot miss a step.

use super::step::Step;
use super::undo::RETREAT;

/// One point between two steps: after the one, before the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Its name, such as `before:7`.
    pub key: String,
    /// What comes next there, for people.
    pub title: String,
}

/// The points of `host/door/`, with what comes next.
pub const DOOR: [(&str, &str); 3] = [
    ("door:locked", "receive the payload"),
    ("door:received", "hand the transaction over to pid 1"),
    ("door:started", "follow the transaction"),
];

/// Those of the end, whatever it is, with what comes next.
pub const END: [(&str, &str); 2] =
    [("before:close", "put the journal aside"), ("before:clear", "clear away what only a transaction needs")];

/// Every point of a transaction with these steps. Those of the way back, `before:undo:…`, are reached only if something
/// fails after the switch.
#[must_use]
pub fn points(steps: &[Step]) -> Vec<Point> {
    let point = |key: String, title: &str| Point { key, title: title.to_owned() };
    let door = DOOR.iter().map(|(key, title)| point((*key).to_owned(), title));
    let forward = steps.iter().enumerate().map(|(index, step)| point(format!("before:{}", index + 1), &step.title));
    let end = END.iter().map(|(key, title)| point((*key).to_owned(), title));
    let back = RETREAT.iter().map(|step| point(format!("before:undo:{}", step.key), step.title));
    door.chain(forward).chain(end).chain(back).collect()
}
