//! The last committed state, as the public may see it. Requests read memory and never the database, so a slow
//! or dead one cannot keep customers from the status page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::response::sse::Event;
use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::feeds::Format;
use super::respond::Body;
use super::signed::Signer;
use super::statuspage::Resource;
use super::view::PublicView;

/// A handle to what is published now; clones share it.
#[derive(Clone)]
pub struct PublicState(Arc<Shared>);

struct Shared {
    now: watch::Sender<Arc<Published>>,
    /// The banner as an event of a stream; None once the daemon stops. Apart from `now`, so that thousands of readers are
    /// written to when it says something else, and not whenever a page changes.
    banner: watch::Sender<Option<Event>>,
    ended: watch::Sender<bool>,
    live: Arc<Semaphore>,
    signer: Signer,
}

/// One published state and what was rendered from it. Rendering depends on the state and the locale alone, so each
/// page is made once for all of its readers.
pub(super) struct Published {
    /// What is published.
    pub view: PublicView,
    /// The signed banner, in every locale.
    pub banner: Body,
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
    /// A resource of the status API.
    Api(Resource),
    /// A feed.
    Feed(Format),
}

impl PublicState {
    /// Publishes a first state. So many websites' readers are told of changes the moment they happen: each holds a
    /// connection, so there is an end to them; whoever comes later asks every half minute.
    pub fn new(view: PublicView, signer: Signer, readers: usize) -> Self {
        let first = Published::new(view, &signer);
        let banner = watch::Sender::new(Some(super::events::of(first.banner.bytes())));
        let (now, live) = (watch::Sender::new(Arc::new(first)), Arc::new(Semaphore::new(readers)));
        Self(Arc::new(Shared { now, banner, ended: watch::Sender::new(false), live, signer }))
    }

    /// Replaces what is published. Requests under way finish with the state they began with.
    pub fn publish(&self, view: PublicView) {
        let next = Arc::new(Published::new(view, &self.0.signer));
        let last = self.0.now.send_replace(Arc::clone(&next));
        let banner = next.banner.bytes();
        if last.banner.bytes() != banner {
            self.0.banner.send_if_modified(|event| {
                // A daemon that stops has told its readers so.
                let goes_on = event.is_some();
                *event = goes_on.then(|| super::events::of(banner));
                goes_on
            });
        }
    }

    /// Waits for what is published after what was seen last; the first wait is over at once.
    pub fn changes(&self) -> Changes {
        let mut now = self.0.now.subscribe();
        now.mark_changed();
        Changes { now, ended: self.0.ended.subscribe() }
    }

    /// Ends every stream, because the daemon stops.
    pub fn end(&self) {
        self.0.ended.send_replace(true);
        self.0.banner.send_replace(None);
    }

    /// The key that the banner is signed with, as websites name it.
    pub fn public_key(&self) -> String {
        self.0.signer.public_key()
    }

    /// The state that is published now.
    #[cfg(test)]
    pub(crate) fn view(&self) -> PublicView {
        self.current().view.clone()
    }

    /// What is published now.
    pub(super) fn current(&self) -> Arc<Published> {
        Arc::clone(&self.0.now.borrow())
    }

    /// The banner now, as an event, and each that says something else; None once the daemon stops.
    pub(super) fn banners(&self) -> watch::Receiver<Option<Event>> {
        let mut banner = self.0.banner.subscribe();
        banner.mark_changed();
        banner
    }

    /// A place among those who are told at once; None where all are taken.
    pub(super) fn live(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.live).try_acquire_owned().ok()
    }
}

/// What is published, one state after the other; one that was replaced before anybody looked is left out.
pub struct Changes {
    now: watch::Receiver<Arc<Published>>,
    ended: watch::Receiver<bool>,
}

impl Changes {
    /// Waits for a state that was not seen yet; false once the daemon stops.
    pub async fn next(&mut self) -> bool {
        tokio::select! {
            changed = self.now.changed() => changed.is_ok(),
            _ = self.ended.wait_for(|ended| *ended) => false,
        }
    }

    /// What is published now; it counts as seen.
    pub(super) fn seen(&mut self) -> Arc<Published> {
        Arc::clone(&self.now.borrow_and_update())
    }
}

impl Published {
    fn new(view: PublicView, signer: &Signer) -> Self {
        let banner = Body::new(signer.seal(&view));
        Self { view, banner, rendered: Mutex::default() }
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
