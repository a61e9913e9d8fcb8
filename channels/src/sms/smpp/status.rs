//! What a `command_status` (SMPP 3.4, section 5.1.3) makes of a text. The table itself is on top of the provider's file.

use std::{collections::BTreeMap, time::Duration};

use crate::contract::{Outcome, Reason};

pub(super) const OK: u32 = 0;
pub(super) const INVALID_COMMAND: u32 = 0x03;
pub(super) const QUEUE_FULL: u32 = 0x14;
pub(super) const TRY_LATER: u32 = 0x64;

/// Why a status other than 0 refuses. `own` are the gateway's own codes, from configuration.
pub(super) fn reason(status: u32, own: &BTreeMap<u32, Reason>) -> Reason {
    if let Some(reason) = own.get(&status) {
        return *reason;
    }
    match status {
        0x58 => Reason::Throttled,
        0x08 | 0x14 | 0x45 | 0x64 | 0xff | 0x04 | 0x05 => Reason::Temporary,
        0x0d..=0x0f => Reason::Unauthorized,
        0x0b | 0x50 | 0x51 => Reason::BadAddress,
        0x01..=0x03 | 0x06 | 0x07 | 0x0a | 0x43 | 0x48 | 0x49 | 0x53 | 0x61..=0x63 | 0xc0..=0xc4 => Reason::BadContent,
        0xfe => Reason::Undelivered,
        _ => Reason::Blocked,
    }
}

/// The outcome of a text that was refused. An SMSC's status is a number and says nothing of the person.
pub(super) fn refusal(status: u32, own: &BTreeMap<u32, Reason>) -> Outcome {
    let reason = reason(status, own);
    let detail = words(status);
    match reason {
        Reason::Throttled | Reason::Temporary | Reason::Unauthorized | Reason::Quota | Reason::MailboxFull => {
            // How long is not said; the retry schedule, or for throttling the pacer, knows.
            Outcome::Later { after: None::<Duration>, reason, detail }
        }
        reason => Outcome::Rejected { reason, detail },
    }
}

/// The status as people look it up.
pub(super) fn words(status: u32) -> String {
    let name = match status {
        0x01 => "ESME_RINVMSGLEN",
        0x03 => "ESME_RINVCMDID",
        0x04 => "ESME_RINVBNDSTS",
        0x05 => "ESME_RALYBND",
        0x08 => "ESME_RSYSERR",
        0x0a => "ESME_RINVSRCADR",
        0x0b => "ESME_RINVDSTADR",
        0x0d => "ESME_RBINDFAIL",
        0x0e => "ESME_RINVPASWD",
        0x0f => "ESME_RINVSYSID",
        0x14 => "ESME_RMSGQFUL",
        0x45 => "ESME_RSUBMITFAIL",
        0x58 => "ESME_RTHROTTLED",
        0x64 => "ESME_RX_T_APPN",
        0x65 => "ESME_RX_P_APPN",
        0x66 => "ESME_RX_R_APPN",
        0xfe => "ESME_RDELIVERYFAILURE",
        0xff => "ESME_RUNKNOWNERR",
        _ => return format!("command_status {status:#x}"),
    };
    format!("{name} ({status:#x})")
}
