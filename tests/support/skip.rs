//! How a test says that it cannot run here: aloud, past the test harness, which keeps what passing tests print.

use std::io::Write as _;

/// Says that a test is skipped, and why. With `PROVISION_REQUIRE_E2E=1`, as in CI, that is a failure.
///
/// # Panics
/// With `PROVISION_REQUIRE_E2E=1`.
pub fn skip(why: &str) {
    shout(why);
    let required = std::env::var_os("PROVISION_REQUIRE_E2E").is_some_and(|value| value == "1");
    assert!(!required, "PROVISION_REQUIRE_E2E=1 forbids to skip: {why}");
}

/// Says that something is not looked at here; for what other tests look at on real hosts in any case.
pub fn shout(why: &str) {
    // Written, not printed: the harness captures only what is printed.
    let _ = writeln!(std::io::stderr(), "\n*** SKIPPED: {why} ***\n");
}
