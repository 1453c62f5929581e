//! No template writes a value past the encoder of its language.

use provision::encode::ENCODERS;
use provision::template::engine::BUILT_IN;

/// Values that no encoder needs to see: numbers, and names whose types leave no special character.
const PLAIN: [&str; 18] = [
    "app.graceful_timeout",
    "app.limits.files",
    "app.limits.memory",
    "app.max_requests",
    "app.max_requests_jitter",
    "app.stop_timeout",
    "app.threads",
    "app.timeout",
    "app.user",
    "app.workers",
    "patience",
    "route.cache",
    "route.read_timeout",
    "site.rate_limit.burst",
    "site.rate_limit.delay",
    "site.scheme",
    "upstream.keepalive",
    "variable.name",
];

/// The expressions of a template that reach its output and end with no encoder.
fn unencoded(template: &str) -> Vec<&str> {
    let expressions = template.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap().trim());
    let is_encoded = |expression: &str| {
        let filter = expression.rsplit_once('|').map(|(_, filter)| filter.trim());
        ENCODERS.iter().any(|(name, _)| filter == Some(*name))
    };
    expressions.filter(|expression| !is_encoded(expression) && !PLAIN.contains(expression)).collect()
}

#[test]
fn every_value_goes_through_an_encoder() {
    for (name, template) in BUILT_IN {
        assert_eq!(unencoded(template), [] as [&str; 0], "in {name}");
    }
}

#[test]
fn a_value_without_an_encoder_is_found() {
    assert_eq!(
        unencoded("listen {{ site.port }}; {{ site.name | nginx }} {{ x | upper }}"),
        ["site.port", "x | upper"]
    );
}
