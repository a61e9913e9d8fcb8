//! Reports as servers write them, and whatever else may come.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;

fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| Rules::load(None).unwrap())
}

fn said(mail: &str, from_nobody: bool) -> Said {
    read(mail.replace('\n', "\r\n").as_bytes(), from_nobody, rules())
}

/// A report about these recipients.
fn report(blocks: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.test\nTo: bounces@sender.test\nSubject: Undelivered\nAuto-Submitted: auto-replied\n\
         MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nSorry.\n\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.test\nArrival-Date: Sat, 21 Nov 2026 10:51:00 +0000\n\n{blocks}\n\n\
         --b\nContent-Type: message/rfc822\n\nFrom: a@sender.test\nSubject: update\n\nText 5.1.1\n\n--b--\n"
    )
}

fn block(action: &str, status: &str, diagnostic: &str) -> String {
    format!("Final-Recipient: rfc822; a@x.test\nAction: {action}\nStatus: {status}\nDiagnostic-Code: {diagnostic}\n")
}

#[test]
fn a_report_is_its_action_and_its_code() {
    let failed = |reason| Said::Report(Some(ReceiptWord::Failed(reason)));
    for (action, status, diagnostic, expected) in [
        ("failed", "5.1.1", "x-postfix; unknown user: \"a\"", failed(Reason::NoSuchAddress)),
        ("Failed", "5.2.2", "x-postfix; mailbox is full", failed(Reason::MailboxFull)),
        ("failed", "5.7.1", "smtp; 550 5.7.1\n  blocked by policy", failed(Reason::Blocked)),
        ("failed", "5.0.0", "smtp; 550 5.1.1 go away", failed(Reason::NoSuchAddress)),
        ("failed", "5.9.9", "", failed(Reason::Undelivered)),
        ("failed", "nonsense", "", failed(Reason::Undelivered)),
        ("failed", "4.4.7", "smtp; expired", failed(Reason::Expired)),
        ("delayed", "4.2.1", "", Said::Report(None)),
        ("relayed", "2.0.0", "", Said::Report(None)),
        ("expanded", "2.0.0", "", Said::Report(None)),
        ("delivered", "2.0.0", "", Said::Report(Some(ReceiptWord::Delivered))),
    ] {
        assert_eq!(said(&report(&block(action, status, diagnostic)), true), expected, "{action} {status} {diagnostic}");
    }
    let both = format!("{}\n{}", block("failed", "5.1.1", ""), block("delivered", "2.0.0", ""));
    assert_eq!(said(&report(&both), true), Said::Report(Some(ReceiptWord::Delivered)));
    assert_eq!(said(&report(""), true), Said::Report(None));
}

#[test]
fn a_bounce_in_words_counts_where_a_rule_knows_them() {
    let mail = |from: &str, text: &str| format!("From: {from}\nTo: b@sender.test\nSubject: failure notice\n\n{text}\n");
    let unknown = "Hi. This is the qmail-send program.\n<a@x.test>:\n550 5.1.1 user unknown";
    assert_eq!(
        said(&mail("MAILER-DAEMON@x.test", unknown), false),
        Said::Report(Some(ReceiptWord::Failed(Reason::NoSuchAddress)))
    );
    assert_eq!(said(&mail("server@x.test", unknown), true), said(&mail("postmaster@x.test", unknown), true));
    assert_eq!(said(&mail("MAILER-DAEMON@x.test", "it did not work"), true), Said::Nothing);
    assert_eq!(said(&mail("MAILER-DAEMON@x.test", "451 4.2.2 mailbox full, trying on"), true), Said::Nothing);
    assert_eq!(said(&mail("ana@x.test", unknown), false), Said::Words, "a person may quote a bounce");
}

#[test]
fn answers_of_machines_say_nothing() {
    for header in [
        "Auto-Submitted: auto-replied",
        "X-Autoreply: yes",
        "Precedence: bulk",
        "Subject: =?utf-8?q?Abwesenheitsnotiz=3A_St=C3=B6rung?=",
        "Subject: Out of Office: 550 5.1.1 user unknown",
        "List-Id: <a.b>",
    ] {
        for from_nobody in [true, false] {
            let mail = format!("From: Ana <ana@x.test>\n{header}\n\nI am away until 5.1.1. No such user here.\n");
            assert_eq!(said(&mail, from_nobody), Said::Nothing, "{header}");
        }
    }
    assert_eq!(said("From: ana@x.test\nAuto-Submitted: no\nSubject: Re: update\n\nThank you!\n", false), Said::Words);
}

#[test]
fn a_complaint_names_the_delivery_by_what_we_wrote_into_it() {
    let token = "0123456789abcdef0123456789abcdef";
    let mail = |kind: &str| {
        format!(
            "From: fbl@isp.test\nTo: status@sender.test\nSubject: FW: update\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\n\
             This is an email abuse report.\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\n\
             User-Agent: SomeGenerator/1.0\nVersion: 1\n\n--b\nContent-Type: message/rfc822\n\nFrom: a@sender.test\n\
             List-Unsubscribe: <https://status.acme.example/u/{token}>\nSubject: update\n\nText\n\n--b--\n"
        )
    };
    assert_eq!(said(&mail("abuse"), false), Said::Complaint(vec![token.to_owned()]));
    for kind in ["not-spam", "auth-failure", ""] {
        assert_eq!(said(&mail(kind), false), Said::Nothing, "{kind}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), from_nobody: bool) {
        read(&bytes, from_nobody, rules());
    }

    /// The more it looks like a report, the further in it gets.
    #[test]
    fn no_report_makes_it_panic(lines in prop::collection::vec(prop_oneof![
        "(Action|Status|Diagnostic-Code|Final-Recipient|Feedback-Type): \\PC{0,40}",
        Just("--b".to_owned()), Just("--b--".to_owned()), Just(String::new()), "[ \t]\\PC{0,10}",
        Just("Content-Type: message/delivery-status".to_owned()),
        Just("Content-Type: message/feedback-report".to_owned()),
        Just("Content-Type: message/rfc822".to_owned()),
        Just("Content-Type: multipart/report; boundary=b".to_owned()),
        Just("Content-Transfer-Encoding: base64".to_owned()),
    ], 0..40)) {
        read(report(&lines.join("\n")).as_bytes(), true, rules());
        read(lines.join("\r\n").as_bytes(), true, rules());
    }

    #[test]
    fn a_code_is_one_that_the_standard_has(text in "\\PC{0,60}") {
        if let Some(code) = code(&text) {
            let parts: Vec<u32> = code.split('.').map(|part| part.parse().unwrap()).collect();
            prop_assert!(parts.len() == 3 && [2, 4, 5].contains(&parts[0]) && parts[1] < 1000 && parts[2] < 1000);
        }
    }
}
