//! Everything as files: whole, and leading nowhere but to each other.

use super::*;
use crate::public::{INVENTORY, Inventory, assets};

fn files(view: PublicView) -> BTreeMap<String, String> {
    let state = PublicState::new(view, Signer::new(b"a key of the installation"), 9);
    let files = state.files().unwrap();
    files.into_iter().map(|file| (file.path, String::from_utf8(file.bytes.to_vec()).unwrap())).collect()
}

#[test]
fn every_address_in_a_copy_is_a_file_of_it() {
    let files = files(sample());
    let base = url::Url::parse("https://copy.example/some/where/").unwrap();
    let mut followed = 0;
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        let page = base.join(path).unwrap();
        for attribute in ["href=\"", "src=\""] {
            for address in text.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
                let elsewhere = address.contains(':') || address.starts_with('#');
                if elsewhere {
                    continue;
                }
                let target = page.join(&address.replace("&#x3D;", "=")).unwrap();
                let target = target.as_str().strip_prefix(base.as_str());
                assert!(target.is_some_and(|target| files.contains_key(target)), "{path} leads to {address}");
                followed += 1;
            }
        }
    }
    assert!(followed > 50, "{followed}");
}

#[test]
fn a_copy_has_each_page_in_each_language_and_an_inventory() {
    let files = files(sample());
    for path in [
        "index.html",
        "status/index.html",
        "status/incidents/7/index.html",
        "en/index.html",
        "de/incidents/7.html",
        "de/history.html",
        "feed.atom",
        "api/v2/incidents/unresolved.json",
        "banner.js",
        "banner/live.json",
        "status.css",
        &assets::PINNED[1..],
    ] {
        assert!(files.contains_key(path), "{path} is missing in {:?}", files.keys());
    }
    assert!(files["de/incidents/7.html"].contains("<html lang=\"de\">"));
    let inventory: Inventory = serde_json::from_str(&files[INVENTORY]).unwrap();
    let others: Vec<&String> = files.keys().filter(|path| *path != INVENTORY).collect();
    assert_eq!(
        inventory.files.iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>(),
        others
    );
}
