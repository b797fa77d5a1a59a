//! Files on this machine: what the page may save, and which folders it may show.

use std::path::{Path, PathBuf};

use postigo_api::{Code, Error};
use tauri::{
    AppHandle, Manager, State, WebviewWindow,
    ipc::{InvokeBody, Request},
};
use tauri_plugin_dialog::DialogExt;
use tauri_plugin_opener::OpenerExt;
use tokio::sync::oneshot;

use crate::desk::Desk;

/// The header that carries the proposed name, percent-encoded.
const NAME: &str = "name";

/// Shows a folder of the data folder in the file manager.
#[tauri::command]
pub async fn open_folder(app: AppHandle, desk: State<'_, Desk>, path: PathBuf) -> Result<(), Error> {
    let folder = folder_inside(desk.data(), &path)?;
    app.opener()
        .open_path(folder.to_string_lossy(), None::<&str>)
        .map_err(|failure| unusable(&folder, failure))
}

/// Asks the user where to, and writes the body of the request there. False when they changed their mind.
#[tauri::command]
pub async fn save_file(window: WebviewWindow, request: Request<'_>) -> Result<bool, Error> {
    let InvokeBody::Raw(content) = request.body() else {
        return Err(Error::new(Code::BadRequest, "The content must be sent as octets").with("detail", "JSON"));
    };
    let name = request.headers().get(NAME).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (answer, answered) = oneshot::channel();
    window
        .app_handle()
        .dialog()
        .file()
        .set_parent(&window)
        .set_file_name(file_name(name))
        .save_file(move |path| drop(answer.send(path)));
    let Some(path) = answered.await.ok().flatten() else { return Ok(false) };
    let path = path.into_path().map_err(|failure| unusable(Path::new(name), failure))?;
    tokio::fs::write(&path, content).await.map_err(|failure| unusable(&path, failure))?;
    Ok(true)
}

/// The folder at `path`, which may be relative to `data`, when it really lies in `data`: links are followed first.
fn folder_inside(data: &Path, path: &Path) -> Result<PathBuf, Error> {
    let real = |path: &Path| path.canonicalize().map_err(|failure| unusable(path, failure));
    let (data, folder) = (real(data)?, real(&data.join(path))?);
    if folder.starts_with(&data) && folder.is_dir() {
        return Ok(folder);
    }
    Err(unusable(path, "It is not a folder inside the data folder"))
}

/// A proposal for the dialog, in which the user chooses: a name without folders. It came percent-encoded.
fn file_name(encoded: &str) -> String {
    let name = percent_encoding::percent_decode_str(encoded).decode_utf8_lossy();
    name.chars().map(|c| if matches!(c, '/' | '\\' | ':') || c.is_control() { '_' } else { c }).collect()
}

fn unusable(path: &Path, detail: impl ToString) -> Error {
    Error::new(Code::DataUnusable, format!("{} cannot be used", path.display()))
        .with("path", path.display())
        .with("detail", detail)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_folders_inside_the_data_folder_are_shown() {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("data");
        fs::create_dir_all(data.join("mail/lab.test/ana")).unwrap();
        fs::create_dir_all(root.path().join("data-of-others")).unwrap();
        fs::write(data.join("postigo.toml"), "").unwrap();

        let inside = |path: &str| folder_inside(&data, Path::new(path));
        let ana = data.join("mail/lab.test/ana").canonicalize().unwrap();
        assert_eq!(inside("mail/lab.test/ana").unwrap(), ana);
        assert_eq!(inside(ana.to_str().unwrap()).unwrap(), ana);
        assert!(inside("").is_ok() && inside("mail/../mail").is_ok());
        for outside in ["..", "/", "mail/../..", "../data-of-others", "nowhere", "postigo.toml"] {
            assert_eq!(inside(outside).unwrap_err().code, Code::DataUnusable, "{outside}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_is_followed_before_it_is_judged() {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("data");
        fs::create_dir(&data).unwrap();
        std::os::unix::fs::symlink("/", data.join("out")).unwrap();
        assert!(folder_inside(&data, Path::new("out")).is_err());
    }

    #[test]
    fn a_proposed_name_has_no_folders_in_it() {
        assert_eq!(file_name("Presupuesto%20a%C3%B1o.pdf"), "Presupuesto año.pdf");
        assert_eq!(file_name("..%2F..%2F.bashrc"), ".._.._.bashrc");
        assert_eq!(file_name("C%3A%5Cboot%0A.ini"), "C__boot_.ini");
    }
}
