//! The sandbox host that the readers of a host run on: booted once, and gone when dropped.

use std::env;
use std::process::Child;
use std::sync::Arc;

use provision::encode::shell;
use provision::sandbox::Suite;

use crate::host::Host;
use crate::lab::Lab;
use crate::machine::Machine;

pub struct Rental {
    host: Host,
    suite: Suite,
    lab: Arc<Lab>,
}

impl Rental {
    /// `None`, loudly, where hosts cannot be booted.
    pub fn open() -> Option<Self> {
        let lab = Lab::open()?;
        let suite = match env::var("PROVISION_ENCODE_SUITE") {
            Ok(suite) => suite.parse().expect("PROVISION_ENCODE_SUITE is a suite"),
            Err(_) => Suite::default(),
        };
        let name = "encode-01".parse().expect("a host name");
        let host = lab.up_with(&[name], &suite).into_iter().map(Host::new).next().expect("one host was asked for");
        Some(Self { host, suite, lab })
    }

    pub fn install(&self, packages: &[&str]) {
        let packages = packages.join(" ");
        self.run(
            &format!(
                "export DEBIAN_FRONTEND=noninteractive
                apt-get -q update && apt-get -q install -y --no-install-recommends {packages}"
            ),
            b"",
        );
    }
}

impl Machine for Rental {
    fn name(&self) -> String {
        format!("a host of {}", self.suite)
    }

    /// As root and, like a service, without a language.
    fn start(&self, script: &str) -> Child {
        let path = "/usr/sbin:/usr/bin:/sbin:/bin";
        let command = format!("sudo -n env -i PATH={path} LC_ALL=C bash -c {}", shell::quote(script));
        let (mut child, stdin) = self.host.spawn(&command);
        child.stdin = Some(stdin);
        child
    }
}

impl Drop for Rental {
    fn drop(&mut self) {
        self.lab.down(std::slice::from_ref(&self.host.name));
    }
}
