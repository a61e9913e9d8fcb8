//! What makes a recipient usable: checked once, whichever way they come in.

use jiff::tz::TimeZone;
use onevoice_channels::contract::Channel;

use crate::store::recipients::Recipient;

/// What is wrong with a recipient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Fault {
    /// The field at fault, as a JSON pointer.
    pub pointer: String,
    /// What is wrong, without the value, and how to mend it.
    pub detail: String,
}

fn fault(pointer: &str, detail: &str) -> Fault {
    Fault { pointer: pointer.to_owned(), detail: detail.to_owned() }
}

/// Brings a recipient into the one form that is stored, or says what is wrong.
///
/// # Errors
/// [`Fault`], naming the field.
pub fn normalise(mut recipient: Recipient) -> Result<Recipient, Fault> {
    recipient.customer_id = recipient.customer_id.trim().to_owned();
    if recipient.customer_id.is_empty() || recipient.customer_id.chars().count() > 200 {
        return Err(fault("/customer_id", "the customer id must have 1 to 200 characters"));
    }
    let texts = [&recipient.customer_id, &recipient.name, &recipient.locale, &recipient.time_zone];
    let listed = recipient.attributes.values().chain(&recipient.tags).chain(&recipient.components);
    if texts.into_iter().chain(listed).any(|text| text.contains(char::is_control)) {
        return Err(fault("", "a field holds a line break or another control character"));
    }
    if !recipient.time_zone.is_empty() && TimeZone::get(&recipient.time_zone).is_err() {
        return Err(fault("/time_zone", "the time zone is not in the IANA database; write it like Europe/London"));
    }
    for (place, address) in recipient.addresses.iter_mut().enumerate() {
        let pointer = format!("/addresses/{place}/value");
        address.value = match address.channel {
            Channel::Email => mail(&address.value)
                .ok_or_else(|| fault(&pointer, "the mail address is malformed; write it like jo@example.org"))?,
            Channel::Sms => phone(&address.value)
                .ok_or_else(|| fault(&pointer, "the phone number is not in E.164 form; write it like +442071838750"))?,
            _ => return Err(fault(&pointer, "only email and sms have addresses of people")),
        };
    }
    Ok(recipient)
}

fn mail(text: &str) -> Option<String> {
    let (local, domain) = text.trim().rsplit_once('@')?;
    let address: lettre::Address = format!("{local}@{}", domain.to_ascii_lowercase()).parse().ok()?;
    Some(address.to_string())
}

fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '\u{a0}')).collect();
    let number = digits.strip_prefix('+')?;
    let well_formed = (7..=15).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    (well_formed && !number.starts_with('0')).then_some(digits)
}
