//! What the controller needs for a sandbox, and the one message that names all that is missing.

use std::path::Path;
use std::process::Stdio;
use std::{env, fs};

use anyhow::{Result, bail};

use super::script;
use super::suite::{Distribution, Suite};

/// Something the controller lacks, and the Debian package that brings it.
#[derive(Debug, PartialEq, Eq)]
struct Missing {
    what: String,
    package: &'static str,
}

/// To boot a host from a base that exists.
const TO_BOOT: [(&str, &str); 7] = [
    ("systemd-nspawn", "systemd-container"),
    ("ip", "iproute2"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("setsid", "util-linux"),
    ("setpriv", "util-linux"),
    ("find", "findutils"),
];

/// Fails unless hosts can be booted here.
pub(super) fn check_for_boot() -> Result<()> {
    let missing = missing_programs(&TO_BOOT);
    refuse(&missing)?;
    if !has_overlay() {
        bail!("this kernel has no overlay file system; load it with `modprobe overlay`");
    }
    Ok(())
}

/// Fails unless a base of the suite can be built here.
pub(super) fn check_for_build(suite: &Suite) -> Result<()> {
    let mut missing = missing_programs(&[("mmdebstrap", "mmdebstrap")]);
    if !found("dpkg-scanpackages") && !found("apt-ftparchive") {
        missing.push(Missing { what: "`dpkg-scanpackages`".to_owned(), package: "dpkg-dev" });
    }
    if !has_pip() {
        missing.push(Missing { what: "`python3 -m pip`".to_owned(), package: "python3-pip" });
    }
    let keyring = suite.distribution().keyring();
    let has_keyring = Path::new(keyring).exists();
    if !has_keyring && suite.distribution() == Distribution::Debian {
        missing.push(Missing { what: format!("the keyring `{keyring}`"), package: "debian-archive-keyring" });
    }
    refuse(&missing)?;
    // No package of Debian 12 has it.
    if !has_keyring {
        bail!(
            "`{keyring}` is missing, which {suite} is verified with; install Ubuntu's package `ubuntu-keyring`, or \
             copy the file from a machine that runs Ubuntu"
        );
    }
    Ok(())
}

fn missing_programs(programs: &[(&'static str, &'static str)]) -> Vec<Missing> {
    let missing = programs.iter().filter(|(program, _)| !found(program));
    missing.map(|(program, package)| Missing { what: format!("`{program}`"), package }).collect()
}

fn found(program: &str) -> bool {
    env::split_paths(&script::search_path()).any(|directory| directory.join(program).is_file())
}

fn has_pip() -> bool {
    let mut pip = crate::process::command("python3");
    pip.args(["-m", "pip", "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    pip.status().is_ok_and(|status| status.success())
}

fn has_overlay() -> bool {
    let known = || fs::read_to_string("/proc/filesystems").is_ok_and(|list| list.contains("\toverlay\n"));
    // Where it is a module, it is listed once loaded.
    known() || crate::process::command("modprobe").arg("overlay").stderr(Stdio::null()).status().is_ok() && known()
}

fn refuse(missing: &[Missing]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let what = missing.iter().map(|missing| missing.what.as_str()).collect::<Vec<_>>().join(", ");
    let mut packages = missing.iter().map(|missing| missing.package).collect::<Vec<_>>();
    packages.sort_unstable();
    packages.dedup();
    bail!("the sandbox needs {what}; install with `apt-get install {}`", packages.join(" "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_names_everything_missing_and_each_package_once() {
        let missing = [
            Missing { what: "`ssh`".to_owned(), package: "openssh-client" },
            Missing { what: "`mmdebstrap`".to_owned(), package: "mmdebstrap" },
            Missing { what: "`ssh-keygen`".to_owned(), package: "openssh-client" },
        ];
        assert_eq!(
            refuse(&missing).unwrap_err().to_string(),
            "the sandbox needs `ssh`, `mmdebstrap`, `ssh-keygen`; install with `apt-get install mmdebstrap \
             openssh-client`"
        );
    }

    #[test]
    fn nothing_missing_is_no_error() {
        assert!(refuse(&[]).is_ok());
    }

    #[test]
    fn a_program_that_does_not_exist_is_missing() {
        let missing = missing_programs(&[("sh", "dash"), ("no-such-program-anywhere", "some-package")]);
        assert_eq!(missing, [Missing { what: "`no-such-program-anywhere`".to_owned(), package: "some-package" }]);
    }
}
