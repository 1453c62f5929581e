//! Why a host cannot be reached: ssh's own words, and what to do about them.

use crate::fault::{Fault, Kind};
use crate::outside;

/// What ssh printed before it gave up on `address`. Some of that are the server's words.
#[must_use]
pub fn unreachable(output: &[u8], address: &str) -> Fault {
    let output = outside::text(output);
    let noise = |line: &&str| {
        let line = line.trim();
        // The last two are what ssh says when our dialler, which has said why, brings it no connection.
        let noise =
            ["Warning: Permanently added", "@@@", "debug1:", "mm_receive_fd:", "proxy dialer did not pass back"];
        !line.is_empty() && !noise.iter().any(|start| line.starts_with(start))
    };
    let lines: Vec<&str> = output.lines().map(str::trim_end).filter(noise).collect();
    let message = if lines.is_empty() { "ssh failed without a message".to_owned() } else { lines.join("\n") };
    let has = |words: &str| message.contains(words);
    let hint = if has("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        Some(format!(
            "if the host was rebuilt, forget its old key by `ssh-keygen -R {address}`; if not, someone may be \
             listening in"
        ))
    } else if has("Host key verification failed") {
        Some(format!("the host's key is not known yet: run `ssh {address}` once and compare the fingerprint"))
    } else if has("Permission denied") {
        Some(format!(
            "see which user and key are offered by `ssh -v {address}`; `ssh: {{ user: …, identity: … }}` sets them"
        ))
    } else if has("Could not resolve hostname") {
        Some("set the host's `address` in the inventory, or name it in ~/.ssh/config".to_owned())
    } else if has("timed out") || has("No route to host") || has("Connection refused") || has("unreachable") {
        Some(format!("is the host up, and is its sshd reachable from here? try `ssh {address} true`"))
    } else {
        None
    };
    let fault = Fault::of(Kind::Unreachable, message);
    match hint {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_of_the_server_cannot_command_the_terminal() {
        let output = b"\x1b]0;owned\x07\xff welcome\ndeploy@web: Permission denied (publickey).\n";
        let fault = unreachable(output, "web");
        assert_eq!(fault.message, "␛]0;owned␇\u{fffd} welcome\ndeploy@web: Permission denied (publickey).");
        assert!(fault.hints[0].contains("ssh -v web"));
    }
}
