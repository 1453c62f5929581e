//! Rules for scripts.

use super::found::Found;
use super::rule::{Example, Rule, Severity};
use super::source::Language;

const RIGHT: Example = Example::script("#!/usr/bin/env bash\n# Says hello.\necho hello\n");

pub static SHEBANG: Rule = Rule {
    id: "script/shebang",
    severity: Severity::Error,
    title: "a shell script does not begin with `#!/usr/bin/env bash`",
    why: "Without the line the kernel refuses the file, and each caller picks a shell of its own; `/bin/sh` is another \
          shell on Debian than elsewhere.",
    remedy: "Write exactly `#!/usr/bin/env bash` into the first line, with no blank before or after it.",
    wrong: &[Example::script("#!/bin/bash\n# Says hello.\necho hello\n")],
    right: &[RIGHT],
};

pub static PURPOSE: Rule = Rule {
    id: "script/purpose",
    severity: Severity::Error,
    title: "the second line of a script is no comment",
    why: "`head -2` is how one asks a script what it does before running it as root.",
    remedy: "Say in the second line, in one sentence, what the script does.",
    wrong: &[Example::script("#!/usr/bin/env bash\nset -e\n# Says hello.\necho hello\n")],
    right: &[RIGHT],
};

pub static MODE: Rule = Rule {
    id: "script/mode",
    severity: Severity::Error,
    title: "a script is not executable",
    why: "cron and `run-parts` skip it silently; by hand it is `Permission denied`.",
    remedy: "Set `mode: 0755` on the file in the inventory.",
    wrong: &[Example { mode: 0o644, ..RIGHT }],
    right: &[RIGHT],
};

pub static RULES: &[&Rule] = &[&SHEBANG, &PURPOSE, &MODE];

pub(super) fn check(found: &mut Found<'_>) {
    if found.language != Language::Script {
        return;
    }
    let mut lines = found.source.content.lines();
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let interpreter =
        first.strip_prefix("#!").and_then(|line| line.split(['/', ' ']).rfind(|word| !word.starts_with('-')));
    // Python and others have first lines of their own.
    let shell = interpreter.is_none_or(|name| name.trim().ends_with("sh"));
    if shell && first != "#!/usr/bin/env bash" {
        found.add_whole(&SHEBANG, 1, "the first line is not `#!/usr/bin/env bash`");
    }
    if !second.trim_start().starts_with('#') || second.trim_matches(['#', ' ']).is_empty() {
        found.add_whole(&PURPOSE, 2.min(found.source.content.lines().count()), "the second line is no comment");
    }
    if found.source.mode & 0o100 == 0 {
        let mode = found.source.mode;
        found.add_whole(&MODE, 1, format!("mode {mode:04o} does not let its owner run this script"));
    }
}
