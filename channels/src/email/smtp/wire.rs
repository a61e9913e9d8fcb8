//! A parcel as SMTP writes it: its envelope's commands, and its body with line ends made whole and dots stuffed.

use lettre::{
    Address,
    transport::smtp::{
        commands::{Mail, Rcpt},
        extension::{Extension, MailParameter, ServerInfo},
    },
};

use crate::contract::{Content, Parcel, Reason};

/// A parcel that may be written to this relay.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) parcel: Parcel,
    pub(super) mail: String,
    pub(super) rcpt: String,
}

impl Outgoing {
    /// Writes the message as it goes over the wire, with its final dot.
    pub(super) fn body(&self, wire: &mut Vec<u8>) {
        // `commands` lets nothing else through.
        if let Content::Mail { raw, .. } = &self.parcel.content {
            stuff(raw, wire);
        }
    }
}

/// Why a parcel must not be written.
pub(super) type Refusal = (Reason, &'static str);

/// MAIL and RCPT for a parcel. Refuses what must not be written: other content than mail, and addresses that would end
/// a command early or that the relay cannot take.
pub(super) fn commands(parcel: &Parcel, server: &ServerInfo) -> Result<(String, String), Refusal> {
    let Content::Mail { envelope_from, .. } = &parcel.content else {
        return Err((Reason::BadContent, "this provider carries mail only"));
    };
    if is_plain(&parcel.to) && is_plain(envelope_from) {
        return Ok((format!("MAIL FROM:<{envelope_from}>\r\n"), format!("RCPT TO:<{}>\r\n", parcel.to)));
    }
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

/// True for the addresses that nearly everyone has, which need no parser: letters, digits and `.+-_=` around one @,
/// with no dot at an end or beside another.
fn is_plain(text: &str) -> bool {
    let Some((user, domain)) = text.split_once('@') else { return false };
    let dots = |part: &str| part.split('.').all(|atom| !atom.is_empty());
    let labels = domain.split('.').all(|label| !label.starts_with('-') && !label.ends_with('-') && label.len() <= 63);
    user.len() <= 64
        && text.len() <= 254
        && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-_=".contains(&byte))
        && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
        && dots(user)
        && dots(domain)
        && labels
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
fn stuff(raw: &[u8], wire: &mut Vec<u8>) {
    wire.reserve(raw.len() + raw.len() / 32 + 8);
    let mut rest = raw;
    while !rest.is_empty() {
        let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        if rest[0] == b'.' {
            wire.push(b'.');
        }
        let after = &rest[end..];
        if after.starts_with(b"\r\n") {
            wire.extend_from_slice(&rest[..end + 2]);
            rest = &after[2..];
        } else {
            wire.extend_from_slice(&rest[..end]);
            wire.extend_from_slice(b"\r\n");
            rest = after.get(1..).unwrap_or_default();
        }
    }
    wire.extend_from_slice(b".\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testkit::parcels;

    fn wire(raw: &str) -> String {
        let mut wire = Vec::new();
        stuff(raw.as_bytes(), &mut wire);
        String::from_utf8(wire).unwrap()
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

    proptest! {
        #[test]
        fn a_plain_address_is_what_the_parser_makes_of_it(text in "[a-zA-Z0-9.+_=-]{0,9}@?[a-zA-Z0-9.-]{0,9}@?[a-z.-]{0,3}") {
            if is_plain(&text) {
                let parsed = address(&text).map_err(|(_, why)| TestCaseError::fail(why))?;
                prop_assert_eq!(&Mail::new(Some(parsed.clone()), Vec::new()).to_string(), &format!("MAIL FROM:<{text}>\r\n"));
                prop_assert_eq!(&Rcpt::new(parsed, Vec::new()).to_string(), &format!("RCPT TO:<{text}>\r\n"));
            }
        }
    }

    fn envelope(to: &str, from: &str, utf8: bool) -> Result<(String, String), Reason> {
        let mut parcel = parcels::mail();
        parcel.to = to.to_owned();
        if let Content::Mail { envelope_from, .. } = &mut parcel.content {
            *envelope_from = from.to_owned();
        }
        let features = if utf8 { "250-mx\r\n250 SMTPUTF8\r\n" } else { "250 mx\r\n" };
        let server = ServerInfo::from_response(&features.parse().unwrap()).unwrap();
        commands(&parcel, &server).map_err(|(reason, _)| reason)
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
            assert_eq!(envelope(to, "", false).unwrap_err(), Reason::BadAddress, "{to:?}");
            if !to.is_empty() {
                assert_eq!(envelope("a@b.example", to, false).unwrap_err(), Reason::BadAddress, "{to:?}");
            }
        }
        assert_eq!(envelope(&format!("{}@b.example", "a".repeat(65)), "", false).unwrap_err(), Reason::BadAddress);
    }

    #[test]
    fn an_empty_sender_is_the_null_path_and_a_foreign_domain_has_its_ascii_form() {
        let (mail, rcpt) = envelope("a@bücher.example", "", false).unwrap();
        assert_eq!(mail, "MAIL FROM:<>\r\n");
        assert_eq!(rcpt, "RCPT TO:<a@xn--bcher-kva.example>\r\n");
    }

    #[test]
    fn smtputf8_is_asked_for_only_where_it_is_needed_and_offered() {
        assert_eq!(envelope("jörg@b.example", "s@b.example", true).unwrap().0, "MAIL FROM:<s@b.example> SMTPUTF8\r\n");
        assert_eq!(envelope("jorg@b.example", "s@b.example", true).unwrap().0, "MAIL FROM:<s@b.example>\r\n");
        assert_eq!(envelope("jörg@b.example", "s@b.example", false).unwrap_err(), Reason::BadAddress);
    }
}
