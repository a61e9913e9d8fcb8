//! Numbers as networks know them, E.164: read from the ways in which people write them, and where they are from.
//!
//! Lengths and prefixes are libphonenumber's, by the crate `phonelib`, which needs nothing else and no start-up.

use phonelib::{Country, ParseError, PhoneNumber};

/// What every number that can be texted looks like, in words.
const LIKE: &str = "write + , the country and the number, like +442079460000";

/// A number in its one form: `+` and 7 to 15 digits. `home` is the country (ISO 3166-1, `AT`) of numbers that name none.
///
/// A number that is in this form already stays as it is.
///
/// # Errors
/// In words that go on from "the number", without the number.
pub fn normalise(given: &str, home: Option<&str>) -> Result<String, String> {
    let given = given.trim();
    if given.contains(char::is_control) {
        return Err("has a line break or another control character; take it out".to_owned());
    }
    let digits: String = given.chars().filter(char::is_ascii_digit).collect();
    let begins = given.trim_start_matches(|c: char| c != '+' && !c.is_ascii_digit());
    if begins.strip_prefix('+').is_some_and(|rest| rest.trim_start().starts_with('0')) {
        return Err(format!("begins with +0, and no country does; {LIKE}"));
    }
    let global = if begins.starts_with('+') { Some(digits.as_str()) } else { digits.strip_prefix("00") };
    let read = match (global, home) {
        (_, Some(home)) => PhoneNumber::try_parse_with_country(given, home),
        (Some(_), None) => PhoneNumber::try_parse(given),
        (None, None) if digits.is_empty() => Err(ParseError::Empty),
        (None, None) => Err(ParseError::MissingCallingCode),
    };
    match read {
        Ok(number) if number.extension().is_some() => {
            Err("has an extension, which no text reaches; take the extension out".to_owned())
        }
        Ok(number) if is_e164(number.e164()) => Ok(number.e164().to_owned()),
        Ok(_) => Err(format!("is shorter than any that can be texted; {LIKE}")),
        // New area codes open every year, and a number that a customer has is not refused for ours being old.
        Err(ParseError::InvalidAreaCode) if is_new_in_america(global) => Ok(format!("+{digits}")),
        Err(error) => Err(refusal(error, &digits, global, home)),
    }
}

/// True for `+` and 7 to 15 digits.
pub fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

/// True for the letters of a country that has numbers: `AT`.
pub fn is_country(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_uppercase()) && phonelib::country_by_code(code).is_some()
}

/// The country of an E.164 number, as `AT`, and how many digits its calling code has. None where that cannot be told, and
/// for numbers of no country.
pub fn country(number: &str) -> Option<(&'static str, usize)> {
    let found = phonelib::extract_country(number).filter(|country| is_country(country.code))?;
    Some((found.code, found.prefix.to_string().len()))
}

/// True for what [`nearest`] knows: a country, `AT`, or the first digits of numbers, `+431`.
pub fn is_place(key: &str) -> bool {
    match key.strip_prefix('+') {
        Some(digits) => {
            (1..=15).contains(&digits.len())
                && digits.bytes().all(|digit| digit.is_ascii_digit())
                && !digits.starts_with('0')
        }
        None => is_country(key),
    }
}

/// Of what is set by place, what holds for a number: the place with the most digits. A country has as many as its calling
/// code, and goes before a prefix of the same.
pub fn nearest<'k, T>(places: impl IntoIterator<Item = (&'k str, T)>, number: &str) -> Option<(&'k str, T)> {
    let mut places = places.into_iter().peekable();
    places.peek()?;
    let (home, digits) = (country(number), number.strip_prefix('+').unwrap_or(number));
    let reach = |place: &str| match place.strip_prefix('+') {
        Some(prefix) => digits.starts_with(prefix).then_some((prefix.len(), false)),
        None => home.filter(|(code, _)| *code == place).map(|(_, digits)| (digits, true)),
    };
    let held = places.filter_map(|(place, value)| Some((reach(place)?, place, value)));
    held.max_by_key(|(reach, ..)| *reach).map(|(_, place, value)| (place, value))
}

/// Ten digits after +1 that could be a number of North America, were their area code known.
fn is_new_in_america(global: Option<&str>) -> bool {
    let national = global.and_then(|digits| digits.strip_prefix('1')).map(str::as_bytes);
    national.is_some_and(|digits| digits.len() == 10 && digits[0] > b'1' && digits[3] > b'1')
}

fn refusal(error: ParseError, digits: &str, global: Option<&str>, home: Option<&str>) -> String {
    match error {
        ParseError::Empty => format!("is no number; {LIKE}"),
        ParseError::InvalidCharacter => format!("has a sign that no number has; {LIKE}"),
        ParseError::MissingCallingCode => {
            "names no country: write it like +442079460000, or set default_country of [sms] in the configuration, so \
             that numbers without one are read as that country's"
                .to_owned()
        }
        ParseError::UnknownCountryCode => format!("begins with the code of no country; {LIKE}"),
        ParseError::InvalidAreaCode | ParseError::InvalidExchange => {
            "is none of North America (+1): no area or exchange there has these digits".to_owned()
        }
        _ => match (global, home.and_then(phonelib::country_by_code)) {
            (Some(global), _) => calling(global).map(|country| length(country, global)),
            (None, Some(country)) => {
                let national = digits.trim_start_matches('0');
                Some(length(country, &format!("{}{national}", country.prefix)))
            }
            (None, None) => None,
        }
        .unwrap_or_else(|| format!("has too few or too many digits; {LIKE}")),
    }
}

/// The first country of the calling code that these digits begin with. No code begins another.
fn calling(global: &str) -> Option<&'static Country> {
    let codes = (1..=3).filter_map(|length| global.get(..length)?.parse().ok());
    codes.flat_map(phonelib::countries_by_calling_code).next()
}

/// Why a number of this country has the wrong length.
fn length(country: &Country, global: &str) -> String {
    let (code, lengths) = (country.prefix.to_string(), country.phone_lengths);
    let has = global.len().saturating_sub(code.len());
    let (least, most) = (lengths.first().copied().unwrap_or(0), lengths.last().copied().unwrap_or(0));
    let name = if country.prefix == 1 { "North America" } else { country.name };
    let range = if least == most { least.to_string() } else { format!("{least} to {most}") };
    let short = match has {
        _ if has < usize::from(least) => format!("is too short for {name}"),
        _ if has > usize::from(most) => format!("is too long for {name}"),
        _ => format!("has a length that no number of {name} has"),
    };
    format!("{short}: +{code} is followed by {range} digits, and here by {has}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (given, home, number) in [
            ("0664 123 4567", Some("AT"), "+436641234567"),
            ("+43 664 1234567", Some("DE"), "+436641234567"),
            ("0043 664/123 45 67", None, "+436641234567"),
            ("+44 (0)20 7946 0000", None, "+442079460000"),
            ("(415) 555-2671", Some("US"), "+14155552671"),
            ("011 44 20 7946 0000", Some("US"), "+442079460000"),
            ("06 698 12345", Some("IT"), "+390669812345"),
            ("06 20 123 4567", Some("HU"), "+36201234567"),
            ("8 912 345-67-89", Some("RU"), "+79123456789"),
            ("151 23456789", Some("DE"), "+4915123456789"),
            (" +44 20-7946\u{a0}0000 ", None, "+442079460000"),
            ("+5491123456789", None, "+5491123456789"),
            ("+12345556789", None, "+12345556789"),
        ] {
            assert_eq!(normalise(given, home).as_deref(), Ok(number), "{given} in {home:?}");
        }
    }

    #[test]
    fn what_can_be_no_number_is_refused_with_the_reason() {
        for (given, home, why) in [
            ("+43 1 23", None, "is too short for Austria: +43 is followed by 4 to 13 digits, and here by 3"),
            ("01 23", Some("AT"), "is too short for Austria"),
            ("+44 20 7946 00000", None, "is too long for United Kingdom"),
            ("+44 20 794 600", None, "has a length that no number of United Kingdom has"),
            ("+1 555 0100", None, "is too short for North America"),
            ("0664 123 4567", None, "names no country"),
            ("12025550173", None, "names no country"),
            ("+0442079460000", Some("GB"), "begins with +0"),
            ("+999 123 456 789", None, "begins with the code of no country"),
            ("+43 1 234567 ext 12", None, "has an extension"),
            ("+43664\n1234567", None, "has a line break"),
            ("call me", None, "is no number"),
            ("", None, "is no number"),
            ("+", Some("AT"), "is no number"),
            ("+1 155 234 5678", None, "is none of North America"),
            ("+1234567890123456", None, "is too long for North America"),
        ] {
            let refused = normalise(given, home).unwrap_err();
            assert!(refused.starts_with(why), "{given}: {refused}");
        }
    }

    #[test]
    fn a_number_is_of_a_country() {
        let code = |number| country(number).map(|(code, _)| code);
        assert_eq!(country("+436641234567"), Some(("AT", 2)));
        assert_eq!(
            (code("+14165550100"), code("+12125550100"), code("+18765550100")),
            (Some("CA"), Some("US"), Some("JM"))
        );
        assert_eq!((code("+77012345678"), code("+79123456789")), (Some("KZ"), Some("RU")));
        assert_eq!((code("+883123456789"), code("+999123456789")), (None, None));
        assert!(is_country("AT") && !is_country("at") && !is_country("001") && !is_country("XX") && !is_country(""));
    }

    #[test]
    fn what_is_set_for_the_nearest_place_holds() {
        let places = [("AT", 1), ("+4366", 2), ("+43", 3), ("US", 4), ("+1416", 5), ("+1", 6), ("JM", 7), ("+44", 8)];
        let held = |number| nearest(places, number).map(|(_, value)| value);
        let of = |numbers: [&'static str; 4]| numbers.map(held);
        assert_eq!(
            of(["+431234567", "+436641234567", "+12125550100", "+14165550100"]),
            [Some(1), Some(2), Some(4), Some(5)]
        );
        assert_eq!(
            of(["+16045550100", "+18765550100", "+441481960000", "+4930123456"]),
            [Some(6), Some(7), Some(8), None]
        );
        assert_eq!(nearest([], "+431234567"), None::<(&str, u8)>);
        for (place, good) in [("AT", true), ("+431", true), ("+", false), ("+0", false), ("43", false), ("", false)] {
            assert_eq!(is_place(place), good, "{place}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_given_comes_out_in_one_form_or_not_at_all(given in "(\\+|00|0)?[0-9 ()/.-]{0,20}", at_home: bool) {
            let home = at_home.then_some("AT");
            if let Ok(number) = normalise(&given, home) {
                prop_assert!(is_e164(&number), "{}", number);
                prop_assert_eq!(normalise(&number, home), Ok(number.clone()));
                prop_assert_eq!(normalise(&number, None), Ok(number));
            }
        }

        #[test]
        fn no_text_makes_it_panic(given in ".{0,40}", at_home: bool) {
            let refused = normalise(&given, at_home.then_some("US"));
            prop_assert!(refused.is_ok() || given.trim().len() < 4 || !refused.unwrap_err().contains(given.trim()));
        }
    }
}
