//! What providers' callbacks have in common: the address that they come to.

use url::Url;

use crate::contract::World;

/// The address for a provider's callbacks, `PUBLIC_URL/receipts/NAME`; None where the daemon has no public address.
pub(crate) fn address(name: &str, world: &World) -> Option<Url> {
    let mut base = world.public_url.clone()?;
    base.path_segments_mut().ok()?.pop_if_empty().extend(["receipts", name]);
    Some(base)
}
