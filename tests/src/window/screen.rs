//! The screen that windows are on, to do what a window's frame does, and what the mouse does outside of the page.

use std::collections::HashSet;
use std::process::Command;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

use crate::program::run;

const PATIENCE: Duration = Duration::from_secs(30);

/// Where a window is on the screen.
#[derive(Debug, Clone, Copy)]
struct Place {
    left: i32,
    top: i32,
    width: i32,
    height: i32,
}

/// A connection to the X server that `DISPLAY` names.
#[derive(Debug)]
pub struct Screen {
    connection: RustConnection,
    root: Window,
}

impl Screen {
    /// The screen of this test.
    pub fn here() -> Self {
        let (connection, number) = x11rb::connect(None)
            .unwrap_or_else(|e| panic!("there is no screen ({e}); `make system-test` brings one"));
        let root = connection.setup().roots[number].root;
        Self { connection, root }
    }

    /// Waits until the window of this process is on the screen, or is not.
    pub async fn shows(&self, pid: u32, shown: bool) {
        let until = Instant::now() + PATIENCE;
        while self.is_shown(pid) != shown {
            assert!(Instant::now() < until, "window of process {pid}: expected on the screen: {shown}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses the X of the window's frame.
    pub fn close(&self, pid: u32) {
        let window = self.window(pid).expect("the process has a window");
        let (protocols, delete) = (self.atom("WM_PROTOCOLS"), self.atom("WM_DELETE_WINDOW"));
        let message = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
        self.connection.send_event(false, window, EventMask::NO_EVENT, message).unwrap().check().unwrap();
    }

    /// Clicks the icon that this process has in the tray, and waits for the menu.
    pub async fn open_tray_menu(&self, pid: u32) {
        let icon = self.place_of("icon in the tray", || self.tray_icon(pid)).await;
        click(icon.left + icon.width / 2, icon.top + icon.height / 2);
        self.place_of("menu", || self.menu(pid)).await;
    }

    /// Clicks the first or the last line of the menu that is open.
    pub async fn choose_in_menu(&self, pid: u32, last: bool) {
        /// From the edge of a menu to the middle of its outermost line, in pixels.
        const HALF_LINE: i32 = 14;
        let menu = self.place_of("menu", || self.menu(pid)).await;
        let line = if last { menu.height - HALF_LINE } else { HALF_LINE };
        click(menu.left + menu.width / 2, menu.top + line);
    }

    async fn place_of(&self, what: &str, find: impl Fn() -> Option<Window>) -> Place {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(place) = find().and_then(|window| self.place(window)) {
                return place;
            }
            assert!(Instant::now() < until, "there is no {what}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn place(&self, window: Window) -> Option<Place> {
        let shape = self.connection.get_geometry(window).ok()?.reply().ok()?;
        let corner = self.connection.translate_coordinates(window, self.root, 0, 0).ok()?.reply().ok()?;
        Some(Place {
            left: corner.dst_x.into(),
            top: corner.dst_y.into(),
            width: shape.width.into(),
            height: shape.height.into(),
        })
    }

    /// A window of the process inside of another program's: the tray.
    fn tray_icon(&self, pid: u32) -> Option<Window> {
        let trays = self.children(self.root).into_iter().filter(|window| self.pid(*window) != Some(pid));
        let inner = trays.flat_map(|tray| self.children(tray)).flat_map(|window| {
            let mut windows = self.children(window);
            windows.push(window);
            windows
        });
        inner.filter(|window| self.is_viewable(*window)).find(|window| self.pid(*window) == Some(pid))
    }

    /// A window of the process without a frame, as menus are. The toolkit has another one beyond the edge of the screen.
    fn menu(&self, pid: u32) -> Option<Window> {
        let windows = self.children(self.root).into_iter().filter(|window| self.pid(*window) == Some(pid));
        windows.filter(|window| self.place(*window).is_some_and(|place| place.left >= 0)).find(|window| {
            let attributes = self.connection.get_window_attributes(*window).unwrap().reply();
            attributes.is_ok_and(|found| found.override_redirect && found.map_state == MapState::VIEWABLE)
        })
    }

    fn children(&self, window: Window) -> Vec<Window> {
        let tree = self.connection.query_tree(window).unwrap().reply();
        tree.map_or_else(|_| Vec::new(), |tree| tree.children)
    }

    fn is_viewable(&self, window: Window) -> bool {
        let attributes = self.connection.get_window_attributes(window).unwrap().reply();
        attributes.is_ok_and(|attributes| attributes.map_state == MapState::VIEWABLE)
    }

    /// Whether the window of this process is on the screen.
    pub fn is_shown(&self, pid: u32) -> bool {
        self.window(pid).is_some_and(|window| self.is_viewable(window))
    }

    /// How many colours the window of this process shows now: an empty one has very few, letters alone bring dozens.
    pub fn colours(&self, pid: u32) -> usize {
        let Some(window) = self.window(pid) else { return 0 };
        let Ok(shape) = self.connection.get_geometry(window).unwrap().reply() else { return 0 };
        let (width, height) = (shape.width, shape.height);
        let image = self.connection.get_image(ImageFormat::Z_PIXMAP, window, 0, 0, width, height, u32::MAX);
        // A window that is not on the screen, or not wholly, has no picture (X Window System Protocol, GetImage).
        let Ok(image) = image.unwrap().reply() else { return 0 };
        image.data.as_chunks::<4>().0.iter().collect::<HashSet<_>>().len()
    }

    /// The largest window of the process: a toolkit has small ones of its own beside it.
    fn window(&self, pid: u32) -> Option<Window> {
        let windows = self.children(self.root);
        windows.into_iter().filter(|window| self.pid(*window) == Some(pid)).max_by_key(|window| {
            let shape = self.connection.get_geometry(*window).unwrap().reply();
            shape.map_or(0, |shape| u32::from(shape.width) * u32::from(shape.height))
        })
    }

    fn pid(&self, window: Window) -> Option<u32> {
        let property = self.atom("_NET_WM_PID");
        let reply = self.connection.get_property(false, window, property, AtomEnum::CARDINAL, 0, 1);
        reply.ok()?.reply().ok()?.value32()?.next()
    }

    fn atom(&self, name: &str) -> u32 {
        self.connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom
    }
}

fn click(x: i32, y: i32) {
    let place = [x, y].map(|pixels| pixels.to_string());
    run(Command::new("xdotool").arg("mousemove").args(place).args(["click", "1"])).ok();
}
