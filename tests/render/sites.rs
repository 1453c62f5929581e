//! Sites that use every key together, and what a host with the Nginx of this machine is made of.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use indexmap::IndexMap;
use provision::model::{File, Init, Listen, Pem, Rate, RateLimit, Route, RouteTo, ServerName, Site, Target, Tls};
use provision::platform::{Modules, Platform, Version};
use provision::render::{Rendered, render};
use provision::template::Engine;

use crate::fixture::{app, target, tcp};

pub const NGINX: &str = "/usr/sbin/nginx";

/// Where the sites of [`everything`] listen, and their apps.
#[derive(Clone, Copy)]
pub struct Ports {
    pub plain: u16,
    pub redirect: u16,
    pub tls: u16,
    pub app: u16,
}

/// As on a real host.
pub const USUAL: Ports = Ports { plain: 8080, redirect: 80, tls: 443, app: 5000 };

pub fn name(text: &str) -> ServerName {
    text.parse().unwrap()
}

pub fn to(path: &str, strip: Option<&str>) -> Route {
    let strip = strip.map(|strip| strip.parse().unwrap());
    Route { path: path.parse().unwrap(), to: RouteTo::App { app: "web".parse().unwrap(), strip } }
}

pub fn files(path: &str, folder: &str, cache: u64) -> Route {
    let (app, folder) = ("web".parse().unwrap(), folder.parse().unwrap());
    Route { path: path.parse().unwrap(), to: RouteTo::Files { app, folder, cache: Duration::from_secs(cache) } }
}

/// What an inventory of two lines gives.
pub fn plain(site: &str, port: u16, names: &[&str]) -> Site {
    Site {
        name: site.parse().unwrap(),
        renamed_from: None,
        listen: vec![Listen::Port(port)],
        tls: None,
        server_names: names.iter().map(|text| name(text)).collect(),
        default_server: names.is_empty(),
        catch_all: true,
        security_headers: true,
        headers: IndexMap::new(),
        max_body_bytes: 1 << 20,
        behind: Vec::new(),
        rate_limit: None,
        maintenance: false,
        routes: vec![
            to("/", None),
            to("/api/", None),
            to("/jobs/v1/", Some("/jobs")),
            files("/static/", "static", 3600),
        ],
    }
}

fn pem(variable: &str, text: String) -> Pem {
    Pem::Content { variable: variable.parse().unwrap(), text }
}

/// Every key of a site that stands behind load balancers.
pub fn secure(ports: Ports) -> Site {
    Site {
        listen: vec![Listen::Port(ports.redirect)],
        tls: Some(Tls {
            certificate: pem("TLS_CERTIFICATE", CERTIFICATE.to_owned()),
            key: pem("TLS_KEY", KEY.to_owned()),
            listen: vec![Listen::Port(ports.tls)],
            redirect: true,
            hsts: Some(Duration::from_secs(180 * 24 * 60 * 60)),
            acme: Some("/var/www/acme".parse().unwrap()),
        }),
        headers: IndexMap::from([
            ("X-Served-By".parse().unwrap(), "web-01".to_owned()),
            ("referrer-policy".parse().unwrap(), "no-referrer".to_owned()),
        ]),
        behind: vec!["127.0.0.2".parse().unwrap(), "10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
        rate_limit: Some(RateLimit { rate: Rate::PerMinute(30), burst: 4 }),
        routes: vec![
            to("/", None),
            to("/jobs/v1/", Some("/jobs")),
            files("/static/", "static", 0),
            files("/.well-known/", "well-known", 60),
        ],
        ..plain("my-site.2", ports.redirect, &["secure.example.com", "*.secure.example.com"])
    }
}

/// A site that is closed for now.
pub fn closed(port: u16) -> Site {
    Site { maintenance: true, ..plain("closed", port, &["closed.example.com"]) }
}

/// The sites together, with one app behind them all.
pub fn everything(ports: Ports) -> Target {
    with(ports, vec![plain("plain", ports.plain, &["plain.example.com"]), secure(ports), closed(ports.plain)])
}

pub fn with(ports: Ports, sites: Vec<Site>) -> Target {
    let mut web = app("web", "app:app", tcp(&format!("127.0.0.1:{}", ports.app)));
    web.threads = 4;
    web.keepalive = 8;
    Target { apps: vec![web], sites, ..target(Init::Systemd) }
}

pub fn rendered_for(target: &Target, platform: &Platform) -> Rendered {
    let engine = Engine::new(&BTreeMap::new()).unwrap();
    render(target, platform, &engine).unwrap_or_else(|error| panic!("{error}"))
}

/// Is it configuration that Nginx itself reads?
pub fn is_nginx(file: &File) -> bool {
    let path = file.path.as_str();
    path.starts_with("/etc/nginx/") && !path.starts_with("/etc/nginx/provision/")
}

/// A host with the Nginx and the kernel of this machine; `None` without Nginx.
pub fn this_machine() -> Option<Platform> {
    let output = Command::new(NGINX).arg("-V").output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = |begin: &str| said.lines().find_map(|line| line.strip_prefix(begin)).unwrap_or_default().to_owned();
    let mut platform = Platform::named("debian-12").unwrap();
    platform.versions.nginx = Version::find(&line("nginx version: nginx/"));
    platform.versions.openssl = Version::find(&line("built with OpenSSL "));
    platform.nginx_modules = Modules::parse(&line("configure arguments: "));
    platform.ipv6 = Path::new("/proc/net/if_inet6").exists();
    Some(platform)
}

/// Puts everything that Nginx reads below `root`: the sites, their certificates and pages, and a main file like
/// Debian's.
pub fn install(rendered: &Rendered, root: &Path) {
    for folder in ["sites", "log", "srv", "tmp"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    let here = root.display();
    for file in &rendered.files {
        let path = file.path.as_str();
        let moved = match (path.strip_prefix("/etc/nginx/sites-available/"), path.strip_prefix("/etc/nginx/provision/"))
        {
            (Some(site), _) => root.join("sites").join(site),
            (_, Some(file)) => root.join("files").join(file),
            _ if path == "/etc/nginx/conf.d/provision.conf" => root.join("shared.conf"),
            _ => continue,
        };
        let text = file
            .content
            .replace("/var/log/nginx/", &format!("{here}/log/"))
            .replace("/etc/nginx/provision/", &format!("{here}/files/"))
            .replace("/var/www/acme", &format!("{here}/acme"))
            .replace("/srv/web/current/", &format!("{here}/srv/"));
        fs::create_dir_all(moved.parent().unwrap()).unwrap();
        fs::write(moved, text).unwrap();
    }
    let main = format!(
        "user root; daemon off; master_process off; pid {here}/pid; error_log {here}/error.log info;\n\
         events {{ worker_connections 256; }}\n\
         http {{\n\
           types {{ text/html html; text/css css; }} default_type application/octet-stream;\n\
           access_log {here}/access.log; ssl_prefer_server_ciphers on; gzip on; sendfile on;\n\
           client_body_temp_path {here}/tmp/b; proxy_temp_path {here}/tmp/p; fastcgi_temp_path {here}/tmp/f;\n\
           uwsgi_temp_path {here}/tmp/u; scgi_temp_path {here}/tmp/s;\n\
           include {here}/shared*.conf; include {here}/sites/*;\n\
         }}\n"
    );
    fs::write(root.join("nginx.conf"), main).unwrap();
}

/// Not a certificate and not a key, but shaped like them.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n";

/// A certificate and its key, made in `folder`; `None` without OpenSSL.
pub fn new_pair(folder: &Path) -> Option<(Pem, Pem)> {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=secure.example.com", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    let read = |variable, path| Some(pem(variable, fs::read_to_string(path).ok()?));
    made.ok().filter(|output| output.status.success())?;
    Some((read("TLS_CERTIFICATE", certificate)?, read("TLS_KEY", key)?))
}

/// Gives every site that speaks HTTPS that certificate.
pub fn certify(target: &mut Target, (certificate, key): &(Pem, Pem)) {
    for tls in target.sites.iter_mut().filter_map(|site| site.tls.as_mut()) {
        (tls.certificate, tls.key) = (certificate.clone(), key.clone());
    }
}
