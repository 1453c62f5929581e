//! Releases that must not reach anybody: each in a way of its own, refused while hundreds of requests a second are
//! answered by the one before.

use super::http;
use super::lab::say;
use super::project::{Project, fixture};
use super::setup::Setup;
use super::tally::Tally;
use super::traffic::Traffic;

/// Requests to each.
const ENOUGH: usize = 10_000;
const RATE: u32 = 800;
/// Ends the beginning of an answer in the code.
const ANSWER: &str = "    start_response(\"200 OK\", [(\"Content-Type\", \"text/plain\")])\n";

struct Bad {
    name: &'static str,
    /// What comes before the answer.
    code: &'static str,
    /// What comes in its place, if anything.
    answer: &'static str,
    /// What the run says.
    says: &'static str,
}

const BAD: [Bad; 8] = [
    Bad { name: "500 on /", code: "", answer: "    start_response(\"500 Sorry\", [])\n", says: "answered 500 Sorry" },
    Bad {
        name: "500 on another path",
        code: "    if environ[\"PATH_INFO\"] == \"/other\":\n        raise ValueError(\"other\")\n",
        answer: ANSWER,
        says: "rehearsal: GET /other",
    },
    Bad { name: "hangs", code: "    import time\n    time.sleep(600)\n", answer: ANSWER, says: "no answer: timed out" },
    Bad { name: "its worker dies of a request", code: "    os._exit(1)\n", answer: ANSWER, says: "no answer" },
    Bad {
        name: "wrong length of the body",
        code: "",
        answer: "    start_response(\"200 OK\", [(\"Content-Length\", \"9000\")])\n",
        says: "no answer",
    },
    Bad {
        name: "answers localhost alone",
        code: "    if environ[\"HTTP_HOST\"] != \"localhost\":\n        start_response(\"400 Who\", [])\n        \
               return []\n",
        answer: ANSWER,
        says: "answered 400 Who",
    },
    Bad {
        name: "needs a folder",
        code: "    os.listdir(\"/srv/uploads\")\n",
        answer: ANSWER,
        says: "No such file or directory",
    },
    Bad {
        name: "its database is gone",
        code: "    import socket\n    socket.create_connection((\"127.0.0.1\", 5432))\n",
        answer: ANSWER,
        says: "Connection refused",
    },
];

#[test]
#[ignore = "takes minutes: make load"]
fn a_release_that_does_not_work_is_seen_by_nobody() {
    let Some(project) = Project::open(&["bad-01"]) else { return };
    let good = Setup { guarded: true, ..Setup::default() };
    good.write(&project);
    project.up(&[]).exits(0);
    http::get(project.host().port(80), "/other").expect("an answer");

    say(&Tally::head());
    for bad in &BAD {
        let traffic = Traffic::start(project.host().port(80), RATE, &good);
        let code = fixture("bad").replace(ANSWER, &format!("{}{}", bad.code, bad.answer));
        project.write("code/app.py", &code);
        let (mut tally, mut runs) = (Tally::default(), 0);
        while tally.requests < ENOUGH {
            project.up(&[]).exits(3).shows(bad.says);
            tally.add(traffic.take());
            runs += 1;
            assert!(runs < 20, "{} requests in {runs} runs", tally.requests);
        }
        tally.add(traffic.stop());
        say(&tally.row(bad.name, runs));
        assert_eq!((tally.failed, tally.wrong), (0, 0), "{}: {:?}", bad.name, tally.troubles.first());
    }
    good.write(&project);
    project.up(&[]).exits(0).shows("changed=0");
}
