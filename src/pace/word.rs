//! What a provider's word says about pace.

use onevoice_channels::contract::Reason;

/// Whether a refusal is the destination's own: 421 and 45x with 4.7.x, which a relay passes on (RFC 3463: security or
/// policy). Grey lists say it too; slower is right for them as well.
pub(super) fn is_domains(reason: Reason, detail: &str) -> bool {
    let mut words = detail.split_ascii_whitespace();
    let code = words.next().is_some_and(|code| matches!(code, "421" | "450" | "451" | "452" | "454"));
    matches!(reason, Reason::Throttled | Reason::Temporary)
        && code
        && words.next().is_some_and(|enhanced| enhanced.starts_with("4.7."))
}

/// Whether a reason is the provider's fault, and no word on a destination or on pace.
pub(super) fn is_fault(reason: Reason) -> bool {
    matches!(reason, Reason::Unauthorized | Reason::Quota | Reason::Temporary | Reason::Unreachable | Reason::BadAnswer)
}
