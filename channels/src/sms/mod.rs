//! Text messages: how they are counted, and the gateways that carry them.

pub mod encoding;
pub mod http;
pub mod smpp;
pub mod twilio;
pub mod vonage;

/// A number as networks write it in what comes in, in E.164 form where it can be one: `4915…`, `004915…`. Anything else, such
/// as a short code, stays as it is.
pub(crate) fn international(number: &str) -> String {
    let bare: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let digits = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")).unwrap_or(&bare);
    let fits = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fits && !digits.starts_with('0') { format!("+{digits}") } else { number.to_owned() }
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
