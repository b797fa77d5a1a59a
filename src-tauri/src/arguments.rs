//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// The folder in the user's home, the same in every language: guides and commands can name it.
const FOLDER: &str = "Postigo";

/// A mail server that you can see inside, in a window.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Arguments {
    /// The data folder, with configuration, mail, keys and logs [default: Postigo in your home folder]
    #[arg(long, value_name = "DIR", env = "POSTIGO_DATA")]
    data: Option<PathBuf>,
    /// Opens a new message to an address, e.g. mailto:ana@lab.test
    #[arg(value_name = "mailto:ADDRESS")]
    address: Option<String>,
}

impl Arguments {
    /// The data folder, as an absolute path.
    ///
    /// # Errors
    /// A text for the terminal when nobody said which, and there is no home folder either.
    pub fn data_folder(&self, home: Option<PathBuf>) -> Result<PathBuf, String> {
        let chosen = self.data.clone().filter(|path| !path.as_os_str().is_empty());
        let path = chosen
            .or_else(|| home.filter(|home| !home.as_os_str().is_empty()).map(|home| home.join(FOLDER)))
            .ok_or("There is no home folder. Say where the data shall lie with --data DIR.")?;
        std::path::absolute(&path).map_err(|failure| format!("{}: {failure}", path.display()))
    }

    /// The address to write to, when it is one.
    pub fn mailto(&self) -> Option<String> {
        let scheme = self.address.as_deref()?.get(.."mailto:".len())?;
        scheme.eq_ignore_ascii_case("mailto:").then(|| self.address.clone())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(arguments: &[&str], home: Option<&str>) -> Result<PathBuf, String> {
        let data =
            arguments.iter().position(|argument| *argument == "--data").map(|at| arguments[at + 1].into());
        Arguments { data, address: None }.data_folder(home.map(PathBuf::from))
    }

    #[test]
    fn the_data_folder_is_the_chosen_one_or_lies_in_the_home() {
        assert_eq!(folder(&[], Some("/home/ana")), Ok("/home/ana/Postigo".into()));
        assert_eq!(folder(&["--data", "/srv/mail"], Some("/home/ana")), Ok("/srv/mail".into()));
        assert_eq!(folder(&["--data", ""], Some("/home/ana")), Ok("/home/ana/Postigo".into()));
        assert!(folder(&["--data", "mail"], None).unwrap().is_absolute());
        assert!(folder(&[], None).unwrap_err().contains("--data"));
        assert!(folder(&[], Some("")).unwrap_err().contains("--data"));
    }

    #[test]
    fn only_a_mailto_address_is_one() {
        let rows = [
            (Some("mailto:ana@lab.test?subject=Hi"), true),
            (Some("MAILTO:ana@lab.test"), true),
            (Some("https://lab.test"), false),
            (Some("mail"), false),
            (Some("m\u{e1}ilto:x"), false),
            (None, false),
        ];
        for (address, expected) in rows {
            let arguments = Arguments { data: None, address: address.map(str::to_owned) };
            assert_eq!(arguments.mailto().is_some(), expected, "{address:?}");
        }
    }

    #[test]
    fn the_command_line_is_understood() {
        let parsed =
            Arguments::try_parse_from(["postigo-desktop", "--data", "/srv/mail", "mailto:ana@lab.test"])
                .unwrap();
        assert_eq!(parsed.data_folder(None), Ok("/srv/mail".into()));
        assert_eq!(parsed.mailto().as_deref(), Some("mailto:ana@lab.test"));
        assert!(Arguments::try_parse_from(["postigo-desktop", "--nothing"]).is_err());
    }
}
