//! All that is over.

use serde::Serialize;

use super::frame::{Frame, FrameView};
use super::parts::{self, Line};

/// How many are listed: a limit on everything, and years for most.
const LISTED: usize = 500;

/// The page as its template sees it.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    frame: FrameView<'a>,
    title: &'a str,
    none: &'a str,
    past: Vec<Line>,
    back: &'a str,
}

/// Builds the page.
pub(super) fn page<'a>(frame: &Frame<'a>) -> Page<'a> {
    let words = frame.words;
    Page {
        frame: frame.titled(&words.past),
        title: &words.past,
        none: &words.past_none,
        past: parts::past(frame, LISTED),
        back: &words.back,
    }
}
