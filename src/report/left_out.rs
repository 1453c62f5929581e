//! What of an app's folder stays on the controller.

use std::path::PathBuf;

use crate::model::AppName;

/// How many paths are named before they are counted.
const NAMED: usize = 5;

/// A note on what is not sent; `None` where all is.
#[must_use]
pub fn left_out(app: &AppName, paths: &[PathBuf]) -> Option<String> {
    let named: Vec<String> = paths.iter().take(NAMED).map(|path| format!("`{}`", path.display())).collect();
    let more = paths.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| {
        format!(
            "note: not sent with app `{app}`: {}{more}; `include` of its source names what the app needs",
            named.join(", ")
        )
    })
}
