//! A model of how Upstart 1.13.2 reads a job file. Upstart itself runs on no machine that these tests can count on;
//! each rule here was measured on the real init, and the encoders were fuzzed there by hand.
//!
//! - A token ends at a blank or `#` outside quotes, a command at a line break or `#` outside quotes.
//! - Single and double quotes group alike; both are taken away from a token and stay in a command.
//! - A backslash, in quotes or not, makes a backslash or blank after it plain; before a line break the two are one
//!   blank. Before any other character, a quote among them, it stays and means nothing.
//! - A blank, a backslash and another character in this order are mangled.

/// The arguments of a stanza, up to the end of its line. `None` for what Upstart refuses or mangles.
pub fn arguments(line: &str) -> Option<Vec<String>> {
    let mut rest = line.trim_start_matches(is_blank);
    let mut arguments = vec![];
    while !rest.is_empty() && !rest.starts_with('#') {
        let (argument, after) = token(rest, Quotes::Taken, |c| is_blank(c) || c == '#')?;
        if argument.is_empty() && after.len() == rest.len() {
            return None;
        }
        arguments.push(argument);
        rest = after.trim_start_matches(is_blank);
    }
    Some(arguments)
}

/// The command of an `exec` stanza, with its quotes. `None` for what Upstart refuses or mangles.
pub fn command(line: &str) -> Option<String> {
    token(line.trim_matches(is_blank), Quotes::Kept, |c| c == '#').map(|(command, _)| command)
}

/// Whether a command goes through `sh -e -c "exec COMMAND"`, and not word by word to the program.
pub fn needs_shell(command: &str) -> bool {
    command.contains(|c| "~`!^&*()=|\\{}[];\"'<>?$".contains(c))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Taken,
    Kept,
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r')
}

/// The token at the start of `text`, and what follows it.
fn token(text: &str, quotes: Quotes, ends: impl Fn(char) -> bool) -> Option<(String, &str)> {
    let mut token = String::new();
    let mut quote = None;
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if c == '\n' {
            return None;
        }
        if c == '\\' {
            let (_, next) = characters.next()?;
            match next {
                '\\' if quotes == Quotes::Taken => token.push('\\'),
                '\\' => token.push_str("\\\\"),
                next if is_blank(next) && quotes == Quotes::Taken => token.push(next),
                _ if before.is_some_and(is_blank) => return None,
                next => token.extend(['\\', next]),
            }
            before = Some(next);
            continue;
        }
        before = Some(c);
        let is_quote = match quote {
            Some(open) if c == open => {
                quote = None;
                true
            }
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                true
            }
            None if ends(c) => return Some((token, &text[at..])),
            _ => false,
        };
        if !is_quote || quotes == Quotes::Kept {
            token.push(c);
        }
    }
    quote.is_none().then_some((token, ""))
}

#[test]
fn the_model_knows_what_was_measured() {
    let one = |line: &str| arguments(line).map(|arguments| arguments.join("|"));
    assert_eq!(one("a b#c d").as_deref(), Some("a|b"));
    assert_eq!(one(r#""a b"'"'c"#).as_deref(), Some("a b\"c"));
    assert_eq!(one(r"a\ b\\c").as_deref(), Some(r"a b\c"));
    assert_eq!(one(r#""a\\b\"c""#).as_deref(), Some(r#"a\b\"c"#), "the backslash before a quote stays");
    assert_eq!(one(r#""a"#), None, "a quote is open at the end");
    assert_eq!(one(r#""a \b""#), None, "a blank, a backslash and another character are mangled");
    assert_eq!(command(r#"x "a # b" # c"#).as_deref(), Some(r#"x "a # b" "#));
    assert!(!needs_shell("/usr/bin/python3 -m x") && needs_shell("echo $HOME"));
}
