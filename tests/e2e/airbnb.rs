//! The repository's example from a bare host to a reboot: one host, one check after the other.

use super::project::Project;
use super::{bare, fleet, idempotence, reboot, routes};

#[test]
fn the_example_from_a_bare_host_to_a_reboot() {
    let Some(project) = Project::open(&["web-01", "web-02"]) else { return };
    project.airbnb();
    project.switch_off(1);
    bare::is_checked_without_a_trace(&project);
    routes::answer_after_the_first_up(&project);
    idempotence::holds_for_up_and_check(&project);
    fleet::goes_on_without_the_host_that_is_off(&project);
    reboot::brings_everything_back(&project);
}
