//! What comes in a deliver_sm: a receipt or a reply.
//!
//! A receipt names its text and its state by parameters (`receipted_message_id`, `message_state`; SMPP 3.4, sections
//! 5.3.2.12 and 5.3.2.35), in its text (`id:… stat:…`; appendix B), or by one of each. Parameters are believed first.
//!
//! | message_state | stat | what it says |
//! |---|---|---|
//! | 1, 6 | ENROUTE, ACCEPTD | accepted |
//! | 2 | DELIVRD | delivered |
//! | 3 | EXPIRED | failed: expired |
//! | 4, 5 | DELETED, UNDELIV | failed: undelivered |
//! | 8 | REJECTD | failed: blocked |
//! | 7, other | UNKNOWN, other | nothing |

use super::{
    pdu::{Message, tag},
    settings::SmppSettings,
    text,
};
use crate::{
    contract::{About, Heard, Reason, Receipt, ReceiptWord, Reply},
    sms,
};

/// The bits of esm_class that say what a deliver_sm is (section 5.2.12).
const KIND: u8 = 0x3c;
const RECEIPT: u8 = 0x04;
const NOTIFICATION: u8 = 0x20;

/// What a deliver_sm says; None where that is nothing for us.
pub(super) fn heard(settings: &SmppSettings, message: &Message) -> Option<Heard> {
    let kind = message.esm_class & KIND;
    if matches!(kind, RECEIPT | NOTIFICATION) || message.parameters.contains_key(&tag::RECEIPTED_MESSAGE_ID) {
        return receipt(settings, message).map(Heard::Receipt);
    }
    if kind != 0 {
        // An acknowledgement by the handset or its owner: no text.
        return None;
    }
    let source = &message.source;
    // What is known to be a number of one country or network only is not one of the world.
    let from = if source.ton <= 1 { sms::international(&source.digits) } else { source.digits.clone() };
    Some(Heard::Reply(Reply {
        id: None,
        from,
        to: message.destination.digits.clone(),
        text: text::read(settings, message)?,
        at: None,
    }))
}

fn receipt(settings: &SmppSettings, message: &Message) -> Option<Receipt> {
    let words = text::read(settings, message).unwrap_or_default();
    let id = message.text_parameter(tag::RECEIPTED_MESSAGE_ID).filter(|id| !id.is_empty());
    let id = id.or_else(|| field(&words, "id"))?;
    let state = message.parameters.get(&tag::MESSAGE_STATE).and_then(|value| value.first().copied());
    let word = state.and_then(by_number).or_else(|| by_name(&field(&words, "stat")?))?;
    Some(Receipt { about: About::Reference(settings.receipt_ids.read(&id)), word })
}

fn by_number(state: u8) -> Option<ReceiptWord> {
    by_name(
        ["", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"]
            .get(usize::from(state))?,
    )
}

fn by_name(state: &str) -> Option<ReceiptWord> {
    Some(match state.to_ascii_uppercase().as_str() {
        "ENROUTE" | "ACCEPTD" => ReceiptWord::Accepted,
        "DELIVRD" => ReceiptWord::Delivered,
        "EXPIRED" => ReceiptWord::Failed(Reason::Expired),
        "DELETED" | "UNDELIV" => ReceiptWord::Failed(Reason::Undelivered),
        "REJECTD" => ReceiptWord::Failed(Reason::Blocked),
        _ => return None,
    })
}

/// The value of `name:` in a receipt's text, in any case. What follows `text:` is the message's own beginning.
fn field(words: &str, name: &str) -> Option<String> {
    words
        .split_whitespace()
        .take_while(|word| !word.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text:")))
        .find_map(|word| {
            let (key, value) = word.split_once(':')?;
            (key.eq_ignore_ascii_case(name) && !value.is_empty()).then(|| value.to_owned())
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::sms::smpp::pdu::Address;

    fn settings(forms: (&str, &str)) -> SmppSettings {
        let value = json!({
            "host": "127.0.0.1", "system_id": "us", "from": "12345", "answer_ids": forms.0, "receipt_ids": forms.1,
        });
        serde_json::from_value(value).unwrap()
    }

    fn said(words: &str, parameters: &[(u16, &[u8])]) -> Message {
        Message {
            esm_class: RECEIPT,
            short_message: words.as_bytes().to_vec(),
            parameters: parameters.iter().map(|(tag, value)| (*tag, value.to_vec())).collect(),
            ..Message::default()
        }
    }

    fn read(words: &str, parameters: &[(u16, &[u8])]) -> Option<(String, ReceiptWord)> {
        match heard(&settings(("text", "text")), &said(words, parameters))? {
            Heard::Receipt(Receipt { about: About::Reference(id), word }) => Some((id, word)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_receipt_is_read_from_parameters_text_or_both() {
        let words =
            "id:a-1 sub:001 dlvrd:001 submit date:2603011200 done date:2603011201 stat:DELIVRD err:000 text:stat:X";
        let delivered = Some(("a-1".to_owned(), ReceiptWord::Delivered));
        assert_eq!(read(words, &[]), delivered);
        assert_eq!(read(&words.to_ascii_lowercase().replace("delivrd", "DELIVRD"), &[]), delivered);
        assert_eq!(read("", &[(tag::RECEIPTED_MESSAGE_ID, b"a-1\0"), (tag::MESSAGE_STATE, &[2])]), delivered);
        assert_eq!(read("id:wrong stat:DELIVRD", &[(tag::RECEIPTED_MESSAGE_ID, b"a-1\0")]), delivered);
        assert_eq!(read("stat:DELIVRD text:id:a-1", &[]), None, "the message's own words name nothing");
    }

    #[test]
    fn states_are_those_of_the_table() {
        use ReceiptWord::*;
        let rows = [
            (1, "ENROUTE", Some(Accepted)),
            (2, "DELIVRD", Some(Delivered)),
            (3, "EXPIRED", Some(Failed(Reason::Expired))),
            (4, "DELETED", Some(Failed(Reason::Undelivered))),
            (5, "UNDELIV", Some(Failed(Reason::Undelivered))),
            (6, "ACCEPTD", Some(Accepted)),
            (7, "UNKNOWN", None),
            (8, "REJECTD", Some(Failed(Reason::Blocked))),
            (99, "else", None),
        ];
        for (number, name, word) in rows {
            let by_number = read("id:1", &[(tag::MESSAGE_STATE, &[number])]);
            assert_eq!(by_number.map(|(_, word)| word), word, "{number}");
            assert_eq!(read(&format!("id:1 stat:{name}"), &[]).map(|(_, word)| word), word, "{name}");
        }
    }

    #[test]
    fn ids_are_compared_in_one_form() {
        let settings = settings(("hex", "decimal"));
        let Some(Heard::Receipt(receipt)) = heard(&settings, &said("id:0000000439 stat:DELIVRD", &[])) else {
            panic!()
        };
        assert_eq!(receipt.about, About::Reference(settings.answer_ids.read("1B7")));
    }

    #[test]
    fn a_reply_has_its_number_in_e164() {
        let from = |ton, digits: &str| {
            let source = Address { ton, npi: 1, digits: digits.to_owned() };
            let message = Message { source, short_message: b"Stop".to_vec(), ..Message::default() };
            match heard(&settings(("text", "text")), &message) {
                Some(Heard::Reply(reply)) => (reply.from, reply.text),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(from(1, "4915123456789"), ("+4915123456789".to_owned(), "Stop".to_owned()));
        assert_eq!(from(2, "015123456789").0, "015123456789");
        assert_eq!(from(3, "12345").0, "12345");
    }

    proptest! {
        #[test]
        fn no_words_make_it_panic(words in "(id|stat|text|x)?:?[a-zäЖ: ]{0,60}") {
            let payload = words.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let message = Message { data_coding: 8, parameters: [(tag::MESSAGE_PAYLOAD, payload)].into(), ..said("", &[]) };
            let _ = heard(&settings(("hex", "hex")), &message);
        }
    }
}
