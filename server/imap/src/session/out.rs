//! Collects what one input leads to.

use super::io::{Note, Output, Question};
use crate::command::Tag;
use crate::encode::Encoder;
use crate::number::Uid;
use crate::response::Status;
use postigo_message::Span;

/// Outputs in order; text that follows text becomes one output.
pub(super) struct Out<'a> {
    outputs: &'a mut Vec<Output>,
    text: Encoder,
}

impl<'a> Out<'a> {
    pub fn new(outputs: &'a mut Vec<Output>) -> Self {
        Self { outputs, text: Encoder::default() }
    }

    /// Where responses are written.
    pub fn text(&mut self) -> &mut Encoder {
        &mut self.text
    }

    /// An untagged response line.
    pub fn untagged(&mut self, line: &str) {
        self.text.raw("* ").raw(line).crlf();
    }

    /// An untagged OK with a code.
    pub fn untagged_ok(&mut self, code: &str, text: &str) {
        self.text.raw("* OK [").raw(code).raw("] ").raw(text).crlf();
    }

    /// The response that ends a command; untagged if its tag could not be read.
    pub fn status(&mut self, tag: Option<&Tag>, status: &Status) {
        match tag {
            Some(tag) => self.text.display(tag),
            None => self.text.raw("*"),
        };
        self.text.raw(" ").raw(line_of(status)).crlf();
    }

    pub fn push(&mut self, output: Output) {
        if !self.text.is_empty() {
            self.outputs.push(Output::Send(self.text.take()));
        }
        self.outputs.push(output);
    }

    pub fn ask(&mut self, question: Question) {
        self.push(Output::Ask(question));
    }

    pub fn note(&mut self, note: Note) {
        self.push(Output::Note(note));
    }

    pub fn content(&mut self, uid: Uid, span: Span) {
        if !span.is_empty() {
            self.push(Output::Content { uid, span });
        }
    }

    /// Moves unsent text to the outputs.
    pub fn finish(mut self) {
        if !self.text.is_empty() {
            self.outputs.push(Output::Send(self.text.take()));
        }
    }
}

/// `NO [CODE] text`
pub(super) fn line_of(status: &Status) -> String {
    let condition = status.condition.name();
    match &status.code {
        Some(code) => format!("{condition} [{code}] {}", status.text),
        None => format!("{condition} {}", status.text),
    }
}
