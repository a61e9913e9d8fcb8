//! What a reply means: the table in [`super`].

use lettre::transport::smtp::response::Response;

use crate::{
    contract::{Outcome, Reason, Unavailable},
    detail::Scrubber,
};

/// Which command a reply answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Mail,
    Rcpt,
    Data,
    /// The final dot.
    Dot,
}

/// A reply as it came. There are four for every message, so it is read without taking it apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reply {
    code: u16,
    /// The lines after their codes, each ended by a line feed.
    text: String,
}

impl Reply {
    /// Adds a line without its line end: three digits, a sign, words. Whether it was the last one.
    pub(super) fn push(&mut self, line: &[u8]) -> std::io::Result<bool> {
        let code = line.get(..3).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        let code = code.filter(|code| (100..600).contains(code) && (self.text.is_empty() || *code == self.code));
        self.code = code.ok_or(std::io::ErrorKind::InvalidData)?;
        self.text.push_str(String::from_utf8_lossy(line.get(4..).unwrap_or_default()).trim());
        self.text.push('\n');
        match line.get(3) {
            None | Some(b' ') => Ok(true),
            Some(b'-') => Ok(false),
            Some(_) => Err(std::io::ErrorKind::InvalidData.into()),
        }
    }

    pub(super) fn code(&self) -> u16 {
        self.code
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }

    pub(super) fn first_word(&self) -> Option<&str> {
        self.text.split_whitespace().next()
    }

    /// As lettre has it, for what it reads itself.
    pub(super) fn parsed(&self) -> Option<Response> {
        let last = self.lines().count().checked_sub(1)?;
        let line = |(place, line)| format!("{}{}{line}\r\n", self.code, if place == last { ' ' } else { '-' });
        self.lines().enumerate().map(line).collect::<String>().parse().ok()
    }
}

/// The whole reply as one line: its code and its words.
pub(super) fn words(reply: &Reply) -> String {
    format!("{} {}", reply.code, reply.text.trim_end().replace('\n', " "))
}

/// What a refusal says of its message, or of the connection as a whole.
pub(super) fn refusal(reply: &Reply, stage: Stage, scrubber: &Scrubber, to: &str) -> Result<Outcome, Unavailable> {
    let code = reply.code;
    let enhanced = enhanced(reply);
    let detail = scrubber.clean(&words(reply), to);
    if code == 421 {
        let reason = if is_throttle(enhanced) { Reason::Throttled } else { Reason::Temporary };
        return Err(Unavailable { reason, detail, after: None });
    }
    if matches!(code, 530 | 535) || matches!(enhanced, Some((5, 7, 8 | 9))) {
        return Err(Unavailable { reason: Reason::Unauthorized, detail, after: None });
    }
    Ok(match code {
        400..=499 => Outcome::Later { after: None, reason: temporary(enhanced), detail },
        500..=599 => Outcome::Rejected { reason: permanent(code, enhanced, stage), detail },
        // Neither an acceptance nor a refusal: the relay and we no longer speak of the same command.
        _ => return Err(Unavailable { reason: Reason::BadAnswer, detail, after: None }),
    })
}

fn temporary(enhanced: Option<(u16, u16, u16)>) -> Reason {
    match enhanced {
        Some((4, 2, 2)) => Reason::MailboxFull,
        _ if is_throttle(enhanced) => Reason::Throttled,
        _ => Reason::Temporary,
    }
}

/// 4.7.28 is Gmail's, 4.7.500 to 4.7.799 Microsoft's. 4.7.0 and 4.7.1 are not here: grey lists say them too, and a
/// message that is asked to come back has been tried.
fn is_throttle(enhanced: Option<(u16, u16, u16)>) -> bool {
    matches!(enhanced, Some((4, 3, 2) | (4, 5, 3) | (4, 7, 28) | (4, 7, 500..=799)))
}

fn permanent(code: u16, enhanced: Option<(u16, u16, u16)>, stage: Stage) -> Reason {
    let about_recipient = stage == Stage::Rcpt;
    match (enhanced, code) {
        (Some((5, 1, 1 | 2 | 6 | 10)), _) if about_recipient || stage == Stage::Dot => Reason::NoSuchAddress,
        (Some((5, 1, 3)), _) if about_recipient => Reason::BadAddress,
        (Some((5, 2, 2)), _) => Reason::MailboxFull,
        (Some((5, 2, 3) | (5, 3, 4) | (5, 5 | 6, _)), _) => Reason::BadContent,
        (Some(_), _) => Reason::Blocked,
        // A bare 550 is what relays say of a missing mailbox, but also of their own policy ("relaying denied"). Taking it
        // for the first would suppress a whole audience after one wrong setting.
        (None, 551 | 556) if about_recipient => Reason::NoSuchAddress,
        (None, 501 | 553) if about_recipient => Reason::BadAddress,
        (None, 552) if about_recipient => Reason::MailboxFull,
        (None, 500..=504 | 552 | 555) => Reason::BadContent,
        (None, _) => Reason::Blocked,
    }
}

/// The enhanced status code, if its class agrees with the reply's (RFC 2034, section 4).
fn enhanced(reply: &Reply) -> Option<(u16, u16, u16)> {
    let mut numbers = reply.first_word()?.split('.').map(|part| part.parse::<u16>().ok());
    let code = (numbers.next()??, numbers.next()??, numbers.next()??);
    (numbers.next().is_none() && code.0 == reply.code / 100).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(reply: &str, stage: Stage) -> Reason {
        let mut read = Reply::default();
        assert!(read.push(reply.as_bytes()).unwrap());
        let reply = read;
        match refusal(&reply, stage, &Scrubber::default(), "joe@example.com") {
            Ok(Outcome::Later { reason, .. } | Outcome::Rejected { reason, .. }) => reason,
            Err(gone) => gone.reason,
            Ok(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_published_table() {
        use Reason::*;
        use Stage::*;
        for (reply, stage, expected) in [
            ("421 4.4.2 timeout", Mail, Temporary),
            ("421 4.7.28 slow down", Mail, Throttled),
            ("452 4.2.2 full", Rcpt, MailboxFull),
            ("450 4.7.1 grey list", Rcpt, Temporary),
            ("451 4.7.650 rate", Rcpt, Throttled),
            ("452 4.5.3 too many", Rcpt, Throttled),
            ("451 local error", Dot, Temporary),
            ("530 5.7.0 authenticate first", Mail, Unauthorized),
            ("550 5.1.1 no such user", Rcpt, NoSuchAddress),
            ("556 5.1.10 null MX", Rcpt, NoSuchAddress),
            ("550 5.1.1 no such sender", Mail, Blocked),
            ("550 no such user", Rcpt, Blocked),
            ("550 refused", Mail, Blocked),
            ("550 spam", Dot, Blocked),
            ("553 5.1.3 syntax", Rcpt, BadAddress),
            ("501 syntax", Rcpt, BadAddress),
            ("552 5.2.2 full", Rcpt, MailboxFull),
            ("552 full", Rcpt, MailboxFull),
            ("552 too big", Dot, BadContent),
            ("552 5.3.4 too big", Mail, BadContent),
            ("550 5.7.1 policy", Rcpt, Blocked),
            ("554 5.6.0 malformed", Dot, BadContent),
            ("554 no", Dot, Blocked),
            ("550 4.2.2 the class disagrees", Rcpt, Blocked),
            ("354 go on", Mail, BadAnswer),
        ] {
            assert_eq!(reason(reply, stage), expected, "{reply} to {stage:?}");
        }
    }

    #[test]
    fn what_is_no_reply_is_refused_and_lines_are_kept() {
        for line in ["", "25", "abc ok", "099 low", "600 high", "250+ok", "\u{feff}250 ok"] {
            assert!(Reply::default().push(line.as_bytes()).is_err(), "{line:?}");
        }
        let mut reply = Reply::default();
        assert!(!reply.push(b"250-mx.example greets you").unwrap());
        assert!(reply.push(b"550 another code").is_err());
        assert!(reply.push(b"250").unwrap());
        assert_eq!((words(&reply).as_str(), reply.lines().count()), ("250 mx.example greets you", 2));
        assert!(reply.parsed().unwrap().has_code(250));
    }

    #[test]
    fn the_address_is_not_repeated() {
        let mut reply = Reply::default();
        assert!(reply.push(b"550 5.1.1 <joe@example.com> joe unknown").unwrap());
        let outcome = refusal(&reply, Stage::Rcpt, &Scrubber::default(), "joe@example.com").unwrap();
        assert!(!format!("{outcome:?}").contains("joe"), "{outcome:?}");
    }
}
