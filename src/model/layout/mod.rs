//! Where things lie on a host, what they are called there and whose they are: the one place that spells it.
//! Knows nothing of what is written there, and nothing of what a host has now.

mod account;
mod claim;
mod foreign;
mod place;
mod places;
mod process;
mod service;

pub use account::{BUILDER, NGINX_USER, builder, log_readers, nowhere, root};
pub use claim::{Claim, Claims, Owner, app_around, folders_of, is_shared, patterns};
pub use foreign::{
    HOMES, LOGS, NGINX, NGINX_MAIN, OPEN_TO_ALL, PYTHON, RUN, SYSTEMD, TEMPORARY, UPSTART, WELCOME, WELCOME_SITE,
    in_nginx, is_definition, is_unit, log_folders,
};
pub use place::{OnHost, Place};
// Each place is named where it is, and nowhere again.
pub use places::*;
pub use process::*;
pub use service::{NGINX_SERVICES, nginx, unit};
