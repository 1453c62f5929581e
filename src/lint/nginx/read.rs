//! Nginx's language: words, blocks, line numbers. Reads past what it does not understand and says where that was.

/// A directive, with its block if it has one.
#[derive(Debug, Clone)]
pub struct Directive {
    pub name: String,
    /// Without quotes.
    pub arguments: Vec<String>,
    /// Where its name is.
    pub line: usize,
    /// Where its block ends; the line of the name if it has none.
    pub last_line: usize,
    pub block: Option<Vec<Directive>>,
}

impl Directive {
    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }

    pub fn argument(&self, index: usize) -> &str {
        self.arguments.get(index).map_or("", String::as_str)
    }

    /// The directives in its block called `name`.
    pub fn inside(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.block.iter().flatten().filter(move |child| child.name == name)
    }
}

/// A file.
#[derive(Debug, Clone, Default)]
pub struct Config {
    pub directives: Vec<Directive>,
    /// Lines that Nginx would refuse, with what is wrong.
    pub faults: Vec<(usize, String)>,
}

/// A directive and the blocks around it, the outermost first.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    pub directive: &'a Directive,
    pub around: Vec<&'a Directive>,
}

impl<'a> Node<'a> {
    /// The innermost block around it.
    pub fn parent(&self) -> Option<&'a Directive> {
        self.around.last().copied()
    }

    /// The innermost block called `name` around it.
    pub fn within(&self, name: &str) -> Option<&'a Directive> {
        self.around.iter().rev().find(|block| block.is(name)).copied()
    }
}

/// Blocks in blocks that are read; what lies deeper is skipped. Nginx itself has a handful of kinds.
const DEEPEST: usize = 32;

/// Blocks whose lines are data, not directives.
const DATA: [&str; 5] = ["map", "geo", "types", "split_clients", "charset_map"];

impl Config {
    /// Every directive, each before those in its block; the lines of maps and the like are left out.
    pub fn nodes(&self) -> Vec<Node<'_>> {
        let mut nodes = vec![];
        collect(&self.directives, &[], &mut nodes);
        nodes
    }

    /// The directives called `name` that hold for `node`: those of the innermost level that has any.
    pub fn in_force<'a>(&'a self, node: &Node<'a>, name: &'a str) -> Vec<&'a Directive> {
        for block in node.around.iter().rev() {
            let here: Vec<_> = block.inside(name).collect();
            if !here.is_empty() {
                return here;
            }
        }
        self.directives.iter().filter(|directive| directive.is(name)).collect()
    }
}

fn collect<'a>(directives: &'a [Directive], around: &[&'a Directive], nodes: &mut Vec<Node<'a>>) {
    for directive in directives {
        nodes.push(Node { directive, around: around.to_vec() });
        if let Some(block) = &directive.block
            && !DATA.contains(&directive.name.as_str())
        {
            collect(block, &[around, &[directive]].concat(), nodes);
        }
    }
}

/// Reads a file.
pub fn read(text: &str) -> Config {
    let mut reader = Reader { letters: text.chars().peekable(), line: 1, depth: 0, faults: vec![] };
    let directives = reader.block(None);
    Config { directives, faults: reader.faults }
}

enum Token {
    Word(String),
    Open,
    Close,
    Semicolon,
}

struct Reader<'a> {
    letters: std::iter::Peekable<std::str::Chars<'a>>,
    line: usize,
    /// How many blocks are open.
    depth: usize,
    faults: Vec<(usize, String)>,
}

impl Reader<'_> {
    /// The directives up to the end of the block that was opened in line `opened`, or of the file.
    fn block(&mut self, opened: Option<usize>) -> Vec<Directive> {
        let mut directives = vec![];
        let mut words: Vec<(usize, String)> = vec![];
        loop {
            let token = self.token();
            match token {
                Some((line, Token::Word(word))) => words.push((line, word)),
                Some((_, Token::Semicolon)) => directives.extend(directive(&mut words, None, self.line)),
                Some((line, Token::Open)) => {
                    let block = self.inner_block(words.first().is_some_and(|(_, name)| is_lua(name)), line);
                    directives.extend(directive(&mut words, Some(block), self.line));
                }
                Some((line, Token::Close)) => {
                    self.unfinished(&mut words, &mut directives);
                    if opened.is_some() {
                        return directives;
                    }
                    self.faults.push((line, "this `}` closes no block".to_owned()));
                }
                None => {
                    self.unfinished(&mut words, &mut directives);
                    if let Some(line) = opened {
                        self.faults.push((line, "the block that begins here is not closed".to_owned()));
                    }
                    return directives;
                }
            }
        }
    }

    /// The directives of a block that was opened in line `opened`; none where it is in another language, or too deep.
    fn inner_block(&mut self, foreign: bool, opened: usize) -> Vec<Directive> {
        if foreign || self.depth == DEEPEST {
            self.skip_foreign_block();
            return vec![];
        }
        self.depth += 1;
        let block = self.block(Some(opened));
        self.depth -= 1;
        block
    }

    fn unfinished(&mut self, words: &mut Vec<(usize, String)>, directives: &mut Vec<Directive>) {
        if let Some((line, word)) = words.first() {
            self.faults.push((*line, format!("`{word}` does not end with `;`")));
            directives.extend(directive(words, None, self.line));
        }
    }

    /// Lua inside braces, which may hold braces of its own.
    fn skip_foreign_block(&mut self) {
        let mut depth = 1;
        while let Some(letter) = self.next() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.letters.next();
        self.line += usize::from(letter == Some('\n'));
        letter
    }

    fn token(&mut self) -> Option<(usize, Token)> {
        loop {
            let line = self.line;
            match self.next()? {
                letter if letter.is_whitespace() => {}
                '#' => {
                    while self.letters.peek().is_some_and(|letter| *letter != '\n') {
                        self.next();
                    }
                }
                ';' => return Some((line, Token::Semicolon)),
                '{' => return Some((line, Token::Open)),
                '}' => return Some((line, Token::Close)),
                quote @ ('"' | '\'') => return Some((line, Token::Word(self.quoted(quote, line)))),
                first => return Some((line, Token::Word(self.word(first)))),
            }
        }
    }

    fn quoted(&mut self, quote: char, line: usize) -> String {
        let mut text = String::new();
        while let Some(letter) = self.next() {
            match letter {
                '\\' => match self.next() {
                    Some(escaped) if escaped == quote || escaped == '\\' => text.push(escaped),
                    Some(other) => text.extend(['\\', other]),
                    None => {}
                },
                letter if letter == quote => return text,
                letter => text.push(letter),
            }
        }
        self.faults.push((line, format!("the text that begins with {quote} here has no end")));
        text
    }

    fn word(&mut self, first: char) -> String {
        let mut text = String::from(first);
        while let Some(letter) = self.letters.peek().copied() {
            let variable = letter == '{' && text.ends_with('$');
            if letter.is_whitespace() || letter == ';' || (letter == '{' && !variable) {
                break;
            }
            text.push(letter);
            self.next();
            if letter == '\\'
                && let Some(escaped) = self.next()
            {
                text.push(escaped);
            }
        }
        text
    }
}

fn is_lua(name: &str) -> bool {
    name.ends_with("_by_lua_block")
}

fn directive(words: &mut Vec<(usize, String)>, block: Option<Vec<Directive>>, last_line: usize) -> Option<Directive> {
    let mut words = std::mem::take(words).into_iter();
    let (line, name) = words.next()?;
    let last_line = if block.is_some() { last_line } else { line };
    Some(Directive { name, arguments: words.map(|(_, word)| word).collect(), line, last_line, block })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_blocks_and_lines() {
        let config =
            read("a 1 \"b;\\\"c\" ${d}x; # e;\nserver {\n    location ~ \"^/.{3}\" {\n        return 404;\n    }\n}\n");
        assert!(config.faults.is_empty(), "{:?}", config.faults);
        assert_eq!(config.directives[0].arguments, ["1", "b;\"c", "${d}x"]);
        let nodes = config.nodes();
        let places: Vec<_> = nodes.iter().map(|node| (node.directive.name.as_str(), node.directive.line)).collect();
        assert_eq!(places, [("a", 1), ("server", 2), ("location", 3), ("return", 4)]);
        assert_eq!(nodes[2].directive.last_line, 5);
        assert_eq!(nodes[3].within("server").unwrap().line, 2);
    }

    /// It may come from a host, which writes what it likes.
    #[test]
    fn blocks_in_blocks_end_somewhere() {
        let config = read(&"a {".repeat(200_000));
        assert!(config.nodes().len() < 200, "{}", config.nodes().len());
        let closed = format!("{}b 1;{}c 1;", "a {".repeat(200), "}".repeat(200));
        assert!(read(&closed).directives.iter().any(|directive| directive.is("c")));
    }

    #[test]
    fn faults_have_their_lines() {
        let faults = |text: &str| read(text).faults.iter().map(|(line, _)| *line).collect::<Vec<_>>();
        assert_eq!(faults("a 1\nb {\n  c 1\n}\n"), [3]);
        assert_eq!(faults("a {\n  b 1;\n"), [1]);
        assert_eq!(faults("a 1;\n}\n"), [2]);
        assert_eq!(faults("a 1;\nb \"c;\n"), [2, 2]);
        assert_eq!(faults("content_by_lua_block { local a = { b = 1 } }\na 1;\n"), [] as [usize; 0]);
    }
}
