//! What DKIM hashes: header fields and a body in the "relaxed" form (RFC 6376, sections 3.4.2 and 3.4.4).

/// The header without the empty line, and the body.
pub(super) fn parts(mail: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memmem::find(mail, b"\r\n\r\n") {
        Some(end) => (&mail[..end + 2], &mail[end + 4..]),
        None => (mail, &[]),
    }
}

/// Each field of a header with its folded lines, without the last line end.
pub(super) fn fields(head: &[u8]) -> Vec<&[u8]> {
    let (mut fields, mut start) = (Vec::new(), 0);
    for end in memchr::memmem::find_iter(head, b"\r\n") {
        if !head.get(end + 2).is_some_and(|next| is_space(*next)) {
            fields.push(&head[start..end]);
            start = end + 2;
        }
    }
    fields
}

/// Whether a field has this name, given in lower case.
pub(super) fn is_named(field: &[u8], name: &str) -> bool {
    let colon = memchr::memchr(b':', field).unwrap_or(field.len());
    field[..colon].trim_ascii_end().eq_ignore_ascii_case(name.as_bytes())
}

/// A field in one line, without a line end: its name in lower case, runs of white space as one space.
pub(super) fn field(field: &[u8], relaxed: &mut Vec<u8>) {
    let colon = memchr::memchr(b':', field).unwrap_or(field.len());
    let (name, value) = field.split_at(colon);
    relaxed.extend(name.trim_ascii_end().iter().map(u8::to_ascii_lowercase));
    relaxed.push(b':');
    let value = value.get(1..).unwrap_or_default();
    let value = value.trim_ascii();
    let mut space = false;
    for byte in value {
        match byte {
            // Folds and bare line ends are no part of a value.
            b'\r' | b'\n' => {}
            byte if is_space(*byte) => space = true,
            byte => {
                if std::mem::take(&mut space) {
                    relaxed.push(b' ');
                }
                relaxed.push(*byte);
            }
        }
    }
}

/// A body: runs of white space as one space, none at the end of a line, no empty lines at its end.
pub(super) fn body(body: &[u8]) -> Vec<u8> {
    let mut relaxed = Vec::with_capacity(body.len() + 2);
    let (mut start, mut empty) = (0, 0);
    while start < body.len() {
        let end = memchr::memmem::find(&body[start..], b"\r\n").map_or(body.len(), |length| start + length);
        line(&body[start..end], &mut relaxed, &mut empty);
        start = end + 2;
    }
    relaxed
}

/// Adds a line; `empty` counts those that are added only when another one follows.
fn line(line: &[u8], relaxed: &mut Vec<u8>, empty: &mut usize) {
    let Some(last) = line.iter().rposition(|byte| !is_space(*byte)) else {
        *empty += 1;
        return;
    };
    (0..std::mem::take(empty)).for_each(|_| relaxed.extend_from_slice(b"\r\n"));
    let mut space = false;
    for byte in &line[..=last] {
        if is_space(*byte) {
            space = true;
            continue;
        }
        if std::mem::take(&mut space) {
            relaxed.push(b' ');
        }
        relaxed.push(*byte);
    }
    relaxed.extend_from_slice(b"\r\n");
}

fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6376, section 3.4.5.
    #[test]
    fn the_example_of_the_standard() {
        let mail = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
        let (head, rest) = parts(mail);
        let mut relaxed = Vec::new();
        for one in fields(head) {
            field(one, &mut relaxed);
            relaxed.extend_from_slice(b"\r\n");
        }
        assert_eq!(relaxed, b"a:X\r\nb:Y Z\r\n");
        assert_eq!(body(rest), b" C\r\nD E\r\n");
    }

    #[test]
    fn ends_of_bodies() {
        for (given, relaxed) in [
            ("", ""),
            ("\r\n", ""),
            (" \t\r\n\r\n  ", ""),
            ("a", "a\r\n"),
            ("a\r\n", "a\r\n"),
            ("a\r\n \r\n\r\nb \r\n\r\n", "a\r\n\r\n\r\nb\r\n"),
            ("\r\n a  b\t\tc", "\r\n a b c\r\n"),
        ] {
            assert_eq!(String::from_utf8(body(given.as_bytes())).unwrap(), relaxed, "{given:?}");
        }
    }

    #[test]
    fn a_mail_without_a_body_or_a_header() {
        assert_eq!(parts(b"A: x\r\n"), (&b"A: x\r\n"[..], &b""[..]));
        assert_eq!(parts(b"A: x\r\n\r\n"), (&b"A: x\r\n"[..], &b""[..]));
        assert!(fields(b"").is_empty());
        assert!(is_named(b"From : a", "from") && !is_named(b"From-x: a", "from") && !is_named(b"", "from"));
    }
}
