//! Text messages: how they are counted, and the gateways that carry them.

pub mod encoding;
pub mod http;
pub mod number;
pub mod senders;
pub mod smpp;
pub mod twilio;
pub mod vonage;

/// A number as networks write it in what comes in, in E.164 form where it can be one: `4915…`, `004915…`. Anything else, such
/// as a short code, stays as it is.
pub(crate) fn international(given: &str) -> String {
    let bare: String = given.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let digits = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")).unwrap_or(&bare);
    let written = format!("+{digits}");
    if number::is_e164(&written) { written } else { given.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_can_be_are_international() {
        for number in ["+4915123456789", "4915123456789", "004915123456789", "+49 151-23456789"] {
            assert_eq!(international(number), "+4915123456789");
        }
        for other in ["12345", "Acme", "015123456789", "", "+", "1234567890123456"] {
            assert_eq!(international(other), other);
        }
    }
}
