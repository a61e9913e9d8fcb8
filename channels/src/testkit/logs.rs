//! What is logged, for tests that look for what must never be.

use std::{
    fmt::{self, Write as _},
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};

use super::lock;

/// Keeps every line that our own code logs on this thread, at any level, with the fields of its spans.
pub struct Logs {
    kept: Arc<Mutex<String>>,
    _guard: DefaultGuard,
}

impl Logs {
    /// Begins to keep.
    pub fn keep() -> Logs {
        let kept: Arc<Mutex<String>> = Arc::default();
        Logs { _guard: tracing::subscriber::set_default(Keeper(kept.clone())), kept }
    }

    /// What was kept so far.
    pub fn text(&self) -> String {
        lock(&self.kept).clone()
    }
}

struct Keeper(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{field}={value:?} ");
    }
}

impl Subscriber for Keeper {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("onevoice")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Line(&mut lock(&self.0)));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Line(&mut lock(&self.0)));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line(&mut lock(&self.0)));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
