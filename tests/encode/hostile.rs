//! Hostile texts in every place of an inventory: each is refused, with a place and a way out, or it is inert in every
//! file that is rendered from it. Nothing in a file says more than it does for an innocent text, and nothing runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread;

use provision::diagnostic::{Diagnostic, Diagnostics, Span};
use provision::model::{File, Init, Target};
use provision::platform::Platform;
use provision::render::render;
use provision::template::{Engine, TemplateError};
use serde_json::Value;

use crate::inert::Inert;
use crate::inventory::{Spot, innocent, load, spots, with};
use crate::skeleton;
use crate::texts::PIECES;

const INITS: [Init; 2] = [Init::Systemd, Init::Upstart];

/// What the pieces of code among the texts would make.
const MARK: &str = "/tmp/provision-encode-ran";

/// Templates as a user writes them, one for each language, with values through encoders only.
const TEMPLATES: [(&str, &str); 8] = [
    ("comment", "# {{ vars.note | comment }}\n# {{ inventory | comment }} {{ vars.deep.list[0] | comment }}\n"),
    ("nginx", "map $host $innocent { default {{ vars.note | nginx }}; }\n"),
    (
        "systemd",
        "[Unit]\nDescription={{ vars.note | systemd }}\n[Service]\nExecStart=/bin/echo {{ vars.note | systemd_exec \
         }}\n",
    ),
    (
        "upstart",
        "description {{ vars.note | upstart }}\nscript\n    exec echo {{ vars.note | upstart_script }}\nend script\n",
    ),
    ("python", "note = {{ vars.note | python }}\n"),
    ("shell", "#!/usr/bin/env bash\n# Says a note.\nreadonly note={{ vars.note | shell }}\necho \"$note\"\n"),
    ("env_file", "NOTE={{ vars.note | env_file }}\n"),
    ("logrotate", "{{ vars.file | logrotate }} {\n    missingok\n}\n"),
];

#[test]
fn a_hostile_text_is_refused_or_inert_wherever_it_stands() {
    assert!(!Path::new(MARK).exists(), "{MARK} must not be there");
    let innocent = innocent();
    let trial = Trial::new(&load(&innocent, "innocent").expect("it is innocent").all()[0]);
    let long = ["x".repeat(10_240), "/".to_owned() + &"y/".repeat(3_000) + "y", "%".repeat(2_000)];
    let texts = PIECES.iter().map(|piece| (*piece).to_owned()).chain(long);
    let texts: Vec<String> = texts.collect::<BTreeSet<_>>().into_iter().collect();
    assert!(texts.len() >= 50);
    let mut inert = Inert::default();
    let (mut refused, mut rendered) = (0, 0);
    let spots = spots(&innocent);
    let share = spots.len().div_ceil(thread::available_parallelism().map_or(1, Into::into));
    thread::scope(|scope| {
        let work = |spots| try_all(&trial, &innocent, spots, &texts);
        let workers: Vec<_> = spots.chunks(share).map(|spots| scope.spawn(move || work(spots))).collect();
        for worker in workers {
            let done = worker.join().expect("see above");
            refused += done.refused;
            rendered += done.rendered;
            inert.join(done.inert);
        }
    });
    for text in texts.iter().filter(|text| !text.is_empty()) {
        let targets = load(&innocent, text).expect("a secret may be any text");
        trial.check(&format!("{text:.80?} as a secret"), &targets.all()[0], &mut inert);
    }
    // The fixture would not reach the templates if almost everything were refused, or nothing.
    assert!(refused > 1_000 && rendered > 1_000, "{refused} refused, {rendered} rendered");
    inert.check();
    assert!(!Path::new(MARK).exists(), "something ran");
}

#[derive(Default)]
struct Done {
    refused: usize,
    rendered: usize,
    inert: Inert,
}

/// Every text in every one of the places.
fn try_all(trial: &Trial, innocent: &Value, spots: &[Spot], texts: &[String]) -> Done {
    let mut done = Done::default();
    for (spot, text) in spots.iter().flat_map(|spot| texts.iter().map(move |text| (spot, text))) {
        let who = format!("{text:.80?} at {spot:?}");
        match load(&with(innocent, spot, text), "innocent") {
            Err(mistakes) => {
                done.refused += 1;
                check_mistakes(&who, &mistakes);
            }
            Ok(targets) => {
                done.rendered += 1;
                targets.all().iter().for_each(|target| trial.check(&who, target, &mut done.inert));
            }
        }
    }
    done
}

#[track_caller]
fn check_mistakes(who: &str, mistakes: &Diagnostics) {
    let list = mistakes.as_slice();
    assert!(!list.is_empty(), "{who}");
    let has_place = |mistake: &Diagnostic| mistake.place != Span::default();
    assert!(list.iter().all(has_place), "{who} is refused without a place:\n{mistakes}");
    assert!(list.iter().all(|mistake| mistake.hint.is_some()), "{who} is refused without a hint:\n{mistakes}");
}

#[track_caller]
fn check_refusal(who: &str, error: &TemplateError) {
    assert!(error.hint.is_some(), "{who} is refused without a hint: {error}");
    // A whole template is a place for what several values make together.
    assert!(error.place.is_some() || !error.template.is_empty(), "{who} is refused without a place: {error}");
}

struct Trial {
    engine: Engine,
    innocent: Vec<Target>,
    /// The skeletons of what each template says for innocent values.
    known: BTreeMap<(String, &'static str), BTreeSet<String>>,
}

impl Trial {
    fn new(innocent: &Target) -> Self {
        let templates = TEMPLATES.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let engine = Engine::new(&BTreeMap::from(templates)).expect("templates");
        let mut trial = Self { engine, innocent: parts(innocent), known: BTreeMap::new() };
        let mut targets = vec![innocent.clone()];
        // Values may lead templates another way, and are innocent nevertheless.
        for log in ["/tmp/web.log", "/home/web/web.log", "/var/tmp/web.log"] {
            for (access, error) in [(true, false), (false, true)] {
                let mut other = innocent.clone();
                let file = || provision::model::LogTarget::File(log.parse().expect("a path"));
                if access {
                    other.apps[0].log.access = file();
                }
                if error {
                    other.apps[0].log.error = file();
                }
                targets.push(other);
            }
        }
        for (part, init) in targets.iter().flat_map(parts).flat_map(|part| INITS.map(|init| (part.clone(), init))) {
            for file in trial.files(&part, init).unwrap_or_else(|error| panic!("{error}")) {
                if let Some(skeleton) = skeleton::of(&file) {
                    trial.known.entry((file.template, word(init))).or_default().insert(skeleton);
                }
            }
        }
        trial
    }

    fn files(&self, target: &Target, init: Init) -> Result<Vec<File>, TemplateError> {
        render(target, &Platform::newest(init), &self.engine).map(|rendered| rendered.files)
    }

    #[track_caller]
    fn check(&self, who: &str, target: &Target, inert: &mut Inert) {
        // What is the innocent target in this respect has been rendered before.
        for part in parts(target).iter().filter(|part| !self.innocent.contains(part)) {
            for init in INITS {
                match self.files(part, init) {
                    Err(error) => check_refusal(who, &error),
                    Ok(files) => files.into_iter().for_each(|file| self.check_file(who, init, file, inert)),
                }
            }
        }
    }

    #[track_caller]
    fn check_file(&self, who: &str, init: Init, file: File, inert: &mut Inert) {
        assert!(!file.content.contains('\0'), "{who}: a NUL in {}", file.path);
        if let (Some(skeleton), Some(known)) =
            (skeleton::of(&file), self.known.get(&(file.template.clone(), word(init))))
        {
            assert!(
                known.contains(&skeleton),
                "{who}: {} says something else:\n{}\n{skeleton}",
                file.path,
                file.content
            );
        }
        inert.add(who, file);
    }
}

/// The target without user templates, and one for each of them alone: what one refuses shall not hide another. Nothing
/// is rendered of packages, and of connections only the address.
fn parts(target: &Target) -> Vec<Target> {
    let mut bare = Target { packages: vec![], files: vec![], ..target.clone() };
    let connection = &mut bare.connection;
    (connection.port, connection.user, connection.identity, connection.known_hosts) = (None, None, None, None);
    let alone = target.files.iter().map(|file| Target {
        apps: vec![],
        sites: vec![],
        files: vec![file.clone()],
        ..bare.clone()
    });
    let alone: Vec<Target> = alone.collect();
    [vec![bare], alone].concat()
}

fn word(init: Init) -> &'static str {
    if init == Init::Systemd { "systemd" } else { "upstart" }
}
