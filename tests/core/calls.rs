//! Every call of a step against the function of the host that receives it, by the comment behind the function's name:
//! `put_link() { # PATH TO`. No comment is no argument, `NAME...` any number of words.

use std::collections::BTreeMap;

use provision::apply::{Act, LIBRARY, RETREAT, Signature};

/// Called by the lines that provision appends beside the steps.
const FRAME: [&str; 4] = ["begin", "step", "retreat", "finish"];

/// A function of the shell.
struct Function {
    /// What its comment says it takes, without a remark behind `;`.
    takes: String,
    /// Its lines.
    body: String,
}

/// Every function of the scripts by name.
fn functions() -> BTreeMap<&'static str, Function> {
    let mut functions = BTreeMap::new();
    let mut lines = LIBRARY.lines();
    while let Some(line) = lines.next() {
        let Some((name, rest)) = line.split_once("() {") else { continue };
        let comment = rest.trim_start().trim_start_matches('#').split(';').next().unwrap_or_default();
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "}").collect();
        let function = Function { takes: comment.trim().to_owned(), body: body.join("\n") };
        assert!(functions.insert(name, function).is_none(), "{name} is defined twice");
    }
    assert!(functions.len() > 80, "only {} functions", functions.len());
    functions
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
    let functions = functions();
    for signature in provision::apply::Call::SIGNATURES {
        let function = functions.get(signature.function).unwrap_or_else(|| panic!("no function for {signature:?}"));
        assert_eq!(function.takes, takes(signature), "{}", signature.function);
        let many = signature.arguments.iter().position(|(_, many)| *many);
        assert!(many.is_none_or(|place| place + 1 == signature.arguments.len()), "{signature:?}");
    }
    for step in RETREAT {
        assert_eq!(functions.get(step.function).map(|function| function.takes.as_str()), Some(""), "{step:?}");
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
    let digit = |text: &str| text.trim_start_matches('{').chars().next().and_then(|c| c.to_digit(10));
    let named = ours.split('$').skip(1).filter_map(digit).max();
    Some(named.unwrap_or(0) as usize)
}

#[test]
fn every_function_says_what_it_takes() {
    for (name, Function { takes, body }) in functions() {
        let words: Vec<&str> = takes.split_whitespace().collect();
        let Some(highest) = highest(&body) else {
            assert!(!words.is_empty(), "{name} takes arguments and does not say which");
            continue;
        };
        if !takes.ends_with("...") {
            assert_eq!(highest, words.len(), "{name} takes `{takes}`");
        }
    }
}

#[test]
fn every_function_is_called() {
    let functions = functions();
    for name in functions.keys() {
        let by_step = provision::apply::Call::SIGNATURES.iter().any(|signature| signature.function == *name);
        let by_retreat = RETREAT.iter().any(|step| step.function == *name);
        let is_word = |text: &str| text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|at| at == *name);
        let code = |body: &str| body.lines().any(|line| !line.trim_start().starts_with('#') && is_word(line));
        let by_other = functions.iter().any(|(other, function)| other != name && code(&function.body));
        assert!(by_step || by_retreat || by_other || FRAME.contains(name), "nothing calls {name}");
    }
}

#[test]
fn a_service_can_be_made_to_do_what_the_host_knows() {
    let functions = functions();
    let arms = functions["act"].body.lines().filter_map(|line| line.trim().split_once(") ").map(|(word, _)| word));
    let mut arms: Vec<&str> = arms.filter(|word| word.chars().all(char::is_alphabetic)).collect();
    let mut words = Act::WORDS.to_vec();
    arms.sort_unstable();
    words.sort_unstable();
    assert_eq!(arms, words);
}
