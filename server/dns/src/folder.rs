//! Zone files in a folder: `ORIGIN.zone` each.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::zone::MAX_FILE;
use crate::{Code, Error, Fault, FaultKind, Name, Zone};

/// A folder of zone files. It holds nothing open; one process at a time should write there. Its functions wait for the disk, so they are not
/// for the threads of an async runtime.
#[derive(Debug, Clone)]
pub struct ZoneFolder {
    path: PathBuf,
}

/// A zone's file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneFile {
    /// The zone's name, from the file's.
    pub origin: Name,
    /// The zone, or what is wrong with its file: somebody may have edited it.
    pub zone: Result<Zone, Vec<Fault>>,
}

impl ZoneFolder {
    /// The folder at this path; it need not be there yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// All zones, by name. Files that are not named like a zone are left alone. Fails with [`Code::Unreadable`] if the folder or a file cannot be read; a folder that is not there has no zones.
    pub fn load(&self) -> Result<Vec<ZoneFile>, Error> {
        let unreadable =
            |path: &Path, failed: io::Error| Error::new(Code::Unreadable, path.display()).because(failed);
        let entries = match fs::read_dir(&self.path) {
            Err(failed) if failed.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|failed| unreadable(&self.path, failed))?,
        };
        let mut zones = Vec::new();
        for entry in entries {
            let path = entry.map_err(|failed| unreadable(&self.path, failed))?.path();
            let Some(origin) = self.origin_of(&path) else { continue };
            let octets = read(&path).map_err(|failed| unreadable(&path, failed))?;
            let zone = match std::str::from_utf8(&octets) {
                Ok(text) => Zone::parse(text, Some(&origin)),
                Err(broken) => Err(vec![not_text(&octets[..broken.valid_up_to()])]),
            };
            zones.push(ZoneFile { origin, zone });
        }
        zones.sort_by(|a, b| a.origin.cmp(&b.origin));
        Ok(zones)
    }

    /// Writes a zone's file, replacing it whole, with mode 0600, and returns when it is on disk. Fails with [`Code::BadZone`] if the
    /// zone has faults, [`Code::BadZoneName`] or [`Code::Unwritable`].
    pub fn save(&self, zone: &Zone) -> Result<(), Error> {
        if let Err(faults) = zone.check() {
            let first = faults.into_iter().next();
            let error = Error::new(Code::BadZone, &zone.origin);
            return Err(if let Some(fault) = first { error.because(fault) } else { error });
        }
        let path = self.path_of(&zone.origin)?;
        self.write(&path, &zone.to_zone_file())
            .map_err(|failed| Error::new(Code::Unwritable, path.display()).because(failed))
    }

    /// Removes a zone's file. Fails with [`Code::ZoneUnknown`], [`Code::BadZoneName`] or [`Code::Unwritable`].
    pub fn delete(&self, origin: &Name) -> Result<(), Error> {
        let path = self.path_of(origin)?;
        match fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(failed) if failed.kind() == io::ErrorKind::NotFound => {
                Err(Error::new(Code::ZoneUnknown, origin))
            }
            Err(failed) => Err(Error::new(Code::Unwritable, path.display()).because(failed)),
        }
    }

    fn write(&self, path: &Path, text: &str) -> io::Result<()> {
        fs::create_dir_all(&self.path)?;
        // Made with mode 0600, and removed again if anything fails before it has its name.
        let mut file = tempfile::NamedTempFile::new_in(&self.path)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|failed| failed.error)?;
        // The new name must survive a crash too. Windows has no such call for folders.
        if cfg!(unix) { File::open(&self.path)?.sync_all() } else { Ok(()) }
    }

    /// `lab.test.zone`; the root's is `@.zone`. No separators, no leading dot, so that it cannot lead out of the folder or be hidden.
    fn path_of(&self, origin: &Name) -> Result<PathBuf, Error> {
        let text = if origin.is_root() { "@".to_owned() } else { origin.to_string() };
        let harmless = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
        // 255 octets is the longest file name of the usual file systems.
        if !(origin.is_root() || text.bytes().all(harmless)) || text.len() > 250 {
            return Err(Error::new(Code::BadZoneName, origin));
        }
        Ok(self.path.join(format!("{text}.zone")))
    }

    fn origin_of(&self, path: &Path) -> Option<Name> {
        let stem = path.file_name()?.to_str()?.strip_suffix(".zone")?;
        let origin = if stem == "@" { Name::root() } else { Name::parse(stem).ok()? };
        // Only the one spelling that we write ourselves: `LAB.test..zone` is not ours.
        (self.path_of(&origin).ok()?.file_name() == path.file_name()).then_some(origin)
    }
}

/// The file, at most an octet more than a zone may have: the parser then says that it is too long.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    File::open(path)?.take(MAX_FILE as u64 + 1).read_to_end(&mut octets)?;
    Ok(octets)
}

fn not_text(before: &[u8]) -> Fault {
    let line = before.iter().filter(|octet| **octet == b'\n').count() + 1;
    Fault { line: Some(line), record: None, kind: FaultKind::NotUtf8 }
}
