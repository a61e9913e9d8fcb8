//! A chat room that only colleagues read: the provider of its place, which carries staff sheets and nothing else.

use std::sync::Arc;

use async_trait::async_trait;

use crate::contract::{
    Callback, CallbackError, Channel, CheckReport, Ear, Heard, Manifest, Outcome, Parcel, Provider, Receipt, Run,
    Unavailable,
};

/// A provider whose channel is the colleagues' chat, whatever its place is called.
pub(crate) struct ForStaff {
    place: Arc<dyn Provider>,
    manifest: Manifest,
}

impl ForStaff {
    pub(crate) fn new(place: Arc<dyn Provider>) -> ForStaff {
        let manifest = Manifest { channel: Channel::StaffChat, ..place.manifest().clone() };
        ForStaff { place, manifest }
    }
}

#[async_trait]
impl Provider for ForStaff {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        self.place.send(parcel).await
    }

    async fn carry(&self, run: &mut Run) -> Result<(), Unavailable> {
        self.place.carry(run).await
    }

    async fn withdraw(&self, parcel: &Parcel, reference: Option<&str>) -> Outcome {
        self.place.withdraw(parcel, reference).await
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        self.place.check().await
    }

    fn receipt(&self, callback: &Callback<'_>) -> Result<Vec<Receipt>, CallbackError> {
        self.place.receipt(callback)
    }

    fn hear(&self, callback: &Callback<'_>) -> Result<Vec<Heard>, CallbackError> {
        self.place.hear(callback)
    }

    async fn listen(&self, ear: Arc<dyn Ear>) {
        self.place.listen(ear).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        registry::{self, ProviderSettings},
        testkit,
    };

    fn settings(value: serde_json::Value) -> ProviderSettings {
        serde_json::from_value(value).unwrap()
    }

    #[tokio::test]
    async fn a_room_for_colleagues_is_its_place_under_another_channel() {
        let slack = settings(json!({"kind": "outbox", "channel": "slack"}));
        let usual = registry::build("room", &slack, &testkit::world()).unwrap();
        let room = registry::build_for_staff("room", &slack, &testkit::world()).unwrap();
        assert_eq!((usual.manifest().channel, room.manifest().channel), (Channel::Slack, Channel::StaffChat));
        assert_eq!(room.manifest().text_limit, usual.manifest().text_limit);
        let parcel = testkit::parcels::mail();
        assert_eq!(room.send(&parcel).await, usual.send(&parcel).await);
        assert_eq!(room.withdraw(&parcel, Some("x")).await, usual.withdraw(&parcel, Some("x")).await);
    }

    #[test]
    fn a_place_that_everybody_reads_is_refused() {
        for channel in ["mastodon", "bluesky", "x", "facebook", "linkedin", "banner", "status_page", "email", "sms"] {
            let place = settings(json!({"kind": "outbox", "channel": channel}));
            let error = registry::build_for_staff("room", &place, &testkit::world()).err().expect(channel);
            assert_eq!(error.key, "audience", "{channel}");
        }
    }
}
