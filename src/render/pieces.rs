//! From a template's output to pieces: first its white space is made what the part needs, then it is cut at the marks
//! that stand for holes.

use super::{
    RenderError,
    helpers::{MARK_END, MARK_START, read_mark},
    rendering::{Encode, Escape, Hole, Piece},
    source::Part,
};

/// A line end within a text that was written by hand (LINE SEPARATOR), which is kept where others become spaces.
pub(super) const LINE_END: &str = "\u{2028}";
/// A new paragraph of a post (PARAGRAPH SEPARATOR).
pub(super) const PARAGRAPH: &str = "\u{2029}";

/// The text with its white space as `part` needs it.
pub(super) fn tidy(part: Part, text: &str) -> String {
    match part {
        Part::Html | Part::StaffHtml => text.trim().to_owned(),
        Part::Text | Part::StaffText => {
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            let mut tidied = without_empty_runs(&lines.join("\n"));
            tidied.push('\n');
            tidied
        }
        Part::StatusPage => {
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            without_empty_runs(&lines.join("\n"))
        }
        Part::Subject | Part::StaffSubject | Part::Sms => {
            words(text).replace(LINE_END, if part == Part::Sms { "\n" } else { " " })
        }
        Part::Post(_) | Part::Banner => {
            let paragraphs: Vec<String> = text.split(PARAGRAPH).map(words).filter(|text| !text.is_empty()).collect();
            paragraphs.join("\n\n").replace(LINE_END, "\n")
        }
    }
}

/// The text cut at its marks.
pub(super) fn split(text: &str, escape: Escape) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once(MARK_START) {
        let Some((mark, after)) = marked.split_once(MARK_END) else { break };
        if !before.is_empty() {
            pieces.push(Piece::Literal(before.to_owned()));
        }
        if let Some(source) = read_mark(mark) {
            pieces.push(Piece::Hole(Hole { source, escape, encode: Encode::None }));
        }
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.to_owned()));
    }
    pieces
}

/// One line for everyone.
pub(super) fn literal(text: String, file: &str) -> Result<String, RenderError> {
    common(&split(&tidy(Part::Subject, &text), Escape::Text), file)
}

/// A text in which everyone reads the same: no holes.
pub(super) fn common(pieces: &[Piece], file: &str) -> Result<String, RenderError> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Hole(_) => return Err(RenderError::Hole { file: file.to_owned() }),
        }
    }
    Ok(text)
}

/// The words with one space between them. A line end that was written by hand is not a space here.
fn words(text: &str) -> String {
    let is_space = |c: char| c.is_whitespace() && !LINE_END.contains(c) && c != '\u{a0}';
    text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn without_empty_runs(text: &str) -> String {
    let mut text = text.trim().to_owned();
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    text
}
