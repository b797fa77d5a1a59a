//! A message's file: its envelope as one field, then the content, so that the file can be read as mail and the index be
//! built from files alone.
//!
//! `DATA/queue/<last character of the queue id>/<queue id>.eml`. The envelope's field says how long the content is; a file
//! that is shorter is what a crash left of it.

use super::entry::{SpoolEntry, micros};
use crate::Result;
use crate::incoming::Content;
use crate::lock::create_private_folder;
use crate::maildir::create_private_file;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const FIELD: &[u8] = b"Postigo-Envelope: ";
/// No envelope is longer: it was in a journal record.
const MAX_FIELD: u64 = crate::journal::MAX_RECORD_OCTETS as u64;
const MAX_ID: usize = 64;

/// What the field says. It borrows to be written and owns when it was read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FileEnvelope<E> {
    pub(super) queue_id: String,
    #[serde(with = "micros")]
    pub(super) arrived: Timestamp,
    /// Of the content.
    pub(super) octets: u64,
    pub(super) entry: E,
}

/// A file's content.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileContent<'a> {
    /// Before the content, with CRLF.
    pub(super) fields: &'a [u8],
    pub(super) content: &'a Content,
    /// False if there are bare line feeds, which become CRLF here.
    pub(super) is_crlf: bool,
}

/// The files of a spool.
#[derive(Clone, Debug)]
pub(super) struct Files {
    root: PathBuf,
}

impl Files {
    pub(super) fn open(root: &Path) -> Result<Self> {
        create_private_folder(root)?;
        Ok(Self { root: root.to_owned() })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn path(&self, queue_id: &str) -> PathBuf {
        let shard = queue_id.char_indices().last().map_or("", |(at, _)| &queue_id[at..]);
        self.root.join(shard).join(file_name(queue_id))
    }

    /// Writes a message's file. What is there under its name is left of one that is gone, and goes too.
    pub(super) fn write(
        &self,
        envelope: &FileEnvelope<&SpoolEntry>,
        content: FileContent<'_>,
    ) -> Result<PathBuf> {
        let path = self.path(&envelope.queue_id);
        let create = || create_private_file(&path);
        let file = create().or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                path.parent().map_or(Ok(()), create_private_folder)?;
                create()
            }
            io::ErrorKind::AlreadyExists => {
                fs::remove_file(&path)?;
                create()
            }
            _ => Err(error),
        });
        match file.and_then(|file| write(file, envelope, content)) {
            Ok(()) => Ok(path),
            Err(error) => {
                let _ = fs::remove_file(&path);
                Err(error.into())
            }
        }
    }

    /// Opens a message's file at the beginning of its content, of which the length is known.
    pub(super) fn content(&self, queue_id: &str, octets: u64) -> io::Result<File> {
        let mut file = File::open(self.path(queue_id))?;
        let content_at = file.metadata()?.len().checked_sub(octets).ok_or(io::ErrorKind::InvalidData)?;
        file.seek(SeekFrom::Start(content_at))?;
        Ok(file)
    }

    pub(super) fn exists(&self, queue_id: &str) -> bool {
        self.path(queue_id).is_file()
    }

    /// Removes a message's file, if it is there.
    pub(super) fn remove(&self, queue_id: &str) -> io::Result<()> {
        match fs::remove_file(self.path(queue_id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Reads a file's envelope. `None` if the file is not a complete message of that id.
    pub(super) fn read(&self, queue_id: &str) -> Result<Option<FileEnvelope<SpoolEntry>>> {
        let file = File::open(self.path(queue_id))?;
        let length = file.metadata()?.len();
        let mut field = Vec::new();
        BufReader::new(file.take(MAX_FIELD)).read_until(b'\n', &mut field)?;
        let json = field.strip_prefix(FIELD).and_then(|field| field.strip_suffix(b"\r\n"));
        let envelope: Option<FileEnvelope<SpoolEntry>> =
            json.and_then(|json| serde_json::from_slice(json).ok());
        let content_at = field.len() as u64;
        Ok(envelope
            .filter(|envelope| envelope.queue_id == queue_id && length == content_at + envelope.octets))
    }

    /// The queue ids of all files, a folder at a time.
    pub(super) fn for_each(&self, mut visit: impl FnMut(Vec<String>) -> Result<()>) -> Result<()> {
        for shard in fs::read_dir(&self.root)? {
            let shard = shard?;
            if !shard.file_type()?.is_dir() {
                continue;
            }
            let mut ids = Vec::new();
            for entry in fs::read_dir(shard.path())? {
                let name = entry?.file_name();
                let stem = name.to_str().and_then(|name| name.strip_suffix(".eml"));
                let id = stem.map(|stem| stem.split_once('-').map_or(stem, |(id, _)| id));
                ids.extend(id.filter(|id| is_queue_id(id)).map(str::to_owned));
            }
            visit(ids)?;
        }
        Ok(())
    }
}

/// Where file systems commonly have no case, ids that differ only in it get different names by a number that says which
/// letters are small.
fn file_name(queue_id: &str) -> String {
    if cfg!(not(any(windows, target_vendor = "apple"))) {
        return format!("{queue_id}.eml");
    }
    let case = queue_id.bytes().fold(0, |bits: u64, byte| bits << 1 | u64::from(byte.is_ascii_lowercase()));
    format!("{queue_id}-{case:x}.eml")
}

/// Whether a queue id can name a file: 1 to 64 ASCII letters and digits.
pub(super) fn is_queue_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The content as it is delivered, in memory.
pub(super) fn bytes_of(content: FileContent<'_>) -> io::Result<Vec<u8>> {
    let mut bytes = content.fields.to_vec();
    match content.content {
        Content::Memory(memory) => copy(&mut &memory[..], &mut bytes, content.is_crlf)?,
        Content::File(spilled) => copy(&mut spilled.reader()?, &mut bytes, content.is_crlf)?,
    }
    Ok(bytes)
}

fn write(mut file: File, envelope: &FileEnvelope<&SpoolEntry>, content: FileContent<'_>) -> io::Result<()> {
    let mut head = FIELD.to_vec();
    serde_json::to_writer(&mut head, envelope)?;
    head.extend_from_slice(b"\r\n");
    head.extend_from_slice(content.fields);
    match content.content {
        // One write: a system call costs more than the copy.
        Content::Memory(bytes) => {
            copy(&mut &bytes[..], &mut head, content.is_crlf)?;
            file.write_all(&head)?;
        }
        Content::File(spilled) => {
            file.write_all(&head)?;
            copy(&mut spilled.reader()?, &mut file, content.is_crlf)?;
        }
    }
    Ok(())
}

fn copy(from: &mut impl Read, to: &mut impl Write, is_crlf: bool) -> io::Result<()> {
    if is_crlf {
        return io::copy(from, to).map(drop);
    }
    let (mut from, mut to) = (BufReader::new(from), BufWriter::new(to));
    let mut last = 0;
    loop {
        let bytes = from.fill_buf()?;
        if bytes.is_empty() {
            return to.flush();
        }
        let mut copied = 0;
        for at in memchr::memchr_iter(b'\n', bytes) {
            let before = if at == 0 { last } else { bytes[at - 1] };
            if before != b'\r' {
                to.write_all(&bytes[copied..at])?;
                to.write_all(b"\r")?;
                copied = at;
            }
        }
        to.write_all(&bytes[copied..])?;
        last = bytes.last().copied().unwrap_or(last);
        let used = bytes.len();
        from.consume(used);
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::SenderParameters;
    use super::*;

    fn entry() -> SpoolEntry {
        SpoolEntry {
            reverse_path: "ana@lab.test".into(),
            parameters: SenderParameters::default(),
            context: "{\"line\":\"\\n\"}".into(),
            recipients: Vec::new(),
        }
    }

    fn written(files: &Files, id: &str, text: &[u8], is_crlf: bool) -> Vec<u8> {
        let (entry, content) = (entry(), Content::Memory(text.to_vec()));
        let octets = 3 + text.len() as u64 + text.split(|byte| *byte == b'\n').count() as u64 - 1;
        let octets = if is_crlf { 3 + text.len() as u64 } else { octets };
        let envelope =
            FileEnvelope { queue_id: id.into(), arrived: Timestamp::UNIX_EPOCH, octets, entry: &entry };
        let content = FileContent { fields: b"F\r\n", content: &content, is_crlf };
        files.write(&envelope, content).unwrap();
        assert_eq!(files.read(id).unwrap().unwrap().entry, entry);
        let mut read = Vec::new();
        files.content(id, octets).unwrap().read_to_end(&mut read).unwrap();
        assert_eq!(bytes_of(content).unwrap(), read);
        read
    }

    #[test]
    fn a_file_holds_envelope_and_content_with_crlf() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(&folder.path().join("queue")).unwrap();
        assert_eq!(written(&files, "4bX1", b"a\r\nb\r\n", true), b"F\r\na\r\nb\r\n");
        assert_eq!(written(&files, "4bX2", b"\na\nb\n", false), b"F\r\n\r\na\r\nb\r\n");
        let big = [&[b'x'; 8191][..], b"\n"].concat();
        assert!(written(&files, "4bX3", &big, false).ends_with(b"xx\r\n"), "across pieces");
        let mut ids = Vec::new();
        files
            .for_each(|found| {
                ids.extend(found);
                Ok(())
            })
            .unwrap();
        ids.sort();
        assert_eq!(ids, ["4bX1", "4bX2", "4bX3"]);
    }

    #[test]
    fn a_part_of_a_file_is_no_message() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        written(&files, "4bX", b"hello\r\n", true);
        let whole = fs::read(files.path("4bX")).unwrap();
        for length in 0..whole.len() {
            fs::write(files.path("4bX"), &whole[..length]).unwrap();
            assert!(files.read("4bX").unwrap().is_none(), "{length}");
        }
        fs::create_dir_all(files.path("1bX").parent().unwrap()).unwrap();
        fs::write(files.path("1bX"), whole).unwrap();
        assert!(files.read("1bX").unwrap().is_none(), "of another id");
    }

    #[test]
    fn what_was_left_under_the_name_goes_and_only_ids_are_names() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        written(&files, "4bX", b"old and long", true);
        assert_eq!(written(&files, "4bX", b"new", true), b"F\r\nnew");
        for bad in ["", "a/b", "..", "é", &"x".repeat(65)] {
            assert!(!is_queue_id(bad), "{bad}");
        }
    }
}
