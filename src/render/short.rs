//! Texts that must fit: text messages, posts and the banner's line. A text that is too long is rendered again without
//! the sentence that its template marks as the first to go, then without the second too, until it fits; of those left
//! out, what fits after all comes back. What the template does not mark always stays. A post that still does not fit becomes a thread.

use onevoice_channels::{
    contract::{Channel, SmsEncoding},
    sms::encoding::{measure, transliterate},
    text,
};

use super::{
    Page, RenderError, pieces,
    rendering::{Hole, Piece, SmsBody, Source, with_fallbacks},
    source::Part,
};

/// The highest place that a template may give to `spare`.
const PLACES: usize = 9;
/// About how long an unsubscribe address is, in characters.
const URL_LENGTH: usize = 60;

/// A text message.
pub(super) fn sms(page: &Page<'_>) -> Result<SmsBody, RenderError> {
    fit(
        |dropped| {
            let (text, _) = page.pieces(Part::Sms, dropped)?;
            Ok(sms_body(text.into_iter().map(with_plain_marks).collect()))
        },
        |body| body.most_parts <= page.input.limits.sms_parts,
    )
}

/// The posts of a thread.
pub(super) fn posts(page: &Page<'_>, channel: Channel) -> Result<Vec<String>, RenderError> {
    let text = fitting(page, Part::Post(channel), channel)?;
    Ok(match page.input.limits.texts.get(&channel) {
        Some(limit) => text::split(&text, *limit),
        None => vec![text],
    })
}

/// The fullest form of a text for everyone that fits its channel, or the shortest form there is.
pub(super) fn fitting(page: &Page<'_>, part: Part, channel: Channel) -> Result<String, RenderError> {
    let limit = page.input.limits.texts.get(&channel);
    fit(
        |dropped| {
            let (found, file) = page.pieces(part, dropped)?;
            pieces::common(&found, file)
        },
        |text| limit.is_none_or(|limit| text::fits(text, *limit)),
    )
}

/// Drops one spare place after the other, in their order, until the text fits; then takes back what still fits after
/// all, the last dropped first. The shortest text, where nothing fits.
fn fit<T>(
    mut render: impl FnMut(&[u8]) -> Result<T, RenderError>,
    fits: impl Fn(&T) -> bool,
) -> Result<T, RenderError> {
    let mut dropped = Vec::new();
    let mut text = render(&dropped)?;
    while !fits(&text) && dropped.len() < PLACES {
        dropped.extend(u8::try_from(dropped.len() + 1));
        text = render(&dropped)?;
    }
    if fits(&text) {
        // The last one was dropped because the text did not fit with it.
        for place in (0..dropped.len().saturating_sub(1)).rev() {
            let mut fewer = dropped.clone();
            fewer.remove(place);
            let fuller = render(&fewer)?;
            if fits(&fuller) {
                (dropped, text) = (fewer, fuller);
            }
        }
    }
    Ok(text)
}

fn sms_body(text: Vec<Piece>) -> SmsBody {
    let encoding = measure(&with_fallbacks(&text)).encoding;
    let most_parts = measure(&longest(&text, encoding)).parts;
    SmsBody { text, encoding, most_parts }
}

/// The text with each hole at its longest, two units to a character.
fn longest(text: &[Piece], encoding: SmsEncoding) -> String {
    let widest = match encoding {
        SmsEncoding::Gsm7 => "€",
        SmsEncoding::Ucs2 => "😀",
    };
    let mut longest = String::new();
    for piece in text {
        match piece {
            Piece::Literal(literal) => longest.push_str(literal),
            Piece::Hole(Hole { source: Source::Attribute(attribute), .. }) => {
                let value = widest.repeat(usize::try_from(attribute.max).unwrap_or(usize::MAX));
                let filled = format!("{}{value}", attribute.before);
                let fallback = &attribute.fallback;
                let longer = measure(&filled).units >= measure(fallback).units;
                longest.push_str(if longer { &filled } else { fallback });
            }
            Piece::Hole(_) => longest.push_str(&"x".repeat(URL_LENGTH)),
        }
    }
    longest
}

/// Typographic marks would turn a text of two parts into one of five: in a text message they are the plain ones.
fn with_plain_marks(piece: Piece) -> Piece {
    let plain = |text: &str| text.chars().map(plain_mark).collect::<String>();
    match piece {
        Piece::Literal(literal) => Piece::Literal(plain(&literal)),
        Piece::Hole(mut hole) => {
            if let Source::Attribute(attribute) = &mut hole.source {
                attribute.fallback = plain(&attribute.fallback);
                attribute.before = plain(&attribute.before);
            }
            Piece::Hole(hole)
        }
    }
}

/// The plain form of a mark; letters are the author's and stay.
fn plain_mark(c: char) -> String {
    let plain = if c.is_alphanumeric() { None } else { transliterate(c.encode_utf8(&mut [0; 4])) };
    plain.unwrap_or_else(|| c.to_string())
}
