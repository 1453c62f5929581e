//! Where a git repository is: what git would fetch by a protocol that it knows, and never a program that it would run,
//! or a password that everybody would see.

use super::decode::FromText;
use super::scalar::Argument;
use crate::model::NameError;

/// The URL of a git repository, as `git fetch` takes it.
#[derive(Debug)]
pub struct Repository(pub String);

/// What git fetches by itself. For any other name it runs a program `git-remote-NAME`, if there is one.
const SCHEMES: [&str; 5] = ["https", "http", "ssh", "git", "file"];

const INSTEAD: &str =
    "write the repository's own URL, such as `https://example.com/web.git` or `git@example.com:web.git`";

impl FromText for Repository {
    const FORM: &'static str = "the URL of a repository";

    fn from_text(text: &str) -> Result<Self, NameError> {
        let Argument(url) = Argument::from_text(text)?;
        match url.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', ':', '@']) => check_url(&url, scheme, rest)?,
            _ if url.starts_with('/') => {}
            _ => check_ssh_path(&url)?,
        }
        Ok(Self(url))
    }
}

fn check_url(url: &str, scheme: &str, rest: &str) -> Result<(), NameError> {
    if !SCHEMES.contains(&scheme) {
        return Err(program(url));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, server) = match authority.rsplit_once('@') {
        Some((user, server)) => (Some(user), server),
        None => (None, authority),
    };
    match (scheme, user) {
        ("ssh", Some(user)) if !user.contains(':') => check_word(url, user)?,
        (_, Some(_)) => return Err(login(scheme)),
        (_, None) => {}
    }
    if scheme == "file" { Ok(()) } else { check_server(url, server) }
}

/// `user@server:path` or `server:path`.
fn check_ssh_path(url: &str) -> Result<(), NameError> {
    // An address of IPv6 stands in brackets, and has colons of its own.
    let begin = url.find("]:").map_or(0, |end| end + 1);
    let Some((server, path)) = url[begin..].find(':').map(|at| (&url[..begin + at], &url[begin + at + 1..])) else {
        return Err(NameError::new(
            format!("`{url}` is neither a URL nor an absolute path"),
            "write a URL, or a path of the host that begins with `/`; `path` instead of `git` takes a folder of this \
             machine",
        ));
    };
    if path.starts_with(':') {
        return Err(program(url));
    }
    // `user:password@server:path`: to git the server would be `user`.
    if path.split(['/', ':']).next().is_some_and(|start| start.contains('@')) {
        return Err(login("ssh"));
    }
    let (user, server) = server.rsplit_once('@').unwrap_or(("git", server));
    check_word(url, user)?;
    check_server(url, server)?;
    if path.starts_with('-') { Err(option(url)) } else { Ok(()) }
}

fn check_server(url: &str, server: &str) -> Result<(), NameError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']' | '%');
    if server.trim_start_matches('[').starts_with('-') {
        return Err(option(url));
    }
    if server.is_empty() || !server.chars().all(plain) {
        return Err(NameError::new(format!("`{url}` names no server"), INSTEAD));
    }
    Ok(())
}

/// A user, which ssh takes as a part of a word of its command line.
fn check_word(url: &str, user: &str) -> Result<(), NameError> {
    if user.starts_with('-') {
        return Err(option(url));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '%');
    if user.is_empty() || !user.chars().all(plain) {
        return Err(NameError::new(format!("`{url}` names no user that could log in"), INSTEAD));
    }
    Ok(())
}

/// Before 2.12, as on Ubuntu 16.04, git runs the command that follows `ext::`.
fn program(url: &str) -> NameError {
    NameError::new(format!("`{url}` names a helper program of git, which may run any command"), INSTEAD)
}

/// ssh took the name of a server for an option, and ran what it named (CVE-2017-1000117).
fn option(url: &str) -> NameError {
    NameError::new(format!("`{url}` would be taken for an option of ssh"), INSTEAD)
}

/// Never with the URL in it: what is complained of is a secret.
fn login(scheme: &str) -> NameError {
    let (message, hint) = match scheme {
        "https" | "http" => (
            "a URL with a user may hold a token or password, which a plan, a process list and the host's disk would \
             show",
            "leave out what stands before the `@`, and let the host log in by git's credential helper, or by a deploy \
             key: `git@example.com:web.git`",
        ),
        "ssh" => (
            "a URL with a password would show it to everyone who sees a plan or a process list, and ssh asks for none \
             from there",
            "leave the password out, and let the host log in by a deploy key",
        ),
        _ => ("a URL of this kind has no user to log in", "leave out what stands before the `@`"),
    };
    NameError::new(message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(url: &str, words: &str) {
        let error = Repository::from_text(url).expect_err(url);
        assert!(error.message.contains(words), "{url}: {error}");
    }

    #[test]
    fn repositories_are_fetched_by_protocols_that_git_knows() {
        for url in [
            "https://example.com/x.git",
            "https://example.com:8443/a@b/x.git",
            "http://127.0.0.1:8000/x.git",
            "ssh://git@[fd00::1]/x.git",
            "ssh://git@example.com:2222/~/x.git",
            "git://example.com/x",
            "file:///srv/git/x",
            "git@example.com:me/x.git",
            "example.com:x",
            "[::1]:x",
            "/srv/git/x",
            "/srv/git/a:b@c",
        ] {
            assert!(Repository::from_text(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn repositories_are_not_commands() {
        for url in
            ["ext::sh -c 'touch /tmp/x'", "fd::7", "my-helper::x", "ext://x", "HTTPS://example.com/x", "ftp://a/x"]
        {
            check_refused(url, "helper program");
        }
        for url in ["--upload-pack=x", "-u"] {
            check_refused(url, "begins with `-`");
        }
        for url in
            ["ssh://-oProxyCommand=x/y", "ssh://-x@a/y", "git@-oProxyCommand=x:y", "-a@b:c", "git@a:-x", "ssh://[-x]/y"]
        {
            assert!(Repository::from_text(url).is_err(), "{url}");
        }
        for url in ["../x.git", "x", "~/x", "https:///x", "ssh://git@/x", "https://a b/x", "git@$(id):x"] {
            assert!(Repository::from_text(url).is_err(), "{url}");
        }
    }

    #[test]
    fn no_token_stands_in_a_url_and_none_in_a_message() {
        for url in [
            "https://s3cret@example.com/x",
            "https://me:s3cret@example.com/x",
            "https://x-access-token:s3cret@example.com/x",
            "http://s3cret@example.com/x",
            "https://me:s3cret@example.com?x",
            "https://:s3cret@example.com/x",
            "ssh://git:s3cret@example.com/x",
            "git:s3cret@example.com:x",
            "git://s3cret@example.com/x",
        ] {
            let error = Repository::from_text(url).expect_err(url);
            assert!(!error.to_string().contains("s3cret") && !error.hint.contains("s3cret"), "{url}: {error}");
        }
    }
}
