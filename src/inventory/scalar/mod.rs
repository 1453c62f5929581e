//! What single values may look like: each type that one scalar can hold, read from its text.

mod number;
mod text;
mod word;

pub use number::{Count, DurationWithin, OffOrDuration, Size, Workers};
pub use text::{Argument, Line, Text};

use super::decode::FromText;
use crate::model::{
    AppName, EnvName, Guard, Mode, NameError, Network, PackageName, ProjectName, RelativePath, RemotePath, ServerName,
    UrlPath, UserName, WsgiTarget,
};

macro_rules! named {
    ($($name:ty: $form:literal),+ $(,)?) => {$(
        impl FromText for $name {
            const FORM: &'static str = $form;

            fn from_text(text: &str) -> Result<Self, NameError> {
                text.parse()
            }
        }
    )+};
}

named! {
    AppName: "the name of an app",
    EnvName: "the name of an environment variable, such as `MYSQL_PWD`",
    Guard: "the name of a protection, such as `PrivateUsers`",
    Mode: "three or four octal digits, such as `0644`",
    Network: "a network, such as `10.0.0.0/8`",
    ProjectName: "the name of a project, such as `shop`",
    PackageName: "the name of a Debian package",
    RelativePath: "a path inside the app's folder, such as `web/static`",
    RemotePath: "an absolute path on the host, such as `/etc/motd`",
    ServerName: "a host name, such as `www.example.com`",
    UrlPath: "the path of a URL, such as `/status`",
    UserName: "the name of a user of the host",
    WsgiTarget: "`module:callable`, such as `web.app:app`",
}
