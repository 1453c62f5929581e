//! What a user types to do by hand what a run does. Pure.

use std::path::Path;

use crate::encode::shell;
use crate::model::Connection;

/// Logs in just as a run does, with further options of ssh.
pub fn by_hand(connection: &Connection, more: &[&str]) -> String {
    let mut words = vec!["ssh".to_owned()];
    words.extend(more.iter().map(|word| (*word).to_owned()));
    if let Some(port) = connection.port {
        words.extend(["-p".to_owned(), port.to_string()]);
    }
    if let Some(identity) = &connection.identity {
        words.extend(["-i".to_owned(), identity.display().to_string()]);
    }
    if let Some(known_hosts) = &connection.known_hosts {
        words.extend(["-o".to_owned(), format!("UserKnownHostsFile={}", known_hosts.display())]);
    }
    words.push(match &connection.user {
        Some(user) => format!("{user}@{}", connection.address),
        None => connection.address.clone(),
    });
    line(&words)
}

/// Forgets the key of that host.
pub fn forget(connection: &Connection) -> String {
    let address = connection.address.rsplit('@').next().unwrap_or_default();
    let name = match connection.port {
        Some(port) if port != SSH => format!("[{address}]:{port}"),
        _ => address.to_owned(),
    };
    let file = connection.known_hosts.as_deref().map(Path::display);
    let file = file.map(|file| ["-f".to_owned(), file.to_string()]);
    let words = ["ssh-keygen".to_owned()].into_iter().chain(file.into_iter().flatten());
    line(&words.chain(["-R".to_owned(), name]).collect::<Vec<_>>())
}

/// Where ssh connects unless it is told otherwise.
const SSH: u16 = 22;

fn line(words: &[String]) -> String {
    // To a shell, `@` and `:` are as plain as a letter.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=/,.+@:".contains(c);
    let words = words.iter().map(|word| if word.chars().all(plain) { word.clone() } else { shell::quote(word) });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_out_that_a_run_says() {
        let plain = Connection::to("deploy@web");
        assert_eq!(by_hand(&plain, &["-v"]), "ssh -v deploy@web");
        assert_eq!(forget(&plain), "ssh-keygen -R web");
        let full = Connection {
            port: Some(2222),
            user: Some("deploy".to_owned()),
            identity: Some("keys/my key".into()),
            known_hosts: Some("/etc/hosts keys".into()),
            ..Connection::to("fd00::1")
        };
        let login = "ssh -p 2222 -i 'keys/my key' -o 'UserKnownHostsFile=/etc/hosts keys' deploy@fd00::1";
        assert_eq!(by_hand(&full, &[]), login);
        assert_eq!(forget(&full), "ssh-keygen -f '/etc/hosts keys' -R '[fd00::1]:2222'");
    }
}
