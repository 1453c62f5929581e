//! A new release is asked, before anybody sees it, for what clients have asked of the one before.

use super::http;
use super::inventory::{APP, Inventory};
use super::site::Site;

/// Answers each path of `pages` with a status, for clients with the cookie `known` if it ends in `!`.
const CODE: &str = r#"
PAGES = {pages}


def app(environ, start_response):
    path = environ["PATH_INFO"]
    status = PAGES.get(path, 404)
    if environ["REQUEST_METHOD"] != "GET":
        status = 500 if path == "/form" else 405
    if path == "/private" and "known" not in environ.get("HTTP_COOKIE", ""):
        status = 403
    start_response("{} It Is".format(status), [("Content-Type", "text/plain")])
    return ["{} by RELEASE".format(path).encode()]
"#;

const PAGES: &str = r#""/": 200, "/page": 200, "/moved": 302, "/private": 200, "/broken": 500, "/form": 200"#;

#[test]
fn what_clients_asked_lately_is_asked_of_a_new_release_first() {
    let Some(site) = Site::open("stage-01") else { return };
    let health = "health: { path: /, timeout: 5s, rehearse: { requests: 50 } }";
    let app = format!("{APP}, bind: 127.0.0.1:5001, {health}");
    let front = "routes: { /: { app: blue }, /deep/: { app: blue, strip: /deep } }";
    site.inventory(&Inventory::default().app("blue", &app).site("front", front));
    release(&site, "one", PAGES);
    site.project.up(&[]).exits(0);
    clients_ask(&site);

    // Each of these is seen by its own clients alone.
    let pages = PAGES.replace("\"/page\": 200", "\"/page\": 500").replace("\"/moved\": 302", "\"/moved\": 404");
    release(&site, "two", &pages);
    let refused = site.project.up(&[]).exits(3);
    let refused = refused.shows("rehearsal: GET /page?... (Host: localhost) answered 500 It Is instead of 100 to 399");
    let refused = refused.shows("rehearsal: GET /moved").shows("requests that clients made lately are answered worse");
    // A query may be a secret; who was logged in is not, and what failed already may fail.
    refused.hides("token").hides("/private").hides("/broken").hides("/form");
    site.host().get("/page").says("by one");
    assert_eq!(asked_by_us(&site), 0, "nothing of it reaches the public site");

    // Health alone, if that is wanted.
    site.project.up(&["--no-rehearsal"]).exits(0).hides("rehears");
    site.host().get("/").says("by two");
    release(&site, "three", PAGES);
    // What fails in the live release is no reason either: `/` and the page behind the prefix are left.
    site.project.up(&[]).exits(0).shows("blue was rehearsed with 3 requests of its clients, and answered none worse");
    site.host().get("/page").says("by three");
    site.project.up(&[]).exits(0).shows("changed=0").hides("rehears");
    // A way back must not fail for pages that came later.
    site.project.run(&["rollback", site.host().name.as_str()]).exits(0).hides("rehears");
    site.host().get("/").says("by two");
}

fn release(site: &Site, name: &str, pages: &str) {
    site.code(&CODE.replace("{pages}", &format!("{{{pages}}}")).replace("RELEASE", name));
}

fn clients_ask(site: &Site) {
    let port = site.host().port(80);
    for path in
        ["/", "/page?token=secret", "/moved", "/broken", "/missing", "/deep/", "/deep/page", "/page?token=secret"]
    {
        http::get(port, path).expect("an answer");
    }
    let known = http::get_with(port, "/private", &["Cookie: known=yes"]).expect("an answer");
    assert_eq!(known.status, 200);
    site.host().bash(
        "python3 -c 'import http.client as h; c = h.HTTPConnection(\"127.0.0.1\"); c.request(\"POST\", \
                      \"/form\"); c.getresponse()'",
    );
}

/// Requests for the page in the site's log that the run has made.
fn asked_by_us(site: &Site) -> usize {
    let count = site.host().bash("grep -c '/page.*\"provision\"' /var/log/nginx/front.access.log; true");
    count.parse().expect("a number")
}
