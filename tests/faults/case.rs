//! What is tried: every point that the program lists, in both directions and on the way back, with each kind of cut.

use super::kind::Kind;
use super::state::State;

/// A point, as the program lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub key: String,
    pub title: String,
}

impl Point {
    /// The number of the step before which it lies.
    fn number(&self) -> Option<usize> {
        self.key.strip_prefix("before:")?.parse().ok()
    }
}

/// How a host must end after a cut, before anybody runs `provision` again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Old,
    New,
    /// Who was faster decides.
    Either,
}

/// One trial.
#[derive(Debug, Clone)]
pub struct Case {
    /// Where the host stands before.
    pub from: State,
    /// What is attempted.
    pub attempt: State,
    pub point: Point,
    pub kind: Kind,
    /// The other direction has a step of that name, too.
    pub shared: bool,
    /// How many steps the transaction has: with another number the points would be others.
    pub steps: usize,
    /// The point is behind the commit.
    committed: bool,
}

impl Case {
    /// Every case of a list of points, by point; `others` are those of the other direction.
    pub fn all(from: State, points: &[Point], others: &[Point]) -> Vec<Vec<Self>> {
        let steps = points.iter().filter(|point| point.number().is_some()).count();
        let commit = points.iter().position(|point| point.title == "commit").expect("every transaction commits");
        let of = |(number, point): (usize, &Point)| {
            let retreats = point.key.starts_with("before:undo:");
            let attempt = if retreats { from.other().sick() } else { from.other() };
            let shared = others.iter().any(|other| other.title == point.title);
            let committed = !retreats && number > commit;
            let case = |kind| Self { from, attempt, point: point.clone(), kind, shared, steps, committed };
            // The door starts next to nothing, and writes no journal.
            let at_the_door = point.key.starts_with("door:");
            let kinds = Kind::ALL.into_iter().filter(|kind| !at_the_door || !matches!(kind, Kind::Child | Kind::Disk));
            kinds.map(case).collect()
        };
        points.iter().enumerate().map(of).collect()
    }

    /// At the door the door is what is cut.
    pub fn at_the_door(&self) -> bool {
        self.point.key.starts_with("door:")
    }

    /// The transaction was not handed over to pid 1, so nobody takes it up before the next run.
    pub fn unattended(&self) -> bool {
        !self.kind.spares_the_host() && matches!(self.point.key.as_str(), "door:locked" | "door:received")
    }

    pub fn end(&self) -> End {
        match self.point.key.as_str() {
            _ if self.attempt.sick || self.unattended() => End::Old,
            // What a step can do without, it does without.
            _ if self.kind == Kind::Child && !self.committed => End::Either,
            // What was on its way to the host may be lost with its sender.
            "door:locked" => End::Either,
            "door:started" if matches!(self.kind, Kind::Group | Kind::Power) => End::Either,
            _ if self.at_the_door() || self.kind.spares_the_host() || self.committed => End::New,
            _ => End::Old,
        }
    }

    /// The exit code of a controller that is there all the while, and whose door is.
    pub fn exit(&self) -> Option<i32> {
        let present = self.kind == Kind::Network || (self.kind == Kind::Shell && !self.at_the_door());
        match self.end() {
            End::Old if present => Some(7),
            End::New if present => Some(0),
            _ => None,
        }
    }

    /// Names it, such as `grow:before:12:power`.
    pub fn name(&self) -> String {
        format!("{}:{}:{}", self.direction(), self.point.key, self.kind.name())
    }

    /// Of two steps of one name the directions take turns.
    pub fn has_its_turn(&self, rotation: usize) -> bool {
        let place = self.point.title.bytes().map(usize::from).sum::<usize>() + rotation;
        !self.shared || place.is_multiple_of(2) == self.from.large
    }

    fn direction(&self) -> &'static str {
        if self.from.large { "shrink" } else { "grow" }
    }

    /// Whether a name, which may leave out the direction and the kind, means this one.
    pub fn is_called(&self, name: &str) -> bool {
        let point = name.strip_prefix(self.direction()).and_then(|rest| rest.strip_prefix(':')).unwrap_or(name);
        let kind = point.strip_prefix(&self.point.key).and_then(|rest| rest.strip_prefix(':'));
        point == self.point.key || kind == Some(self.kind.name())
    }
}
