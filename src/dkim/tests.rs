//! The standard's own vectors. That others verify what is signed here is tested against them, in `tests/mail/`.

use super::*;

/// The key of RFC 8463, appendix A.2, in PKCS #8.
pub(crate) const ED25519: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

const MAIL: &str = "From: Joe SixPack <joe@football.example.com>\r\n\
    To: Suzie Q <suzie@shopping.example.net>\r\n\
    Subject: Is dinner ready?\r\n\
    Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
    Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\
    \r\n\
    Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

fn key() -> Key {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    std::fs::write(&path, ED25519).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    Key::read(&path).unwrap()
}

fn signer() -> Signer {
    Signer { domain: "football.example.com".into(), selector: "brisbane".into(), key: key() }
}

/// Ed25519 has one signature for a message, so the appendix A.3 tells whether we hash what it hashes.
#[test]
fn the_signature_of_the_standard() {
    let line = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n \
        q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n \
        bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
    let (head, body) = canonical::parts(MAIL.as_bytes());
    assert_eq!(
        BASE64_STANDARD.encode(Sha256::digest(canonical::body(body))),
        "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
    );
    let (_, mut hashed) = covered(&canonical::fields(head));
    canonical::field(line.as_bytes(), &mut hashed);
    assert_eq!(
        BASE64_STANDARD.encode(key().sign(&hashed)),
        "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
    );
    assert_eq!(key().record(), "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
}

#[test]
fn what_is_there_is_signed_and_from_once_more() {
    let mail = MAIL.replacen("Subject", "X-Other: 1\r\nSubject: first\r\nFeedback-ID: a:b\r\nsubject", 1);
    let signed = String::from_utf8(signed(&[signer(), signer()], mail.as_bytes(), Timestamp::UNIX_EPOCH)).unwrap();
    assert!(signed.ends_with(&mail));
    let lines = &signed[..signed.len() - mail.len()];
    assert_eq!(
        lines.matches("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=football.example.com").count(),
        2
    );
    let names = "h=from:to:subject:subject:date:message-id:\r\n\tfeedback-id:from;";
    assert_eq!(lines.matches(names).count(), 2, "{lines}");
    assert!(lines.split("\r\n").all(|line| line.len() < 100), "{lines}");
}

#[tokio::test]
async fn without_a_key_and_other_than_mail_nothing_changes() {
    use onevoice_channels::contract::{Channel, DeliveryId};
    let parcel = |content| Parcel {
        id: DeliveryId { broadcast: 1, channel: Channel::Email, ordinal: 0 },
        token: String::new(),
        attempt: 0,
        to: String::new(),
        locale: String::new(),
        started_at: Timestamp::UNIX_EPOCH,
        content,
        thread: None,
    };
    let mail = || parcel(Content::Mail { envelope_from: String::new(), raw: MAIL.into() });
    let raw = |parcel: &Parcel| match &parcel.content {
        Content::Mail { raw, .. } => raw.clone(),
        _ => panic!("a mail"),
    };
    let mut unsigned = mail();
    assert!(Signers::new(vec![]).sign(&mut unsigned, Timestamp::UNIX_EPOCH).await);
    assert_eq!(raw(&unsigned), MAIL);
    let signers = Signers::new(vec![signer()]);
    let (mut signed, mut post) = (mail(), parcel(Content::Post { parts: vec!["a".into()] }));
    assert!(
        signers.sign(&mut signed, Timestamp::UNIX_EPOCH).await && signers.sign(&mut post, Timestamp::UNIX_EPOCH).await
    );
    assert!(raw(&signed).starts_with(b"DKIM-Signature: "));
}
