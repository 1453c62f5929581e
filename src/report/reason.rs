//! Why a change is made, in words: a phrase without a final period.

use crate::plan::Reason;

/// The phrase for a reason.
#[must_use]
pub fn reason(why: &Reason) -> String {
    let fixed = match why {
        Reason::NotAFile(kind) => return format!("is {} instead of a file", kind.word()),
        Reason::NotALink(kind) => return format!("is {} instead of a link", kind.word()),
        Reason::PointsAt(to) => return format!("points at {to}"),
        Reason::Mode { is, wanted } => return format!("mode {is} instead of {wanted}"),
        Reason::Owner { is: (user, group), wanted: (owner, owning_group) } => {
            return format!("owner {user}:{group} instead of {owner}:{owning_group}");
        }
        Reason::OtherIsLive(id) => return format!("{id} is live"),
        Reason::OtherPython { installed_for, now } => {
            return format!("installed for Python {installed_for}, but the host has {now}");
        }
        Reason::NotRunning(state) => state,
        Reason::Changes(path) => return format!("{path} changes"),
        Reason::ChangedSince(path) => return format!("{path} changed after it was loaded"),
        Reason::NotInstalled => "not installed",
        Reason::NoSuchUser => "no such user",
        Reason::Missing => "does not exist",
        Reason::Content => "content differs",
        Reason::NewCode { release_command: false } => "new code",
        Reason::NewCode { release_command: true } => "new code; its release command runs once",
        Reason::NoneIsLive => "none is live",
        Reason::Requirements => "the requirements changed",
        Reason::OtherDefault => "another server is the default on port 80",
        Reason::PackageEnables => "the nginx package will enable it",
        Reason::NoLongerWanted => "no longer in the inventory",
        Reason::Purged => "removed before, and no longer to be brought back",
        Reason::NotThereYet => "not there yet",
        Reason::NotEnabled => "not enabled at boot",
        Reason::PackageMayBring => "a package may bring it",
        Reason::Dependencies => "its Python dependencies change",
        Reason::Configuration => "its configuration changes",
        Reason::Unknown => "not known to run with what is installed",
        Reason::Outdated => "runs with an older configuration than the installed one",
        Reason::Unrecorded => "the last run did not come to its end: the health checks run again",
    };
    fixed.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Mode;

    #[test]
    fn a_reason_says_what_is_and_what_should_be() {
        let owner = |name: &str| name.parse().expect("a user");
        let path = "/etc/provision/web/env".parse().expect("a path");
        let words = [
            (Reason::Mode { is: Mode::new(0o600), wanted: Mode::new(0o640) }, "mode 0600 instead of 0640"),
            (
                Reason::Owner { is: ("web".to_owned(), "adm".to_owned()), wanted: (owner("root"), owner("web")) },
                "owner web:adm instead of root:web",
            ),
            (Reason::OtherIsLive("0123456789ab".to_owned()), "0123456789ab is live"),
            (
                Reason::OtherPython { installed_for: "3.8".to_owned(), now: "3.10.4".to_owned() },
                "installed for Python 3.8, but the host has 3.10.4",
            ),
            (Reason::NotRunning("failed".to_owned()), "failed"),
            (Reason::ChangedSince(path), "/etc/provision/web/env changed after it was loaded"),
        ];
        for (why, text) in words {
            assert_eq!(reason(&why), text);
        }
    }
}
