//! Exercises end once, with what was measured, and what was being written of them is dropped.

use super::*;
use crate::{approve::State, store::StoreError};

#[tokio::test]
async fn an_exercise_is_measured_by_its_first_update_and_its_score_never_changes() {
    let bench = Bench::new().await;
    let practice = Kind_ { exercise: true, ..Kind_::default() };
    let begin = entry(bench.now);
    let incident = bench.store.add_incident(Kind::Incident, "t", true, false, Some(1), &begin).await.unwrap();
    assert_eq!(bench.store.exercises_going_on(9).await.unwrap(), [incident]);
    let empty = bench.store.measure_exercise(incident).await.unwrap();
    assert_eq!((empty.first_draft, empty.approval, empty.first_message, empty.last_message), (None, None, None, None));

    let broadcast = bench.submitted(incident, &["a@x", "b@x"], practice).await;
    let later = |seconds| entry(bench.later(seconds));
    bench.store.approve_broadcast(broadcast, "digest", 2, 2, &later(60)).await.unwrap();
    bench.store.start_broadcast(broadcast, None, &later(60)).await.unwrap();
    for (ordinal, second) in [(0, 61), (1, 90)] {
        let claim = bench.store.claim(Channel::Email, "exercise-email", true, false, 1, bench.later(second)).await;
        let mut records = bench.records(&claim.unwrap().unwrap().items, accepted());
        records.iter_mut().for_each(|record| record.at = bench.later(second));
        assert_eq!(records[0].id.ordinal, ordinal);
        bench.store.record(&records).await.unwrap();
    }
    let under_way = bench.store.measure_exercise(incident).await.unwrap();
    assert_eq!((under_way.first_message, under_way.last_message), (Some(61), None), "it is not over yet");
    bench.store.close_if_done(broadcast, bench.later(91)).await.unwrap();
    let draft = bench.store.add_update(incident, &content(Status::Identified), Some(1), &later(100)).await.unwrap();
    let mut score = bench.store.measure_exercise(incident).await.unwrap();
    assert_eq!(
        (score.first_draft, score.approval, score.first_message, score.last_message),
        (Some(0), Some(60), Some(61), Some(91))
    );

    score.ended_by = Some(1);
    bench.store.end_exercise(&score, &later(120)).await.unwrap();
    let again = bench.store.end_exercise(&score, &later(130)).await;
    assert!(matches!(again, Err(StoreError::Taken(_))), "once");
    let kept = bench.store.exercise_score(incident).await.unwrap().unwrap();
    assert_eq!((kept.ended_at, kept.last_message), (Some(bench.later(120)), Some(91)));
    assert_eq!(bench.store.update(draft).await.unwrap().state, State::Discarded);
    assert_eq!(bench.store.incident(incident).await.unwrap().ended_at, Some(bench.later(120)));
    assert!(bench.store.exercises_going_on(9).await.unwrap().is_empty());
    assert_eq!(bench.store.exercise_scores(None, 9).await.unwrap(), [kept]);
    assert!(bench.store.exercise_scores(Some(bench.later(120)), 9).await.unwrap().is_empty());
    let mut tx = bench.store.begin().await.unwrap();
    assert!(sqlx::query("UPDATE exercise_score SET approval = 1").execute(&mut *tx).await.is_err());
}
