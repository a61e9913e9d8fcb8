//! For an address that leads nowhere: what may be wrong, and the way back.

use serde::Serialize;

use super::frame::{Frame, FrameView};

/// The page as its template sees it.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    frame: FrameView<'a>,
    title: &'a str,
    text: &'a str,
    back: &'a str,
}

/// Builds the page.
pub(super) fn page<'a>(frame: &Frame<'a>) -> Page<'a> {
    let words = frame.words;
    Page { frame: frame.titled(&words.missing), title: &words.missing, text: &words.missing_text, back: &words.back }
}
