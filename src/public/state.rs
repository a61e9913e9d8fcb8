//! The last committed state, as the public may see it. Requests read memory and never the database, so a slow
//! or dead one cannot keep customers from the status page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;

use super::respond::Body;
use super::view::PublicView;

/// A handle to what is published now; clones share it.
#[derive(Clone)]
pub struct PublicState(Arc<RwLock<Arc<Published>>>);

/// One published state and what was rendered from it. Rendering depends on the state and the locale alone, so each
/// page is made once for all of its readers.
pub(super) struct Published {
    /// What is published.
    pub view: PublicView,
    rendered: Mutex<HashMap<(Subject, String), Body>>,
}

/// What can be rendered. Only incidents that exist are kept, so that strangers cannot fill the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// The first page.
    Now,
    /// All that is over.
    History,
    /// One incident, by its place in the view.
    Incident(usize),
    /// For an address that leads nowhere.
    Missing,
    /// The banner's JSON.
    Banner,
}

impl PublicState {
    /// Publishes a first state.
    pub fn new(view: PublicView) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(Published::new(view)))))
    }

    /// Replaces what is published. Requests under way finish with the state they began with.
    pub fn publish(&self, view: PublicView) {
        let published = Arc::new(Published::new(view));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = published;
    }

    /// The state that is published now.
    #[cfg(test)]
    pub(crate) fn view(&self) -> PublicView {
        self.current().view.clone()
    }

    /// What is published now.
    pub(super) fn current(&self) -> Arc<Published> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Published {
    fn new(view: PublicView) -> Self {
        Self { view, rendered: Mutex::default() }
    }

    /// What `render` makes, made once. Two first readers may both make it: that costs less than one waiting.
    pub fn body<E>(
        &self,
        subject: Subject,
        locale: &str,
        render: impl FnOnce(&PublicView) -> Result<Bytes, E>,
    ) -> Result<Body, E> {
        let key = (subject, locale.to_owned());
        if let Some(body) = self.rendered.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(body.clone());
        }
        let body = Body::new(render(&self.view)?);
        self.rendered.lock().unwrap_or_else(PoisonError::into_inner).insert(key, body.clone());
        Ok(body)
    }
}
