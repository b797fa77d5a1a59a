//! What recovery asks of an account: is this message there, and is it whole?

use super::{AccountMail, Arrival};
use crate::Result;
use crate::incoming::Content;
use crate::maildir::open_message;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What the index knows of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It is in a mailbox; its file should be here.
    Known(PathBuf),
    /// It was in a mailbox and is gone.
    Vanished,
    /// Nothing.
    Unknown,
}

impl AccountMail {
    /// The files of all messages in all folders, by base.
    pub(crate) fn all_files(&self) -> Result<HashMap<String, PathBuf>> {
        self.with(|inner| {
            inner.match_folders()?;
            let mut files = HashMap::new();
            for row in inner.index.mailboxes()? {
                let folder = inner.folder(&row);
                for (base, place) in folder.messages()? {
                    let path = folder.file(&base, &place);
                    files.insert(base, path);
                }
            }
            Ok(files)
        })
    }

    pub(crate) fn presence(&self, base: &str) -> Result<Presence> {
        self.with(|inner| {
            if let Some((mailbox, message)) = inner.index.message_by_base(base)? {
                let folder = inner.folder(&inner.index.mailbox(mailbox)?);
                return Ok(Presence::Known(folder.file(base, &message.place)));
            }
            Ok(if inner.index.has_vanished(base)? { Presence::Vanished } else { Presence::Unknown })
        })
    }

    /// True if the file holds what arrived.
    pub(crate) fn has_content(&self, path: &Path, arrival: &Arrival<'_>) -> Result<bool> {
        let spilled = match arrival.content {
            Content::Memory(_) => None,
            Content::File(spilled) => Some(spilled.reader()?),
        };
        let _assumed = self.assume()?;
        let mut file = open_message(path)?;
        let mut fields = vec![0; arrival.fields.iter().map(|field| field.len()).sum()];
        if file.read_exact(&mut fields).is_err() || fields != arrival.fields.concat() {
            return Ok(false);
        }
        Ok(match (arrival.content, spilled) {
            (Content::Memory(bytes), _) => same(&mut file, &mut &bytes[..])?,
            (Content::File(_), Some(mut spilled)) => same(&mut file, &mut spilled)?,
            (Content::File(_), None) => false,
        })
    }

    /// Writes a message's file anew, complete before it is visible.
    pub(crate) fn write_again(&self, path: &Path, arrival: &Arrival<'_>) -> Result<()> {
        let temporary = self.maildir().join("tmp").join(arrival.base);
        self.write_message(&temporary, arrival)?;
        let _assumed = self.assume()?;
        Ok(fs::rename(temporary, path)?)
    }

    /// Reads all folders, whatever their times say.
    pub(crate) fn rescan_all(&self) -> Result<()> {
        self.with(|inner| {
            inner.match_folders()?;
            inner.scan_all()
        })
    }
}

/// Compares two readers to their ends.
fn same(one: &mut impl Read, other: &mut impl Read) -> io::Result<bool> {
    let (mut left, mut right) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let read = read_full(one, &mut left)?;
        if read != read_full(other, &mut right)? || left[..read] != right[..read] {
            return Ok(false);
        }
        if read < left.len() {
            return Ok(true);
        }
    }
}

/// Reads until the buffer is full or the input ends.
fn read_full(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}
