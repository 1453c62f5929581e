//! What a rendered file says to its reader with all values taken out: the directives, and how many words each has.

use provision::model::File;

/// The skeleton of a file, one line a directive. `None` for what a real reader judges: Python and environment files.
pub fn of(file: &File) -> Option<String> {
    let path = file.path.as_str();
    let text = file.content.as_str();
    if path.starts_with("/etc/nginx/") {
        Some(nginx(text))
    } else if path.starts_with("/etc/systemd/") {
        Some(systemd(text))
    } else if ["/etc/init/", "/etc/logrotate.d/", "/usr/local/bin/"].iter().any(|folder| path.starts_with(folder)) {
        Some(shell(text))
    } else {
        None
    }
}

/// Nginx: what every statement is called, how many parameters it has, and how deep it stands.
fn nginx(text: &str) -> String {
    let (mut skeleton, mut words, mut depth) = (String::new(), Vec::<String>::new(), 0_usize);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            c if c.is_ascii_whitespace() => {}
            '#' => {
                characters.by_ref().find(|c| *c == '\n');
            }
            ';' | '{' => {
                let name = words.first().map_or("", String::as_str);
                skeleton.push_str(&format!("{}{name} {}{c}\n", " ".repeat(depth), words.len()));
                words.clear();
                depth += usize::from(c == '{');
            }
            '}' => {
                skeleton.push_str(&format!("}} {}\n", words.len()));
                depth = depth.saturating_sub(1);
            }
            '"' | '\'' => {
                while let Some(inner) = characters.next().filter(|inner| *inner != c) {
                    if inner == '\\' {
                        characters.next();
                    }
                }
                words.push("(quoted)".to_owned());
            }
            c => {
                let mut word = String::from(c);
                while let Some(c) = characters.next_if(|c| !c.is_ascii_whitespace() && !matches!(c, ';' | '{')) {
                    word.push(c);
                }
                words.push(word);
            }
        }
    }
    skeleton + &format!("depth {depth}, {} words left\n", words.len())
}

/// systemd 229: lines in pieces, joined at backslashes; sections, keys, and the number of words of commands.
fn systemd(text: &str) -> String {
    const PIECE: usize = 2_047;
    let mut skeleton = String::new();
    let mut joined = String::new();
    for piece in text.lines().flat_map(|line| line.as_bytes().chunks(PIECE)) {
        joined.push_str(&String::from_utf8_lossy(piece));
        if joined.ends_with('\\') {
            joined.pop();
            continue;
        }
        let line = std::mem::take(&mut joined);
        let line = line.trim();
        match line.split_once('=') {
            _ if line.is_empty() || line.starts_with(['#', ';']) => {}
            Some((key, value)) if key.starts_with("Exec") => {
                skeleton.push_str(&format!("{key}={} words\n", shell(value).matches('w').count()));
            }
            Some((key, _)) => skeleton.push_str(&format!("{key}=\n")),
            None => skeleton.push_str(&format!("{line}\n")),
        }
    }
    skeleton
}

/// Shell, and what is quoted alike: each word is a `w`, whatever is in it; what is neither word nor quoted stays.
fn shell(text: &str) -> String {
    let (mut skeleton, mut in_word) = (String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let is_word = match c {
            '#' if !in_word => {
                characters.by_ref().find(|c| *c == '\n');
                skeleton.push('\n');
                false
            }
            '\'' => characters.by_ref().any(|c| c == '\''),
            '"' => {
                while let Some(inner) = characters.next().filter(|inner| *inner != '"') {
                    if inner == '\\' {
                        characters.next();
                    }
                }
                true
            }
            '\\' => characters.next().is_some_and(|c| c != '\n'),
            c if c.is_ascii_alphanumeric() || "-_=/,.+:@%".contains(c) => true,
            c => {
                skeleton.push(c);
                false
            }
        };
        if is_word && !in_word {
            skeleton.push('w');
        }
        in_word = is_word;
    }
    // Blanks before a comment are nothing.
    skeleton.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

#[test]
fn values_are_not_in_a_skeleton_but_code_is() {
    assert_eq!(nginx("a b; # c;\nd \"e; }\" { f g; }\n"), nginx("a x;\nd y { f 'z'; }\n"));
    assert_ne!(nginx("a b; }\n"), nginx("a b;\n"));
    assert_eq!(shell("a='b; c' d\n"), shell("a=b d # e 'f\n"));
    assert_ne!(shell("a b; c\n"), shell("a b c\n"));
    assert_eq!(systemd("[A]\nB=c\nExecStart=/d \"e f\"\n"), systemd("[A]\n# x\nB=\nExecStart=/d e\n"));
    assert_ne!(systemd(&format!("A={}B=c\n", "x".repeat(2_045))), systemd("A=b\n"));
    assert_ne!(systemd("A=b\\\nC=d\n"), systemd("A=b\nC=d\n"));
}
