//! What the file is written in: UTF-8, or UTF-16 where its first bytes say so; and what stands between its columns.

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};

/// Makes UTF-8 of the file, or leaves its bytes as they are.
#[derive(Default)]
pub(super) struct Text {
    /// The first bytes, until there are enough to tell.
    first: Vec<u8>,
    known: Option<Kind>,
}

enum Kind {
    Utf8,
    Utf16(Decoder),
}

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

impl Text {
    /// The text of further bytes, its byte order mark left out.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.known.is_some() {
            return self.decode(bytes, false);
        }
        self.first.extend_from_slice(bytes);
        if self.first.len() < UTF8_MARK.len() { Vec::new() } else { self.begin(false) }
    }

    /// The text of what is left.
    pub fn finish(&mut self) -> Vec<u8> {
        if self.known.is_none() { self.begin(true) } else { self.decode(&[], true) }
    }

    fn begin(&mut self, last: bool) -> Vec<u8> {
        let first = std::mem::take(&mut self.first);
        let (kind, mark) = match first.as_slice() {
            [0xff, 0xfe, ..] => (Kind::Utf16(UTF_16LE.new_decoder_without_bom_handling()), 2),
            [0xfe, 0xff, ..] => (Kind::Utf16(UTF_16BE.new_decoder_without_bom_handling()), 2),
            bytes if bytes.starts_with(UTF8_MARK) => (Kind::Utf8, UTF8_MARK.len()),
            _ => (Kind::Utf8, 0),
        };
        self.known = Some(kind);
        self.decode(&first[mark..], last)
    }

    fn decode(&mut self, bytes: &[u8], last: bool) -> Vec<u8> {
        let Some(Kind::Utf16(decoder)) = &mut self.known else { return bytes.to_vec() };
        let mut text =
            String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3 + 16));
        // The room is enough for all of it, so that nothing is left over.
        let _ = decoder.decode_to_string(bytes, &mut text, last);
        text.into_bytes()
    }
}

/// What stands between the columns: what the header has most of. Spreadsheets write semicolons where the comma is the
/// decimal sign.
pub(super) fn delimiter(header: &[u8]) -> u8 {
    let count = |wanted: u8| header.iter().filter(|byte| **byte == wanted).count();
    [b'\t', b';', b','].into_iter().max_by_key(|candidate| count(*candidate)).unwrap_or(b',')
}
