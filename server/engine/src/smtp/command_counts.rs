//! What Postfix writes when a client is gone: `ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4`.

use std::fmt::Write;

/// The commands that are counted by name, in the order in which Postfix lists them; the others are `unknown`.
const NAMES: [&str; 15] = [
    "helo", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "bdat", "rset", "noop", "vrfy", "etrn",
    "xclient", "help", "quit",
];

/// Commands and how many of them went well.
#[derive(Debug, Default)]
pub(super) struct CommandCounts {
    /// Accepted and all, for each of [`NAMES`] and for the rest.
    counts: [(u32, u32); NAMES.len() + 1],
    current: Option<usize>,
}

impl CommandCounts {
    /// A command came.
    pub fn command(&mut self, line: &[u8]) {
        let verb = line.split(|&b| b == b' ').next().unwrap_or_default();
        let at = NAMES.iter().position(|name| verb.eq_ignore_ascii_case(name.as_bytes()));
        let at = at.unwrap_or(NAMES.len());
        self.counts[at].1 += 1;
        self.current = Some(at);
    }

    /// The reply to it. An intermediate one (3yz) leaves it open.
    pub fn reply(&mut self, code: u16) {
        if (300..400).contains(&code) {
            return;
        }
        if let Some(at) = self.current.take()
            && code < 400
        {
            self.counts[at].0 += 1;
        }
    }
}

impl std::fmt::Display for CommandCounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        let (mut accepted, mut all) = (0, 0);
        for (name, &(good, total)) in NAMES.iter().chain(&["unknown"]).zip(&self.counts) {
            accepted += good;
            all += total;
            match total {
                0 => {}
                _ if good == total => write!(text, "{name}={total} ")?,
                _ => write!(text, "{name}={good}/{total} ")?,
            }
        }
        f.write_str(&text)?;
        if accepted == all { write!(f, "commands={all}") } else { write!(f, "commands={accepted}/{all}") }
    }
}

#[cfg(test)]
mod tests {
    use super::CommandCounts;

    #[test]
    fn refused_commands_are_shown_as_a_fraction() {
        let mut counts = CommandCounts::default();
        for (line, replies) in [
            (&b"EHLO x"[..], &[250][..]),
            (b"MAIL FROM:<>", &[250]),
            (b"RCPT TO:<a@b.test>", &[554]),
            (b"DATA", &[354, 250]),
            (b"XYZZY", &[500]),
            (b"quit", &[221]),
        ] {
            counts.command(line);
            replies.iter().for_each(|&code| counts.reply(code));
        }
        assert_eq!(counts.to_string(), "ehlo=1 mail=1 rcpt=0/1 data=1 quit=1 unknown=0/1 commands=4/6");
    }
}
