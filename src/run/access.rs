//! A connection for each command: made, or taken over from an earlier run, and made anew where that one has died.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::interrupt::Interrupt;
use crate::fault::{Fault, Kind};
use crate::model::Connection;
use crate::ssh::{self, Escalation, Session};

/// What the connections of a run have in common.
pub struct Access {
    /// How to become root.
    pub escalation: Escalation,
    /// Folder of the control sockets.
    pub sockets: PathBuf,
    /// Ctrl-C.
    pub interrupt: Interrupt,
}

/// What happens on the way to a session.
pub enum Connecting {
    /// It begins.
    Begun,
    /// There is one.
    Done {
        /// An earlier run left it.
        reused: bool,
        /// How long that took.
        took: Duration,
    },
}

/// Work over a session that came to no end.
pub struct Cut {
    error: anyhow::Error,
    repeatable: bool,
}

impl Cut {
    /// Nothing was changed yet: the work may be done again from its beginning.
    pub fn before_any_change(error: anyhow::Error) -> Self {
        Self { error, repeatable: true }
    }

    /// The host may have changed.
    pub fn meanwhile(error: anyhow::Error) -> Self {
        Self { error, repeatable: false }
    }
}

impl From<Fault> for Cut {
    fn from(fault: Fault) -> Self {
        Self::meanwhile(fault.into())
    }
}

impl Access {
    /// Connects, works and hangs up. Where the host went away without a word, as in a power cut, the connection that an
    /// earlier run left has not noticed: work that broke on it before any change is done once more, over a new one.
    ///
    /// # Errors
    /// Of kind [`Kind::Unreachable`] when there is no connection, [`Kind::Interrupted`] when the user did not wait for
    /// it; or what `work` says.
    pub async fn connected<T>(
        &self,
        connection: &Connection,
        tell: impl Fn(Connecting),
        mut work: impl AsyncFnMut(&Session) -> Result<T, Cut>,
    ) -> Result<T> {
        let session = self.connect(connection, &tell).await?;
        match work(&session).await {
            Err(Cut { error, repeatable: true }) if session.reused && ssh::broken(&error) => session.end().await,
            ended => {
                session.close().await;
                return ended.map_err(|cut| cut.error);
            }
        }
        let session = self.connect(connection, &tell).await?;
        let ended = work(&session).await;
        session.close().await;
        ended.map_err(|cut| cut.error)
    }

    async fn connect(&self, connection: &Connection, tell: impl Fn(Connecting)) -> Result<Session, Fault> {
        let begin = Instant::now();
        tell(Connecting::Begun);
        let connecting = Session::connect(connection, self.escalation.clone(), &self.sockets);
        let session = self.unless_interrupted(connecting).await??;
        tell(Connecting::Done { reused: session.reused, took: begin.elapsed() });
        Ok(session)
    }

    /// Waits for `work`, unless the user asks for an end, now or before.
    ///
    /// # Errors
    /// Of kind [`Kind::Interrupted`].
    pub async fn unless_interrupted<T>(&self, work: impl Future<Output = T>) -> Result<T, Fault> {
        tokio::select! {
            biased;
            () = self.interrupt.first() => Err(Fault::of(Kind::Interrupted, "interrupted")),
            done = work => Ok(done),
        }
    }
}
