//! Ids, offsets, reasons, confirmations and loading.

use proptest::prelude::*;

use super::*;

fn only(findings: Vec<Finding>, rule: &str) -> Finding {
    let mut found: Vec<Finding> = findings.into_iter().filter(|finding| finding.rule == rule).collect();
    assert_eq!(found.len(), 1, "{rule}: {found:?}");
    found.remove(0)
}

#[test]
fn a_reason_keeps_a_finding_and_an_empty_one_does_not() {
    let mut content = good();
    facts(&mut content, "en").impact = "Because of our supplier, you cannot pay by card.".to_owned();
    let finding = only(found(&content), "blame");
    assert!(finding.blocks());
    assert_eq!(blocking(&found(&content)).count(), 1);

    content.kept_findings.insert(finding.id.clone(), " ".to_owned());
    assert!(only(found(&content), "blame").blocks());

    content.kept_findings.insert(finding.id.clone(), "The contract requires it.".to_owned());
    let kept = only(found(&content), "blame");
    assert_eq!(kept.kept.as_deref(), Some("The contract requires it."));
    assert_eq!(blocking(&found(&content)).count(), 0);
}

#[test]
fn some_findings_are_kept_by_no_reason() {
    let mut content = good();
    facts(&mut content, "en").impact = "Log in with password=hunter2.".to_owned();
    facts(&mut content, "en").links[0].url = "ftp://example.com".to_owned();
    facts(&mut content, "de").headline = String::new();
    content.next_update_at = Some(now());
    content.kept_findings =
        found(&content).into_iter().map(|finding| (finding.id, "I want it so.".to_owned())).collect();
    let found = found(&content);
    let stopping: Vec<&str> = blocking(&found).map(|finding| finding.rule.as_str()).collect();
    assert_eq!(stopping, ["past_next_update", "missing_headline", "guarded_secret", "bad_link"]);
}

#[test]
fn a_secret_is_not_repeated() {
    let mut content = good();
    facts(&mut content, "en").impact = "Log in with password=hunter2.".to_owned();
    let finding = only(found(&content), "guarded_secret");
    assert_eq!(finding.words, "pass…");
    assert!(!serde_json::to_string(&finding).unwrap().contains("hunter2"));
}

#[test]
fn a_certain_fact_is_answered_by_who_confirmed_it() {
    let mut content = good();
    facts(&mut content, "en").reassurance = "No data was lost.".to_owned();
    let finding = only(found(&content), "certain");
    assert!(finding.confirmable && finding.confirmed.is_none());
    let who = "Ana, from the audit log, 09:40".to_owned();
    facts(&mut content, "en").confirmed.insert(finding.id, who.clone());
    assert_eq!(only(found(&content), "certain").confirmed, Some(who));
}

#[test]
fn an_id_outlives_edits_elsewhere_and_not_at_the_words() {
    let mut content = good();
    facts(&mut content, "en").impact = "You cannot pay. No data was lost.".to_owned();
    let before = only(found(&content), "certain");
    facts(&mut content, "en").impact = "You cannot pay by card at all. No data was lost.".to_owned();
    facts(&mut content, "en").headline = "Card payments fail".to_owned();
    let after = only(found(&content), "certain");
    assert_eq!(before.id, after.id);
    assert_ne!(before.start, after.start);
    // Written into drafts: it must not change from one release to the next.
    assert_eq!(before.id, "d27eb330ca544cd1");
    facts(&mut content, "en").impact = "You cannot pay by card at all. No money was lost.".to_owned();
    assert_ne!(only(found(&content), "certain").id, after.id);
}

#[test]
fn rules_of_a_directory_replace_and_add() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let reading = "[reading]\nbase = 1\nper_word = 1\nper_syllable = 1\nleast = -1000\n";
    write("fr.toml", &format!("{reading}[rules.blame]\nwords = [['fournisseur', 'service']]\n"));
    write("en.toml", reading);
    write("de.toml", reading);
    let rules = Rules::load(Some(dir.path())).unwrap();
    assert_eq!(rules.languages().collect::<Vec<_>>(), ["de", "en", "fr"]);
    assert!(rules.language("en").unwrap().rules.is_empty());
    assert!(rules.language("fr-CA").is_some());
}

#[test]
fn a_mistake_in_the_rules_is_named_by_file_line_and_key() {
    let reading = "[reading]\nbase = 1\nper_word = 1\nper_syllable = 1\nleast = 1\n";
    for (name, text, expected) in [
        (
            "fr.toml",
            "[rules.blame]\nwords = [['(']]\n",
            "fr.toml:7: rules.blame.words: not a regular expression: unclosed group",
        ),
        ("fr.toml", "[rules.blaem]\n", "fr.toml:6: rules.blaem: there is no such rule in rules.toml"),
        (
            "fr.toml",
            "[rules.blame]\nwrods = []\n",
            "fr.toml:7: rules.blame: unknown field `wrods`, expected one of `words`, `unless`, `bad`, `good`",
        ),
        ("fr.toml", "[limits]\nblame = 3\n", "fr.toml:6: limits.blame: that rule measures nothing"),
        ("rules.toml", "", "rules.toml:0: bad_link: the program needs this rule: copy it from the built-in rules.toml"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        // Without their thousand patterns the built-in languages load at once.
        std::fs::write(dir.path().join("de.toml"), reading).unwrap();
        std::fs::write(dir.path().join("en.toml"), reading).unwrap();
        let text = if name == "rules.toml" { text.to_owned() } else { format!("{reading}{text}") };
        std::fs::write(dir.path().join(name), text).unwrap();
        let error = Rules::load(Some(dir.path())).unwrap_err().to_string();
        assert!(error.ends_with(expected), "{error}");
    }
    let missing = Rules::load(Some(std::path::Path::new("no/such/directory"))).unwrap_err();
    assert!(missing.to_string().starts_with("no/such/directory:0: file: cannot be read"), "{missing}");
}

/// Texts made of what the rules look for, so that the property meets matches and not only noise.
fn a_text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "caused by our supplier",
        "you should have",
        "sorry",
        "will be fixed by 11:30",
        "No data was lost",
        "ASAP",
        "durch unseren Lieferanten verursacht",
        "Störung",
        "ÜBERALL GESTÖRT",
        "bald behoben",
        "!",
        "?!",
        ".",
        ",",
        "ß",
        "\u{301}",
        "🔥",
        "10.0.0.1",
        "OPS-12",
        "password=ü",
        "db.internal",
        "Acme",
        "\u{7}",
        "\n",
        "100 %",
        "latency",
    ]);
    prop::collection::vec(prop_oneof![word.prop_map(str::to_owned), any::<char>().prop_map(String::from)], 0..12)
        .prop_flat_map(|words| prop::sample::select(vec!["", " "]).prop_map(move |glue| words.join(glue)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn offsets_lie_on_characters_and_words_are_what_stands_there(text in a_text(), other in a_text()) {
        let facts = Facts {
            headline: text.clone(),
            what_happened: other.clone(),
            links: vec![Link { label: text.clone(), url: other.clone() }],
            ..Facts::default()
        };
        let content = content(Status::Investigating, [("en", facts.clone()), ("de", facts.clone())]);
        let guarded = ["acme".to_owned(), "störung".to_owned()];
        let subject = Subject { guarded: &guarded, ..subject(&content) };
        for finding in check_words(&RULES, &subject) {
            if finding.end == 0 {
                continue;
            }
            let field = finding.field.as_deref().unwrap();
            let fields = super::super::text::fields(&facts);
            let (_, at) = fields.iter().find(|(name, _)| name == field).unwrap();
            let words = at.get(finding.start..finding.end);
            prop_assert!(words.is_some(), "{finding:?} in {at:?}");
            prop_assert!(finding.rule == "guarded_secret" || words == Some(finding.words.as_str()));
        }
    }
}
