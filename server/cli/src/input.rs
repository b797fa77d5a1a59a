//! What a command reads: passwords and files.

use std::io::{BufRead, Read};
use std::path::Path;

use postigo_api::{Code, Error};

use crate::arguments::PasswordSource;

/// The largest file with aliases or a zone, in octets; a zone may have as many.
const MAX_FILE: u64 = 8 << 20;

/// A password from the terminal without showing it, or one line of standard input. Never an argument: everybody on the
/// machine can read those.
pub(crate) fn password(source: PasswordSource) -> Result<String, Error> {
    let unreadable =
        |e: std::io::Error| Error::new(Code::PasswordInvalid, format!("The password cannot be read: {e}"));
    if !source.password_stdin {
        return rpassword::prompt_password("Password: ").map_err(unreadable);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(unreadable)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The text of a file; `-` is standard input.
pub(crate) fn file(path: &Path) -> Result<String, Error> {
    let unreadable = |detail: &dyn std::fmt::Display| {
        Error::new(Code::DataUnusable, format!("{} cannot be read: {detail}", path.display()))
            .with("path", path.display())
            .with("detail", detail)
    };
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_FILE + 1).read_to_string(&mut text)
    } else {
        let open = std::fs::File::open(path);
        open.and_then(|file| file.take(MAX_FILE + 1).read_to_string(&mut text))
    };
    read.map_err(|e| unreadable(&e))?;
    if text.len() as u64 > MAX_FILE {
        return Err(unreadable(&"it is larger than 8 MiB"));
    }
    Ok(text)
}
