//! How a text message is counted and cut: 3GPP TS 23.038 (alphabets) and TS 23.040, section 9.2.3.24.1 (8-bit
//! concatenation reference).
//!
//! | alphabet | alone | each part of several | never cut |
//! |---|---|---|---|
//! | GSM 7 bit | 160 septets | 153 | an escape and its character |
//! | UCS-2 | 70 UTF-16 units | 67 | a surrogate pair |

use std::sync::LazyLock;

use crate::contract::SmsEncoding;

/// The default alphabet, each character one septet.
const DEFAULT: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table, each character an escape and one more septet.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";
/// Where each of them stands, after an escape.
const EXTENSION_PLACES: [u8; 10] = [0x0a, 0x14, 0x28, 0x29, 0x2f, 0x3c, 0x3d, 0x3e, 0x40, 0x65];
const ESCAPE: u8 = 0x1b;

/// How a text counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsSize {
    /// The smaller alphabet that holds the text.
    pub encoding: SmsEncoding,
    /// Septets or UTF-16 units of the text, without the headers of parts.
    pub units: u32,
    /// Messages that the network carries and bills; 1 for an empty text.
    pub parts: u32,
    /// Units that still fit into the last part.
    pub remaining: u32,
    /// What forces UCS-2: each character outside the GSM alphabet, with its place in bytes.
    pub forcing: Vec<(usize, char)>,
}

/// Counts a text in the smaller alphabet that holds it.
pub fn measure(text: &str) -> SmsSize {
    let forcing: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| septets(*c).is_none()).collect();
    let encoding = if forcing.is_empty() { SmsEncoding::Gsm7 } else { SmsEncoding::Ucs2 };
    let (alone, _) = room(encoding);
    let units = text.chars().map(|c| width(c, encoding)).sum();
    let parts = cuts(text, encoding);
    let last: u32 = text[parts.last().copied().unwrap_or(0)..].chars().map(|c| width(c, encoding)).sum();
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let capacity = if count == 1 { alone } else { room(encoding).1 };
    SmsSize { encoding, units, parts: count, remaining: capacity - last, forcing }
}

/// The text of each part, as the network will cut it.
pub fn split(text: &str) -> Vec<&str> {
    split_in(text, measure(text).encoding)
}

/// The same in a given alphabet.
pub(crate) fn split_in(text: &str, encoding: SmsEncoding) -> Vec<&str> {
    let starts = cuts(text, encoding);
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| &text[start..end]).collect()
}

/// The text in the GSM alphabet, if each character outside it has a usual substitute there: plain quotes, dashes,
/// dots and spaces for typographic ones, and base letters for Latin letters with marks that the alphabet lacks.
/// None when one has not.
pub fn transliterate(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if septets(c).is_some() {
            plain.push(c);
        } else {
            plain.push_str(substitute(c)?);
        }
    }
    Some(plain)
}

/// A text in the GSM alphabet, one septet an octet, as SMPP carries it; None where a character is not in it.
pub(crate) fn to_gsm(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    for c in text.chars() {
        if let Some(place) = DEFAULT.chars().position(|known| known == c) {
            // Place 27 is the escape, which is no character.
            octets.push(u8::try_from(if place < 27 { place } else { place + 1 }).ok()?);
        } else {
            let place = EXTENSION.chars().position(|known| known == c)?;
            octets.extend_from_slice(&[ESCAPE, EXTENSION_PLACES[place]]);
        }
    }
    Some(octets)
}

/// Reads what [`to_gsm`] writes. What has no meaning becomes a space, as TS 23.038 has it for unknown extensions.
pub(crate) fn from_gsm(octets: &[u8]) -> String {
    let mut octets = octets.iter().map(|octet| octet & 0x7f);
    let mut text = String::new();
    while let Some(octet) = octets.next() {
        let c = if octet == ESCAPE {
            let place = octets.next().and_then(|octet| EXTENSION_PLACES.iter().position(|known| *known == octet));
            place.and_then(|place| EXTENSION.chars().nth(place))
        } else {
            DEFAULT.chars().nth(usize::from(if octet < ESCAPE { octet } else { octet - 1 }))
        };
        text.push(c.unwrap_or(' '));
    }
    text
}

/// Units of a single message, and of each part of several.
fn room(encoding: SmsEncoding) -> (u32, u32) {
    match encoding {
        SmsEncoding::Gsm7 => (160, 153),
        SmsEncoding::Ucs2 => (70, 67),
    }
}

/// The septets of each character below the last Greek one, 0 for those that the alphabet lacks: every text of a broadcast
/// is counted, and looking through the alphabet for each character took a third of the daemon's time.
static SEPTETS: LazyLock<[u8; 0x400]> = LazyLock::new(|| {
    std::array::from_fn(|code| match char::from_u32(u32::try_from(code).unwrap_or_default()) {
        Some(c) if DEFAULT.contains(c) => 1,
        Some(c) if EXTENSION.contains(c) => 2,
        _ => 0,
    })
});

fn septets(c: char) -> Option<u32> {
    match SEPTETS.get(c as usize) {
        Some(0) => None,
        Some(septets) => Some(u32::from(*septets)),
        None => EXTENSION.contains(c).then_some(2),
    }
}

fn width(c: char, encoding: SmsEncoding) -> u32 {
    match encoding {
        SmsEncoding::Gsm7 => septets(c).unwrap_or(1),
        SmsEncoding::Ucs2 => {
            if c.len_utf16() == 2 {
                2
            } else {
                1
            }
        }
    }
}

/// Where each part starts, in bytes. A character is never cut, and with it neither an escape pair nor a surrogate pair.
fn cuts(text: &str, encoding: SmsEncoding) -> Vec<usize> {
    let (alone, part) = room(encoding);
    let mut starts = vec![0];
    if text.chars().map(|c| width(c, encoding)).sum::<u32>() <= alone {
        return starts;
    }
    let mut used = 0;
    for (place, c) in text.char_indices() {
        let width = width(c, encoding);
        if used + width > part {
            starts.push(place);
            used = 0;
        }
        used += width;
    }
    starts
}

fn substitute(c: char) -> Option<&'static str> {
    Some(match c {
        '‘' | '’' | '‚' | '‛' | '′' | '‹' | '›' | '`' | '´' | 'ʼ' => "'",
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => "\"",
        '‐' | '\u{2011}' | '‒' | '–' | '—' | '―' | '−' | '•' | '·' => "-",
        '…' => "...",
        '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{2028}' | '\u{2029}' | '\u{85}' => "\n",
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => "",
        '×' => "x",
        'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' => "a",
        'À' | 'Á' | 'Â' | 'Ã' | 'Ā' | 'Ă' | 'Ą' => "A",
        'ç' | 'ć' | 'č' => "c",
        'Ć' | 'Č' => "C",
        'ď' | 'đ' | 'ð' => "d",
        'Ď' | 'Đ' | 'Ð' => "D",
        'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'È' | 'Ê' | 'Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => "E",
        'ğ' | 'ģ' => "g",
        'Ğ' | 'Ģ' => "G",
        'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ī' | 'Į' | 'İ' => "I",
        'ķ' => "k",
        'Ķ' => "K",
        'ł' | 'ļ' | 'ľ' | 'ĺ' => "l",
        'Ł' | 'Ļ' | 'Ľ' | 'Ĺ' => "L",
        'ń' | 'ņ' | 'ň' => "n",
        'Ń' | 'Ņ' | 'Ň' => "N",
        'ó' | 'ô' | 'õ' | 'ō' | 'ő' => "o",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ō' | 'Ő' => "O",
        'œ' => "oe",
        'Œ' => "OE",
        'ř' | 'ŕ' => "r",
        'Ř' | 'Ŕ' => "R",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'Ś' | 'Š' | 'Ş' | 'Ș' => "S",
        'ť' | 'ţ' | 'ț' => "t",
        'Ť' | 'Ţ' | 'Ț' => "T",
        'ú' | 'û' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'Ù' | 'Ú' | 'Û' | 'Ū' | 'Ů' | 'Ű' | 'Ų' => "U",
        'ý' | 'ÿ' => "y",
        'Ý' | 'Ÿ' => "Y",
        'ź' | 'ż' | 'ž' => "z",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ẞ' => "SS",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counted(text: &str) -> (SmsEncoding, u32, u32, u32) {
        let size = measure(text);
        (size.encoding, size.units, size.parts, size.remaining)
    }

    #[test]
    fn the_alphabet_is_whole() {
        // 128 places: 127 characters and the escape.
        assert_eq!(DEFAULT.chars().count(), 127);
        assert_eq!(EXTENSION.chars().count(), 10);
        assert!(DEFAULT.chars().all(|c| septets(c) == Some(1)));
        assert!(EXTENSION.chars().all(|c| septets(c) == Some(2)));
        let known = (char::MIN..=char::MAX).filter(|c| septets(*c).is_some()).count();
        assert_eq!(known, 137, "and nothing else is in it");
    }

    #[test]
    fn gsm_octets_are_those_of_the_standard() {
        assert_eq!(to_gsm("@ΞÉ Aàz€{"), Some(vec![0, 0x1a, 0x1f, 0x20, 0x41, 0x7f, 0x7a, 0x1b, 0x65, 0x1b, 0x28]));
        assert_eq!(to_gsm("я"), None);
        assert_eq!(from_gsm(&[0x1b, 0x01, 0x41, 0x1b]), " A ");
    }

    #[test]
    fn the_edges_of_gsm() {
        use SmsEncoding::Gsm7;
        assert_eq!(counted(""), (Gsm7, 0, 1, 160));
        assert_eq!(counted(&"a".repeat(160)), (Gsm7, 160, 1, 0));
        assert_eq!(counted(&"a".repeat(161)), (Gsm7, 161, 2, 145));
        assert_eq!(counted(&"a".repeat(306)), (Gsm7, 306, 2, 0));
        assert_eq!(counted(&"a".repeat(307)), (Gsm7, 307, 3, 152));
        assert_eq!(counted(&"€".repeat(80)), (Gsm7, 160, 1, 0));
    }

    #[test]
    fn an_escape_pair_is_never_cut() {
        // The euro sign would be septets 153 and 154: it moves to the second part, and one septet is lost.
        let text = format!("{}€{}", "a".repeat(152), "b".repeat(20));
        assert_eq!(split(&text), ["a".repeat(152), format!("€{}", "b".repeat(20))]);
        // 306 septets that would fit in two parts, but for the pair in the way.
        let text = format!("{}€{}", "a".repeat(152), "b".repeat(152));
        assert_eq!(counted(&text), (SmsEncoding::Gsm7, 306, 3, 152));
    }

    #[test]
    fn the_edges_of_ucs2_and_surrogate_pairs() {
        use SmsEncoding::Ucs2;
        assert_eq!(counted(&"я".repeat(70)), (Ucs2, 70, 1, 0));
        assert_eq!(counted(&"я".repeat(71)), (Ucs2, 71, 2, 63));
        assert_eq!(counted(&"😀".repeat(35)), (Ucs2, 70, 1, 0));
        let text = format!("{}😀{}", "я".repeat(66), "я".repeat(10));
        assert_eq!(split(&text), ["я".repeat(66), format!("😀{}", "я".repeat(10))]);
    }

    #[test]
    fn what_forces_ucs2_is_named_by_its_place() {
        assert_eq!(measure("ab’c—").forcing, [(2, '’'), (6, '—')]);
    }

    #[test]
    fn typography_becomes_plain_and_the_rest_is_refused() {
        let plain = transliterate("“Don’t” – wait…\u{a0}José, João, Łódź €5").unwrap();
        assert_eq!(plain, "\"Don't\" - wait... José, Joao, Lodz €5");
        assert_eq!(measure(&plain).encoding, SmsEncoding::Gsm7);
        assert_eq!(transliterate("да"), None);
        assert_eq!(transliterate("ok 😀"), None);
    }

    proptest! {
        #[test]
        fn parts_join_to_the_text_and_each_fits(text in "[a-zA-Z€{}^~ éя😀\n]{0,600}") {
            let size = measure(&text);
            let parts = split(&text);
            prop_assert_eq!(parts.concat(), text.clone());
            prop_assert_eq!(parts.len(), size.parts as usize);
            let (alone, part) = room(size.encoding);
            let capacity = if parts.len() == 1 { alone } else { part };
            for piece in &parts {
                let units: u32 = piece.chars().map(|c| width(c, size.encoding)).sum();
                prop_assert!(units <= capacity);
                prop_assert!(!piece.is_empty() || text.is_empty());
            }
            // Greedy is tight: no part would take the first character of the next.
            for pair in parts.windows(2) {
                let units: u32 = pair[0].chars().map(|c| width(c, size.encoding)).sum();
                let next = width(pair[1].chars().next().unwrap(), size.encoding);
                prop_assert!(units + next > capacity);
            }
        }

        #[test]
        fn measure_agrees_with_std_on_utf16(text in ".{0,300}") {
            let size = measure(&text);
            if size.encoding == SmsEncoding::Ucs2 {
                prop_assert_eq!(size.units as usize, text.encode_utf16().count());
            }
            prop_assert_eq!(size.encoding == SmsEncoding::Gsm7, size.forcing.is_empty());
        }

        #[test]
        fn gsm_octets_read_back_and_are_as_many_as_counted(text in "[a-zA-Z€{}^~ éÇΔÉ@£Ñà\u{c}\n\\[\\]|]{0,200}") {
            let octets = to_gsm(&text).unwrap();
            prop_assert_eq!(octets.len(), measure(&text).units as usize);
            prop_assert_eq!(from_gsm(&octets), text);
        }

        #[test]
        fn no_octets_make_it_panic(octets in prop::collection::vec(any::<u8>(), 0..100)) {
            from_gsm(&octets);
        }

        #[test]
        fn what_is_transliterated_is_gsm(text in ".{0,100}") {
            if let Some(plain) = transliterate(&text) {
                prop_assert_eq!(measure(&plain).encoding, SmsEncoding::Gsm7);
            }
        }
    }
}
