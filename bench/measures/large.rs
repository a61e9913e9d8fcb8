//! P12, P13, P16, P20: a million people.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    machine::{self, Used},
    report::{Bounds, Measure, figure},
    sink::Sink,
    stage::{self, CONNECTIONS, Stage},
};

/// Memory, bytes written, speed and restart at a million, against smaller audiences.
pub async fn million(divide: usize) -> Vec<Measure> {
    let million = 1_000_000 / divide;
    let sink = Sink::start(None);
    let relay = stage::relay(sink.port, CONNECTIONS);
    // Small audiences: speed at a hundredth, memory at a tenth.
    let mut rates = Vec::new();
    let small = Stage::of(&relay, million / 100).await;
    for _ in 0..5 {
        let ended = small.carry().await;
        rates.push((million / 100) as f64 / ended.took.as_secs_f64());
        sink.drain();
    }
    let small_rate = crate::report::median(rates.into_iter());
    drop(small);
    let tenth = Stage::of(&relay, million / 10).await.fresh().await;
    let tenth_peak = tenth.carry().await.used.peak as f64 / 1e6;
    sink.drain();
    drop(tenth);

    let mut stage = Stage::of(&relay, million).await.fresh().await;
    let before = Used::by(stage.daemon.pid());
    let (update, broadcast) = stage.submitted().await;
    machine::forget_peak(stage.daemon.pid());
    let start = Instant::now();
    let broadcast = stage.approver.approve(update, &broadcast).await;
    stage.ended(broadcast).await;
    let rate = million as f64 / start.elapsed().as_secs_f64();
    let used = Used::by(stage.daemon.pid()).since(before);
    let peak = used.peak as f64 / 1e6;
    let own = Used::by(std::process::id());
    checkpoint(&stage).await;
    let written = (used.written + Used::by(std::process::id()).since(own).written) as f64 / million as f64;
    assert_eq!(sink.drain().len(), million);
    println!(
        "{} mails/s, {} at a hundredth; {} MB peak, {} at a tenth; {} bytes each",
        figure(rate),
        figure(small_rate),
        figure(peak),
        figure(tenth_peak),
        figure(written)
    );

    // Restart with half of a million sent.
    let mut restarts = Vec::new();
    let (update, broadcast) = stage.submitted().await;
    let already = sink.count();
    let broadcast = stage.approver.approve(update, &broadcast).await;
    for part in 1..=3 {
        while sink.count() < already + (million * (3 + part) / 8) as u64 {
            stage::pause(Duration::from_millis(5)).await;
        }
        stage.daemon.kill_now().await;
        stage::pause(Duration::from_millis(100)).await;
        let (before, start) = (sink.count(), Instant::now());
        let child = stage.site.spawn();
        while sink.count() == before {
            assert!(start.elapsed() < Duration::from_secs(60), "nothing goes out after the restart");
            stage::pause(Duration::from_millis(1)).await;
        }
        restarts.push(start.elapsed().as_secs_f64());
        stage.daemon = stage.site.adopt(child).await;
        stage.sign_in().await;
    }
    stage.ended(broadcast).await;
    sink.drain();
    let per = |ours: f64, reference: f64| vec![(ours, reference)];
    let at = |floor, aim, less| Bounds { floor, aim, less };
    vec![
        Measure::of_figures(
            "P12",
            "peak memory of a broadcast to 1,000,000",
            "MB",
            at(64.0, 40.0, true),
            vec![peak],
            stage::cost(used, million as f64),
        ),
        Measure::of_pairs(
            "P12r",
            "the same over 100,000",
            "MB",
            at(1.1, 1.02, true),
            &per(peak, tenth_peak),
            String::new(),
        ),
        Measure::of_figures(
            "P13",
            "bytes written a delivery, submit to end, checkpoint included",
            "bytes",
            at(450.0, 280.0, true),
            vec![written],
            String::new(),
        ),
        Measure::of_pairs(
            "P16",
            "speed at 1,000,000 over 10,000",
            "mails/s",
            at(0.9, 0.98, false),
            &per(rate, small_rate),
            String::new(),
        ),
        Measure::of_figures(
            "P20",
            "restart to sending again, half of 1,000,000 sent, worst of 3",
            "s",
            at(1.0, 0.3, true),
            restarts,
            String::new(),
        )
        .by_its_worst(),
    ]
}

/// Speed with ten million old outcomes in the database, warm and with a cold page cache, over none.
pub async fn old_outcomes(divide: usize) -> Vec<Measure> {
    let sink = Sink::start(None);
    let relay = stage::relay(sink.port, CONNECTIONS);
    let (people, old) = (50_000 / divide.min(10), 10_000_000 / divide);
    let none = Stage::of(&relay, people).await;
    none.carry().await;
    let stage = Stage::of(&relay, people).await;
    let first = stage.carry().await.broadcast;
    let Stage { site, daemon, .. } = stage;
    assert!(daemon.stop().await.success());
    let mut connection = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(site.database()))
        .await
        .expect("the database opens");
    for sql in [
        "INSERT INTO snapshot (broadcast_id, channel, ordinal, address, variant, locale)
         WITH RECURSIVE n (i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?3)
         SELECT ?1, 0, i, printf('q%08d@old.example.test', i), 0, 'en' FROM n",
        "INSERT INTO outcome (broadcast_id, channel, ordinal, state, provider, reference, parts, attempts, at)
         WITH RECURSIVE n (i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?3)
         SELECT ?1, 0, i, 2, 'relay', '250 2.0.0 Ok: queued', 1, 1, 1700000000000 FROM n",
    ] {
        let query = sqlx::query(sql).bind(first).bind(people as i64).bind((people + old) as i64);
        query.execute(&mut connection).await.expect("old rows can be written");
    }
    sqlx::query("UPDATE cursor SET total = total + ?1, taken = taken + ?1")
        .bind(old as i64)
        .execute(&mut connection)
        .await
        .expect("written");
    sqlx::query("UPDATE counter SET n = n + ?1 WHERE state = 2")
        .bind(old as i64)
        .execute(&mut connection)
        .await
        .expect("written");
    connection.close().await.expect("closed");
    let size = std::fs::metadata(site.database()).map_or(0.0, |file| file.len() as f64 / 1e9);
    // Needs root; elsewhere the cache stays warm and the figure says so.
    let dropped = std::fs::write("/proc/sys/vm/drop_caches", "3").is_ok();
    let stage = Stage::on(site).await;
    let mut pairs = Vec::new();
    for _ in 0..5 {
        let with = stage.carry().await;
        let without = none.carry().await;
        sink.drain();
        pairs.push((people as f64 / with.took.as_secs_f64(), people as f64 / without.took.as_secs_f64()));
        println!(
            "with old outcomes {} mails/s, without {}",
            figure(pairs[pairs.len() - 1].0),
            figure(pairs[pairs.len() - 1].1)
        );
    }
    let cold = pairs[0].0 / pairs[0].1;
    let cost = format!(
        "{size:.1} GB in the database; the first pair, {}: {}",
        if dropped { "with a cold cache" } else { "warm (only root can empty the cache)" },
        figure(cold)
    );
    let bounds = Bounds { floor: 0.9, aim: 0.98, less: false };
    vec![Measure::of_pairs("P16o", "speed with 10,000,000 old outcomes over none", "mails/s", bounds, &pairs, cost)]
}

/// A truncating checkpoint by this process, so that its bytes are counted.
async fn checkpoint(stage: &Stage) {
    let mut connection = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(stage.site.database()))
        .await
        .expect("the database opens");
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await.expect("a checkpoint");
    connection.close().await.expect("closed");
}
