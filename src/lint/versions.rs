//! Lists of what programs understand: what Ubuntu 16.04's versions do, and what came later and when.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::platform::Version;

/// What Nginx knows.
pub(super) static NGINX: LazyLock<Words> =
    LazyLock::new(|| Words::read(include_str!("xenial/nginx-1.10.3-directives.txt"), include_str!("later/nginx.txt")));

/// What systemd knows, as `Section.Directive`.
pub(super) static SYSTEMD: LazyLock<Words> =
    LazyLock::new(|| Words::read(include_str!("xenial/systemd-229-directives.txt"), include_str!("later/systemd.txt")));

/// What Upstart 1.13.2 knows, the last of its kind.
pub(super) static UPSTART: LazyLock<Words> =
    LazyLock::new(|| Words::read(include_str!("xenial/upstart-1.13.2-stanzas.txt"), ""));

/// What gunicorn knows.
pub(super) static GUNICORN: LazyLock<Words> = LazyLock::new(|| {
    Words::read(include_str!("xenial/gunicorn-19.4.5-settings.txt"), include_str!("later/gunicorn.txt"))
});

/// The words of a program, with the version that each came with; `None` is from the beginning.
pub(super) struct Words {
    words: BTreeMap<&'static str, Option<Version>>,
    /// Values of words, which came later than the words themselves.
    values: Vec<(&'static str, &'static str, Version)>,
    /// The parts in front of the points of words, such as the sections of units.
    pub(super) sections: BTreeSet<&'static str>,
}

impl Words {
    fn read(known: &'static str, later: &'static str) -> Self {
        let mut words: BTreeMap<_, _> = lines(known).map(|word| (word, None)).collect();
        let mut values = vec![];
        for line in lines(later) {
            let mut fields = line.split(' ');
            match (fields.next(), fields.next(), fields.next()) {
                (Some(word), Some(since), None) => {
                    words.entry(word).or_insert(Some(version(since)));
                }
                (Some(word), Some(value), Some(since)) => values.push((word, value, version(since))),
                _ => {}
            }
        }
        let sections = words.keys().filter_map(|word| word.split_once('.')).map(|(section, _)| section).collect();
        Self { words, values, sections }
    }

    /// Whether any version knows the word.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.words.contains_key(word)
    }

    /// The version that the word came with; `None` when it was always there, or is not known at all.
    pub(super) fn since(&self, word: &str) -> Option<Version> {
        self.words.get(word).copied().flatten()
    }

    /// The version that a value of a word came with. `max_conns=` and `append:` stand for all that begin so.
    pub(super) fn value_since(&self, word: &str, value: &str) -> Option<Version> {
        let fits = |known: &str| if known.ends_with(['=', ':']) { value.starts_with(known) } else { value == known };
        self.values.iter().find(|(name, known, _)| *name == word && fits(known)).map(|(_, _, since)| *since)
    }

    /// Every word.
    pub(super) fn all(&self) -> impl Iterator<Item = &'static str> {
        self.words.keys().copied()
    }
}

fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn version(text: &str) -> Version {
    let mut numbers = text.split('.').map(|number| number.parse().expect("the lists hold numbers"));
    let mut next = || numbers.next().unwrap_or(0);
    Version::new(next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_values_have_their_versions() {
        assert!(NGINX.knows("proxy_pass") && NGINX.since("proxy_pass").is_none());
        assert_eq!(NGINX.since("http2"), Some(Version::new(1, 25, 1)));
        assert_eq!(NGINX.value_since("ssl_protocols", "TLSv1.3"), Some(Version::new(1, 13, 0)));
        assert_eq!(NGINX.value_since("server", "max_conns=3"), Some(Version::new(1, 11, 5)));
        assert_eq!(SYSTEMD.since("Service.StateDirectory"), Some(Version::new(235, 0, 0)));
        assert!(SYSTEMD.sections.contains("Socket"));
        assert!(UPSTART.knows("setuid") && GUNICORN.since("wsgi_app") == Some(Version::new(20, 1, 0)));
    }

    #[test]
    fn later_lists_say_nothing_that_the_old_ones_say_too() {
        for (old, later) in [
            (include_str!("xenial/nginx-1.10.3-directives.txt"), include_str!("later/nginx.txt")),
            (include_str!("xenial/systemd-229-directives.txt"), include_str!("later/systemd.txt")),
            (include_str!("xenial/gunicorn-19.4.5-settings.txt"), include_str!("later/gunicorn.txt")),
        ] {
            let old: BTreeSet<_> = lines(old).collect();
            let words = lines(later).filter(|line| line.split(' ').count() == 2);
            let twice: Vec<_> = words.filter(|line| old.contains(line.split(' ').next().unwrap())).collect();
            assert_eq!(twice, [] as [&str; 0]);
        }
    }
}
