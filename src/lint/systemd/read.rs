//! The language of units: sections, assignments, continued lines.

/// An assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The section's name; empty in front of the first.
    pub section: String,
    pub key: String,
    /// Continued lines are joined by blanks.
    pub value: String,
    pub line: usize,
}

/// A unit, or a drop-in of one.
#[derive(Debug, Clone, Default)]
pub struct Unit {
    /// Names and lines.
    pub sections: Vec<(String, usize)>,
    pub entries: Vec<Entry>,
    /// Lines that systemd would ignore, with what is wrong.
    pub faults: Vec<(usize, String)>,
    last_line: usize,
}

impl Unit {
    /// The assignments of a name in a section.
    pub fn all<'a>(&'a self, section: &'a str, key: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.section == section && entry.key == key)
    }

    /// The last assignment of a name in a section, which is the one that counts.
    pub fn last<'a>(&'a self, section: &'a str, key: &'a str) -> Option<&'a Entry> {
        self.all(section, key).last()
    }

    /// First and last lines of the sections.
    pub fn blocks(&self) -> impl Iterator<Item = (usize, usize)> {
        let ends = self.sections.iter().skip(1).map(|(_, line)| line - 1).chain([self.last_line]);
        self.sections.iter().map(|(_, line)| *line).zip(ends)
    }
}

/// Reads a unit.
pub fn read(text: &str) -> Unit {
    let mut unit = Unit::default();
    let mut continued: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        unit.last_line = index + 1;
        let trimmed = line.trim();
        // A comment between continued lines belongs to none of them.
        if trimmed.starts_with(['#', ';']) || (trimmed.is_empty() && continued.is_none()) {
            continue;
        }
        let (first, mut text) = continued.take().unwrap_or((index + 1, String::new()));
        match trimmed.strip_suffix('\\') {
            Some(part) => {
                text.push_str(part.trim_end());
                text.push(' ');
                continued = Some((first, text));
            }
            None => {
                text.push_str(trimmed);
                unit.line(first, &text);
            }
        }
    }
    if let Some((line, text)) = continued {
        unit.faults.push((line, "the last line is continued, and nothing follows".to_owned()));
        unit.line(line, &text);
    }
    unit
}

impl Unit {
    fn line(&mut self, line: usize, text: &str) {
        if let Some(name) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            self.sections.push((name.to_owned(), line));
        } else if let Some((key, value)) = text.split_once('=') {
            let section = self.sections.last().map(|(name, _)| name.clone()).unwrap_or_default();
            if section.is_empty() {
                self.faults.push((line, format!("`{}` stands in no section", key.trim())));
            }
            let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
            self.entries.push(Entry { section, key, value, line });
        } else {
            self.faults.push((line, format!("`{text}` is neither a section nor an assignment")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_continued_lines() {
        let unit = read("# a\n[Service]\nExecStart=/bin/a \\\n# b\n  --c\nType=simple\n[Install]\nWantedBy=d\n");
        assert!(unit.faults.is_empty(), "{:?}", unit.faults);
        assert_eq!(
            unit.last("Service", "ExecStart").map(|entry| (entry.value.as_str(), entry.line)),
            Some(("/bin/a --c", 3))
        );
        assert_eq!(unit.blocks().collect::<Vec<_>>(), [(2, 6), (7, 8)]);
        assert_eq!(read("a=1\n[b]\nc\n").faults.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3]);
    }
}
