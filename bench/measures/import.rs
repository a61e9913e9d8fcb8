//! P11: a million recipients with two addresses each, against sqlite3 loading the same tables from the same file.

use std::{fmt::Write as _, fs, path::Path, process::Command, time::Instant};

use crate::{
    parts::process::run,
    report::{Bounds, Measure, figure},
    site::Site,
};

/// What sqlite3 does: the file into a table, and from there into the two tables with their indexes.
const LOAD: &str = "
PRAGMA synchronous = FULL;
.mode csv
.import people.csv staging
INSERT INTO recipient (customer_id, name, locale, time_zone, generation, updated_at)
  SELECT customer_id, name, locale, time_zone, 1, 1700000000000 FROM staging;
INSERT INTO address (recipient_id, channel, value)
  SELECT r.id, 0, s.email FROM staging s JOIN recipient r USING (customer_id)
  UNION ALL SELECT r.id, 1, s.phone FROM staging s JOIN recipient r USING (customer_id);
DROP TABLE staging;
";

/// Ours and sqlite3's, in turns, each into a fresh database.
pub async fn people(divide: usize) -> Vec<Measure> {
    let count = 1_000_000 / divide;
    let mut file = String::from("customer_id,name,locale,time_zone,email,phone\n");
    for place in 0..count {
        let _ = writeln!(
            file,
            "c{place:07},Maria Jensen-{place},en,Europe/London,p{place:07}@d{:02}.example.test,+44770{:07}",
            place % 50,
            place
        );
    }
    let mut pairs = Vec::new();
    let mut peak = 0;
    for pair in 0..3 {
        let site = Site::new(&crate::stage::relay(25, 1), &[]).await;
        let path = site.folder.path().join("people.csv");
        fs::write(&path, &file).expect("the folder has room");
        let empty = site.folder.path().join("empty.db");
        fs::copy(site.database(), &empty).expect("a copy");
        let start = Instant::now();
        let (code, _, said) = timed(&site, &path, &mut peak).await;
        let ours = start.elapsed().as_secs_f64();
        assert_eq!(code, 0, "{said}");
        let mut sqlite3 = Command::new("sqlite3");
        sqlite3.arg(&empty).current_dir(site.folder.path());
        let script = site.folder.path().join("load.sql");
        fs::write(&script, LOAD).expect("the folder is writable");
        sqlite3.arg(format!(".read {}", script.display()));
        let start = Instant::now();
        run(sqlite3).await;
        let reference = start.elapsed().as_secs_f64();
        println!("pair {pair}: ours {} s, sqlite3 {} s", figure(ours), figure(reference));
        pairs.push((ours, reference));
    }
    let bounds = Bounds { floor: 1.5, aim: 1.1, less: true };
    let cost = format!("{:.0} MB peak; sqlite3 checks nothing and knows no line that is wrong", peak as f64 / 1e6);
    vec![Measure::of_pairs(
        "P11",
        "import of 1,000,000 people with two addresses, over sqlite3",
        "s",
        bounds,
        &pairs,
        cost,
    )]
}

async fn timed(site: &Site, file: &Path, peak: &mut u64) -> (i32, String, String) {
    let (file, config) = (file.to_string_lossy().into_owned(), site.config().to_string_lossy().into_owned());
    let arguments = ["import", &file, "--offline", "--config", &config];
    let running = site.command(&arguments);
    tokio::pin!(running);
    loop {
        tokio::select! {
            ended = &mut running => return ended,
            () = crate::stage::pause(std::time::Duration::from_millis(200)) => {
                for child in children() {
                    *peak = (*peak).max(crate::machine::Used::by(child).peak);
                }
            }
        }
    }
}

fn children() -> Vec<u32> {
    let own = std::process::id();
    let text = fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}
