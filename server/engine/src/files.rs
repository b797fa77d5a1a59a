//! Files of the data folder that are small and must always be whole.

use std::io::Write;
use std::path::Path;

use postigo_api::{Code, Error};

/// Writes a file that only its owner can read, and puts it in the place of the old one once it is on disk. Blocks.
pub(crate) fn replace(path: &Path, octets: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(octets)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// The error for a file that the system refuses.
pub(crate) fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Code::DataUnusable, format!("{} cannot be read or written: {error}", path.display()))
        .with("path", path.display())
        .with("detail", error)
}
