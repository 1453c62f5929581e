//! What a hostile app puts where root is about to look, and where.

/// What it puts there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    LinkToEtc,
    LinkToShadow,
    LinkToItself,
    LinkToOwnEnv,
    HardLink,
    Pipe,
    Socket,
    Device,
    HugeFile,
    LongLine,
    DeepTree,
    UnreadableFolder,
    OrdinaryFile,
    /// A folder and a link to `/etc` in turn, thousands of times a second.
    Race,
}

impl Object {
    pub const ALL: [Self; 14] = [
        Self::LinkToEtc,
        Self::LinkToShadow,
        Self::LinkToItself,
        Self::LinkToOwnEnv,
        Self::HardLink,
        Self::Pipe,
        Self::Socket,
        Self::Device,
        Self::HugeFile,
        Self::LongLine,
        Self::DeepTree,
        Self::UnreadableFolder,
        Self::OrdinaryFile,
        Self::Race,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::LinkToEtc => "link-to-etc",
            Self::LinkToShadow => "link-to-shadow",
            Self::LinkToItself => "link-to-itself",
            Self::LinkToOwnEnv => "link-to-own-env",
            Self::HardLink => "hard-link",
            Self::Pipe => "pipe",
            Self::Socket => "socket",
            Self::Device => "device",
            Self::HugeFile => "huge-file",
            Self::LongLine => "long-line",
            Self::DeepTree => "deep-tree",
            Self::UnreadableFolder => "unreadable-folder",
            Self::OrdinaryFile => "ordinary-file",
            Self::Race => "race",
        }
    }

    /// Makes it at `$at`, as the app's user, in Bash. Only a device needs root, of whom an app could have begged it.
    pub fn script(self) -> &'static str {
        match self {
            Self::LinkToEtc => "ln -s /etc \"$at\"",
            Self::LinkToShadow => "ln -s /etc/shadow \"$at\"",
            Self::LinkToItself => "ln -s \"${at##*/}\" \"$at\"",
            Self::LinkToOwnEnv => "ln -s /etc/provision/web/env \"$at\"",
            Self::HardLink => "echo x >/var/lib/webdata/own; ln /var/lib/webdata/own \"$at\"",
            Self::Pipe => "mkfifo \"$at\"",
            Self::Socket => {
                "/usr/bin/python3 -c 'import os, socket, sys; os.chdir(os.path.dirname(sys.argv[1])); \
                 socket.socket(socket.AF_UNIX).bind(os.path.basename(sys.argv[1]))' \"$at\""
            }
            Self::Device => "mknod \"$at\" c 1 5; chown web:web \"$at\"",
            Self::HugeFile => "truncate --size=50G \"$at\"; echo end >>\"$at\"",
            Self::LongLine => "head -c 50000000 /dev/zero | tr '\\0' '\\033' >\"$at\"",
            Self::DeepTree => {
                "/usr/bin/python3 -c 'import os, sys\nos.mkdir(sys.argv[1]); os.chdir(sys.argv[1])\n\
                 for n in range(3000): os.mkdir(\"deep\"); os.chdir(\"deep\")' \"$at\""
            }
            Self::UnreadableFolder => "mkdir \"$at\"; echo x >\"$at/file\"; chmod 000 \"$at\"",
            Self::OrdinaryFile => "printf 'line \\033]0;owned\\007\\n' >\"$at\"",
            Self::Race => {
                "mkdir \"$at\"; exec /usr/bin/python3 -c 'import os, sys, time\n\
                 at = sys.argv[1]\nend = time.time() + 60\n\
                 os.symlink(\"/etc\", at + \".link\")\n\
                 while time.time() < end and not os.path.exists(\"/var/lib/webdata/stop\"):\n\
                 \x20   try: os.rename(at, at + \".folder\"); os.rename(at + \".link\", at)\n\
                 \x20   except OSError: pass\n\
                 \x20   try: os.rename(at, at + \".link\"); os.rename(at + \".folder\", at)\n\
                 \x20   except OSError: pass' \"$at\""
            }
        }
    }

    /// Who makes it.
    pub fn is_roots(self) -> bool {
        self == Self::Device
    }
}

/// Where it puts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    OuterFolder,
    InnerFolder,
    ErrorLog,
    AccessLog,
}

impl Place {
    pub const ALL: [Self; 4] = [Self::OuterFolder, Self::InnerFolder, Self::ErrorLog, Self::AccessLog];

    pub fn name(self) -> &'static str {
        match self {
            Self::OuterFolder => "outer-folder",
            Self::InnerFolder => "inner-folder",
            Self::ErrorLog => "error-log",
            Self::AccessLog => "access-log",
        }
    }

    pub fn path(self) -> &'static str {
        match self {
            Self::OuterFolder => "/var/log/web/outer",
            Self::InnerFolder => "/var/log/web/outer/inner",
            Self::ErrorLog => "/var/log/web/outer/inner/error.log",
            Self::AccessLog => "/var/log/web/outer/inner/access.log",
        }
    }
}
