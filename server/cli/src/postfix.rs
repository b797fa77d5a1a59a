//! `postigo import postfix` and `postigo export postfix`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use postigo_api::{
    Code, CommentLanguage, Error, Handler, PostfixExport, PostfixFiles, PostfixImport, PostfixImported,
};

use crate::arguments::{ExportCommand, ExportOptions, ImportCommand, ImportOptions, Lang};
use crate::host::Host;
use crate::{config, input, print};

/// What Debian and Postfix put beside main.cf, and what tables are built into: nothing of it is configuration.
const NO_CONFIGURATION: [&str; 5] =
    ["dynamicmaps.cf", "postfix-files", "postfix-script", "post-install", "makedefs.out"];

/// Files that only their owner may read.
const SECRET: [&str; 2] = ["sasl_passwd", "dovecot-users"];

/// Takes files over.
pub(crate) async fn import(data: &Path, command: ImportCommand) -> Result<(), Error> {
    let ImportCommand::Postfix(options) = command;
    let files = read_folder(&options.folder)?;
    Host::ask(data, async |handler: &dyn Handler| ask_import(handler, options, files).await).await
}

async fn ask_import(
    handler: &dyn Handler,
    options: ImportOptions,
    files: BTreeMap<String, String>,
) -> Result<(), Error> {
    let ImportOptions { dry_run, confirm_open_relay, json, .. } = options;
    let asked = handler.postfix_import(PostfixImport { files, dry_run, confirm_open_relay }).await;
    let imported: PostfixImported = asked.map_err(config::with_confirmation)?;
    print::either(&imported, json, || print!("{}", print::postfix::imported(&imported)));
    Ok(())
}

/// Writes files.
pub(crate) async fn export(data: &Path, command: ExportCommand) -> Result<(), Error> {
    let ExportCommand::Postfix(options) = command;
    let folder = std::path::absolute(&options.folder).map_err(|error| unusable(&options.folder, &error))?;
    let language = match options.lang.unwrap_or_else(|| of_environment(|name| std::env::var(name).ok())) {
        Lang::Es => CommentLanguage::Es,
        Lang::En => CommentLanguage::En,
    };
    let wanted = PostfixExport { language, folder: folder.display().to_string() };
    let asked = async |handler: &dyn Handler| handler.postfix_export(wanted).await;
    let PostfixFiles { files } = Host::ask(data, asked).await?;
    let written = write_folder(&folder, &files, &options)?;
    print::either(&written, options.json, || {
        written.iter().for_each(|path| println!("{}", path.display()));
        println!("Try them: postfix -c {0} check; doveconf -n -c {0}/dovecot.conf", folder.display());
    });
    Ok(())
}

/// All texts of the folder, by base name; of one file, that one.
fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>, Error> {
    let mut paths = Vec::new();
    if folder.is_file() {
        paths.push(folder.to_owned());
    } else {
        for entry in fs::read_dir(folder).map_err(|error| unusable(folder, &error))? {
            paths.push(entry.map_err(|error| unusable(folder, &error))?.path());
        }
        let whole = fs::canonicalize(folder).map_err(|error| unusable(folder, &error))?;
        if let Some(parent) = whole.parent().filter(|_| whole.file_name() == Some("postfix".as_ref())) {
            paths.extend(["aliases", "mailname"].map(|name| parent.join(name)));
        }
    }
    let mut files = BTreeMap::new();
    for path in paths.into_iter().filter(|path| path.is_file()) {
        let Some(name) =
            path.file_name().and_then(|name| name.to_str()).filter(|name| is_configuration(name))
        else {
            continue;
        };
        // What lies in the folder itself comes first.
        if !files.contains_key(name) {
            files.insert(name.to_owned(), input::file(&path)?);
        }
    }
    if files.is_empty() {
        return Err(unusable(folder, &"there is no file of Postfix in it"));
    }
    Ok(files)
}

fn is_configuration(name: &str) -> bool {
    let is_built =
        [".db", ".lmdb", ".cdb", ".dir", ".pag", ".proto", "~"].iter().any(|end| name.ends_with(end));
    !is_built && !name.starts_with('.') && !NO_CONFIGURATION.contains(&name)
}

/// Writes all files, or none where one is there already.
fn write_folder(
    folder: &Path,
    files: &BTreeMap<String, String>,
    options: &ExportOptions,
) -> Result<Vec<PathBuf>, Error> {
    fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
    let is_there = |name: &&String| folder.join(name).symlink_metadata().is_ok();
    if let Some(name) = files.keys().find(is_there).filter(|_| !options.force) {
        let path = folder.join(name);
        let text = format!("{} is there already; --force replaces it", path.display());
        return Err(Error::new(Code::AlreadySetUp, text).with("path", path.display()));
    }
    let mut written = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        write(&path, text, SECRET.contains(&name.as_str())).map_err(|error| unusable(&path, &error))?;
        written.push(path);
    }
    Ok(written)
}

fn write(path: &Path, text: &str, is_secret: bool) -> std::io::Result<()> {
    // The old file goes first: its mode, or where it leads as a link, would be kept otherwise.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if is_secret { 0o600 } else { 0o644 });
    }
    #[cfg(not(unix))]
    let _ = is_secret;
    options.open(path)?.write_all(text.as_bytes())
}

/// As programs find their language (setlocale(3)); English where it is neither.
fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Lang {
    let set =
        ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| variable(name)).find(|v| !v.is_empty());
    if set.is_some_and(|language| language.starts_with("es")) { Lang::Es } else { Lang::En }
}

fn unusable(path: &Path, detail: &dyn std::fmt::Display) -> Error {
    Error::new(Code::DataUnusable, format!("{} cannot be used: {detail}", path.display()))
        .with("path", path.display())
        .with("detail", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_that_were_built_and_backups_are_no_configuration() {
        for (name, expected) in [
            ("main.cf", true),
            ("virtual", true),
            ("sasl_passwd", true),
            ("virtual.db", false),
            ("main.cf.proto", false),
            ("main.cf~", false),
            (".main.cf.swp", false),
            ("dynamicmaps.cf", false),
        ] {
            assert_eq!(is_configuration(name), expected, "{name}");
        }
    }

    #[test]
    fn the_language_is_that_of_the_environment() {
        let of = |pairs: &[(&str, &str)]| {
            of_environment(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
        };
        assert_eq!(of(&[("LANG", "es_ES.UTF-8")]), Lang::Es);
        assert_eq!(of(&[("LANG", "es_ES.UTF-8"), ("LC_ALL", "C.UTF-8")]), Lang::En);
        assert_eq!(of(&[("LANG", "es_ES.UTF-8"), ("LC_ALL", "")]), Lang::Es);
        assert_eq!(of(&[]), Lang::En);
    }
}
