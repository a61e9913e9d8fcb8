//! SMPP 3.4 protocol data units, as far as a sender of texts needs them: frames, the bodies it writes, those it reads.
//!
//! Section numbers are those of the SMPP Protocol Specification v3.4, issue 1.2. What is written is exact; what is read is
//! taken as widely as it can be understood, because every gateway has its own habits.

use std::collections::BTreeMap;

use bytes::{Buf as _, Bytes, BytesMut};

/// The longest PDU that is read: `message_payload` holds 64 KiB, and the rest is far smaller.
const LONGEST: usize = 66 * 1024;
const HEADER: usize = 16;
/// Marks a response (section 5.1.2.1).
const RESPONSE: u32 = 0x8000_0000;

/// What a PDU is (section 5.1.2.1); a response has the highest bit set beside it.
pub(crate) mod command {
    pub(crate) const BIND_RECEIVER: u32 = 0x01;
    pub(crate) const BIND_TRANSMITTER: u32 = 0x02;
    pub(crate) const SUBMIT_SM: u32 = 0x04;
    pub(crate) const DELIVER_SM: u32 = 0x05;
    pub(crate) const UNBIND: u32 = 0x06;
    pub(crate) const BIND_TRANSCEIVER: u32 = 0x09;
    pub(crate) const ENQUIRE_LINK: u32 = 0x15;
    pub(crate) const ALERT_NOTIFICATION: u32 = 0x102;
    pub(crate) const GENERIC_NACK: u32 = 0x8000_0000;
}

/// Optional parameters (section 5.3.2).
pub(crate) mod tag {
    pub(crate) const RECEIPTED_MESSAGE_ID: u16 = 0x001e;
    pub(crate) const MESSAGE_PAYLOAD: u16 = 0x0424;
    pub(crate) const MESSAGE_STATE: u16 = 0x0427;
}

/// One PDU.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pdu {
    pub(crate) command: u32,
    pub(crate) status: u32,
    pub(crate) sequence: u32,
    pub(crate) body: Bytes,
}

impl std::fmt::Debug for Pdu {
    /// Leaves out the body: it has numbers, texts and passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pdu({:#x}, status {:#x}, sequence {})", self.command, self.status, self.sequence)
    }
}

/// A PDU that cannot be read: what follows on its connection cannot be either.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a PDU {0}")]
pub(crate) struct Malformed(&'static str);

impl From<Malformed> for std::io::Error {
    fn from(error: Malformed) -> Self {
        std::io::Error::new(std::io::ErrorKind::InvalidData, error.to_string())
    }
}

impl Pdu {
    /// A request.
    pub(crate) fn request(command: u32, sequence: u32, body: impl Into<Bytes>) -> Pdu {
        Pdu { command, status: 0, sequence, body: body.into() }
    }

    /// The answer to this request.
    pub(crate) fn answer(&self, status: u32, body: impl Into<Bytes>) -> Pdu {
        Pdu { command: self.command | RESPONSE, status, sequence: self.sequence, body: body.into() }
    }

    /// Whether it answers something.
    pub(crate) fn is_response(&self) -> bool {
        self.command & RESPONSE != 0
    }

    /// Whether it answers a request of this kind.
    pub(crate) fn answers(&self, command: u32) -> bool {
        self.command == command | RESPONSE
    }

    /// Appends it as it goes over the wire.
    pub(crate) fn write(&self, wire: &mut Vec<u8>) {
        let length = u32::try_from(HEADER + self.body.len()).unwrap_or(u32::MAX);
        for field in [length, self.command, self.status, self.sequence] {
            wire.extend_from_slice(&field.to_be_bytes());
        }
        wire.extend_from_slice(&self.body);
    }

    /// Takes the next one out of what was read; None where more has to be read first.
    pub(crate) fn take(buffer: &mut BytesMut) -> Result<Option<Pdu>, Malformed> {
        let Some(length) = buffer.first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length) as usize;
        if !(HEADER..=LONGEST).contains(&length) {
            return Err(Malformed("is shorter or longer than any may be"));
        }
        if buffer.len() < length {
            return Ok(None);
        }
        let mut frame = buffer.split_to(length).freeze();
        frame.advance(4);
        let (command, status, sequence) = (frame.get_u32(), frame.get_u32(), frame.get_u32());
        Ok(Some(Pdu { command, status, sequence, body: frame }))
    }
}

/// A number or name with its type of number and numbering plan (sections 5.2.5 and 5.2.6).
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Address {
    pub(crate) ton: u8,
    pub(crate) npi: u8,
    pub(crate) digits: String,
}

/// The body of a bind (section 4.1).
pub(crate) fn bind(system_id: &str, password: &str, system_type: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for text in [system_id, password, system_type] {
        put_text(&mut body, text);
    }
    // interface_version 3.4, and no range of addresses: the gateway knows ours.
    body.extend_from_slice(&[0x34, 0, 0, 0]);
    body
}

/// A text on its way in either direction: submit_sm (section 4.4.1) and deliver_sm (4.6.1) have the same body.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Message {
    pub(crate) service_type: String,
    pub(crate) source: Address,
    pub(crate) destination: Address,
    pub(crate) esm_class: u8,
    pub(crate) registered_delivery: u8,
    pub(crate) data_coding: u8,
    pub(crate) short_message: Vec<u8>,
    pub(crate) parameters: BTreeMap<u16, Vec<u8>>,
}

impl Message {
    /// The body. What is longer than its field allows was refused before.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(64 + self.short_message.len());
        put_text(&mut body, &self.service_type);
        for address in [&self.source, &self.destination] {
            body.extend_from_slice(&[address.ton, address.npi]);
            put_text(&mut body, &address.digits);
        }
        // protocol_id, priority_flag; schedule_delivery_time and validity_period: as the gateway has them.
        body.extend_from_slice(&[self.esm_class, 0, 0, 0, 0]);
        // replace_if_present_flag before data_coding, sm_default_msg_id after it.
        body.extend_from_slice(&[self.registered_delivery, 0, self.data_coding, 0]);
        let length = self.short_message.len().min(254);
        body.push(u8::try_from(length).unwrap_or_default());
        body.extend_from_slice(&self.short_message[..length]);
        for (tag, value) in &self.parameters {
            body.extend_from_slice(&tag.to_be_bytes());
            body.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
            body.extend_from_slice(value);
        }
        body
    }

    /// Reads a body.
    pub(crate) fn read(body: &[u8]) -> Result<Message, Malformed> {
        let mut reader = Reader(body);
        let mut message = Message { service_type: reader.text(6)?, ..Message::default() };
        for address in [&mut message.source, &mut message.destination] {
            *address = Address { ton: reader.byte()?, npi: reader.byte()?, digits: reader.text(65)? };
        }
        message.esm_class = reader.byte()?;
        reader.bytes(2)?;
        reader.text(17)?;
        reader.text(17)?;
        message.registered_delivery = reader.byte()?;
        reader.byte()?;
        message.data_coding = reader.byte()?;
        reader.byte()?;
        let length = reader.byte()?;
        message.short_message = reader.bytes(usize::from(length))?.to_vec();
        while !reader.0.is_empty() {
            let tag = u16::from_be_bytes([reader.byte()?, reader.byte()?]);
            let length = u16::from_be_bytes([reader.byte()?, reader.byte()?]);
            message.parameters.insert(tag, reader.bytes(usize::from(length))?.to_vec());
        }
        Ok(message)
    }

    /// A text parameter without its final NUL.
    pub(crate) fn text_parameter(&self, tag: u16) -> Option<String> {
        let value = self.parameters.get(&tag)?;
        let end = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
        Some(value[..end].iter().map(|byte| char::from(*byte)).collect())
    }
}

/// The message_id of a submit_sm_resp (section 4.4.2); None where there is none.
pub(crate) fn message_id(body: &[u8]) -> Result<Option<String>, Malformed> {
    if body.is_empty() {
        return Ok(None);
    }
    Reader(body).text(65).map(|id| Some(id).filter(|id| !id.is_empty()))
}

fn put_text(body: &mut Vec<u8>, text: &str) {
    body.extend_from_slice(text.as_bytes());
    body.push(0);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed("ends before its last field"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        self.bytes(1).map(|taken| taken[0])
    }

    /// A C-octet string of at most `longest` bytes, its NUL included.
    fn text(&mut self, longest: usize) -> Result<String, Malformed> {
        let end = self.0.iter().take(longest).position(|byte| *byte == 0);
        let end = end.ok_or(Malformed("has a text that does not end"))?;
        let text = self.bytes(end + 1)?;
        Ok(text[..end].iter().map(|byte| char::from(*byte)).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address() -> impl Strategy<Value = Address> {
        (0_u8..8, 0_u8..20, "[0-9A-Za-z]{0,20}").prop_map(|(ton, npi, digits)| Address { ton, npi, digits })
    }

    fn message() -> impl Strategy<Value = Message> {
        let parameters = prop::collection::btree_map(any::<u16>(), prop::collection::vec(any::<u8>(), 0..300), 0..4);
        let bytes = prop::collection::vec(any::<u8>(), 0..=254);
        ("[A-Z]{0,5}", address(), address(), any::<[u8; 3]>(), bytes, parameters).prop_map(
            |(service_type, source, destination, flags, short_message, parameters)| Message {
                service_type,
                source,
                destination,
                esm_class: flags[0],
                registered_delivery: flags[1],
                data_coding: flags[2],
                short_message,
                parameters,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(message in message(), status: u32, sequence: u32) {
            let pdu = Pdu { status, ..Pdu::request(command::SUBMIT_SM, sequence, message.body()) };
            let mut wire = Vec::new();
            pdu.write(&mut wire);
            let mut buffer = BytesMut::from(&wire[..]);
            let read = Pdu::take(&mut buffer).unwrap().unwrap();
            prop_assert_eq!(&read, &pdu);
            prop_assert!(buffer.is_empty());
            prop_assert!(Message::read(&read.body).unwrap() == message);
        }

        #[test]
        fn frames_come_out_whole_however_they_come_in(lengths in prop::collection::vec(0_usize..40, 1..6), cut in 1_usize..7) {
            let pdus: Vec<Pdu> = lengths.iter().zip(1..).map(|(length, n)| Pdu::request(4, n, vec![7; *length])).collect();
            let mut wire = Vec::new();
            pdus.iter().for_each(|pdu| pdu.write(&mut wire));
            let (mut buffer, mut read) = (BytesMut::new(), Vec::new());
            for piece in wire.chunks(cut) {
                buffer.extend_from_slice(piece);
                while let Some(pdu) = Pdu::take(&mut buffer).unwrap() {
                    read.push(pdu);
                }
            }
            prop_assert_eq!(read, pdus);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Message::read(&bytes);
            let _ = message_id(&bytes);
            let mut buffer = BytesMut::from(&bytes[..]);
            while let Ok(Some(_)) = Pdu::take(&mut buffer) {}
        }
    }

    #[test]
    fn a_length_that_cannot_be_is_refused() {
        for length in [0_u32, 15, 100_000, u32::MAX] {
            let mut buffer = BytesMut::from(&length.to_be_bytes()[..]);
            assert!(Pdu::take(&mut buffer).is_err(), "{length}");
        }
    }

    #[test]
    fn a_response_may_have_no_body_and_its_text_has_an_end() {
        assert_eq!(message_id(b""), Ok(None));
        assert_eq!(message_id(b"\0"), Ok(None));
        assert_eq!(message_id(b"a1\0"), Ok(Some("a1".to_owned())));
        assert!(message_id(b"a1").is_err() && message_id(&[b'a'; 70]).is_err());
    }
}
