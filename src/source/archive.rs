//! A folder of app code as a tar archive, which holds no owner and no bits of a mode but the executable one. Its files
//! are read while it is sent, so it needs no memory; its length is known before.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use super::entry::{Contents, Entry, Kind};
use crate::digest::Hasher;
use crate::fault::Fault;

/// Bytes of a block: whatever stands in an archive fills whole ones.
const BLOCK: usize = 512;

/// The two empty blocks behind the last entry.
const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// The archive of a folder as it was when it was digested. Reading it fails, and names the file, if one has changed
/// since.
pub struct Archive {
    folder: Arc<Contents>,
    next: usize,
    /// What comes before the content: a head, or what fills the last block.
    ready: Cursor<Vec<u8>>,
    content: Option<Content>,
}

/// The content of a file, as far as it was not read yet.
struct Content {
    file: io::Take<File>,
    hasher: Hasher,
}

impl Archive {
    pub(super) fn of(folder: Arc<Contents>) -> Self {
        Self { folder, next: 0, ready: Cursor::default(), content: None }
    }

    /// Goes on to what comes next, unless all was read.
    fn advance(&mut self) -> io::Result<bool> {
        let entries = &self.folder.entries;
        if let Some(content) = self.content.take() {
            let entry = &entries[self.next - 1];
            self.ready = Cursor::new(content.finish(entry).ok_or_else(|| changed(&self.folder, entry, ""))?);
            return Ok(true);
        }
        let Some(entry) = entries.get(self.next) else {
            let ends = self.next == entries.len();
            if ends {
                self.ready = Cursor::new(END.to_vec());
                self.next += 1;
            }
            return Ok(ends);
        };
        self.ready = Cursor::new(head(entry)?);
        if let Kind::File { size, .. } = entry.kind {
            let content = Content::open(&self.folder.root.join(&entry.path), size);
            self.content = Some(content.map_err(|error| changed(&self.folder, entry, &format!(": {error}")))?);
        }
        self.next += 1;
        Ok(true)
    }
}

impl Read for Archive {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut size = self.ready.read(into)?;
            if let (0, Some(content)) = (size, &mut self.content) {
                let read = content.read(into);
                let entry = &self.folder.entries[self.next - 1];
                size = read.map_err(|error| changed(&self.folder, entry, &format!(": {error}")))?;
            }
            if size > 0 || into.is_empty() || !self.advance()? {
                return Ok(size);
            }
        }
    }
}

fn changed(folder: &Contents, entry: &Entry, why: &str) -> io::Error {
    let path = folder.root.join(&entry.path);
    let message = format!("`{}` is no longer what it was when the app's folder was read{why}", path.display());
    io::Error::other(Fault::new(message).hint("run again once nothing writes into the app's folder"))
}

impl Content {
    fn open(path: &Path, size: u64) -> io::Result<Self> {
        // A pipe would have to be waited for.
        if !fs::symlink_metadata(path)?.is_file() {
            return Err(io::Error::other("it is no file any more"));
        }
        Ok(Self { file: File::open(path)?.take(size), hasher: Hasher::default() })
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.file.read(into)?;
        self.hasher.update(&into[..size]);
        Ok(size)
    }

    /// What fills the last block. `None`: it is not what was digested.
    fn finish(self, entry: &Entry) -> Option<Vec<u8>> {
        let Kind::File { digest, size, .. } = &entry.kind else { return None };
        (self.hasher.finish() == *digest).then(|| vec![0; filling(*size)])
    }
}

/// Bytes of the archive of these entries.
///
/// # Errors
/// When a path cannot be written into an archive.
pub(super) fn length(entries: &[Entry]) -> io::Result<u64> {
    entries.iter().try_fold(END.len() as u64, |sum, entry| {
        let content = match entry.kind {
            Kind::File { size, .. } => size + filling(size) as u64,
            Kind::Directory | Kind::Link(_) => 0,
        };
        Ok(sum + head(entry)?.len() as u64 + content)
    })
}

/// What stands before the content of an entry.
fn head(entry: &Entry) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(vec![]);
    let mut header = tar::Header::new_gnu();
    header.set_mtime(entry.modified);
    header.set_size(0);
    match &entry.kind {
        Kind::Directory => {
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(0o755);
            archive.append_data(&mut header, &entry.path, io::empty())?;
        }
        Kind::File { size, executable, .. } => {
            header.set_mode(if *executable { 0o755 } else { 0o644 });
            header.set_size(*size);
            archive.append_data(&mut header, &entry.path, io::empty())?;
        }
        Kind::Link(to) => {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_mode(0o777);
            archive.append_link(&mut header, &entry.path, to)?;
        }
    }
    Ok(std::mem::take(archive.get_mut()))
}

/// Bytes from the end of a content of `size` to the end of its last block.
fn filling(size: u64) -> usize {
    (size.next_multiple_of(BLOCK as u64) - size) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::entry;

    /// More than the head of an entry has room for.
    const LONG: &str = concat!(
        "long/long/long/long/long/long/long/long/long/long/long/long/",
        "long/long/long/long/long/long/long/long/long/long/long/long/x"
    );

    /// A file of many blocks, one of exactly a block, an empty one, a long path, a folder and a link.
    const PATHS: [&str; 6] = ["app.py", "block", "empty", LONG, "long", "link"];

    fn made() -> tempfile::TempDir {
        let made = tempfile::tempdir().unwrap();
        let big: Vec<u8> = (0..200_001_u32).map(|number| number.to_le_bytes()[0]).collect();
        fs::create_dir_all(made.path().join(LONG).parent().unwrap()).unwrap();
        for (path, content) in [("app.py", &big[..]), ("block", &big[..BLOCK]), ("empty", b""), (LONG, b"x")] {
            fs::write(made.path().join(path), content).unwrap();
        }
        std::os::unix::fs::symlink("app.py", made.path().join("link")).unwrap();
        made
    }

    fn contents(root: &Path) -> Arc<Contents> {
        let entries = PATHS.map(|path| Entry::read(root, path.into()).unwrap());
        Arc::new(Contents { root: root.to_owned(), entries: entries.into() })
    }

    #[test]
    fn it_has_the_length_that_was_announced_and_unpacks_to_the_folder() {
        let made = made();
        let folder = contents(made.path());
        let mut bytes = vec![];
        Archive::of(folder.clone()).read_to_end(&mut bytes).unwrap();
        assert_eq!((bytes.len() as u64, bytes.len() % BLOCK), (length(&folder.entries).unwrap(), 0));
        let unpacked = tempfile::tempdir().unwrap();
        tar::Archive::new(&bytes[..]).unpack(unpacked.path()).unwrap();
        let again = contents(unpacked.path());
        assert_eq!(entry::digest(&again.entries), entry::digest(&folder.entries));
        let modified = |folder: &Contents| folder.entries[0].modified;
        assert_eq!(modified(&again), modified(&folder));
        // However it is asked for its bytes.
        let (mut again, mut slow) = (vec![], Archive::of(folder));
        let mut piece = [0; 7];
        while let size @ 1.. = slow.read(&mut piece).unwrap() {
            again.extend_from_slice(&piece[..size]);
        }
        assert!(again == bytes);
    }

    #[test]
    fn a_file_that_changed_since_is_named() {
        let check = |change: &dyn Fn(&Path)| {
            let made = made();
            let folder = contents(made.path());
            change(&made.path().join("app.py"));
            let mut bytes = vec![];
            let error = Archive::of(folder.clone()).read_to_end(&mut bytes).unwrap_err();
            let fault = error.downcast::<Fault>().unwrap();
            assert!(fault.message.contains("/app.py` is no longer what it was"), "{fault}");
            assert!((bytes.len() as u64) < length(&folder.entries).unwrap(), "the host can tell");
        };
        check(&|path| fs::write(path, vec![0; 200_001]).unwrap());
        check(&|path| fs::write(path, "shorter").unwrap());
        check(&|path| fs::remove_file(path).unwrap());
        check(&|path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        });
    }
}
