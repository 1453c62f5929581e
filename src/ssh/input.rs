//! What a remote command reads: its script, a payload that is read while it is sent, and words that come later.

use std::io::Read;

use anyhow::Result;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Notify;

use crate::fault::Fault;

/// Bytes of a payload that are in memory at once: as many as a pipe takes.
const CHUNK: usize = 64 * 1024;

/// What a script hears beyond its payload.
pub struct Conversation<L> {
    /// Words that may come while it works.
    pub later: L,
    /// Its last words, once the answer is whole.
    pub farewell: &'static str,
}

/// Writes all that the command has to read. A payload that cannot be read to its end ends the input: the command sees
/// that it is not whole, and answers as it will.
///
/// # Errors
/// When the payload cannot be read.
pub(super) async fn tell(
    stdin: &mut (impl AsyncWrite + Unpin),
    head: &[u8],
    payload: &mut dyn Read,
    conversation: Conversation<impl Future<Output = String>>,
    answered: &Notify,
    said: &Notify,
) -> Result<()> {
    let sent = send(stdin, head, payload).await;
    if sent.is_ok() {
        tokio::select! {
            words = conversation.later => {
                let _ = stdin.write_all(words.as_bytes()).await;
                answered.notified().await;
            }
            () = answered.notified() => {}
        }
        let _ = stdin.write_all(conversation.farewell.as_bytes()).await;
    }
    said.notify_one();
    let _ = stdin.shutdown().await;
    sent
}

/// A command that ended early says why on its own; a broken pipe here adds nothing.
async fn send(to: &mut (impl AsyncWrite + Unpin), head: &[u8], payload: &mut dyn Read) -> Result<()> {
    if to.write_all(head).await.is_err() {
        return Ok(());
    }
    let mut chunk = Vec::with_capacity(CHUNK);
    loop {
        chunk.clear();
        let read = (&mut *payload).take(CHUNK as u64).read_to_end(&mut chunk);
        let size = read.map_err(|error| error.downcast::<Fault>().map_or_else(anyhow::Error::from, Into::into))?;
        if size == 0 || to.write_all(&chunk).await.is_err() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::fault;

    fn sent(payload: &mut dyn Read) -> (Vec<u8>, Result<()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut wire = vec![];
        let (answered, said) = (Notify::new(), Notify::new());
        answered.notify_one();
        let conversation = Conversation { later: std::future::pending(), farewell: "seen" };
        let told = runtime.block_on(tell(&mut wire, b"head", payload, conversation, &answered, &said));
        // Whoever reads the answer waits for that.
        runtime.block_on(said.notified());
        (wire, told)
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other(Fault::new("`app.py` changed").hint("run again")))
        }
    }

    #[test]
    fn a_payload_of_any_length_stands_between_the_script_and_the_last_words() {
        for length in [0, 1, CHUNK - 1, CHUNK, 3 * CHUNK + 1] {
            let (wire, told) = sent(&mut io::repeat(b'x').take(length as u64));
            assert!(told.is_ok());
            assert!(wire == [&b"head"[..], &vec![b'x'; length], b"seen"].concat(), "{length}");
        }
    }

    #[test]
    fn a_payload_that_cannot_be_read_ends_the_input_and_says_why() {
        let (wire, told) = sent(&mut io::repeat(b'x').take(CHUNK as u64).chain(Broken));
        assert_eq!(wire.len(), "head".len() + CHUNK);
        let error = told.unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), fault::hints(&error)),
            ("`app.py` changed", &["run again".to_owned()][..])
        );
    }
}
