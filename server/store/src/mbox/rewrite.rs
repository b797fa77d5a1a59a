//! Writing an mbox anew from some octet on, so that a crash at any moment loses nothing.
//!
//! The file keeps its inode: a program that waits for its lock, or has it open, would go on with a file that is not there any more if another
//! one took its place. So what is to follow is first written to a side file in our own folder, and on disk, before the first octet of the
//! mbox is touched; whoever finds a side file that is in force writes it once more. What other programs appended in between (our
//! locks went with the process) is kept.

use super::format::is_from_line;
use super::lines::Lines;
use super::state::{Rewrite, State};
use crate::Result;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Begins a side file.
pub(super) fn create_side(side: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(side)?)
}

/// Puts the whole side file after the first `from` octets of the mbox, in place of what is there.
pub(super) fn rewrite(mbox: &File, side: &File, path: &Path, from: u64, state: &State) -> Result<()> {
    side.sync_all()?;
    crate::incoming::sync_folder(path.parent().unwrap_or(path))?;
    let rewrite = Rewrite { from, old_length: mbox.metadata()?.len(), side_length: side.metadata()?.len() };
    state.set_rewrite(Some(rewrite))?;
    apply(mbox, side, rewrite)?;
    state.set_rewrite(None)
}

fn apply(mut mbox: &File, mut side: &File, rewrite: Rewrite) -> io::Result<()> {
    mbox.seek(SeekFrom::Start(rewrite.from))?;
    side.seek(SeekFrom::Start(0))?;
    io::copy(&mut side.take(rewrite.side_length), &mut mbox)?;
    mbox.sync_all()?;
    let length = rewrite.from + rewrite.side_length;
    if rewrite.old_length > length {
        mbox.set_len(length)?;
        mbox.sync_all()?;
    }
    Ok(())
}

/// Finishes what a crash interrupted. True if there was something.
pub(super) fn finish(mbox: &File, side_path: &Path, state: &State) -> Result<bool> {
    let Some(interrupted) = state.rewrite()? else { return Ok(false) };
    let mut side = OpenOptions::new().read(true).write(true).open(side_path)?;
    let tail = appended(mbox, &side, interrupted)?;
    let length = mbox.metadata()?.len();
    // What is behind the side file's length counts only once the note says so: this may be interrupted, too.
    side.set_len(interrupted.side_length)?;
    side.seek(SeekFrom::End(0))?;
    let mut rest = mbox;
    rest.seek(SeekFrom::Start(tail))?;
    io::copy(&mut rest.take(length.saturating_sub(tail)), &mut side)?;
    side.sync_all()?;
    let rewrite = Rewrite { old_length: length, side_length: side.metadata()?.len(), ..interrupted };
    state.set_rewrite(Some(rewrite))?;
    apply(mbox, &side, rewrite)?;
    state.set_rewrite(None)?;
    fs::remove_file(side_path)?;
    Ok(true)
}

/// Where that begins which other programs appended after the crash; the length of the file if nothing was.
fn appended(mbox: &File, side: &File, rewrite: Rewrite) -> Result<u64> {
    let length = mbox.metadata()?.len();
    let new_length = rewrite.from + rewrite.side_length;
    let same = rewrite.from + common(mbox, side, rewrite)?;
    let tail = if same == new_length {
        // All of it was written. What follows is what was to be cut off, unless a message begins there: in doubt it is kept.
        if begins_message(mbox, new_length)? { new_length } else { rewrite.old_length.max(new_length) }
    } else if same > rewrite.old_length && same < length {
        // Beyond the old file, we had written up to where the two part; but the next message may begin as ours would have.
        message_begin(mbox, same, rewrite.old_length)?
    } else {
        same.max(rewrite.old_length)
    };
    Ok(tail.min(length))
}

/// Where the `From ` line begins that an octet is in, not before `floor`; the octet itself if it is in no such line.
fn message_begin(mut mbox: &File, at: u64, floor: u64) -> io::Result<u64> {
    /// No `From ` line is longer.
    const WINDOW: u64 = 1024;
    let start = at.saturating_sub(WINDOW).max(floor);
    mbox.seek(SeekFrom::Start(start))?;
    let mut window = Vec::new();
    mbox.take(at - start + WINDOW).read_to_end(&mut window)?;
    let inside = usize::try_from(at - start).unwrap_or(0).min(window.len());
    let line_end = memchr::memchr(b'\n', &window[inside..]).map_or(window.len(), |end| inside + end);
    let line_start = memchr::memrchr(b'\n', &window[..inside]).map_or(0, |end| end + 1);
    let begins = (line_start..=inside).rev().find(|from| is_from_line(&window[*from..line_end]));
    Ok(begins.map_or(at, |from| start + from as u64))
}

/// How many octets the side file and the mbox have in common.
fn common(mut mbox: &File, mut side: &File, rewrite: Rewrite) -> io::Result<u64> {
    mbox.seek(SeekFrom::Start(rewrite.from))?;
    side.seek(SeekFrom::Start(0))?;
    let (mut left, mut right) = (BufReader::new(mbox), BufReader::new(side.take(rewrite.side_length)));
    let mut same = 0;
    loop {
        let (a, b) = (io::BufRead::fill_buf(&mut left)?, io::BufRead::fill_buf(&mut right)?);
        let shorter = a.len().min(b.len());
        let equal = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        same += equal as u64;
        if shorter == 0 || equal < shorter {
            return Ok(same);
        }
        io::BufRead::consume(&mut left, equal);
        io::BufRead::consume(&mut right, equal);
    }
}

fn begins_message(mut mbox: &File, at: u64) -> io::Result<bool> {
    mbox.seek(SeekFrom::Start(at))?;
    let mut lines = Lines::new(BufReader::new(mbox), at);
    Ok(lines.next()?.is_some_and(|piece| is_from_line(piece.bytes)))
}

/// Makes sure that a message can follow: an empty line before it. Returns the length of the file then.
pub(super) fn end_with_blank_line(mut mbox: &File) -> io::Result<u64> {
    let length = mbox.metadata()?.len();
    if length == 0 {
        return Ok(0);
    }
    // Of a file with one octet only, that one.
    let last = if length == 1 { 1 } else { 2 };
    mbox.seek(SeekFrom::End(-last))?;
    let mut end = [b'\n'; 2];
    mbox.read_exact(if last == 1 { &mut end[1..] } else { &mut end })?;
    mbox.seek(SeekFrom::End(0))?;
    match end {
        [b'\n', b'\n'] => {}
        [_, b'\n'] => mbox.write_all(b"\n")?,
        _ => mbox.write_all(b"\n\n")?,
    }
    mbox.stream_position()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "From ana@lab.test Tue Nov 24 20:00:00 2026\n";

    /// Every state a crash can leave between the old file and the new one, with and without a message that came afterwards.
    #[test]
    fn a_crash_at_any_octet_loses_and_doubles_nothing() {
        // Each state is noted with a sync, which costs nothing in memory.
        let memory = Path::new("/dev/shm");
        let folder =
            if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let state = State::open(&folder.path().join("mbox.db")).unwrap();
        let message = |text: &str| format!("{FROM}A: b\n\n{text}\n\n");
        let first = message("first");
        let appended = message("appended").replace("ana", "ann");
        for (old, new) in [
            (message("a long second one") + &message("third"), message("third")),
            (message("second"), message("second, with something more in it")),
            (message("second"), String::new()),
            (message("second"), message("SECOND")),
            (String::new(), message("second") + &message("third")),
        ] {
            let from = first.len() as u64;
            for written in 0..=new.len() {
                for is_cut in [false, true] {
                    if is_cut && written < new.len() {
                        continue;
                    }
                    for tail in ["", &appended] {
                        let side_path = folder.path().join("side");
                        let side = create_side(&side_path).unwrap();
                        (&side).write_all(new.as_bytes()).unwrap();
                        let old_length = (first.len() + old.len()) as u64;
                        state
                            .set_rewrite(Some(Rewrite { from, old_length, side_length: new.len() as u64 }))
                            .unwrap();
                        let mut left = new[..written].to_owned();
                        if !is_cut && written < old.len() {
                            left.push_str(&old[written..]);
                        }
                        let mbox = tempfile::tempfile().unwrap();
                        (&mbox).write_all(format!("{first}{left}{tail}").as_bytes()).unwrap();
                        assert!(finish(&mbox, &side_path, &state).unwrap());
                        let mut text = String::new();
                        (&mbox).seek(SeekFrom::Start(0)).unwrap();
                        (&mbox).read_to_string(&mut text).unwrap();
                        let wanted = format!("{first}{new}{tail}");
                        // A message that was to be cut off may be there once more.
                        let doubt = !is_cut && written == new.len() && old.len() > new.len();
                        assert!(
                            text == wanted
                                || doubt
                                    && text.starts_with(&format!("{first}{new}"))
                                    && text.ends_with(tail),
                            "{written} of {new:?} over {old:?}, then {tail:?}: {text:?}"
                        );
                        assert_eq!(state.rewrite().unwrap(), None);
                    }
                }
            }
        }
    }

    #[test]
    fn a_message_can_follow_any_end() {
        for (text, length) in [("", 0), ("\n", 1), ("a", 3), ("a\n", 3), ("a\n\n", 3)] {
            let file = tempfile::tempfile().unwrap();
            (&file).write_all(text.as_bytes()).unwrap();
            assert_eq!(end_with_blank_line(&file).unwrap(), length, "{text:?}");
        }
    }
}
