//! The format of server-sent events, read (HTML Standard §9.2.6). Octets in, messages out.

/// A message: what its `event` field says (empty when there is none), and its data.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) event: String,
    pub(crate) data: String,
}

/// The stream sends a message that is larger than the reader is ready to keep.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// Cuts a stream into messages.
pub(crate) struct Reader {
    limit: usize,
    line: Vec<u8>,
    event: String,
    data: String,
}

impl Reader {
    /// Keeps at most `limit` octets of an unfinished message.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, line: Vec::new(), event: String::new(), data: String::new() }
    }

    /// Takes what came and gives the messages it completes. Only lines that end in LF or CRLF are known: ours are.
    pub(crate) fn read(&mut self, mut octets: &[u8]) -> Result<Vec<Message>, TooLarge> {
        let mut messages = Vec::new();
        while let Some(end) = memchr::memchr(b'\n', octets) {
            self.keep(&octets[..end])?;
            octets = &octets[end + 1..];
            let line = std::mem::take(&mut self.line);
            messages.extend(self.take_line(line.strip_suffix(b"\r").unwrap_or(&line)));
        }
        self.keep(octets)?;
        Ok(messages)
    }

    fn keep(&mut self, octets: &[u8]) -> Result<(), TooLarge> {
        if self.line.len() + self.data.len() + octets.len() > self.limit {
            return Err(TooLarge);
        }
        self.line.extend_from_slice(octets);
        Ok(())
    }

    fn take_line(&mut self, line: &[u8]) -> Option<Message> {
        if line.is_empty() {
            let (event, data) = (std::mem::take(&mut self.event), std::mem::take(&mut self.data));
            return (!data.is_empty()).then_some(Message { event, data });
        }
        let line = String::from_utf8_lossy(line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            // `id` and `retry` are for browsers; a line that begins with a colon is a comment.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(event: &str, data: &str) -> Message {
        Message { event: event.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn messages_are_the_same_however_the_octets_are_cut() {
        let stream = ": hello\r\n\nevent: resync\ndata: []\n\nid: 7\ndata:[1,\ndata: \"\u{f1}\"]\r\n\r\nevent: lost\n\ndata: x";
        for cut in 1..stream.len() {
            let mut reader = Reader::new(100);
            let messages: Vec<_> =
                stream.as_bytes().chunks(cut).flat_map(|octets| reader.read(octets).unwrap()).collect();
            assert_eq!(
                messages,
                [message("resync", "[]"), message("", "[1,\n\"\u{f1}\"]")],
                "cut every {cut}"
            );
        }
    }

    #[test]
    fn a_message_without_end_is_not_kept() {
        let mut reader = Reader::new(10);
        assert_eq!(reader.read(b"data: 1234").unwrap(), []);
        assert_eq!(reader.read(b"5"), Err(TooLarge));
        let mut reader = Reader::new(10);
        assert_eq!(reader.read(b"data: 12\ndata: 34\ndata: 56\n"), Err(TooLarge));
    }
}
