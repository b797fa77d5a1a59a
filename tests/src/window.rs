//! Windows and browsers, used as a person does: what is on the screen, the mouse, the keyboard.

pub mod browser;
pub mod desktop;
pub mod driver;
pub mod page;
pub mod screen;
pub mod tray;
pub mod visit;
pub mod words;

pub use browser::Browser;
pub use desktop::{Desktop, Look};
pub use driver::Driver;
pub use page::Page;
pub use screen::Screen;
pub use tray::Tray;
pub use visit::Visit;
pub use words::Words;
