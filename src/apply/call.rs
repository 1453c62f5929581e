//! Everything that a step can make the host do: calls of functions of `host/*.sh` with typed arguments. Each line of
//! the table is held by a test against the function that it names, whose comment says the same names in the same order.

use std::time::Duration;

use super::argument::{Act, Argument, Hashes, Method, NginxChange, OnProbation, Part, Proof, Senders};
use crate::digest::Digest;
use crate::encode::shell;
use crate::model::{AppName, Mode, PackageName, RemotePath, UserName};

/// What a function of `host/*.sh` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// Its name.
    pub function: &'static str,
    /// Its arguments in order: each one's name, and whether it is any number of words.
    pub arguments: &'static [(&'static str, bool)],
}

/// From a table of lines `/// doc`, `Variant { argument: Type, … } => function;` makes [`Call`].
macro_rules! calls {
    ($($(#[$doc:meta])* $variant:ident $({ $($argument:ident: $type:ty),* })? => $function:ident;)*) => {
        /// One call of a function of `host/*.sh`.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(missing_docs, reason = "an argument's name says what it is")]
        pub enum Call { $($(#[$doc])* $variant $({ $($argument: $type),* })?,)* }

        impl Call {
            /// Every function that a step can call.
            pub const SIGNATURES: &[Signature] = &[$(Signature {
                function: stringify!($function),
                arguments: &[$($((stringify!($argument), <$type as Argument>::MANY)),*)?],
            }),*];

            /// The function of `host/*.sh`.
            #[must_use]
            pub fn function(&self) -> &'static str {
                match self { $(Self::$variant { .. } => stringify!($function)),* }
            }

            /// What the function is given, word by word.
            #[must_use]
            pub fn words(&self) -> Vec<String> {
                #[allow(unused_mut, reason = "some functions take nothing")]
                let mut words = vec![];
                match self { $(Self::$variant $({ $($argument),* })? => { $($($argument.append(&mut words);)*)? })* }
                words
            }
        }
    };
}

calls! {
    /// Note what is there.
    NoteBefore => note_before;
    /// Note in the ownership record what this run may create.
    Claim => claim;
    /// Ask every site without a pause.
    StartWatch => start_watch;

    /// Install Debian packages, once the package manager's lock is free.
    InstallPackages { patience: Duration, packages: Vec<PackageName> } => install_packages;
    /// Create a system user.
    CreateUser { name: UserName, home: RemotePath } => create_user;
    /// Create a directory, or give it its mode and owner.
    PutDirectory { mode: Mode, owner: UserName, group: UserName, path: RemotePath } => put_directory;
    /// Put a file of the payload beside the one that it will replace.
    StageFile { number: usize, mode: Mode, owner: UserName, group: UserName, path: RemotePath } => stage_file;
    /// Make a release of the archive in the payload.
    UnpackRelease { app: AppName, id: String } => unpack_release;
    /// Make a release of a commit that the host fetches.
    FetchRelease { app: AppName, id: String, url: String, commit: String } => fetch_release;
    /// Install what an app requires.
    InstallPython {
        method: Method, app: AppName, id: String, mark: Digest, runtime: String, requirements: Option<String>,
        hashes: Hashes, specifiers: Vec<String>
    } => install_python;

    /// Look through a release that is there already.
    CheckRelease { app: AppName, id: String } => check_release;
    /// See that log files can be given to another user.
    CheckLogs { from: UserName, to: UserName, paths: Vec<RemotePath> } => check_logs;
    /// Import an app as its user, from the new release with the new settings, by its runtime's file of the payload.
    CheckApp {
        app: AppName, user: UserName, id: String, python: String, settings: String, wsgi: String, patience: Duration,
        number: usize, coming: Vec<RemotePath>
    } => check_app;
    /// Let systemd verify units.
    CheckUnits { paths: Vec<String> } => check_units;
    /// Let Upstart check jobs.
    CheckJobs { paths: Vec<String> } => check_jobs;
    /// Let Nginx test the new tree, and see that it takes enough connections for what workers of apps serve at once:
    /// `requests` of those that are counted, and `threads` for each of those that fit the host's processor cores.
    CheckNginx { requests: usize, threads: usize, changes: Vec<NginxChange> } => check_nginx;
    /// Run the release command, a file of the payload.
    RunReleaseCommand {
        app: AppName, user: UserName, id: String, number: usize, limit: Duration
    } => run_release_command;
    /// Compile byte code, and mark the release as whole.
    CompleteRelease { app: AppName, id: String } => complete_release;
    /// Start new releases beside the live ones, all at once, and ask them.
    ProveApps { proofs: Vec<Proof> } => prove_apps;

    /// From here on a cut is undone.
    BeginSwitch => begin_switch;
    /// Drop the note on what a service loaded.
    Forget { service: String } => forget;
    /// Make a staged file live.
    SwitchFile { path: RemotePath } => switch_file;
    /// Give log files to another user.
    GiveLogs { from: UserName, to: UserName, paths: Vec<RemotePath> } => give_logs;
    /// Put a link.
    PutLink { path: RemotePath, to: RemotePath } => put_link;
    /// Take a path out of service, and keep it until the end.
    RetirePath { path: String } => retire_path;
    /// Take Debian's welcome site out of service.
    DisableWelcome => disable_welcome;
    /// Bring Debian's welcome site back.
    RestoreWelcome => restore_welcome;

    /// Start a second process of an app, to serve while the first one restarts.
    BeginStandIn { app: AppName } => begin_stand_in;
    /// Let the service manager read its definitions.
    ReloadManager => reload_manager;
    /// Make a service do something.
    Act { act: Act, service: String } => act;
    /// Let addresses go from apps to others.
    MoveListeners { senders: Senders, parts: Vec<Part> } => move_listeners;
    /// Let second processes finish their requests and end.
    EndStandIns => dismiss_stand_ins;
    /// Note what a service has loaded.
    Remember { service: String, restart: Digest, reload: Digest } => remember;

    /// Run the health checks.
    CheckHealth => check_health;
    /// Fail if the watch saw a request fail.
    JudgeWatch => judge_watch;
    /// Watch what clients get, for so long, and fail if it is too bad.
    Probation { seconds: Duration, apps: Vec<OnProbation> } => probation;
    /// From here on a cut is finished.
    Commit => commit;

    /// Make this attempt the live generation, and keep what brings apps back that go with it.
    RecordGeneration { kept: Vec<AppName> } => record_generation;
    /// Remove the releases of an app that has gone.
    RemoveApp { app: AppName } => remove_app;
    /// Remove what was kept for the way back.
    DiscardFormer => discard_former;
    /// Remove a socket on which nobody listens any more.
    RemoveSocket { path: String } => remove_socket;
    /// Remove a directory if it is empty.
    RemoveDirectory { path: String } => remove_directory;
    /// Remove a user, and end what it runs.
    RemoveUser { name: String } => remove_user;
    /// Remove releases beyond the newest.
    PruneReleases { app: AppName, keep: u16 } => prune_releases;
    /// Let the ownership record say what is there.
    RecordOwned => record_owned;
}

impl Call {
    /// The command of the shell: the one place in which a call becomes text.
    #[must_use]
    pub fn command(&self) -> String {
        let words = self.words();
        [self.function().to_owned()]
            .into_iter()
            .chain(words.iter().map(|word| shell::quote(word)))
            .collect::<Vec<_>>()
            .join(" ")
    }
}
