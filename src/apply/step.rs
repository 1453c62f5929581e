//! One step of a transaction as data: a call of the host, and a title for people.

use super::argument::Method;
use super::call::Call;
use crate::encode::shell;
use crate::model::AppName;

/// One step of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it does, for people.
    pub title: String,
    /// What it makes the host do.
    pub call: Call,
    /// What is live has begun to change by the time this step runs.
    pub live: bool,
}

impl Step {
    /// What its failure means, for people.
    #[must_use]
    pub fn failure(&self) -> String {
        match &self.call {
            Call::CheckApp { app, .. } => format!("app `{app}` cannot be imported"),
            Call::UnpackRelease { app, .. } | Call::FetchRelease { app, .. } => {
                format!("the code of app `{app}` cannot be delivered")
            }
            Call::CheckRelease { app, .. } => format!("the release of app `{app}` cannot go live"),
            Call::CheckLogs { to, .. } => format!("the log files cannot be given to {to}"),
            Call::CheckUnits { .. } => "systemd refuses the new units".to_owned(),
            Call::CheckJobs { .. } => "Upstart refuses the new jobs".to_owned(),
            Call::CheckNginx { .. } => "Nginx refuses the new configuration".to_owned(),
            Call::RunReleaseCommand { app, .. } => format!("the release command of app `{app}` failed"),
            Call::ProveApps { .. } => "a new release is not healthy".to_owned(),
            Call::CheckHealth => "not every app is healthy".to_owned(),
            Call::JudgeWatch => "requests failed during the switch".to_owned(),
            Call::Probation { .. } => "the change did not stand its probation".to_owned(),
            Call::NoteBefore
            | Call::Claim
            | Call::StartWatch
            | Call::InstallPackages { .. }
            | Call::CreateUser { .. }
            | Call::PutDirectory { .. }
            | Call::StageFile { .. }
            | Call::InstallPython { .. }
            | Call::CompleteRelease { .. }
            | Call::BeginSwitch
            | Call::Forget { .. }
            | Call::SwitchFile { .. }
            | Call::PutLink { .. }
            | Call::GiveLogs { .. }
            | Call::RetirePath { .. }
            | Call::DisableWelcome
            | Call::RestoreWelcome
            | Call::ReloadManager
            | Call::Act { .. }
            | Call::MoveListeners { .. }
            | Call::BeginStandIn { .. }
            | Call::EndStandIns
            | Call::Remember { .. }
            | Call::Commit
            | Call::RecordGeneration { .. }
            | Call::RemoveApp { .. }
            | Call::DiscardFormer
            | Call::RemoveSocket { .. }
            | Call::RemoveDirectory { .. }
            | Call::RemoveUser { .. }
            | Call::PruneReleases { .. }
            | Call::RecordOwned => format!("failed to {}", self.title),
        }
    }

    /// Changes something that all of the host shares, whether or not the run is refused later.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.call, Call::InstallPython { method: Method::System, .. })
    }

    /// The app whose release command it runs, which may change what is not provision's to bring back.
    #[must_use]
    pub fn release_command_of(&self) -> Option<&AppName> {
        if let Call::RunReleaseCommand { app, .. } = &self.call { Some(app) } else { None }
    }

    /// Before it ends a cut is undone, afterwards finished.
    #[must_use]
    pub fn is_commit(&self) -> bool {
        self.call == Call::Commit
    }

    /// The line of the script that runs it.
    #[must_use]
    pub fn line(&self, number: usize) -> String {
        format!("step {number} {} {}\n", shell::quote(&self.title), self.call.command())
    }
}
