//! A full disk: what is asked is refused in words, what was sent is kept until it can be written, and nothing is lost.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use onevoice::store::recipients::Recipient;
use serde_json::json;

use super::{Site, content, person};
use crate::parts::{folder, http, ready};

const PEOPLE: usize = 200;
const OUTBOX: &str = "[[provider]]\nname = \"email\"\nkind = \"outbox\"\nchannel = \"email\"\n\
                      limits = { per_second = 50, burst = 1 }\n";

/// A file system of a few megabytes in memory, gone with its handle.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> SmallDisk {
        std::fs::create_dir(at).expect("the folder is ours");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=12m", "tmpfs"]).arg(at).status();
        assert!(mounted.expect("mount runs").success(), "a tmpfs needs root");
        SmallDisk(at.to_owned())
    }

    /// Takes every byte that is left; answers the file to remove.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file: File = OpenOptions::new().create(true).append(true).open(&path).expect("the disk takes a file");
        for size in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the daemon may be ending still.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_refuses_in_words_and_loses_nothing() {
    let work = folder::work();
    let disk = SmallDisk::mount(&work.path().join("data"));
    let people: Vec<Recipient> = (0..PEOPLE)
        .map(|place| person(&format!("c{place:03}"), "Maria", Some(&format!("p{place:03}@example.test")), None))
        .collect();
    let site = Site::at(work, OUTBOX, &people).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let broadcast = approver.approve(update, &submitted).await;
    ready::until("the first outcomes", async || {
        let outcomes =
            author.get(&format!("/broadcasts/{broadcast}")).await["progress"]["outcomes"]["accepted"].as_i64();
        outcomes.filter(|count| *count > 0)
    })
    .await;

    let filler = disk.fill();
    let asked = http::client();
    ready::until("the daemon to notice", async || {
        let answer = asked.get(format!("{}/readyz", daemon.base)).send().await.ok()?;
        (answer.status() == 503).then_some(())
    })
    .await;
    let refused = author.try_post("/incidents", &json!({ "kind": "notice", "title": "t" })).await;
    let refused = refused.expect_err("nothing can be written");
    assert_eq!(refused.status, 503, "{}", refused.problem);
    assert!(
        refused.problem["detail"].as_str().unwrap_or_default().contains("nothing was changed"),
        "{}",
        refused.problem
    );

    std::fs::remove_file(filler).expect("the filler is ours");
    let ended = author.ended(broadcast).await;
    assert_eq!(ended["state"], "completed", "{ended}");
    assert_eq!(ended["progress"]["outcomes"]["accepted"], PEOPLE);
    assert!(daemon.stop().await.success());
}
