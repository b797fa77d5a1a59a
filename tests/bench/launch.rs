//! How long the desktop program takes from its start until its server listens and its window shows something.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use postigo_tests::server::postigo_desktop;
use postigo_tests::window::Screen;
use postigo_tests::window::desktop::{at_home, listens};
use postigo_tests::{Server, Setup};

const RUNS: usize = 5;

/// Letters are drawn in many shades; a window without content has one colour or two.
const COLOURS: usize = 40;

/// Long after anybody would have given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Prints the figures. Each run is of a folder that no program opened before, and of a home without caches.
pub fn report() {
    println!();
    println!("The desktop program, from its start, milliseconds: median of {RUNS} (least to most)");
    let runs: Vec<Launch> = (0..RUNS).map(|_| launch(&Server::bare(), false)).collect();
    print("Window on the screen, wizard", runs.iter().map(|run| run.window));
    print("Content in it, wizard", runs.iter().map(|run| run.content));
    let runs: Vec<Launch> = (0..RUNS).map(|_| launch(&Server::set_up(&Setup::default()), true)).collect();
    print("Server listens", runs.iter().map(|run| run.server));
    print("Window on the screen", runs.iter().map(|run| run.window));
    print("Content in it", runs.iter().map(|run| run.content));
}

/// When each was so for the first time.
#[derive(Default)]
struct Launch {
    server: Option<Duration>,
    window: Option<Duration>,
    content: Option<Duration>,
}

/// Looks every few milliseconds: often enough for the figures, seldom enough not to be in the way.
fn launch(server: &Server, listening: bool) -> Launch {
    let screen = Screen::here();
    let home = server.scratch().join("home");
    std::fs::create_dir(&home).unwrap();
    let mut launch = Launch::default();
    let started = Instant::now();
    let program = Program::start(&home, &server.data());
    while launch.content.is_none() || (listening && launch.server.is_none()) {
        assert!(started.elapsed() < PATIENCE, "the window is empty or the server does not listen");
        note(&mut launch.server, started, || listens(server.smtp()));
        note(&mut launch.window, started, || screen.is_shown(program.0.id()));
        if launch.window.is_some() {
            note(&mut launch.content, started, || screen.colours(program.0.id()) >= COLOURS);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    launch
}

fn note(when: &mut Option<Duration>, started: Instant, so: impl FnOnce() -> bool) {
    if when.is_none() && so() {
        *when = Some(started.elapsed());
    }
}

/// The program, until dropped.
struct Program(Child);

impl Program {
    fn start(home: &Path, data: &Path) -> Self {
        let mut command = Command::new(postigo_desktop());
        Self(at_home(&mut command, home).arg("--data").arg(data).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn print(what: &str, times: impl Iterator<Item = Option<Duration>>) {
    let mut times: Vec<u128> = times.map(|time| time.unwrap().as_millis()).collect();
    times.sort_unstable();
    println!("{what:<44}{:>8} ms  ({} to {})", times[RUNS / 2], times[0], times[RUNS - 1]);
}
