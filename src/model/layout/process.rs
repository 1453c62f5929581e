//! What runs an app: the units and jobs of its processes, and what each init calls them.

use super::place::Place;
use crate::model::names::{AppName, ProcessName, RemotePath};
use crate::model::resource::Init;

/// The systemd unit of a process.
pub const SERVICE: Place<ProcessName> = Place::path("/etc/systemd/system/APP.service");
/// The systemd unit that holds the listener of a process.
pub const SOCKET: Place<ProcessName> = Place::path("/etc/systemd/system/APP.socket");
/// The Upstart job of a process.
pub const JOB: Place<ProcessName> = Place::path("/etc/init/APP.conf");
/// What a process prints under Upstart, which writes it.
pub const JOB_OUTPUT: Place<ProcessName> = Place::path("/var/log/upstart/APP.log");

/// Every place of a process.
pub(super) const OF_PROCESS: [Place<ProcessName>; 4] = [SERVICE, SOCKET, JOB, JOB_OUTPUT];

/// The units of systemd that a process may have. One that starts others stands before them.
const UNITS: [Place<ProcessName>; 2] = [SOCKET, SERVICE];

/// Where the unit or job lies that says how a process runs.
#[must_use]
pub fn definition(process: &ProcessName, init: Init) -> RemotePath {
    match init {
        Init::Systemd => SERVICE.of(process),
        Init::Upstart => JOB.of(process),
    }
}

/// What runs a process: `APP.service`, or the job `APP`.
#[must_use]
pub fn service(process: &ProcessName, init: Init) -> String {
    match init {
        Init::Systemd => SERVICE.of(process).file_name().to_owned(),
        Init::Upstart => process.to_string(),
    }
}

/// What runs the process that answers an app's requests.
#[must_use]
pub fn process(app: &AppName, init: Init) -> String {
    service(&app.into(), init)
}

/// What holds an app's listener under systemd: `APP.socket`.
#[must_use]
pub fn listener(app: &AppName) -> String {
    SOCKET.of(&app.into()).file_name().to_owned()
}

/// Everything that a process may be run by, what starts others first.
#[must_use]
pub fn services_of(process: &ProcessName, init: Init) -> Vec<String> {
    match init {
        Init::Systemd => UNITS.iter().map(|unit| unit.of(process).file_name().to_owned()).collect(),
        Init::Upstart => vec![service(process, init)],
    }
}

/// The process and the service that a file defines, if it lies where those of apps do.
#[must_use]
pub fn service_at(path: &str, init: Init) -> Option<(ProcessName, String)> {
    match init {
        Init::Systemd => {
            let process = UNITS.iter().find_map(|unit| unit.name_in(path))?;
            Some((process, path.rsplit('/').next()?.to_owned()))
        }
        Init::Upstart => JOB.name_in(path).map(|process| (process.clone(), service(&process, init))),
    }
}

/// Does a service of that name start others, so that it starts and stops before them?
#[must_use]
pub fn starts_others(service: &str) -> bool {
    service.ends_with(".socket")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_tells_whose_it_is_and_what_it_defines() {
        let check = |path: &str, init, expected: Option<(&str, &str)>| {
            let found = service_at(path, init);
            let found = found.as_ref().map(|(process, service)| (process.as_str(), service.as_str()));
            assert_eq!(found, expected, "{path}");
        };
        check("/etc/systemd/system/web.service", Init::Systemd, Some(("web", "web.service")));
        check("/etc/systemd/system/web.socket", Init::Systemd, Some(("web", "web.socket")));
        check("/etc/systemd/system/web.digest.service", Init::Systemd, Some(("web.digest", "web.digest.service")));
        check("/etc/systemd/system/web.service.d/more.conf", Init::Systemd, None);
        check("/etc/systemd/system/provision-recovery.service", Init::Systemd, None);
        check("/etc/init/web.conf", Init::Systemd, None);
        check("/etc/init/web.conf", Init::Upstart, Some(("web", "web")));
    }

    #[test]
    fn what_starts_others_comes_first() {
        assert_eq!(services_of(&"web".parse().unwrap(), Init::Systemd), ["web.socket", "web.service"]);
        assert_eq!(services_of(&"web".parse().unwrap(), Init::Upstart), ["web"]);
        assert!(starts_others("web.socket") && !starts_others("web.service") && !starts_others("web"));
    }
}
