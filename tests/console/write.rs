//! Two people in one draft, in real browsers: what scripts add to writing.

use super::*;

#[tokio::test]
async fn two_people_write_one_draft_and_lose_no_word() {
    let site = Site::new(PROVIDERS, &recipients()).await;
    let daemon = site.start().await;
    let seen = browser::run("write", argument(&daemon.base)).await;
    assert_eq!(
        seen["kept"],
        json!({ "same": true, "mark": "Our supplier broke" }),
        "a mark stays with its words while somebody types"
    );
    assert_eq!(seen["used"], json!([false, true]), "better words go in, and come out again");
    assert_eq!(seen["look"], true, "how a mail is looked at outlives a save");
    assert_eq!(seen["both"], json!(["Ana’s headline", "Ben’s impact"]), "both people's words are there");
    assert_eq!(seen["alone"], json!([]), "nobody is told of a colleague who was nobody but herself");
    assert_eq!(seen["left"], "Typed last, and left.", "what was typed last before a tab was left is saved");
    assert_eq!(seen["arrives"], json!([true, 0]), "what arrived although its answer did not is not offered as unsaved");
    let again = &seen["again"];
    assert_eq!(again[0], "Ana’s headline", "what is saved is shown");
    assert!(
        again[1].as_str().is_some_and(|row| row.contains("only you") && row.contains("again")),
        "beside what was never saved: {again}"
    );
    assert_eq!([&again[2], &again[3]], ["Ana’s again", "Ben’s again"], "and both together lose nothing");
    assert_eq!(seen["asked"], 0, "what was chosen is not asked again");
    assert_eq!(seen["restored"], "Typed without a connection.", "a reload gives back what could not be saved");
    assert_eq!(seen["faults"], json!([]), "axe-core finds nothing serious");
    assert_eq!(seen["origins"], json!([daemon.base]), "nothing is asked of another origin");
    assert!(daemon.stop().await.success());
}
