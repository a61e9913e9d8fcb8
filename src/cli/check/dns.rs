//! One question to the machine's resolver: which TXT records has a name? (RFC 1035, 4; RFC 6891 for long answers.)

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::net::UdpSocket;

use crate::world::Random;

/// How long the resolver may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The largest answer that we ask for, in bytes: what crosses the Internet in one piece.
const LARGEST: u16 = 1232;
const TXT: u16 = 16;
const OPT: u16 = 41;
const INTERNET: u16 = 1;
const HEADER: usize = 12;

/// What DNS said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The texts, none where there is no such name.
    Records(Vec<String>),
    /// It did not answer, or not so that it can be read.
    Silent,
}

/// The machine's resolver.
pub struct Resolver {
    server: Option<SocketAddr>,
    random: Arc<dyn Random>,
}

impl Resolver {
    /// The first one in `/etc/resolv.conf`.
    pub fn of_machine(random: Arc<dyn Random>) -> Resolver {
        let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let server = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver")).find_map(|rest| rest.trim().parse::<IpAddr>().ok());
        Resolver { server: server.map(|address| SocketAddr::new(address, 53)), random }
    }

    /// The TXT records of a name.
    pub async fn txt(&self, name: &str) -> Lookup {
        let mut id = [0; 2];
        self.random.fill(&mut id);
        let id = u16::from_be_bytes(id);
        let (Some(server), Some(question)) = (self.server, question(id, name)) else { return Lookup::Silent };
        let asked = tokio::time::timeout(PATIENCE, ask(server, &question));
        let answer = asked.await.ok().and_then(Result::ok);
        answer.and_then(|answer| read(id, &answer)).map_or(Lookup::Silent, Lookup::Records)
    }
}

async fn ask(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut answer = vec![0; usize::from(LARGEST)];
    let length = socket.recv(&mut answer).await?;
    answer.truncate(length);
    Ok(answer)
}

/// The bytes of the question; None for what cannot be a name.
fn question(id: u16, name: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(HEADER + name.len() + 17);
    // Recursion is desired; one question, and one additional record that says how long the answer may be.
    for field in [id, 0x0100, 1, 0, 0, 1] {
        bytes.extend(field.to_be_bytes());
    }
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        bytes.push(length);
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes.extend(TXT.to_be_bytes());
    bytes.extend(INTERNET.to_be_bytes());
    bytes.push(0);
    for field in [OPT, LARGEST, 0, 0, 0] {
        bytes.extend(field.to_be_bytes());
    }
    (name.len() <= 253).then_some(bytes)
}

/// The texts of an answer to question `id`; None for an answer to another one, a refusal, or one that was cut.
fn read(id: u16, answer: &[u8]) -> Option<Vec<String>> {
    let field = |place: usize| Some(u16::from_be_bytes([*answer.get(place)?, *answer.get(place + 1)?]));
    let flags = field(2)?;
    let (is_answer, is_cut, code) = (flags & 0x8000 != 0, flags & 0x0200 != 0, flags & 0x000f);
    if field(0)? != id || !is_answer || is_cut || !matches!(code, 0 | 3) {
        return None;
    }
    let mut at = HEADER;
    for _ in 0..field(4)? {
        at = after_name(answer, at)? + 4;
    }
    let mut texts = Vec::new();
    for _ in 0..field(6)? {
        let head = after_name(answer, at)?;
        let (kind, length) = (field(head)?, usize::from(field(head + 8)?));
        let data = answer.get(head + 10..head + 10 + length)?;
        if kind == TXT {
            texts.push(text(data)?);
        }
        at = head + 10 + length;
    }
    Some(texts)
}

/// The byte behind a name. A pointer ends one, so that none is followed and none can turn in a circle.
fn after_name(answer: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *answer.get(at)? {
            0 => return Some(at + 1),
            length if length >= 0xc0 => return Some(at + 2),
            length => at += usize::from(length) + 1,
        }
    }
}

/// A record's pieces, joined (RFC 7208, 3.3).
fn text(mut data: &[u8]) -> Option<String> {
    let mut joined = Vec::new();
    while let Some((length, rest)) = data.split_first() {
        let (piece, rest) = rest.split_at_checked(usize::from(*length))?;
        joined.extend(piece);
        data = rest;
    }
    Some(String::from_utf8_lossy(&joined).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An answer to `question(7, "acme.example")` with these flags and records' pieces.
    fn answer(flags: u16, records: &[&[&str]]) -> Vec<u8> {
        let mut bytes = question(7, "acme.example").unwrap();
        bytes.truncate(bytes.len() - 11);
        bytes[2..4].copy_from_slice(&flags.to_be_bytes());
        bytes[6..8].copy_from_slice(&u16::try_from(records.len()).unwrap().to_be_bytes());
        bytes[10..12].copy_from_slice(&[0, 0]);
        for record in records {
            let data: Vec<u8> = record
                .iter()
                .flat_map(|piece| std::iter::once(u8::try_from(piece.len()).unwrap()).chain(piece.bytes()))
                .collect();
            bytes.extend([0xc0, 0x0c]);
            for field in [TXT, INTERNET, 0, 60, u16::try_from(data.len()).unwrap()] {
                bytes.extend(field.to_be_bytes());
            }
            bytes.extend(data);
        }
        bytes
    }

    #[test]
    fn records_are_read_and_their_pieces_joined() {
        let texts = read(7, &answer(0x8180, &[&["v=spf1 ", "-all"], &["other"]])).unwrap();
        assert_eq!(texts, ["v=spf1 -all", "other"]);
        assert_eq!(read(7, &answer(0x8183, &[])), Some(Vec::new()), "there is no such name");
    }

    #[test]
    fn what_is_no_full_answer_to_the_question_is_none() {
        let good = answer(0x8180, &[&["v=spf1 -all"]]);
        assert_eq!(read(8, &good), None, "another question's");
        for flags in [0x0100, 0x8380, 0x8182, 0x8185] {
            assert_eq!(read(7, &answer(flags, &[])), None, "{flags:x}");
        }
        assert_eq!(read(7, &good[..good.len() - 1]), None);
    }

    #[test]
    fn only_names_are_asked_for() {
        for bad in ["", "a..b", &"a".repeat(64), &"a.".repeat(200)] {
            assert_eq!(question(1, bad), None, "{bad}");
        }
        assert!(question(1, "acme.example.").is_some());
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(noise in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..80, byte: u8) {
            let _ = read(7, &noise);
            let mut broken = answer(0x8180, &[&["v=spf1 ", "-all"], &["other"]]);
            let place = at % broken.len();
            broken[place] = byte;
            let _ = read(7, &broken);
        }
    }
}
