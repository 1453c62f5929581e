//! The plan that ends what is kept of removed apps, whatever else differs.

use std::time::Duration;

use super::change::{Change, Operation};
use super::destroyed::Destroyed;
use super::kept::{self, Expired};
use super::reason::Reason;
use super::{Plan, removal};
use crate::desired::Desired;
use crate::fault::Fault;
use crate::model::AppName;
use crate::probe::Facts;

/// What has to change on a host so that nothing is kept any more of `app`, or of any; `desired` is what is live.
///
/// # Errors
/// When the host keeps nothing of it.
pub fn purge(desired: &Desired, facts: &Facts, only: Option<&AppName>) -> Result<Plan, Fault> {
    let kept: Vec<AppName> = kept::of(&desired.project, facts).map(|(app, _)| app).collect();
    if let Some(app) = only.filter(|app| !kept.contains(app)) {
        return Err(not_kept(app, &kept, desired));
    }
    let apps: Vec<AppName> = kept.into_iter().filter(|app| only.is_none_or(|only| only == app)).collect();
    let expired: Vec<Expired> = apps.iter().map(|app| Expired::of(app.clone(), &desired.project, facts)).collect();
    Ok(Plan {
        changes: apps.iter().map(|app| Change::new(Operation::PurgeApp(app.clone()), Reason::Purged)).collect(),
        destroyed: apps.iter().map(|app| Destroyed::App(app.clone(), Duration::ZERO)).collect(),
        compared: apps.len(),
        owned: facts.owned.iter().filter(|holding| !kept::goes(&expired, &desired.project, holding)).cloned().collect(),
        reserved: removal::reserved(facts.owned_by(&desired.project)).cloned().collect(),
        expired,
        ..Plan::default()
    })
}

fn not_kept(app: &AppName, kept: &[AppName], desired: &Desired) -> Fault {
    let fault = Fault::new(format!("this host keeps nothing of an app `{app}` that was removed"));
    if desired.app(app).is_some() {
        return fault.hint("it is in the inventory; take it out, and run `provision up` first");
    }
    let names: Vec<String> = kept.iter().map(|app| format!("`{app}`")).collect();
    fault.hint(if names.is_empty() { "it keeps no app".to_owned() } else { format!("it keeps {}", names.join(", ")) })
}
