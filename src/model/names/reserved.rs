//! Names that a Debian or Ubuntu host may have already: of users and groups, and of units, jobs and log rotations. An
//! app of such a name would take them over.

use crate::runtime;

/// Whether hosts may have a user, group, unit, job or log rotation of that name.
pub(super) fn is_taken(name: &str) -> bool {
    is_account(name)
        || UNITS.contains(&name)
        || of_runtimes(name)
        || FAMILIES.iter().any(|start| name.starts_with(start))
}

/// What an app would gain by running as this user or in its group; `None` for one that may well be its own.
#[must_use]
pub fn gain_of_account(name: &str) -> Option<&'static str> {
    match name {
        "root" => Some("an app that runs as root owns the host, and so does whoever finds a hole in it"),
        "www-data" => {
            Some("Nginx's workers run as `www-data`: the app could stop them, and read what passes through them")
        }
        "nobody" => Some("`nobody` has no group of its own name, and other services share it"),
        _ if name.starts_with(OURS) => {
            Some("`provision` works as such a user itself: the app could change what is built for other apps")
        }
        _ if LOGINS.contains(&name) => {
            Some("people log in as this user and become root: the app could change what they run")
        }
        _ if is_account(name) || name.starts_with("systemd-") => {
            Some("this user or its group belongs to the host: the app could change what others own")
        }
        _ => None,
    }
}

/// Packages of runtimes bring services of their own.
fn of_runtimes(name: &str) -> bool {
    runtime::ALL.iter().any(|runtime| runtime.services.contains(&name))
}

/// Debian's packages begin the names of users that they make with `_`.
fn is_account(name: &str) -> bool {
    ACCOUNTS.contains(&name) || name.starts_with('_')
}

/// Beginnings of names that belong to one program.
const FAMILIES: [&str; 3] = [OURS, "snapd", "systemd"];

/// Begins the names of users and units that provision has for itself.
const OURS: &str = "provision";

/// Who logs in on images of clouds and is in the group `sudo` there.
const LOGINS: [&str; 8] = ["admin", "azureuser", "debian", "ec2-user", "opc", "pi", "ubuntu", "vagrant"];

/// Users and groups of Debian's `base-passwd`, and of packages that a host is likely to have.
const ACCOUNTS: [&str; 83] = [
    "adm",
    "admin",
    "audio",
    "azureuser",
    "backup",
    "bin",
    "cdrom",
    "crontab",
    "daemon",
    "debian",
    "dialout",
    "dip",
    "disk",
    "docker",
    "ec2-user",
    "fax",
    "floppy",
    "ftp",
    "games",
    "gnats",
    "haproxy",
    "incus",
    "incus-admin",
    "input",
    "irc",
    "kmem",
    "kvm",
    "landscape",
    "libvirt",
    "list",
    "lp",
    "lxd",
    "mail",
    "man",
    "memcache",
    "messagebus",
    "mongodb",
    "mysql",
    "netdev",
    "news",
    "nginx",
    "nobody",
    "nogroup",
    "ntp",
    "opc",
    "operator",
    "pi",
    "plugdev",
    "polkitd",
    "postfix",
    "postgres",
    "proxy",
    "rabbitmq",
    "redis",
    "render",
    "root",
    "sasl",
    "sgx",
    "shadow",
    "src",
    "ssh",
    "sshd",
    "ssl-cert",
    "staff",
    "sudo",
    "sync",
    "sys",
    "syslog",
    "tape",
    "tcpdump",
    "tty",
    "ubuntu",
    "usbmux",
    "users",
    "utmp",
    "uucp",
    "uuidd",
    "vagrant",
    "video",
    "voice",
    "wheel",
    "whoopsie",
    "www-data",
];

/// Units of Debian's and Ubuntu's packages, jobs of Upstart, and log rotations.
const UNITS: [&str; 158] = [
    "accounts-daemon",
    "acpid",
    "alternatives",
    "anacron",
    "apache2",
    "apparmor",
    "apport",
    "apt",
    "apt-daily",
    "apt-daily-upgrade",
    "atd",
    "auditd",
    "avahi-daemon",
    "bind9",
    "blk-availability",
    "bluetooth",
    "bootmisc",
    "btmp",
    "caddy",
    "certbot",
    "chrony",
    "chronyd",
    "cloud-config",
    "cloud-final",
    "cloud-init",
    "cloud-init-local",
    "console",
    "console-getty",
    "console-setup",
    "containerd",
    "cron",
    "cryptdisks",
    "cups",
    "dbus",
    "dbus-broker",
    "debug-shell",
    "dm-event",
    "dmesg",
    "dnsmasq",
    "dovecot",
    "dpkg",
    "dpkg-db-backup",
    "dropbear",
    "e2scrub_all",
    "e2scrub_reap",
    "emergency",
    "exim4",
    "fail2ban",
    "failsafe",
    "finalrd",
    "firewalld",
    "friendly-recovery",
    "fstrim",
    "fwupd",
    "getty",
    "getty-static",
    "gpm",
    "grub-common",
    "haveged",
    "hostname",
    "hwclock",
    "ifup",
    "ifupdown",
    "inetd",
    "initrd-cleanup",
    "initrd-switch-root",
    "iptables",
    "irqbalance",
    "iscsid",
    "keyboard-setup",
    "kmod",
    "kmod-static-nodes",
    "libvirtd",
    "lm-sensors",
    "logrotate",
    "lvm2-monitor",
    "lxc",
    "lxcfs",
    "man-db",
    "mariadb",
    "mdadm",
    "memcached",
    "monit",
    "motd-news",
    "mountall",
    "multipathd",
    "mysqld",
    "named",
    "netfilter-persistent",
    "netplan",
    "network",
    "network-manager",
    "networkd-dispatcher",
    "networking",
    "nfs-server",
    "nftables",
    "nginx",
    "nmbd",
    "nscd",
    "ntpd",
    "ntpsec",
    "open-iscsi",
    "open-vm-tools",
    "openvpn",
    "packagekit",
    "passwd",
    "php-fpm",
    "plymouth",
    "podman",
    "polkit",
    "pollinate",
    "postgresql",
    "ppp",
    "procps",
    "qemu-guest-agent",
    "quotaon",
    "rabbitmq-server",
    "rc",
    "rc-local",
    "reboot",
    "redis-sentinel",
    "redis-server",
    "rescue",
    "resolvconf",
    "rng-tools",
    "rpcbind",
    "rsync",
    "rsyslog",
    "rtkit-daemon",
    "screen-cleanup",
    "serial-getty",
    "setvtrgb",
    "shutdown",
    "smartd",
    "smbd",
    "squid",
    "ssh-agent",
    "sshguard",
    "supervisor",
    "sysstat",
    "thermald",
    "tor",
    "tty1",
    "ua-reboot-cmds",
    "ubuntu-advantage",
    "udev",
    "udisks2",
    "ufw",
    "unattended-upgrades",
    "unbound",
    "upower",
    "urandom",
    "uwsgi",
    "varnish",
    "vsftpd",
    "wtmp",
    "xinetd",
    "zabbix-agent",
];

#[cfg(test)]
mod tests {
    use super::super::{AppName, UserName};
    use super::*;

    #[test]
    fn tables_are_in_order_and_hold_what_could_be_a_name() {
        for table in [&ACCOUNTS[..], &UNITS[..], &LOGINS[..], &FAMILIES[..]] {
            assert!(table.is_sorted_by(|one, other| one < other), "{table:?}");
            assert!(table.iter().all(|name| name.parse::<UserName>().is_ok()), "{table:?}");
        }
        assert!(LOGINS.iter().all(|login| ACCOUNTS.contains(login)));
    }

    #[test]
    fn an_app_cannot_be_called_like_what_the_host_has() {
        for name in
            ["ssh", "sshd", "nginx", "cron", "dbus", "systemd-resolved", "getty", "rsyslog", "networking", "udev"]
        {
            assert!(name.parse::<AppName>().is_err(), "{name}");
        }
        for name in
            ["mysql", "postgresql", "redis-server", "docker", "apparmor", "provision-recovery", "daemon", "shadow"]
        {
            assert!(name.parse::<AppName>().is_err(), "{name}");
        }
        for name in ["web", "api", "hello", "shop-api", "sshop", "cronjobs", "redis-app", "users-api"] {
            assert!(name.parse::<AppName>().is_ok(), "{name}");
        }
    }

    #[test]
    fn some_users_would_give_an_app_more_than_itself() {
        for name in [
            "root",
            "www-data",
            "daemon",
            "nobody",
            "ubuntu",
            "docker",
            "systemd-network",
            "shadow",
            "postgres",
            "provision-build",
        ] {
            assert!(gain_of_account(name).is_some(), "{name}");
        }
        for name in ["web", "deploy", "cron", "uwsgi"] {
            assert!(gain_of_account(name).is_none(), "{name}");
        }
    }

    /// What this very machine has is what others may have.
    #[test]
    fn users_and_groups_of_base_passwd_are_known() {
        for file in ["/usr/share/base-passwd/passwd.master", "/usr/share/base-passwd/group.master"] {
            let Ok(text) = std::fs::read_to_string(file) else { continue };
            for name in text.lines().filter_map(|line| line.split(':').next()) {
                assert!(gain_of_account(name.trim_start_matches('+')).is_some(), "{file}: {name}");
            }
        }
    }
}
