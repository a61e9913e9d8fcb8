//! A text as `short_message` or `message_payload` carries it: its alphabet, and its parts.

use super::{
    pdu::{Address, Message, tag},
    settings::{Alphabet, LongTexts, SmppSettings},
};
use crate::{
    contract::{Content, Parcel, Reason, SmsEncoding},
    sms::{encoding, number::is_e164},
};

/// data_coding (SMPP 3.4, section 5.2.19).
const DEFAULT: u8 = 0;
const LATIN1: u8 = 3;
const UCS2: u8 = 8;
/// esm_class: the message begins with a user data header (section 5.2.12).
pub(super) const HAS_HEADER: u8 = 0x40;

/// The texts that carry a parcel, in their order. Only the last asks for a receipt: it says as much as all of them, and one
/// delivery has one state.
pub(super) fn messages(settings: &SmppSettings, parcel: &Parcel) -> Result<Vec<Message>, (Reason, &'static str)> {
    let Content::Sms { text, encoding } = &parcel.content else {
        return Err((Reason::BadContent, "this provider carries text messages only"));
    };
    let Some(digits) = parcel.to.strip_prefix('+').filter(|_| is_e164(&parcel.to)) else {
        return Err((Reason::BadAddress, "the number is not in E.164 form: + and 7 to 15 digits"));
    };
    let (coding, encoding) = match (encoding, settings.alphabet) {
        (SmsEncoding::Ucs2, _) => (UCS2, SmsEncoding::Ucs2),
        (SmsEncoding::Gsm7, Alphabet::Gsm) => (DEFAULT, SmsEncoding::Gsm7),
        (SmsEncoding::Gsm7, Alphabet::Latin1) if text.chars().all(|c| u32::from(c) < 0x100) => {
            (LATIN1, SmsEncoding::Gsm7)
        }
        (SmsEncoding::Gsm7, Alphabet::Latin1) => (UCS2, SmsEncoding::Ucs2),
    };
    let octets = |text: &str| match coding {
        DEFAULT => encoding::to_gsm(text),
        LATIN1 => text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect(),
        _ => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
    };
    let plain = Message {
        service_type: settings.service_type.clone(),
        source: settings.source(&parcel.to),
        destination: Address { ton: settings.to_type.ton, npi: settings.to_type.npi, digits: digits.to_owned() },
        data_coding: coding,
        ..Message::default()
    };
    let unfit = (Reason::BadContent, "the text has a character that its alphabet lacks");
    let mut parts = encoding::split_in(text, encoding);
    if parts.len() > 255 {
        return Err((Reason::BadContent, "the text is longer than 255 parts"));
    }
    let whole = settings.long_texts == LongTexts::Payload && parts.len() > 1;
    if whole {
        parts = vec![text];
    }
    let mut messages = Vec::with_capacity(parts.len());
    for (part, number) in parts.iter().zip(1_u8..) {
        let mut message = plain.clone();
        let octets = octets(part).ok_or(unfit)?;
        if whole {
            message.parameters.insert(tag::MESSAGE_PAYLOAD, octets);
        } else if parts.len() > 1 {
            message.esm_class = HAS_HEADER;
            message.short_message = header(parcel, parts.len(), number);
            message.short_message.extend_from_slice(&octets);
        } else {
            message.short_message = octets;
        }
        message.registered_delivery = u8::from(settings.receipts && usize::from(number) == parts.len());
        messages.push(message);
    }
    Ok(messages)
}

/// TS 23.040, section 9.2.3.24.1. The reference is the same at each try, so that parts of two tries fit together.
fn header(parcel: &Parcel, parts: usize, number: u8) -> Vec<u8> {
    let reference = parcel.token.get(30..).and_then(|end| u8::from_str_radix(end, 16).ok()).unwrap_or_default();
    vec![5, 0, 3, reference, u8::try_from(parts).unwrap_or(u8::MAX), number]
}

/// The text that came in a deliver_sm, without its header; at most 2,000 characters. None where it is none.
pub(super) fn read(settings: &SmppSettings, message: &Message) -> Option<String> {
    let mut octets = match message.parameters.get(&tag::MESSAGE_PAYLOAD) {
        Some(payload) if message.short_message.is_empty() => payload.as_slice(),
        _ => message.short_message.as_slice(),
    };
    if message.esm_class & HAS_HEADER != 0 {
        octets = octets.get(1 + usize::from(*octets.first()?)..)?;
    }
    let latin1 = |octets: &[u8]| octets.iter().map(|octet| char::from(*octet)).collect::<String>();
    let text = match message.data_coding {
        DEFAULT if settings.alphabet == Alphabet::Gsm => encoding::from_gsm(octets),
        // Eight bits of somebody's own, and message classes with them (0xf4 and its like): no text.
        2 | 4 | 0xf4..=0xf7 => return None,
        UCS2 => {
            let units: Vec<u16> = octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        0xf0..=0xf3 => encoding::from_gsm(octets),
        _ => latin1(octets),
    };
    Some(text.chars().take(2000).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testkit::parcels;

    fn settings(extra: serde_json::Value) -> SmppSettings {
        let mut settings = json!({ "host": "127.0.0.1", "system_id": "us", "from": "12345" });
        settings.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        serde_json::from_value(settings).unwrap()
    }

    fn told(settings: &SmppSettings, text: &str) -> Vec<Message> {
        messages(settings, &parcels::sms(text)).unwrap()
    }

    #[test]
    fn a_long_text_goes_in_parts_or_whole() {
        let text = "Störung € ".repeat(20);
        let parts = told(&settings(json!({})), &text);
        assert_eq!(parts.len(), encoding::split(&text).len());
        for (part, number) in parts.iter().zip(1..) {
            assert_eq!(part.short_message[..6], [5, 0, 3, 0x67, parts.len() as u8, number]);
            assert!(part.short_message.len() <= 6 + 153 && part.esm_class == HAS_HEADER);
            assert_eq!(part.registered_delivery, u8::from(usize::from(number) == parts.len()));
        }
        let whole = told(&settings(json!({ "long_texts": "payload" })), &text);
        assert_eq!(whole.len(), 1);
        assert_eq!(whole[0].parameters[&tag::MESSAGE_PAYLOAD], encoding::to_gsm(&text).unwrap());
        assert!(whole[0].short_message.is_empty() && whole[0].esm_class == 0);
    }

    #[test]
    fn the_alphabet_is_the_centres() {
        let latin1 = settings(json!({ "alphabet": "latin1" }));
        assert_eq!((told(&latin1, "Störung")[0].data_coding, told(&latin1, "5 €")[0].data_coding), (LATIN1, UCS2));
        assert_eq!(told(&latin1, "ö")[0].short_message, [0xf6]);
        assert_eq!(told(&settings(json!({})), "ö")[0].short_message, [0x7c]);
        assert_eq!(told(&settings(json!({})), "я")[0].short_message, [0x04, 0x4f]);
    }

    #[test]
    fn a_number_that_is_none_is_refused() {
        for to in ["", "+", "0151", "+01", "+49 151", "4915123456789", "+12345678901234567"] {
            let parcel = Parcel { to: to.to_owned(), ..parcels::sms("text") };
            assert_eq!(
                messages(&settings(json!({})), &parcel).err().map(|(reason, _)| reason),
                Some(Reason::BadAddress)
            );
        }
    }

    #[test]
    fn senders_are_typed_by_their_form() {
        let source = |from: &str| {
            let source = settings(json!({ "from": from })).source("+4915123456789");
            (source.ton, source.npi, source.digits)
        };
        assert_eq!(source("+4930123456"), (1, 1, "4930123456".to_owned()));
        assert_eq!(source("12345"), (3, 0, "12345".to_owned()));
        assert_eq!(source("Example"), (5, 0, "Example".to_owned()));
    }

    #[test]
    fn a_countrys_sender_has_the_type_of_its_own_form() {
        let settings = settings(json!({ "from_type": { "ton": 6, "npi": 9 }, "senders": [
            { "country": "AT", "from": "Acme" }, { "country": "US", "from": "54321" }, { "prefix": "+44", "from": "+441632960000" },
        ] }));
        let source = |to: &str| {
            let parcel = Parcel { to: to.to_owned(), ..parcels::sms("text") };
            let source = messages(&settings, &parcel).unwrap().remove(0).source;
            (source.ton, source.npi, source.digits)
        };
        assert_eq!(source("+436641234567"), (5, 0, "Acme".to_owned()));
        assert_eq!(source("+12125550100"), (3, 0, "54321".to_owned()));
        assert_eq!(source("+447700900000"), (1, 1, "441632960000".to_owned()));
        assert_eq!(source("+4915123456789"), (6, 9, "12345".to_owned()), "the usual one as it is set");
    }

    proptest! {
        #[test]
        fn what_is_sent_reads_back(text in "[a-zA-Zäö€{}я😀 ]{0,400}", latin1: bool, payload: bool) {
            let settings = settings(json!({
                "alphabet": if latin1 { "latin1" } else { "gsm" },
                "long_texts": if payload { "payload" } else { "udh" },
            }));
            let read: Option<String> = told(&settings, &text).iter().map(|message| read(&settings, message)).collect();
            prop_assert_eq!(read, Some(text));
        }

        #[test]
        fn no_octets_make_it_panic(octets in prop::collection::vec(any::<u8>(), 0..60), coding: u8, esm_class: u8) {
            let message = Message { short_message: octets, data_coding: coding, esm_class, ..Message::default() };
            read(&settings(json!({})), &message);
        }
    }
}
