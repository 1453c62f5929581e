//! Every call of a step against the function of the host that receives it, by the comment behind the function's name:
//! `put_link() { # PATH TO`. No comment is no argument, `NAME...` any number of words.

use std::collections::BTreeMap;
use std::time::Duration;

use provision::apply::{Act, Call, RETREAT, Signature, Visitor, library};
use provision::model::Init;

/// Called by the lines that provision appends beside the steps.
const FRAME: [&str; 7] = ["begin", "step", "retreat", "finish", "hand_over", "take_up", "reload_apps"];

const INITS: [Init; 2] = [Init::Systemd, Init::Upstart];

/// A function of the shell.
#[derive(PartialEq)]
struct Function {
    /// What its comment says it takes, without a remark behind `;`.
    takes: String,
    /// Its lines.
    body: String,
}

/// Every function of a script by name.
fn functions(script: &str) -> BTreeMap<&str, Function> {
    let mut functions = BTreeMap::new();
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        let Some((name, rest)) = line.split_once("() {") else { continue };
        let comment = rest.trim_start().trim_start_matches('#').split(';').next().unwrap_or_default();
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "}").collect();
        let function = Function { takes: comment.trim().to_owned(), body: body.join("\n") };
        assert!(functions.insert(name, function).is_none(), "{name} is defined twice");
    }
    assert!(functions.len() > 20, "only {} functions", functions.len());
    functions
}

/// Does the code of a function name another one?
fn names(body: &str, function: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let code = body.lines().filter(|line| !line.trim_start().starts_with('#'));
    code.flat_map(|line| line.split(|c| !is_word(c))).any(|word| word == function)
}

/// The door of a host with that init.
fn door(init: Init) -> String {
    Visitor { init, who: "me", wait: Duration::ZERO, end_probation: None }.take_up()
}

/// Both scripts of hosts with both inits.
fn scripts() -> Vec<String> {
    INITS.into_iter().flat_map(|init| [library(init), door(init)]).collect()
}

/// What a call hands over, as a function's comment says it.
fn takes(signature: &Signature) -> String {
    let argument = |(name, many): &(&str, bool)| {
        let name = name.to_uppercase().replace('_', "-");
        if *many { format!("{name}...") } else { name }
    };
    signature.arguments.iter().map(argument).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_call_has_a_function_that_takes_just_that() {
    for library in INITS.map(library) {
        let functions = functions(&library);
        for signature in Call::SIGNATURES {
            let function = functions.get(signature.function).unwrap_or_else(|| panic!("no function: {signature:?}"));
            assert_eq!(function.takes, takes(signature), "{}", signature.function);
            let many = signature.arguments.iter().position(|(_, many)| *many);
            assert!(many.is_none_or(|place| place + 1 == signature.arguments.len()), "{signature:?}");
        }
        for step in RETREAT {
            assert_eq!(functions.get(step.function).map(|function| function.takes.as_str()), Some(""), "{step:?}");
        }
    }
}

/// The highest argument that a body names, such as 3 for `$3`; what is in single quotes is for another shell. `None` if
/// it takes them as they come.
fn highest(body: &str) -> Option<usize> {
    let code: String = body.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    let ours: String = code.replace("$'", "'").split('\'').step_by(2).collect();
    if ours.contains("$@") || ours.contains("$*") || ours.contains("shift") {
        return None;
    }
    let digit = |text: &str| text.trim_start_matches(['{', '#']).chars().next().and_then(|c| c.to_digit(10));
    let named = ours.split('$').skip(1).filter_map(digit).max();
    Some(named.unwrap_or(0) as usize)
}

#[test]
fn every_function_says_what_it_takes() {
    for script in scripts() {
        for (name, Function { takes, body }) in functions(&script) {
            let words: Vec<&str> = takes.split_whitespace().collect();
            match highest(&body) {
                Some(highest) if takes.ends_with("...") => assert!(highest < words.len(), "{name} takes `{takes}`"),
                Some(highest) => assert_eq!(highest, words.len(), "{name} takes `{takes}`"),
                None => assert!(!words.is_empty(), "{name} takes arguments and does not say which"),
            }
        }
    }
}

#[test]
fn every_function_is_called() {
    for script in scripts() {
        let functions = functions(&script);
        for name in functions.keys() {
            let by_step = Call::SIGNATURES.iter().any(|signature| signature.function == *name);
            let by_retreat = RETREAT.iter().any(|step| step.function == *name);
            let by_other = functions.iter().any(|(other, function)| other != name && names(&function.body, name));
            let by_trap = script.contains(&format!("\ntrap {name} EXIT\n"));
            assert!(by_step || by_retreat || by_other || by_trap || FRAME.contains(name), "nothing calls {name}");
        }
    }
}

#[test]
fn what_is_the_same_on_all_hosts_calls_nothing_that_only_one_init_has() {
    for script in [library as fn(Init) -> String, door] {
        let [systemd, upstart] = INITS.map(script);
        let (systemd, upstart) = (functions(&systemd), functions(&upstart));
        for (one, other) in [(&systemd, &upstart), (&upstart, &systemd)] {
            for alone in one.keys().filter(|name| !other.contains_key(*name)) {
                let shared = one.iter().filter(|(name, function)| other.get(*name) == Some(function));
                let callers: Vec<_> = shared.filter(|(_, function)| names(&function.body, alone)).collect();
                assert!(callers.is_empty(), "{alone} is not there for all: {:?}", callers[0].0);
            }
            for (name, function) in one {
                let same = other.get(name).is_none_or(|counterpart| counterpart.takes == function.takes);
                assert!(same, "{name} takes something else elsewhere");
            }
        }
    }
}

#[test]
fn a_service_can_be_made_to_do_what_the_host_knows() {
    let library = library(Init::Systemd);
    let act = &functions(&library)["act"];
    let arms = act.body.lines().filter_map(|line| line.trim().split_once(") ").map(|(word, _)| word));
    let mut arms: Vec<&str> = arms.filter(|word| word.chars().all(char::is_alphabetic)).collect();
    let mut words = Act::WORDS.to_vec();
    arms.sort_unstable();
    words.sort_unstable();
    assert_eq!(arms, words);
}
