//! A parcel as SMTP writes it: its envelope's commands, and its body with line ends made whole and dots stuffed.

use lettre::{
    Address,
    transport::smtp::{
        commands::{Mail, Rcpt},
        extension::{Extension, MailParameter, ServerInfo},
    },
};

use crate::contract::{Content, Outcome, Parcel, Reason};

/// A parcel that may be written to this relay.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) parcel: Parcel,
    pub(super) mail: String,
    pub(super) rcpt: String,
}

impl Outgoing {
    /// Refuses what must not be written: other content than mail, and addresses that would end a command early or
    /// that the relay cannot take.
    pub(super) fn new(parcel: Parcel, server: &ServerInfo) -> Result<Outgoing, (Parcel, Outcome)> {
        match commands(&parcel, server) {
            Ok((mail, rcpt)) => Ok(Outgoing { parcel, mail, rcpt }),
            Err((reason, detail)) => Err((parcel, Outcome::Rejected { reason, detail: detail.to_owned() })),
        }
    }

    /// The message as it goes over the wire, with its final dot.
    pub(super) fn body(&self) -> Vec<u8> {
        match &self.parcel.content {
            Content::Mail { raw, .. } => stuffed(raw),
            // `new` lets nothing else through.
            Content::Sms { .. } | Content::Post { .. } | Content::Page { .. } => b".\r\n".to_vec(),
        }
    }
}

type Refusal = (Reason, &'static str);

fn commands(parcel: &Parcel, server: &ServerInfo) -> Result<(String, String), Refusal> {
    let Content::Mail { envelope_from, .. } = &parcel.content else {
        return Err((Reason::BadContent, "this provider carries mail only"));
    };
    let to = address(&parcel.to)?;
    let from = if envelope_from.is_empty() { None } else { Some(address(envelope_from)?) };
    let mut parameters = Vec::new();
    if !parcel.to.is_ascii() && !to.to_string().is_ascii()
        || from.as_ref().is_some_and(|from| !from.to_string().is_ascii())
    {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err((Reason::BadAddress, "the relay takes no address outside ASCII (it does not offer SMTPUTF8)"));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    Ok((Mail::new(from, parameters).to_string(), Rcpt::new(to, Vec::new()).to_string()))
}

/// An address that is safe in a command (RFC 5321, sections 4.1.2 and 4.5.3.1), its domain in ASCII.
fn address(text: &str) -> Result<Address, Refusal> {
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || "<>".contains(c)) {
        return Err((Reason::BadAddress, "the address holds a line end or another sign that no address may hold"));
    }
    let malformed = (Reason::BadAddress, "the address is not of the form name@domain");
    let parsed: Address = text.parse().map_err(|_| malformed)?;
    let too_long = parsed.user().len() > 64 || text.len() > 254;
    if too_long {
        return Err((Reason::BadAddress, "the address is longer than SMTP allows"));
    }
    if parsed.domain().is_ascii() {
        return Ok(parsed);
    }
    // A domain has an ASCII form (IDNA) that needs nothing of the relay.
    match url::Host::parse(parsed.domain()) {
        Ok(url::Host::Domain(domain)) => Address::new(parsed.user(), domain).map_err(|_| malformed),
        _ => Err(malformed),
    }
}

/// Makes every line end CRLF, doubles dots at line starts (RFC 5321, section 4.5.2), and adds the final dot.
///
/// A bare CR or LF is a line end to some servers and not to others; a body that holds one could smuggle a second
/// message past the first's dot.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(raw.len() + raw.len() / 32 + 8);
    let mut rest = raw;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
        if rest[0] == b'.' {
            wire.push(b'.');
        }
        wire.extend_from_slice(&rest[..end]);
        wire.extend_from_slice(b"\r\n");
        rest = &rest[end..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
    }
    wire.extend_from_slice(b".\r\n");
    wire
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testkit::parcels;

    fn wire(raw: &str) -> String {
        String::from_utf8(stuffed(raw.as_bytes())).unwrap()
    }

    #[test]
    fn line_ends_are_whole_and_dots_stuffed() {
        assert_eq!(wire("a\r\nb\r\n"), "a\r\nb\r\n.\r\n");
        assert_eq!(wire("a"), "a\r\n.\r\n");
        assert_eq!(wire(""), ".\r\n");
        assert_eq!(wire(".a\r\n..\r\n"), "..a\r\n...\r\n.\r\n");
        assert_eq!(wire("a\r\n\r\nb"), "a\r\n\r\nb\r\n.\r\n");
    }

    #[test]
    fn smuggled_ends_stay_inside_the_message() {
        for end in ["\n.\n", "\r.\r", "\r\n.\r\n", "\n.\r\n", "\r\n.\n", "\r.\n", "\r\r\n.\r\r\n", "\r\n.\r"] {
            let wire = wire(&format!("Subject: a\r\n\r\nb{end}MAIL FROM:<x@y.example>{end}"));
            assert_eq!(wire.matches("\r\n.\r\n").count(), 1, "{end:?}: {wire:?}");
            assert!(wire.ends_with("\r\n.\r\n"));
        }
    }

    proptest! {
        #[test]
        fn only_the_end_is_an_end(raw in "[a.\r\n]{0,60}") {
            let wire = wire(&raw);
            let bare = wire.replace("\r\n", "");
            prop_assert!(!bare.contains(['\r', '\n']));
            let lines: Vec<&str> = wire.split("\r\n").collect();
            prop_assert_eq!(lines.iter().filter(|line| **line == ".").count(), 1);
            prop_assert_eq!(&lines[lines.len() - 2..], [".", ""]);
        }
    }

    fn outgoing(to: &str, from: &str, utf8: bool) -> Result<Outgoing, Reason> {
        let mut parcel = parcels::mail();
        parcel.to = to.to_owned();
        if let Content::Mail { envelope_from, .. } = &mut parcel.content {
            *envelope_from = from.to_owned();
        }
        let features = if utf8 { "250-mx\r\n250 SMTPUTF8\r\n" } else { "250 mx\r\n" };
        let server = ServerInfo::from_response(&features.parse().unwrap()).unwrap();
        Outgoing::new(parcel, &server).map_err(|(_, outcome)| match outcome {
            Outcome::Rejected { reason, .. } => reason,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn an_address_cannot_end_its_command() {
        for to in [
            "a@b.example>\r\nDATA",
            "a\r@b.example",
            "a\n@b.example",
            "a\0@b.example",
            "a b@c.example",
            "a",
            "",
            "<a@b.example>",
        ] {
            assert_eq!(outgoing(to, "", false).unwrap_err(), Reason::BadAddress, "{to:?}");
            if !to.is_empty() {
                assert_eq!(outgoing("a@b.example", to, false).unwrap_err(), Reason::BadAddress, "{to:?}");
            }
        }
        assert_eq!(outgoing(&format!("{}@b.example", "a".repeat(65)), "", false).unwrap_err(), Reason::BadAddress);
    }

    #[test]
    fn an_empty_sender_is_the_null_path_and_a_foreign_domain_has_its_ascii_form() {
        let message = outgoing("a@bücher.example", "", false).unwrap();
        assert_eq!(message.mail, "MAIL FROM:<>\r\n");
        assert_eq!(message.rcpt, "RCPT TO:<a@xn--bcher-kva.example>\r\n");
    }

    #[test]
    fn smtputf8_is_asked_for_only_where_it_is_needed_and_offered() {
        assert_eq!(
            outgoing("jörg@b.example", "s@b.example", true).unwrap().mail,
            "MAIL FROM:<s@b.example> SMTPUTF8\r\n"
        );
        assert_eq!(outgoing("jorg@b.example", "s@b.example", true).unwrap().mail, "MAIL FROM:<s@b.example>\r\n");
        assert_eq!(outgoing("jörg@b.example", "s@b.example", false).unwrap_err(), Reason::BadAddress);
    }
}
