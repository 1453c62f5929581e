//! Where things lie on a host, what they are called there and whose they are: the one place that spells it.
//! Knows nothing of what is written there, and nothing of what a host has now.

mod account;
mod claim;
mod foreign;
mod place;
mod places;
mod service;

pub use account::{BUILDER, NGINX_USER, builder, log_readers, nowhere, root};
pub use claim::{Claim, Claims, Owner, patterns};
pub use foreign::{
    HOMES, LOGS, NGINX, OPEN_TO_ALL, PYTHON, RUN, SYSTEMD, TEMPORARY, UPSTART, WELCOME, WELCOME_SITE, in_nginx,
    is_definition, is_unit, log_folders,
};
pub use place::{OnHost, Place};
pub use places::{
    BOXES, BUILDS, CURRENT, DEFAULT_SERVER, DEFAULT_SERVER_LINK, ENVIRONMENT, GENERATIONS, HOME, JOB, JOB_OUTPUT,
    LOGROTATE_ADDITION, LOGROTATE_ADDITIONS, NGINX_FILES, NGINX_SHARED, RECOVERY_JOB, RECOVERY_LINK, RECOVERY_UNIT,
    RELEASES, RELOAD, ROTATION, SERVICE, SETTINGS, SETTINGS_OF_APPS, SITE, SITE_ACCESS_LOG, SITE_CERTIFICATE,
    SITE_ERROR_LOG, SITE_FILES, SITE_KEY, SITE_LINK, SITE_MAINTENANCE, SOCKET, STATE, TRANSACTION,
    TRANSACTION_EVIDENCE, TRANSACTION_JOB, TRANSACTION_UNIT, release, settings, virtual_python,
};
pub use service::{NGINX_SERVICES, is_listener, listener, nginx, process, service_at, services_of, unit};
