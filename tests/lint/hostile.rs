//! Whatever a template renders, the readers come to an end and tell of lines that are there.

use std::sync::LazyLock;

use proptest::prelude::*;
use provision::lint::Host;
use provision::model::{File, Init};

use crate::{findings, fixture};

const PATHS: [&str; 8] = [
    "/etc/nginx/conf.d/a.conf",
    "/etc/systemd/system/a.service",
    "/etc/systemd/system/a.socket.d/b.conf",
    "/etc/init/a.conf",
    "/etc/a/gunicorn.conf.py",
    "/etc/logrotate.d/a",
    "/usr/local/bin/a",
    "/etc/default/a",
];

fn assert_lines_exist(path: &str, text: &str) {
    for finding in findings(&[(path, 0o644, text)], &Host::XENIAL) {
        let line = text.lines().nth(finding.line - 1).unwrap_or_default();
        assert!(finding.line == 1 || finding.line <= text.lines().count(), "{} {}", finding.rule.id, finding.line);
        assert_eq!(finding.text, line, "{}", finding.rule.id);
    }
}

/// Words that mean something to one reader or another, so that random texts get anywhere.
fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "server",
        "location",
        "{",
        "}",
        ";",
        "\n",
        "\n\n",
        "#",
        "\"",
        "'",
        "\\",
        "\\\n",
        "$",
        "${",
        "~",
        ".",
        "[Service]",
        "ExecStart=",
        "%",
        "=",
        "script\n",
        "end script",
        "exec",
        "postrotate\n",
        "endscript",
        "/var/log/a",
        "alias",
        "proxy_pass",
        "http://",
        "if",
        "map",
        "f\"",
        "\"\"\"",
        "(",
        ")",
        ":",
        "ä",
        "\r",
        "\t",
        "\u{0}",
        "listen",
        "80",
        "provision: allow nginx/syntax because",
        "TimeoutStopSec=99999999999999999h",
        "content_by_lua_block",
        "kill timeout",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => ".{0,4}"]
}

/// Every file that the fixture renders.
static FILES: LazyLock<Vec<File>> =
    LazyLock::new(|| [Init::Systemd, Init::Upstart].map(fixture::rendered).map(|rendered| rendered.files).concat());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_text_can_be_read(words in prop::collection::vec(word(), 0..40), blank in any::<bool>()) {
        let text = words.join(if blank { " " } else { "" });
        for path in PATHS {
            assert_lines_exist(path, &text);
        }
    }

    #[test]
    fn a_file_that_is_cut_or_changed_can_be_read(
        file in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        word in word(),
        cut in any::<bool>(),
    ) {
        let file = file.get(&FILES);
        let places: Vec<usize> = file.content.char_indices().map(|(place, _)| place).collect();
        let (before, after) = file.content.split_at(*at.get(&places));
        let text = if cut { format!("{before}{word}") } else { format!("{before}{word}{after}") };
        assert_lines_exist(file.path.as_str(), &text);
    }
}
