//! The server for host names that no site claims.

use serde::Serialize;

use super::scope::Scope;
use super::server::{Listener, TlsContext, listeners};
use crate::model::layout;
use crate::model::{CatchAll, File, Link, Target};
use crate::template::TemplateError;

const TEMPLATE: &str = "default-server.conf.tera";

#[derive(Serialize)]
struct Page {
    plain: Vec<Listener>,
    tls: Vec<TlsContext>,
}

/// The server and the link that switches it on; `None` where every listener has a default.
pub(super) fn server(target: &Target, scope: &Scope) -> Option<Result<(File, Link), TemplateError>> {
    let catch_all = CatchAll::of(&target.sites);
    if catch_all.is_empty() {
        return None;
    }
    let tls = catch_all.tls.iter().map(|(site, tls, sockets)| TlsContext::new(&site.name, tls).on(sockets));
    let page = Page { plain: listeners(catch_all.plain.iter().copied()), tls: tls.collect() };
    let server = layout::DEFAULT_SERVER.on_host();
    let link = Link { path: layout::DEFAULT_SERVER_LINK.on_host(), to: server.clone() };
    Some(scope.file(server, TEMPLATE, &page).map(|file| (file, link)))
}
