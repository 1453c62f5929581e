//! Bytes that are read only while they are sent. Must not know what they mean.

use std::io::{self, Cursor, Read};

/// Bytes on their way to a host. Their number is known before the first one is read.
pub struct Stream {
    /// How many there are.
    pub length: u64,
    /// The bytes. To read them fails if a release's folder has changed since it was digested.
    pub bytes: Box<dyn Read>,
}

impl Default for Stream {
    fn default() -> Self {
        Self { length: 0, bytes: Box::new(io::empty()) }
    }
}

impl Stream {
    /// With these bytes behind them.
    pub(super) fn then(self, bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        self.then_read(Cursor::new(bytes), length)
    }

    /// With `length` bytes behind them that are read once they are sent.
    pub(super) fn then_read(self, more: impl Read + 'static, length: u64) -> Self {
        Self { length: self.length + length, bytes: Box::new(self.bytes.chain(more)) }
    }
}
