//! A tray, as desktops have one.

use std::process::{Child, Command, Stdio};

/// A tray at the lower edge of the screen, where no window lies. Dropping it ends it.
#[derive(Debug)]
pub struct Tray(Child);

impl Tray {
    /// Puts it up. Programs find it whenever it comes.
    pub fn put_up() -> Self {
        let tray = Command::new("trayer")
            .args([
                "--edge",
                "bottom",
                "--align",
                "right",
                "--widthtype",
                "percent",
                "--width",
                "20",
                "--height",
                "24",
            ])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| {
                panic!("trayer cannot be started ({e}): see packaging/apt-packages-test.txt")
            });
        Self(tray)
    }
}

impl Drop for Tray {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
