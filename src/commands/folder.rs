//! A folder of the user's into which files are written, and nothing beside it: below it no link is followed, for others
//! may have put one there.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Result, bail};
use provision::fault::Fault;
use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, open, openat, unlinkat};
use rustix::io::Errno;

/// A folder that is open.
pub struct Folder(OwnedFd);

const LOOK: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Folder {
    /// Opens the folder that the user named, however it is reached; it is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made or opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self(open(path, LOOK, Mode::empty())?))
    }

    /// Writes a file, `path` being relative, in place of what is there. It has its mode from the first byte, as far as
    /// others are concerned: a rendered environment holds secrets.
    ///
    /// # Errors
    /// When a folder on the way is a link or something else, or the file cannot be written.
    pub fn write(&self, path: &str, content: &str, mode: u32) -> Result<()> {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut folder = self.0.try_clone()?;
        let mut names = folders.split('/').filter(|name| !name.is_empty());
        if names.clone().chain([name]).any(|name| matches!(name, "" | "." | "..")) {
            bail!("it names no file in a folder");
        }
        for name in names.by_ref() {
            match mkdirat(&folder, name, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
            folder = openat(&folder, name, LOOK | OFlags::NOFOLLOW, Mode::empty()).map_err(|error| match error {
                Errno::LOOP | Errno::NOTDIR => anyhow::Error::from(
                    Fault::new(format!("`{name}` on the way is no folder but a link or a file"))
                        .hint("remove it, or name another folder"),
                ),
                error => error.into(),
            })?;
        }
        match unlinkat(&folder, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&folder, name, new, Mode::from_raw_mode(mode & 0o600))?);
        file.write_all(content.as_bytes())?;
        Ok(file.set_permissions(Permissions::from_mode(mode))?)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_replaces_what_is_there_with_its_mode() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("out")).unwrap();
        let env = place.path().join("out/web-01/etc/env");
        for content in ["one", "two"] {
            folder.write("web-01/etc/env", content, 0o640).unwrap();
            assert_eq!(fs::read_to_string(&env).unwrap(), content);
            assert_eq!(env.metadata().unwrap().permissions().mode() & 0o7777, 0o640);
        }
    }

    #[test]
    fn no_link_below_the_folder_is_followed() {
        let place = tempfile::tempdir().unwrap();
        let (out, elsewhere) = (place.path().join("out"), place.path().join("elsewhere"));
        fs::create_dir_all(out.join("web-01/etc")).unwrap();
        fs::create_dir(&elsewhere).unwrap();
        fs::write(elsewhere.join("env"), "untouched").unwrap();
        symlink(&elsewhere, out.join("web-01/etc/nginx")).unwrap();
        symlink(elsewhere.join("env"), out.join("web-01/etc/env")).unwrap();
        symlink(&elsewhere, out.join("web-02")).unwrap();
        let folder = Folder::open(&out).unwrap();
        for path in ["web-01/etc/nginx/new", "web-02/etc/env"] {
            let error = folder.write(path, "secret", 0o600).expect_err("a refusal").to_string();
            assert!(error.contains("on the way is no folder but a link"), "{error}");
        }
        // A link in the file's own place goes, and what it leads to stays.
        folder.write("web-01/etc/env", "secret", 0o600).unwrap();
        assert_eq!(fs::read_to_string(elsewhere.join("env")).unwrap(), "untouched");
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
        assert!(!out.join("web-01/etc/env").is_symlink());
    }

    #[test]
    fn the_folder_itself_may_be_reached_by_a_link() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("real")).unwrap();
        symlink("real", place.path().join("out")).unwrap();
        Folder::open(&place.path().join("out")).unwrap().write("env", "content", 0o644).unwrap();
        assert!(place.path().join("real/env").is_file());
    }

    #[test]
    fn a_path_stays_in_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("out")).unwrap();
        for path in ["../env", "a/../../env", "a/.", "a/", ""] {
            assert!(folder.write(path, "content", 0o644).is_err(), "{path}");
        }
        assert!(!place.path().join("env").exists());
    }
}
