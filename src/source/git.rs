//! A branch or tag → the commit that it names now, asked of the git server by the user's own `git`.

use anyhow::{Context, Result, bail};

use crate::fault::Fault;
use crate::outside::{self, phrase};
use crate::process;

/// Bytes of the longest answer that is read: a server may have a great many branches whose names end alike, and no
/// more.
const LONGEST: usize = 1024 * 1024;

/// The full commit id that `reference` names in the repository at `url`.
///
/// # Errors
/// When git is missing, the server cannot be reached, or it knows no such branch or tag.
pub fn resolve(url: &str, reference: &str) -> Result<String> {
    if is_commit(reference) {
        return Ok(reference.to_owned());
    }
    let mut git = process::command("git");
    git.args(["ls-remote", "--quiet", "--", url, reference, &format!("{reference}^{{}}")]);
    // A password prompt would hang a CI job for ever.
    git.env("GIT_TERMINAL_PROMPT", "0");
    let output = process::output(git, LONGEST)
        .context("`git` could not be run; install it to use `source: { git: … }` with a branch or tag")?;
    if !output.status.success() {
        let said = outside::text(&output.stderr);
        return Err(Fault::new(format!("`git ls-remote {url}` failed:\n{}", said.trim_end()))
            .hint(
                "run it here to see whether this machine may read the repository; `source: { path: … }` takes a folder",
            )
            .into());
    }
    let commit = choose(&String::from_utf8_lossy(&output.stdout), reference).ok_or_else(|| {
        Fault::new(format!("`{url}` has no branch or tag `{reference}`"))
            .hint(format!("see what it has by `git ls-remote {url}`"))
    })?;
    if !is_commit(&commit) {
        bail!("`{url}` answers that `{reference}` is `{}`, which is no commit", phrase(&commit));
    }
    Ok(commit)
}

fn is_commit(reference: &str) -> bool {
    reference.len() == 40 && reference.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// A branch wins over a tag of the same name, as in `git checkout`; an annotated tag leads to its commit (`^{}`).
fn choose(listing: &str, reference: &str) -> Option<String> {
    let wanted = [
        reference.to_owned(),
        format!("refs/heads/{reference}"),
        format!("refs/tags/{reference}^{{}}"),
        format!("refs/tags/{reference}"),
    ];
    wanted.iter().find_map(|wanted| {
        listing.lines().find_map(|line| {
            let (commit, name) = line.split_once('\t')?;
            (name == wanted).then(|| commit.to_owned())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str =
        "1111\trefs/heads/main\n2222\trefs/tags/v1\n3333\trefs/tags/v1^{}\n4444\trefs/heads/feature/main\n5555\tHEAD\n";

    #[track_caller]
    fn check(reference: &str, commit: Option<&str>) {
        assert_eq!(choose(LISTING, reference).as_deref(), commit);
    }

    #[test]
    fn a_reference_names_one_commit() {
        check("main", Some("1111"));
        check("HEAD", Some("5555"));
        check("refs/heads/main", Some("1111"));
    }

    #[test]
    fn an_annotated_tag_leads_to_its_commit() {
        check("v1", Some("3333"));
    }

    #[test]
    fn the_tail_of_another_branch_is_no_match() {
        check("feature", None);
    }
}
