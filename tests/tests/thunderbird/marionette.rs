//! Marionette, by which Mozilla's programs let themselves be driven: a frame is a length in decimal, a colon and that many
//! octets of JSON; a command is `[0, id, name, parameters]`, its answer `[1, id, error, result]`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to a program, which runs scripts with the rights of its own interface.
pub struct Marionette {
    stream: BufReader<TcpStream>,
    commands: u32,
}

impl Marionette {
    /// Connects, and begins the session that the program wants first.
    pub fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut this = Self { stream: BufReader::new(stream), commands: 0 };
        let greeting = this.receive();
        assert_eq!(greeting["marionetteProtocol"], 3, "{greeting}");
        this.command("WebDriver:NewSession", &json!({}));
        this.command("Marionette:SetContext", &json!({ "value": "chrome" }));
        this
    }

    /// Runs the body of a function and gives what it returns; of a promise, what that comes to.
    pub fn run(&mut self, script: &str) -> Value {
        self.command("WebDriver:ExecuteScript", &json!({ "script": script, "args": [] }))["value"].take()
    }

    /// Ends the program as its menu does.
    pub fn quit(&mut self) {
        self.command("Marionette:Quit", &json!({ "flags": ["eAttemptQuit"] }));
    }

    fn command(&mut self, name: &str, parameters: &Value) -> Value {
        self.commands += 1;
        let command = json!([0, self.commands, name, parameters]).to_string();
        write!(self.stream.get_mut(), "{}:{command}", command.len()).unwrap();
        let mut answer = self.receive();
        assert!(answer[2].is_null(), "{name}: {}", answer[2]);
        answer[3].take()
    }

    fn receive(&mut self) -> Value {
        let mut length = Vec::new();
        self.stream.read_until(b':', &mut length).unwrap();
        let length = String::from_utf8(length).unwrap();
        let mut text = vec![0; length.trim_end_matches(':').parse().unwrap()];
        self.stream.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }
}
