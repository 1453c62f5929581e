//! The example's routes, from outside and from the host itself.

use super::host::Host;
use super::lab::say;
use super::project::Project;

/// Paths that try to get out of the folder of static files.
const TRAVERSALS: [&str; 7] = [
    "/static../",
    "/static../places.py",
    "/static/%2e%2e/",
    "/static/%2e%2e/%2e%2e/places.py",
    "/static/..%2f..%2fplaces.py",
    "/static/../../places.py",
    "/static/.%2e/.%2e/.%2e/.%2e/.%2e/etc/passwd",
];

pub fn answer_after_the_first_up(project: &Project) {
    let first = project.up(&["web-01"]).exits(0).shows("changed");
    say(&format!("first up: {} changes in {:.1} s", first.plan().len(), first.took.as_secs_f64()));
    all_answer(project);
    let host = project.host();

    assert_eq!(host.get("/airbnb-dynamic/number_odd_or_even/x").status, 404, "a word is no number");
    assert_eq!(host.get("/airbnb-dynamic").status, 301, "Nginx adds the slash below a stripped prefix");
    assert_eq!(host.get("/api/v1/nothing").header("Content-Type"), Some("application/json"), "the API's own 404");
    assert_eq!(host.get("/api/v1/nothing").header("X-Served-By"), Some("web-01"), "errors carry the header too");

    let css = host.get("/static/styles/page.css");
    assert_eq!((css.status, css.header("Content-Type")), (200, Some("text/css")), "Nginx sends files itself");
    for path in TRAVERSALS {
        let answer = host.get(path);
        assert!([400, 403, 404].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.body.contains("PLACES") && !answer.body.contains("root:"), "{path} leaks:\n{}", answer.body);
    }
    for path in ["/static/.hidden", "/static/"] {
        assert!([403, 404].contains(&host.get(path).status), "{path} is nobody's business");
    }

    // Each app listens on the public address itself.
    host.get_from(5000, "/airbnb-onepage/").says("Hello HBNB!");
    host.get_from(5001, "/number_odd_or_even/8").says("8 is even");
    host.get_from(5002, "/api/v1/status").says("OK");
    host.get_from(5003, "/").says("<!DOCTYPE html>");
}

/// The routes of the example, with and without a final slash.
pub fn all_answer(project: &Project) {
    all_answer_on(project.host());
}

/// The same on any host of the example.
pub fn all_answer_on(host: &Host) {
    let routes = [
        ("/airbnb-onepage", "Hello HBNB!"),
        ("/airbnb-onepage/", "Hello HBNB!"),
        ("/airbnb-dynamic/number_odd_or_even/8", "8 is even"),
        ("/airbnb-dynamic/number_odd_or_even/7", "7 is odd"),
        ("/airbnb-dynamic/number_odd_or_even/7/", "7 is odd"),
        ("/api/v1/status", "\"status\":\"OK\""),
        ("/api/v1/status/", "\"status\":\"OK\""),
        ("/", "<!DOCTYPE html>"),
        ("/hbnb", "<!DOCTYPE html>"),
    ];
    for (path, text) in routes {
        let answer = host.get(path);
        answer.says(text);
        assert_eq!(answer.header("X-Served-By"), Some(host.name.as_str()), "{path}");
    }
    for (path, text) in [routes[0], routes[2], routes[5], routes[7]] {
        let (status, body) = host.get_inside(path);
        assert_eq!(status, 200, "{path} from the host itself: {body}");
        assert!(body.contains(text), "{path} from the host itself: {body}");
    }
}
