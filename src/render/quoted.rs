//! Quoted-printable (RFC 2045, section 6.7) in pieces: a value may be put between two literals that were encoded
//! before it was known.
//!
//! Each literal is encoded by lettre on its own. Where a value follows, a soft line break ends the literal, and
//! another one ends the value, so that each starts in the first column and no line exceeds 76 octets, whatever the
//! value is. The boundary between parts holds `=_`, which no quoted-printable text contains.

use lettre::message::{Body, header::ContentTransferEncoding};

/// The longest line, its soft break included.
const LINE: usize = 76;
const SOFT_BREAK: &str = "=\r\n";

/// A literal, encoded. `value_follows` ends it with a soft line break unless it ends a line anyway.
pub(super) fn literal(text: &str, value_follows: bool) -> String {
    let encoded = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable)
        .map_or_else(|raw| raw, Body::into_vec);
    let mut encoded = String::from_utf8_lossy(&encoded).into_owned();
    let column = encoded.len() - encoded.rfind('\n').map_or(0, |place| place + 1);
    if !value_follows || column == 0 {
        return encoded;
    }
    if column >= LINE {
        // The encoder fills a line to 76 octets; the break needs the last one of them.
        let tail = encoded.len() - 3;
        let unit = if encoded.as_bytes()[tail] == b'=' { 3 } else { 1 };
        encoded.insert_str(encoded.len() - unit, SOFT_BREAK);
    }
    encoded.push_str(SOFT_BREAK);
    encoded
}

/// Writes a value from the first column on; [`Encoder::finish`] ends it with a soft line break.
pub(super) struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    column: usize,
}

impl<'a> Encoder<'a> {
    /// Starts at the first column of `out`.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Encoder<'a> {
        Encoder { out, column: 0 }
    }

    /// Encodes a run of the value. Everything but printable ASCII is escaped, spaces at a line's end are followed by
    /// the soft break's `=` and so stay.
    pub(super) fn push(&mut self, run: &str) {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        for byte in run.bytes() {
            let plain = matches!(byte, b' '..=b'~') && byte != b'=';
            let width = if plain { 1 } else { 3 };
            if self.column + width >= LINE {
                self.out.extend_from_slice(SOFT_BREAK.as_bytes());
                self.column = 0;
            }
            if plain {
                self.out.push(byte);
            } else {
                let digits = [b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                self.out.extend_from_slice(&digits);
            }
            self.column += width;
        }
    }

    /// Ends the value; nothing for an empty one.
    pub(super) fn finish(self) {
        if self.column > 0 {
            self.out.extend_from_slice(SOFT_BREAK.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_line_makes_room_for_its_soft_break() {
        for length in 70..90 {
            for ending in ["", "ü", "=", " "] {
                let encoded = literal(&format!("{}{ending}", "x".repeat(length)), true);
                assert!(encoded.lines().all(|line| line.len() <= LINE), "{encoded}");
                assert!(encoded.ends_with(SOFT_BREAK), "{encoded}");
            }
        }
    }

    #[test]
    fn a_literal_that_ends_a_line_needs_no_soft_break() {
        assert_eq!(literal("Hello\n", true), "Hello\r\n");
        assert_eq!(literal("Hello ", true), "Hello=20=\r\n");
        assert_eq!(literal("", true), "");
    }
}
