//! The screen that windows are on, to do what a window's frame does.

use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

const PATIENCE: Duration = Duration::from_secs(30);

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

    fn is_shown(&self, pid: u32) -> bool {
        self.window(pid).is_some_and(|window| {
            let attributes = self.connection.get_window_attributes(window).unwrap().reply();
            attributes.is_ok_and(|attributes| attributes.map_state == MapState::VIEWABLE)
        })
    }

    /// The largest window of the process: a toolkit has small ones of its own beside it.
    fn window(&self, pid: u32) -> Option<Window> {
        let tree = self.connection.query_tree(self.root).unwrap().reply().unwrap();
        tree.children.into_iter().filter(|window| self.pid(*window) == Some(pid)).max_by_key(|window| {
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
