//! One failure from its beginning to its end: what was there before, what the run said, what was served meanwhile, what
//! was left, and that the next run converges.

use std::time::Instant;

use super::lab::say;
use super::run::{Run, Running};
use super::site::Site;
use super::traffic::{Tally, Traffic};

/// One failure on the way to another release.
pub struct Failure<'a> {
    name: &'static str,
    site: &'a Site,
    /// What the app answered before.
    old: String,
    listing: String,
    traffic: Traffic,
    begin: Instant,
}

impl<'a> Failure<'a> {
    /// Asks for another release, and begins to ask for the old one.
    pub fn begin(site: &'a Site, name: &'static str) -> Self {
        let listing = site.listing();
        let old = site.next_release();
        let traffic = Traffic::start(site.host().port(80), &[&old]);
        Self { name, site, old, listing, traffic, begin: Instant::now() }
    }

    /// Starts `up`, and waits until it stands still before the step whose title begins so.
    #[track_caller]
    pub fn up_to(&self, title: &str) -> Running {
        self.up_to_with(title, &[])
    }

    #[track_caller]
    pub fn up_to_with(&self, title: &str, arguments: &[&str]) -> Running {
        let point = self.point(title);
        self.site.host().bash("rm -f /var/lib/provision/resume");
        let mut running = self.site.project.start(&[&["up", "--pause", &point], arguments].concat());
        running.until_it_says(&format!("paused at {point}"));
        running
    }

    /// The point before the step whose title begins so.
    #[track_caller]
    fn point(&self, title: &str) -> String {
        let run = self.site.project.up(&["--list-points"]);
        let mut points = run.text.lines().filter_map(|line| line.strip_prefix("point\t")?.split_once('\t'));
        let found = points.find(|(_, what)| what.starts_with(title));
        found.unwrap_or_else(|| panic!("no step `{title}`:\n{}", run.text)).0.to_owned()
    }

    /// Lets a run go on that stands still.
    pub fn go_on(&self) {
        self.site.host().bash("touch /var/lib/provision/resume");
    }

    /// The run ended with that code, and its talk has all of these texts. Prints the line of this failure.
    #[track_caller]
    pub fn told(&self, run: &Run, code: i32, texts: &[&str]) {
        let first = run.text.lines().find(|line| line.starts_with("error")).unwrap_or("-");
        let seconds = run.took.as_secs_f64();
        say(&format!("{:<52} {:>3}  {seconds:>5.1} s  {first}", self.name, run.code));
        if std::env::var_os("PROVISION_SHOW").is_some() {
            say(&run.text);
        }
        assert_eq!(run.code, code, "{}:\n{}", self.name, run.text);
        for text in texts {
            assert!(run.text.contains(text), "{}: no `{text}` in:\n{}", self.name, run.text);
        }
        if code == 3 || code == 7 {
            for part in ["= state: ", "= help: "] {
                assert!(run.text.contains(part), "{}: no `{part}` in:\n{}", self.name, run.text);
            }
        }
    }

    /// Nothing of the attempt is left.
    #[track_caller]
    pub fn nothing_left(&self) {
        let listing = self.site.listing();
        if listing == self.listing {
            return;
        }
        let only = |of: &str, not: &str, mark: &str| {
            let lines = of.lines().filter(|line| !not.lines().any(|other| other == *line));
            lines.map(|line| format!("{mark} {line}\n")).collect::<String>()
        };
        let (gone, new) = (only(&self.listing, &listing, "-"), only(&listing, &self.listing, "+"));
        panic!("{}: the host is not what it was:\n{gone}{new}", self.name);
    }

    /// The old release answered every request, and answers now.
    #[track_caller]
    pub fn kept_serving(self) -> Ended<'a> {
        let (name, old) = (self.name, self.old.clone());
        let (ended, tally) = self.end();
        let (failed, requests) = (tally.failures.len(), tally.requests);
        assert_eq!(failed, 0, "{name}: of {requests} requests: {:?}", tally.failures.first());
        assert!(requests >= 10, "{name}: {requests} requests prove nothing");
        ended.site.host().get("/").says(&old);
        ended
    }

    /// The old or the new release answered every request.
    #[track_caller]
    pub fn kept_serving_either(self) {
        let name = self.name;
        let (_, tally) = self.end();
        let (failed, requests) = (tally.failures.len(), tally.requests);
        assert_eq!(failed, 0, "{name}: of {requests} requests: {:?}", tally.failures.first());
    }

    /// The old release answers again; some requests failed meanwhile, and it is told how many.
    #[track_caller]
    pub fn serves_again(self) -> Ended<'a> {
        let (name, old) = (self.name, self.old.clone());
        let (ended, tally) = self.end();
        let (failed, requests) = (tally.failures.len(), tally.requests);
        let first = tally.failures.first().map_or("", String::as_str);
        let span = tally.span.as_secs_f64();
        say(&format!("{name:<52}      {failed} of {requests} requests failed, for {span:.1} s: {first}"));
        ended.site.host().get("/").says(&old);
        ended
    }

    /// The site does not serve before something has been done; then it converges at once.
    pub fn serves_again_after(self, mend: impl FnOnce(&Site)) {
        let name = self.name;
        let (ended, tally) = self.end();
        mend(ended.site);
        let (failed, requests) = (tally.failures.len(), tally.requests);
        say(&format!("{name:<52}      {failed} of {requests} requests failed until it was mended"));
    }

    /// What the app answered before.
    pub fn old(&self) -> &str {
        &self.old
    }

    /// From here on the old and the new release may answer.
    pub fn either_may_answer(&self) {
        self.traffic.expect(&[&self.old, &self.site.answer()]);
    }

    fn end(self) -> (Ended<'a>, Tally) {
        let Self { name, site, traffic, begin, .. } = self;
        (Ended { name, site, begin }, traffic.stop())
    }
}

/// A failure that is over, but whose cause may still be there.
pub struct Ended<'a> {
    name: &'static str,
    site: &'a Site,
    begin: Instant,
}

impl Ended<'_> {
    /// The cause is gone: the next run converges.
    #[track_caller]
    pub fn converges(self) {
        let run = self.site.project.up(&[]);
        assert_eq!(run.code, 0, "{}: the run after it:\n{}", self.name, run.text);
        self.site.converged();
        if std::env::var_os("PROVISION_SHOW").is_some() {
            say(&format!("{}: {:.1} s in all", self.name, self.begin.elapsed().as_secs_f64()));
        }
    }
}
