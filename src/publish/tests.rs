//! Copies in directories, as they are written, removed, retried and looked at.

use std::fs;

use bytes::Bytes;

use super::{Copies, directory, outside};
use crate::public::{File, INVENTORY, Inventory};

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), content_type: "text/plain", bytes: Bytes::from(text.to_owned()) }
}

/// These files and their inventory.
pub(super) fn state(files: &[(&str, &str)]) -> Vec<File> {
    let mut all: Vec<File> = files.iter().map(|(path, text)| file(path, text)).collect();
    let inventory = Inventory { files: files.iter().map(|(path, _)| (*path).to_owned()).collect() };
    all.push(file(INVENTORY, &serde_json::to_string(&inventory).unwrap()));
    all
}

#[test]
fn a_directory_has_what_is_public_and_nothing_else_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("robots.txt"), "theirs").unwrap();
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).ok();
    let known = directory::write(
        folder.path(),
        &state(&[("en/incidents/7.html", "seven"), ("index.html", "1")]),
        Default::default(),
    );
    assert_eq!((read("en/incidents/7.html").as_deref(), read("index.html").as_deref()), (Some("seven"), Some("1")));
    // Taken down meanwhile, also by a daemon that was started anew and remembers nothing.
    for known in [known.unwrap(), Default::default()] {
        fs::create_dir_all(folder.path().join("en/incidents")).unwrap();
        directory::write(
            folder.path(),
            &state(&[("en/incidents/7.html", "seven"), ("index.html", "1")]),
            known.clone(),
        )
        .unwrap();
        directory::write(folder.path(), &state(&[("index.html", "2")]), known).unwrap();
        assert_eq!((read("en/incidents/7.html"), read("index.html").as_deref()), (None, Some("2")));
    }
    assert_eq!(read("robots.txt").as_deref(), Some("theirs"));
    let left = fs::read_dir(folder.path()).unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    assert!(left.into_iter().all(|name| !name.starts_with('.')), "nothing half written stays");
}

#[test]
fn an_inventory_leads_nowhere_else() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("copy");
    fs::create_dir(&folder).unwrap();
    fs::write(outer.path().join("secret"), "stays").unwrap();
    for path in ["../secret", "/etc/hostname", "a/../../secret", ".ssh", ""] {
        let inventory = serde_json::to_string(&Inventory { files: vec![path.to_owned()] }).unwrap();
        fs::write(folder.join(INVENTORY), inventory).unwrap();
        directory::write(&folder, &state(&[("index.html", path)]), Default::default()).unwrap();
        assert!(outer.path().join("secret").is_file(), "{path}");
        assert!(directory::write(&folder, &[file(path, "x")], Default::default()).is_err(), "{path}");
    }
}

#[test]
fn what_cannot_be_written_is_said_and_the_rest_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    let known = directory::write(folder.path(), &state(&[("index.html", "1")]), Default::default()).unwrap();
    // A file stands where a folder has to be.
    fs::write(folder.path().join("en"), "x").unwrap();
    let next = state(&[("en/index.html", "2"), ("index.html", "2")]);
    let said = directory::write(folder.path(), &next, known).unwrap_err();
    assert!(said.starts_with("en/index.html: "), "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("index.html")).unwrap(), "1");
    fs::remove_file(folder.path().join("en")).unwrap();
    directory::write(folder.path(), &next, Default::default()).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("index.html")).unwrap(), "2");
}

#[test]
fn a_copy_is_behind_from_its_first_failure_until_it_is_written() {
    let copies = Copies::default();
    let at = |text: &str| format!("2026-11-17T02:{text}:00Z").parse().unwrap();
    copies.wrote("mirror", at("10"), Ok(()));
    copies.wrote("mirror", at("11"), Err("index.html: no space".to_owned()));
    copies.wrote("mirror", at("12"), Err("index.html: no space".to_owned()));
    let [copy] = &copies.all()[..] else { panic!("one copy") };
    assert_eq!((copy.behind_since, copy.written_at), (Some(at("11")), Some(at("10"))));
    copies.wrote("mirror", at("13"), Ok(()));
    copies.looked("mirror", at("14"), Err("index.html: it still shows another state".to_owned()));
    copies.looked("mirror", at("15"), Err("index.html: it still shows another state".to_owned()));
    let [copy] = &copies.all()[..] else { panic!("one copy") };
    assert_eq!((copy.behind_since, copy.outdated_since, copy.looked_at), (None, Some(at("13")), Some(at("15"))));
    copies.looked("mirror", at("16"), Ok(()));
    assert_eq!(copies.all()[0].outdated_since, None);
}

#[tokio::test]
async fn a_copy_that_shows_the_old_one_is_seen_from_outside() {
    let served = |text: &'static str| async move {
        let app = axum::Router::new().route("/copy/index.html", axum::routing::get(async move || text));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: url::Url = format!("http://{}/copy/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(axum::serve(listener, app).into_future());
        url
    };
    let http = crate::world::http_client().unwrap();
    let files = [file("index.html", "new")];
    assert_eq!(outside::look(&http, &served("new").await, &files).await, Ok(()));
    let said = outside::look(&http, &served("old").await, &files).await.unwrap_err();
    assert_eq!(said, "index.html: it still shows another state");
    let nobody: url::Url = "http://127.0.0.1:1/".parse().unwrap();
    assert_eq!(outside::look(&http, &nobody, &files).await.unwrap_err(), "it cannot be reached");
}
