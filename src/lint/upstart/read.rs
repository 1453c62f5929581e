//! The language of Upstart's jobs: stanzas, continued lines, scripts.

/// A stanza.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stanza {
    /// Its words, quotes left on.
    pub words: Vec<String>,
    pub line: usize,
    /// The lines of its script with their numbers, if it has one.
    pub script: Option<Vec<(usize, String)>>,
    pub last_line: usize,
}

impl Stanza {
    pub fn is(&self, words: &[&str]) -> bool {
        self.words.len() >= words.len() && self.words.iter().zip(words).all(|(mine, word)| mine == word)
    }

    /// Everything behind the first word.
    pub fn rest(&self) -> String {
        self.words.get(1..).unwrap_or_default().join(" ")
    }
}

/// A job.
#[derive(Debug, Clone, Default)]
pub struct Job {
    pub stanzas: Vec<Stanza>,
    /// Lines where a script begins that does not end.
    pub unclosed: Vec<usize>,
}

impl Job {
    /// The last stanza that begins with these words, which is the one that counts.
    pub fn last(&self, words: &[&str]) -> Option<&Stanza> {
        self.stanzas.iter().rev().find(|stanza| stanza.is(words))
    }
}

/// Reads a job.
pub fn read(text: &str) -> Job {
    let mut job = Job::default();
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    while let Some((line, text)) = lines.next() {
        let mut text = without_comment(text);
        let mut last_line = line;
        // A backslash continues a line, and so does an open bracket, as in `start on (a and b)`.
        while text.trim_end().ends_with('\\') || text.matches('(').count() > text.matches(')').count() {
            let Some((number, next)) = lines.next() else { break };
            text = format!("{} {}", text.trim_end().trim_end_matches('\\').trim_end(), without_comment(next).trim());
            last_line = number;
        }
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        if words.is_empty() {
            continue;
        }
        let mut script = None;
        if words.last().is_some_and(|word| word == "script") && words.len() <= 2 {
            let mut body = vec![];
            let mut ended = false;
            for (number, text) in lines.by_ref() {
                last_line = number;
                if text.split_whitespace().eq(["end", "script"]) {
                    ended = true;
                    break;
                }
                body.push((number, text.to_owned()));
            }
            if !ended {
                job.unclosed.push(line);
            }
            script = Some(body);
        }
        job.stanzas.push(Stanza { words, line, script, last_line });
    }
    job
}

/// A `#` outside quotes begins a comment, even inside a word.
fn without_comment(line: &str) -> String {
    let mut quote = None;
    let mut text = String::new();
    for letter in line.chars() {
        match (quote, letter) {
            (None, '#') => break,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stanzas_and_scripts() {
        let job = read(
            "# a\ndescription \"\
b # c\"
start on (d
  and e)
script
  # f
  exec g
end script
kill timeout 5 # h
",
        );
        let lines: Vec<_> = job.stanzas.iter().map(|stanza| (stanza.line, stanza.words[0].as_str())).collect();
        assert_eq!(lines, [(2, "description"), (3, "start"), (5, "script"), (9, "kill")]);
        assert_eq!(job.stanzas[2].script.as_ref().map(Vec::len), Some(2));
        assert_eq!(job.last(&["kill", "timeout"]).map(Stanza::rest).as_deref(), Some("timeout 5"));
        assert_eq!(read("script\nexec a\n").unclosed, [1]);
    }
}
