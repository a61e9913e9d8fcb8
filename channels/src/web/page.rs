//! The provider behind the banner and the status page: what the public sees is read from the committed outcome, so
//! there is nothing to do here but to accept.

use async_trait::async_trait;

use crate::contract::{
    Channel, CheckReport, Content, Limits, Manifest, Outcome, Parcel, Provider, Reason, Unavailable,
};

pub(super) struct Page {
    manifest: Manifest,
}

impl Page {
    pub(super) fn new(kind: &'static str, name: &str, channel: Channel, limits: Limits) -> Page {
        Page {
            manifest: Manifest {
                kind,
                name: name.to_owned(),
                channel,
                limits,
                idempotent: true,
                key_life: None,
                receipts: false,
                text_limit: None,
                leaves: false,
            },
        }
    }
}

#[async_trait]
impl Provider for Page {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        match parcel.content {
            Content::Page { .. } => Outcome::Accepted { reference: None, parts: 1 },
            _ => Outcome::Rejected {
                reason: Reason::BadContent,
                detail: format!("{} carries pages only", self.manifest.kind),
            },
        }
    }

    /// Its public form goes with the broadcast that is taken down.
    async fn withdraw(&self, _: &Parcel, _: Option<&str>) -> Outcome {
        Outcome::Accepted { reference: None, parts: 1 }
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let summary = "the daemon serves this itself; it needs no credentials".to_owned();
        Ok(CheckReport { summary, ..CheckReport::default() })
    }
}
