//! Ctrl-C and SIGTERM: the first asks for a clean end, the second gives up waiting.

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How often the user asked for an end.
#[derive(Clone)]
pub struct Interrupt(watch::Receiver<u8>);

impl Interrupt {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the operating system refuses a signal handler.
    pub fn listen() -> Result<Self> {
        let (sender, receiver) = watch::channel(0_u8);
        let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be handled")?;
        let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be handled")?;
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                sender.send_modify(|count| *count = count.saturating_add(1));
            }
        });
        Ok(Self(receiver))
    }

    /// An end was asked for.
    #[must_use]
    pub fn asked(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until an end is asked for the first time.
    pub async fn first(&self) {
        self.reached(1).await;
    }

    /// Waits until it is asked for again.
    pub async fn second(&self) {
        self.reached(2).await;
    }

    async fn reached(&self, count: u8) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|asked| *asked >= count).await.is_err() {
            // The listener lives as long as the run; without it nobody can ask.
            std::future::pending::<()>().await;
        }
    }
}
