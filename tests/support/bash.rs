//! The versions of Bash that hosts have: this machine's, and the oldest ones, which `scripts/old-programs.sh` unpacks.

use std::path::Path;
use std::sync::Once;

/// What Ubuntu 16.04 and 18.04 have.
pub const OLD: [&str; 2] = ["4.3", "4.4"];

/// The programs to start. What cannot be had here is left out, and the test says so.
#[must_use]
pub fn bashes() -> Vec<String> {
    static SAID: Once = Once::new();
    let path = |version: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/old/bash-{version}/run"));
    let (there, missing): (Vec<_>, Vec<_>) = OLD.into_iter().partition(|version| path(version).is_file());
    if !missing.is_empty() {
        let versions = missing.join(" and ");
        SAID.call_once(|| {
            crate::skip::shout(&format!("no Bash {versions} here: scripts/old-programs.sh unpacks them"))
        });
    }
    let old = there.into_iter().map(|version| path(version).display().to_string());
    ["bash".to_owned()].into_iter().chain(old).collect()
}
