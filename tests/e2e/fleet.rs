//! One host that is switched off does not stop another.

use super::lab::say;
use super::project::Project;

pub fn goes_on_without_the_host_that_is_off(project: &Project) {
    let host = project.host();
    host.bash("rm /etc/nginx/sites-enabled/airbnb && nginx -s reload");
    let run = project.up(&[]).exits(4);
    // A step that takes longer than a second has a line as well.
    let told = |name: &str, what: &str| run.text.lines().any(|line| line.starts_with(name) && line.contains(what));
    assert!(told("web-01", " changed=2 "), "{}", run.text);
    assert!(told("web-02", " unreachable "), "{}", run.text);
    project.check(&["web-01"]).exits(0);
    host.get("/airbnb-onepage/").says("Hello HBNB!");
    say(&format!("one of two hosts is off: {:.1} s", run.took.as_secs_f64()));
}
