//! What of a folder stays on the controller unless it is named: what an app does not run on, and what is nobody else's
//! business.

use std::path::Path;

/// Folders that version control, virtual environments and JavaScript's packages are kept in.
const FOLDERS: [&str; 6] = [".git", ".hg", ".svn", ".venv", "node_modules", ".ssh"];

/// Files with passwords and keys.
const FILES: [&str; 8] = [".env", ".envrc", ".netrc", ".pypirc", "id_dsa", "id_ecdsa", "id_ed25519", "id_rsa"];

/// Ends of `.env.…` that show what a `.env` looks like, and hold no secrets.
const EXAMPLES: [&str; 4] = ["dist", "example", "sample", "template"];

/// Whether the entry at `path`, of that name, is left out unless it is named.
pub(super) fn is_left_out(path: &Path, name: &str, inventory: Option<&Path>) -> bool {
    let variant = name.strip_prefix(".env.").is_some_and(|end| !EXAMPLES.contains(&end));
    FOLDERS.contains(&name)
        || FILES.contains(&name)
        || variant
        || path.join("pyvenv.cfg").is_file()
        || inventory.is_some_and(|inventory| inventory == path)
}

/// Whether an entry is never sent: to run an app here must not make a new release of it, and Python writes its own on
/// the host.
pub(super) fn is_never_sent(name: &str) -> bool {
    name == "__pycache__"
}

/// Whether nobody needs to be told that the entry was left out.
pub(super) fn goes_without_saying(name: &str) -> bool {
    matches!(name, ".git" | ".hg" | ".svn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_stay_here() {
        let is_left_out = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or_default();
            is_left_out(Path::new(path), name, Some(Path::new("/code/hosts.yml")))
        };
        for path in [
            "/code/.env",
            "/code/a/.env.production",
            "/code/.git",
            "/code/node_modules",
            "/code/hosts.yml",
            "/code/id_rsa",
        ] {
            assert!(is_left_out(path), "{path}");
        }
        for path in [
            "/code/.env.example",
            "/code/env",
            "/code/a/hosts.yml",
            "/code/.gitignore",
            "/code/id_rsa.pub",
            "/code/venv.py",
        ] {
            assert!(!is_left_out(path), "{path}");
        }
    }
}
