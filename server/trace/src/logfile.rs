//! The log file, `mail.log`, rotated by size to `mail.log.1` and so on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use postigo_api::LogLine;

use crate::postfix::syslog_date;

/// The open log file.
pub(crate) struct LogFile {
    path: PathBuf,
    host: String,
    file: BufWriter<File>,
    octets: u64,
    rotate_at: u64,
    keep: u32,
    zone: TimeZone,
    /// The last second and how it is written, since most lines share it with the line before.
    date: (i64, String),
}

impl LogFile {
    pub fn open(path: &Path, host: &str, rotate_at: u64, keep: u32) -> io::Result<Self> {
        let (file, octets) = append_to(path)?;
        Ok(Self {
            path: path.to_owned(),
            host: host.to_owned(),
            file,
            octets,
            rotate_at,
            keep,
            zone: TimeZone::system(),
            date: (i64::MIN, String::new()),
        })
    }

    /// Writes one line; it is in the file after [`Self::flush`].
    pub fn write(&mut self, line: &LogLine) -> io::Result<()> {
        let second = line.at.div_euclid(1_000_000);
        if self.date.0 != second {
            self.date = (second, syslog_date(second, &self.zone));
        }
        let text = line.whole(&self.host);
        for part in [self.date.1.as_str(), " ", &text, "\n"] {
            self.file.write_all(part.as_bytes())?;
            self.octets += part.len() as u64;
        }
        Ok(())
    }

    /// Puts everything into the file and begins a new one when it has grown too large.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.flush()?;
        if self.octets < self.rotate_at {
            return Ok(());
        }
        for n in (1..self.keep).rev() {
            let _ = fs::rename(self.numbered(n), self.numbered(n + 1));
        }
        fs::rename(&self.path, self.numbered(1))?;
        (self.file, self.octets) = append_to(&self.path)?;
        Ok(())
    }

    /// The name in each line changes when the host's does.
    pub fn set_host(&mut self, host: &str) {
        host.clone_into(&mut self.host);
    }

    fn numbered(&self, n: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{n}"));
        name.into()
    }
}

fn append_to(path: &Path) -> io::Result<(BufWriter<File>, u64)> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let octets = file.metadata()?.len();
    Ok((BufWriter::new(file), octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_rotated_and_only_so_many_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.log");
        let mut log = LogFile::open(&path, "mail", 50, 2).unwrap();
        let line = LogLine {
            id: 1,
            at: 0,
            level: postigo_api::Level::Info,
            service: "smtpd".into(),
            pid: 1,
            queue_id: None,
            session: None,
            text: "connect from localhost[127.0.0.1]".into(),
        };
        for _ in 0..5 {
            log.write(&line).unwrap();
            log.flush().unwrap();
        }
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["mail.log", "mail.log.1", "mail.log.2"]);
        let text = fs::read_to_string(folder.path().join("mail.log.1")).unwrap();
        assert!(text.ends_with("mail postigo/smtpd[1]: connect from localhost[127.0.0.1]\n"), "{text}");
    }
}
