//! Why a host cannot be reached: ssh's own words, and what to do about them.

use super::by_hand::{by_hand, forget};
use crate::fault::{Fault, Kind};
use crate::model::Connection;
use crate::outside;

/// What ssh says between art and exclamations where a key has changed, in the order in which it counts.
const CHANGED: [&str; 4] = ["Host key for ", "The fingerprint for ", "SHA256:", "Offending "];

/// What ssh printed before it gave up. Some of that are the server's words.
#[must_use]
pub fn unreachable(output: &[u8], connection: &Connection) -> Fault {
    let output = outside::text(output);
    let noise = |line: &&str| {
        let line = line.trim();
        // The last two are what ssh says when our dialler, which has said why, brings it no connection.
        let noise =
            ["Warning: Permanently added", "@@@", "debug1:", "mm_receive_fd:", "proxy dialer did not pass back"];
        !line.is_empty() && !noise.iter().any(|start| line.starts_with(start))
    };
    let lines: Vec<&str> = output.lines().map(str::trim_end).filter(noise).collect();
    let has = |words: &str| lines.iter().any(|line| line.contains(words));
    if has("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        return changed(&lines, connection);
    }
    let message = if lines.is_empty() { "ssh failed without a message".to_owned() } else { lines.join("\n") };
    let hint = if has("Host key verification failed") {
        let login = by_hand(connection, &[]);
        Some(format!("the host's key is not known yet: run `{login}` once and compare the fingerprint"))
    } else if has("Permission denied") {
        let login = by_hand(connection, &["-v"]);
        Some(format!("see which user and key are offered by `{login}`; `ssh: {{ user: …, identity: … }}` sets them"))
    } else if has("Could not resolve hostname") {
        Some("set the host's `address` in the inventory, or name it in ~/.ssh/config".to_owned())
    } else if has("timed out") || has("No route to host") || has("Connection refused") || has("unreachable") {
        let login = by_hand(connection, &[]);
        Some(format!("is the host up, and is its sshd reachable from here? try `{login} true`"))
    } else {
        None
    };
    let fault = Fault::of(Kind::Unreachable, message);
    match hint {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

/// The host has another key than the one that is known.
fn changed(lines: &[&str], connection: &Connection) -> Fault {
    let told = CHANGED.iter().filter_map(|start| lines.iter().find(|line| line.starts_with(start)).copied());
    let message = ["the host's key has changed"].into_iter().chain(told).collect::<Vec<_>>().join("\n");
    Fault::of(Kind::Unreachable, message).hint(format!(
        "if the host was rebuilt, forget its old key by `{}`; if not, someone may be listening in",
        forget(connection)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_of_the_server_cannot_command_the_terminal() {
        let output = b"\x1b]0;owned\x07\xff welcome\ndeploy@web: Permission denied (publickey).\n";
        let fault = unreachable(output, &Connection::to("web"));
        assert_eq!(fault.message, "␛]0;owned␇\u{fffd} welcome\ndeploy@web: Permission denied (publickey).");
        assert!(fault.hints[0].contains("ssh -v web"));
    }

    #[test]
    fn a_changed_key_is_said_in_a_sentence() {
        let output = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\n\
            @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n\
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\n\
            IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\n\
            The fingerprint for the ED25519 key sent by the remote host is\nSHA256:abc.\n\
            Offending ED25519 key in /keys:3\n  remove with:\n  ssh-keygen -f \"/keys\" -R \"web\"\n\
            Host key for web has changed and you have requested strict checking.\nHost key verification failed.\n";
        let connection = Connection { known_hosts: Some("/keys".into()), ..Connection::to("web") };
        let fault = unreachable(output.as_bytes(), &connection);
        assert_eq!(
            fault.message,
            "the host's key has changed\nHost key for web has changed and you have requested strict checking.\n\
             The fingerprint for the ED25519 key sent by the remote host is\nSHA256:abc.\n\
             Offending ED25519 key in /keys:3"
        );
        assert!(fault.hints[0].contains("`ssh-keygen -f /keys -R web`"), "{:?}", fault.hints);
    }

    #[test]
    fn hints_log_in_as_the_run_does() {
        let connection = Connection { port: Some(2222), user: Some("deploy".to_owned()), ..Connection::to("web") };
        for (words, hint) in [
            ("Host key verification failed.", "`ssh -p 2222 deploy@web` once"),
            ("deploy@web: Permission denied (publickey).", "`ssh -v -p 2222 deploy@web`"),
            ("ssh: connect to host web port 2222: Connection refused", "`ssh -p 2222 deploy@web true`"),
        ] {
            let fault = unreachable(words.as_bytes(), &connection);
            assert!(fault.hints[0].contains(hint), "{:?}", fault.hints);
        }
    }
}
