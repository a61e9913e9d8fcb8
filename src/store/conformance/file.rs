//! What is said of the file: one owner, copies are recognised, newer ones refused, rows that never change.

use super::*;
use crate::store::StoreError;

async fn reopen(path: &std::path::Path, random: &Counting) -> Store {
    Store::open(path, random).await.unwrap()
}

#[tokio::test]
async fn a_second_process_is_told_that_the_file_is_in_use() {
    let bench = Bench::new().await;
    let second = Store::open(bench.store.path(), &bench.random).await;
    assert!(matches!(second, Err(StoreError::InUse(_))));
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_as_it_is() {
    let bench = Bench::new().await;
    let path = bench.store.path().to_owned();
    let mut tx = bench.store.begin().await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 2").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    bench.store.close(&bench.random).await;
    drop(bench.store);
    let error = Store::open(&path, &bench.random).await.err().unwrap();
    assert!(error.to_string().contains("newer onevoice"), "{error}");
}

#[tokio::test]
async fn the_original_starts_as_ever_and_a_copy_or_an_older_state_starts_restored() {
    let bench = Bench::new().await;
    let path = bench.store.path().to_owned();
    let backup = bench.folder.path().join("backup.db");
    bench.store.backup(&backup).await.unwrap();
    assert!(bench.store.backup(&backup).await.is_err(), "a backup never overwrites");
    bench.store.close(&bench.random).await;
    drop(bench.store);

    let store = reopen(&path, &bench.random).await;
    assert!(store.restored().is_none());
    store.close(&bench.random).await;
    drop(store);

    let elsewhere = bench.folder.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::copy(&path, elsewhere.join("onevoice.db")).unwrap();
    let copy = reopen(&elsewhere.join("onevoice.db"), &bench.random).await;
    assert!(copy.restored().is_some(), "a copy beside no mark");
    copy.close(&bench.random).await;
    drop(copy);
    let copy = reopen(&elsewhere.join("onevoice.db"), &bench.random).await;
    assert!(copy.restored().is_some(), "until somebody starts it again");
    drop(copy);

    std::fs::copy(&backup, &path).unwrap();
    let _ = std::fs::remove_file(path.with_extension("db-wal"));
    let older = reopen(&path, &bench.random).await;
    assert!(older.restored().is_some(), "an older state in the same place");
}

#[tokio::test]
async fn snapshots_renderings_and_versions_never_change() {
    let bench = Bench::new().await;
    bench.submitted(bench.incident().await, &["a@x"], Kind_::default()).await;
    for change in [
        "UPDATE snapshot SET address = 'b@x'",
        "UPDATE rendering SET document = '[]'",
        "UPDATE update_version SET content = '{}'",
        "UPDATE incident SET exercise = 1",
    ] {
        let mut tx = bench.store.begin().await.unwrap();
        assert!(sqlx::query(change).execute(&mut *tx).await.is_err(), "{change}");
    }
}

#[tokio::test]
async fn a_database_of_the_first_schema_is_upgraded_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("onevoice.db");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/database-0001.db"), &path).unwrap();
    let store = reopen(&path, &Counting::default()).await;
    assert!(store.restored().is_some(), "it was copied here");
    let incidents = store.incidents(false, 0, 10).await.unwrap();
    assert_eq!((incidents.len(), incidents[0].title.as_str()), (1, "Card payments fail in Europe"));
    let updates = store.updates(incidents[0].id).await.unwrap();
    assert_eq!(
        updates.iter().map(|update| update.content.status.as_str()).collect::<Vec<_>>(),
        ["investigating", "identified", "resolved"]
    );
    assert!(!store.deliveries(1, None, None, None, 200).await.unwrap().is_empty());
    assert_eq!(store.promises_of(incidents[0].id).await.unwrap().len(), 2);
    assert_eq!(store.audit_verify().await.unwrap().1, None);
    assert!(store.troubles(1).await.is_ok());
    let version: i64 =
        sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(store.read()).await.unwrap();
    assert_eq!(Some(version), crate::store::migrator().iter().map(|migration| migration.version).max());
}

#[tokio::test]
async fn a_commit_has_gone_through_fdatasync_when_it_returns() {
    let bench = Bench::new().await;
    let mut writer = bench.store.begin().await.unwrap();
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *writer).await.unwrap();
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *writer).await.unwrap();
    assert_eq!((synchronous, journal.as_str()), (2, "wal"), "FULL: less loses in a power cut what was answered");
}

#[tokio::test]
async fn nobody_but_the_owner_reads_the_database() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new().await;
    for file in std::fs::read_dir(bench.folder.path()).unwrap().map(|entry| entry.unwrap()) {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{:?} has mode {mode:o}", file.file_name());
    }
}

#[tokio::test]
async fn a_claim_scans_nothing() {
    let bench = Bench::new().await;
    let sql = format!("EXPLAIN QUERY PLAN {}", crate::store::deliveries::lanes::CANDIDATES);
    let plan = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(bench.store.read()).await.unwrap();
    let steps: Vec<&str> = plan.iter().map(|row| sqlx::Row::get(row, "detail")).collect();
    assert!(steps.len() > 4 && steps.iter().all(|step| !step.contains("SCAN")), "{steps:#?}");
}
