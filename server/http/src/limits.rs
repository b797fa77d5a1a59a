//! Every number with its reason.

use std::time::Duration;

/// Largest request, octets: a message of the default size limit (about 26 MiB) with its files in base64, and some air.
pub(crate) const REQUEST_OCTETS: usize = 40 * 1024 * 1024;

/// How much of a request that is too large is read and thrown away, so that its sender gets to see the answer. Octets.
pub(crate) const DISCARD_OCTETS: u64 = 400 * 1024 * 1024;

/// Largest reply a client takes, octets: an attachment of the largest message we would store, in base64.
pub(crate) const REPLY_OCTETS: usize = 256 * 1024 * 1024;

/// Largest batch of events a client takes, octets: 500 log lines are some 100 KiB.
pub(crate) const EVENT_OCTETS: usize = 8 * 1024 * 1024;

/// Connections at a time. A browser opens at most six to one host, one of them for the events.
pub(crate) const CONNECTIONS: usize = 128;

/// For the header of a request; also how long a connection may idle.
pub(crate) const HEADER_TIME: Duration = Duration::from_secs(60);

/// For the body of a request.
pub(crate) const BODY_TIME: Duration = Duration::from_secs(60);

/// For an answer. Sending a message through another server may take minutes (RFC 5321 §4.5.3.2).
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(300);

/// A client gives the server that long, and a little more for the way.
pub(crate) const CLIENT_TIME: Duration = Duration::from_secs(310);

/// For a connection to a process on this machine.
pub(crate) const CONNECT_TIME: Duration = Duration::from_secs(5);

/// An idle event stream says something this often, so that a broken line is noticed.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A client that heard nothing for so long takes the line for broken.
pub(crate) const SILENCE_TIME: Duration = Duration::from_secs(50);

/// How long a stopping server waits for the requests it is answering.
pub(crate) const STOP_TIME: Duration = Duration::from_secs(3);
