//! One message to one server, and its answer.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::wire::{decode, record_type};
use crate::{Question, Transport};

/// What we accept in one datagram: above it, fragments are lost or forged (DNS flag day 2020, RFC 9715 §3.2).
pub(crate) const DATAGRAM: u16 = 1232;

/// Room for one datagram, for servers that send more than they were asked for; 256 lookups at once are to cost little.
const RECEIVED: usize = 4096;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    Timeout,
    Unreachable(String),
    Malformed,
}

impl From<io::Error> for NoAnswer {
    fn from(failed: io::Error) -> Self {
        match failed.kind() {
            io::ErrorKind::TimedOut => Self::Timeout,
            // A connection that ends early is a server that broke off, not one that cannot be reached.
            io::ErrorKind::UnexpectedEof => Self::Malformed,
            kind => Self::Unreachable(kind.to_string()),
        }
    }
}

/// An answer or none, and how many datagrams were none of ours.
pub(crate) struct Exchanged {
    pub(crate) answer: Result<Message, NoAnswer>,
    pub(crate) ignored: u32,
}

/// Asks, and waits for the answer at most so long.
pub(crate) async fn exchange(
    server: SocketAddr,
    transport: Transport,
    question: &Question,
    edns: bool,
    limit: Duration,
) -> Exchanged {
    let query = query(question, edns);
    let mut ignored = 0;
    let answer = match transport {
        Transport::Udp => timeout(limit, over_udp(server, &query, &mut ignored)).await,
        Transport::Tcp => timeout(limit, over_tcp(server, &query)).await,
    };
    Exchanged { answer: answer.unwrap_or(Err(NoAnswer::Timeout)), ignored }
}

fn query(question: &Question, edns: bool) -> Message {
    // The id is random and the port is the system's choice for each question: both must be guessed to forge an answer (RFC 5452 §9.2).
    let mut message = Message::new(rand::random(), MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    // RFC 6840 §5.7: asks for the AD bit without the signatures that the DO bit would bring.
    message.metadata.authentic_data = true;
    message.add_query(Query::query(question.name.to_wire(), record_type(question.kind)));
    if edns {
        let mut edns = Edns::new();
        edns.set_max_payload(DATAGRAM);
        message.set_edns(edns);
    }
    message
}

async fn over_udp(server: SocketAddr, query: &Message, ignored: &mut u32) -> Result<Message, NoAnswer> {
    let any =
        if server.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    let socket = UdpSocket::bind((any, 0)).await?;
    // A connected socket takes datagrams from this server only, and learns when nobody listens there.
    socket.connect(server).await?;
    socket.send(&encoded(query)?).await?;
    let mut datagram = vec![0; RECEIVED];
    loop {
        let octets = socket.recv(&mut datagram).await?;
        match read(query, &datagram[..octets]) {
            Some(answer) => return answer,
            None => *ignored = ignored.saturating_add(1),
        }
    }
}

async fn over_tcp(server: SocketAddr, query: &Message) -> Result<Message, NoAnswer> {
    let mut stream = TcpStream::connect(server).await?;
    let message = encoded(query)?;
    let octets = u16::try_from(message.len()).map_err(|_| NoAnswer::Malformed)?;
    // RFC 7766 §8: length and message in one write.
    stream.write_all(&[&octets.to_be_bytes()[..], &message].concat()).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    // On a connection of its own a question has one answer; another one means that the server is broken.
    read(query, &answer).unwrap_or(Err(NoAnswer::Malformed))
}

fn encoded(query: &Message) -> Result<Vec<u8>, NoAnswer> {
    query.to_vec().map_err(|_| NoAnswer::Malformed)
}

/// The answer to this query; none if the octets are something else (RFC 5452 §9.1: id and question must be ours).
fn read(query: &Message, octets: &[u8]) -> Option<Result<Message, NoAnswer>> {
    let [id @ .., _, _, _, _, _, _, _, _, _, _] = octets.first_chunk::<12>()?;
    if *id != query.id.to_be_bytes() {
        return None;
    }
    match decode(octets) {
        Some(answer) if answer.message_type == MessageType::Response && repeats(query, &answer) => {
            Some(Ok(answer))
        }
        Some(_) => None,
        // The rest is broken; it is an answer to our question only if the question can be read before that.
        None => question_repeated(query, octets).then_some(Err(NoAnswer::Malformed)),
    }
}

fn repeats(query: &Message, answer: &Message) -> bool {
    // Servers that did not understand the question cannot always repeat it.
    let not_understood = matches!(answer.response_code, ResponseCode::FormErr | ResponseCode::NotImp);
    answer.queries == query.queries || (answer.queries.is_empty() && not_understood)
}

/// Whether the octets have the QR bit and, after the header, the very octets of our question: servers copy it (RFC 1035 §4.1.2).
fn question_repeated(query: &Message, octets: &[u8]) -> bool {
    let mut bare = query.clone();
    bare.edns = None;
    let Ok(ours) = bare.to_vec() else { return false };
    octets[2] & 0x80 != 0
        && octets.get(12..ours.len()).is_some_and(|theirs| theirs.eq_ignore_ascii_case(&ours[12..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Name};

    fn asked() -> Message {
        query(&Question::new(Name::parse("lab.test").unwrap(), Kind::Mx), true)
    }

    fn answer(query: &Message) -> Message {
        let mut answer = Message::new(query.id, MessageType::Response, OpCode::Query);
        answer.add_queries(query.queries.clone());
        answer
    }

    #[test]
    fn an_answer_has_our_id_and_our_question() {
        let query = asked();
        let right = answer(&query);
        assert!(matches!(read(&query, &right.to_vec().unwrap()), Some(Ok(_))));
        let mut wrong = right.clone();
        wrong.metadata.id = query.id.wrapping_add(1);
        assert!(read(&query, &wrong.to_vec().unwrap()).is_none());
        let mut wrong = right.clone();
        wrong.queries[0].set_name(Name::parse("other.test").unwrap().to_wire());
        assert!(read(&query, &wrong.to_vec().unwrap()).is_none());
        let mut wrong = right;
        wrong.metadata.message_type = MessageType::Query;
        assert!(read(&query, &wrong.to_vec().unwrap()).is_none());
    }

    #[test]
    fn a_server_that_did_not_understand_need_not_repeat_the_question() {
        let query = asked();
        let mut bare = answer(&query);
        bare.queries.clear();
        assert!(read(&query, &bare.to_vec().unwrap()).is_none());
        bare.metadata.response_code = ResponseCode::FormErr;
        assert!(matches!(read(&query, &bare.to_vec().unwrap()), Some(Ok(_))));
    }

    #[test]
    fn an_answer_with_two_questions_is_broken() {
        let query = asked();
        let mut two = answer(&query);
        two.add_query(two.queries[0].clone());
        assert!(matches!(read(&query, &two.to_vec().unwrap()), Some(Err(NoAnswer::Malformed))));
    }

    #[test]
    fn a_broken_answer_counts_only_if_it_is_to_our_question() {
        let query = asked();
        let mut octets = answer(&query).to_vec().unwrap();
        octets[7] = 1; // one answer record, which is not there
        assert!(matches!(read(&query, &octets), Some(Err(NoAnswer::Malformed))));
        octets[14] ^= 1;
        assert!(read(&query, &octets).is_none());
        for cut in 0..octets.len() {
            assert!(!matches!(read(&query, &octets[..cut]), Some(Ok(_))));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_answer_panics(octets in proptest::collection::vec(0u8.., 0..60), counts in 0u16..) {
            let query = asked();
            let mut whole = answer(&query).to_vec().unwrap();
            whole[6..8].copy_from_slice(&counts.to_be_bytes());
            whole.extend(octets);
            let _ = read(&query, &whole);
        }
    }
}
