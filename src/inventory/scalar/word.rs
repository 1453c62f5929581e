//! Words that stand for one of a few things.

use crate::inventory::decode::FromText;
use crate::model::{Install, LogTarget, NameError, layout};

impl FromText for Install {
    const FORM: &'static str = "`system`, `venv` or `apt`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        match text {
            "system" => Ok(Self::System),
            "venv" => Ok(Self::Venv),
            "apt" => Ok(Self::Apt),
            _ => Err(NameError::new(format!("`{text}` is not a way to install"), "write `system`, `venv` or `apt`")),
        }
    }
}

impl FromText for LogTarget {
    const FORM: &'static str = "an absolute path, `journal` or `off`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        match text {
            "journal" => Ok(Self::Journal),
            "off" => Ok(Self::Off),
            path => {
                let file = path.parse().map(Self::File).map_err(|error: NameError| {
                    NameError::new(error.message, format!("{}, or write `journal` or `off`", error.hint))
                })?;
                let folder = file.file().and_then(|log| layout::log_folders(log).into_iter().next());
                match folder.filter(|folder| LOG_FOLDERS.contains(&folder.file_name())) {
                    Some(folder) => Err(NameError::new(
                        format!("`{folder}` belongs to the host, and a log in it would make it the app's"),
                        format!("log in a folder of the app's own, such as `{}/web/error.log`", layout::LOGS),
                    )),
                    None => Ok(file),
                }
            }
        }
    }
}

/// Folders of `/var/log` that Debian's and Ubuntu's packages make. An app that logs in a folder there becomes its
/// owner, and Nginx, for one, opens files in its own as root.
const LOG_FOLDERS: [&str; 24] = [
    "apache2",
    "apt",
    "audit",
    "chrony",
    "cups",
    "dbconfig-common",
    "dist-upgrade",
    "exim4",
    "fsck",
    "installer",
    "journal",
    "landscape",
    "lxd",
    "mysql",
    "nginx",
    "ntpstats",
    "postgresql",
    "private",
    "rabbitmq",
    "redis",
    "samba",
    "sysstat",
    "unattended-upgrades",
    "upstart",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_host_are_not_for_logs() {
        assert!(LogTarget::from_text("/var/log/nginx/web.log").is_err());
        assert!(LogTarget::from_text("/var/log/nginx-web/web.log").is_ok());
    }
}
