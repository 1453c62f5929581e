//! No sentence decides anything: what happened is data, and `report/` words it. Words of other programs, which have
//! nothing else to say, are read in the files below, and formats in their readers.

use super::house::House;

/// Who reads words, and whose.
const READERS: [(&str, &str); 10] = [
    ("src/encode/pem.rs", "the lines that a PEM file begins with"),
    ("src/generation/record.rs", "the line of who made a change, as every version has stored it"),
    ("src/inventory/syntax.rs", "the complaint of the YAML parser, which has its place twice"),
    ("src/lint/", "files of other languages: it is a reader of each"),
    ("src/probe/facts.rs", "what `nginx -V` prints"),
    ("src/run/verdict.rs", "the kernel's words for a full disk and a read-only one, whoever passes them on"),
    ("src/ssh/dial.rs", "the number that the standard library adds to the kernel's words"),
    ("src/ssh/failure.rs", "ssh's words on why there is no connection"),
    ("src/ssh/refusal.rs", "sudo's words on why there is no root"),
    ("src/template/", "Tera's words on a mistake in a template"),
];

/// What looks into a text.
const LOOKS: [&str; 13] = [
    ".contains(",
    ".starts_with(",
    ".ends_with(",
    ".find(",
    ".rfind(",
    ".split(",
    ".split_once(",
    ".rsplit_once(",
    ".strip_prefix(",
    ".strip_suffix(",
    "== ",
    "!= ",
    "has(",
];

#[test]
fn no_sentence_decides_anything() {
    let mut used = std::collections::BTreeSet::new();
    let mut faults = vec![];
    for file in House::of_this_repository().files() {
        let text = std::fs::read_to_string(format!("{}/{}", env!("CARGO_MANIFEST_DIR"), file.path)).unwrap();
        for (number, sentence) in looked_for(&text) {
            match READERS.iter().find(|(place, _)| file.path.starts_with(place)) {
                Some((place, _)) => drop(used.insert(place)),
                None => faults.push(format!("{}:{number} looks for the words {sentence:?}: use data", file.path)),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(used.len(), READERS.len(), "a reader that reads no words: {used:?}");
}

#[test]
fn a_sentence_that_decides_is_found() {
    let found = |code: &str| looked_for(code).map(|(_, sentence)| sentence.to_owned()).collect::<Vec<_>>();
    assert_eq!(found("if why.contains(\"was loaded\") {"), ["was loaded"]);
    assert_eq!(found("why.split_once(\" through \")"), [" through "]);
    assert_eq!(found("if why == \"not there\" {"), ["not there"]);
    for data in ["// .contains(\"was loaded\")", "fields.contains(\"web\")", "line.split(' ')", "say(\"not there\")"] {
        assert!(found(data).is_empty(), "{data}");
    }
    assert!(found("#[cfg(test)]\nmod tests { .contains(\"was loaded\")").is_empty(), "tests look at what is said");
}

/// The sentences that the code of a file looks for, with their lines.
fn looked_for(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let code = text.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    let code = code.filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.flat_map(|(at, line)| {
        let literals = LOOKS.iter().flat_map(move |look| line.split(look).skip(1).filter_map(literal));
        literals.filter(|literal| is_sentence(literal)).map(move |literal| (at + 1, literal))
    })
}

/// The string that a piece of code begins with.
fn literal(code: &str) -> Option<&str> {
    code.strip_prefix('"')?.split('"').next()
}

/// Whether it has words, and a space at one of them.
fn is_sentence(text: &str) -> bool {
    text.contains(' ') && text.split(' ').any(|word| word.len() > 1 && word.chars().all(char::is_alphabetic))
}
