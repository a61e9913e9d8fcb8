use futures_util::stream;
use proptest::prelude::*;

use super::*;
use crate::world::{SystemClock, SystemRandom};

/// Everything that an importer makes of a file that arrives in pieces of `piece` bytes.
fn imported(file: &[u8], piece: usize) -> Result<Importer, String> {
    imported_at(None, file, piece)
}

/// The same, where numbers that name no country are of this one.
fn imported_at(home: Option<&str>, file: &[u8], piece: usize) -> Result<Importer, String> {
    let mut importer = Importer::new(home);
    file.chunks(piece).try_for_each(|bytes| importer.push(bytes))?;
    importer.finish()?;
    Ok(importer)
}

fn ids(importer: &Importer) -> Vec<&str> {
    importer.recipients.iter().map(|recipient| recipient.customer_id.as_str()).collect()
}

fn bad_lines(importer: &Importer) -> Vec<u64> {
    importer.summary.bad_lines.iter().map(|bad| bad.line).collect()
}

fn refusal(file: &str) -> String {
    imported(file.as_bytes(), 7).err().unwrap()
}

#[test]
fn every_column_has_its_meaning() {
    let file = "Customer ID,name,Locale,time_zone,email,phone,tags,components,plan,\r\n\
                c-1,\"Jo \"\"J\"\" Doe\",de,Europe/Berlin,jo@EXAMPLE.org,+44 20 7183 8750,vip; eu;vip,Payments,=1+1,\r\n";
    let importer = imported(file.as_bytes(), 3).unwrap();
    let recipient = &importer.recipients[0];
    assert_eq!((recipient.name.as_str(), recipient.locale.as_str()), ("Jo \"J\" Doe", "de"));
    let addresses: Vec<_> = recipient.addresses.iter().map(|address| address.value.as_str()).collect();
    assert_eq!(addresses, ["jo@example.org", "+442071838750"]);
    assert_eq!(
        (recipient.tags.as_slice(), recipient.components.len()),
        (["eu".to_owned(), "vip".to_owned()].as_slice(), 1)
    );
    assert_eq!(recipient.attributes["plan"], "=1+1", "a formula is data");
    assert_eq!((importer.summary.good, importer.summary.bad), (1, 0));
}

#[test]
fn files_of_spreadsheets_are_read() {
    let plain = "customer_id,name\r\nc-1,Jörg\r\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2]| {
        let units = std::iter::once(0xfeff).chain(plain.encode_utf16());
        units.flat_map(bytes).collect::<Vec<u8>>()
    };
    let files = [
        plain.as_bytes().to_vec(),
        format!("\u{feff}{plain}").into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        plain.replace(',', ";").into_bytes(),
        plain.replace(',', "\t").into_bytes(),
        plain.replace("\r\n", "\r").into_bytes(),
        plain.trim_end().as_bytes().to_vec(),
    ];
    for (file, piece) in files.iter().flat_map(|file| [1, 2, 5, 4096].map(|piece| (file, piece))) {
        let importer = imported(file, piece).unwrap();
        assert_eq!(importer.recipients[0].name, "Jörg", "{file:?} in pieces of {piece}");
    }
}

#[test]
fn numbers_are_read_as_at_home_or_refused_with_the_way_to_mend_it() {
    let file = "customer_id,phone\nc-1,0664 123 4567\nc-2,+44 (0)20 7946 0000\nc-3,+43 1 23\nc-4,0043/664-1234567\n";
    let at_home = imported_at(Some("AT"), file.as_bytes(), 7).unwrap();
    let numbers: Vec<&str> = at_home.recipients.iter().map(|person| person.addresses[0].value.as_str()).collect();
    assert_eq!(numbers, ["+436641234567", "+442079460000", "+436641234567"]);
    let reason = &at_home.summary.bad_lines[0].reason;
    assert!(reason.starts_with("phone is too short for Austria") && !reason.contains("1 23"), "{reason}");
    let abroad = imported(file.as_bytes(), 7).unwrap();
    assert_eq!((ids(&abroad), bad_lines(&abroad)), (vec!["c-2", "c-4"], vec![2, 4]));
    assert!(abroad.summary.bad_lines[0].reason.contains("set default_country of [sms]"), "{:?}", abroad.summary);
}

#[test]
fn a_bad_line_is_named_and_the_others_go_on() {
    let long = "x".repeat(record::MAX_RECORD + 1);
    let wide = ",".repeat(record::MAX_COLUMNS + 1);
    let lines: [&[u8]; 12] = [
        b"customer_id,email,phone",
        b"c-1,jo@example.org,",
        b"c-2,not an address,",
        b"c-3,,020 7183 8750",
        b"c-4,J\xf6rg@example.org,",
        b"c-5,jo@example.org",
        b",jo@example.org,",
        long.as_bytes(),
        wide.as_bytes(),
        b"c-1,other@example.org,",
        b"c-1,jo@example.org,",
        b"c-6,\"jo@example.org\n\",",
    ];
    let importer = imported(&[lines.join(&b'\n'), b"c-7,jo@example.org,\n".to_vec()].join(&b'\n'), 1000).unwrap();
    assert_eq!(bad_lines(&importer), [3, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(ids(&importer), ["c-1", "c-6", "c-7"], "line breaks around an address are white space");
    assert_eq!(importer.summary.good, 4, "a repeated line that says the same is good");
    assert_eq!(importer.kept, ["c-2", "c-3", "c-4", "c-5"]);
    let reasons: Vec<_> = importer.summary.bad_lines.iter().map(|bad| bad.reason.as_str()).collect();
    assert_eq!(reasons[2], "not UTF-8; save the file as CSV UTF-8");
    assert!(reasons[0].starts_with("email is no") && reasons[1].starts_with("phone names no country"), "{reasons:?}");
    assert!(reasons[7].contains("already"), "{}", reasons[7]);
    assert!(
        !reasons.iter().any(|reason| reason.contains("020 7183") || reason.contains("not an")),
        "no address in a reason"
    );
}

#[test]
fn lines_are_counted_through_quoted_line_breaks_and_blank_lines() {
    let importer = imported(b"customer_id,note\n\n\"c-1\",x\nc-2,\"a\nb\"\n\nc-3\n", 4).unwrap();
    assert_eq!((ids(&importer), bad_lines(&importer)), (vec!["c-1"], vec![4, 7]));
}

#[test]
fn an_unusable_header_is_refused_with_the_way_to_mend_it() {
    for (file, named) in [
        ("", "the file is empty"),
        ("name,email\nJo,jo@example.org\n", "customer_id"),
        ("customer_id,plan,plan\n", "\"plan\" twice"),
        ("customer_id,and\n", "column 2"),
        ("customer_id,\"pl\nan\"\n", "column 2"),
        ("customer_id,\"plan\n", "never closes"),
        ("c\0u\0s\0t\0", "save it as CSV UTF-8"),
    ] {
        assert!(refusal(file).contains(named), "{file:?}: {}", refusal(file));
    }
    let wide: Vec<String> = (0..10_000).map(|place| format!("a{place}")).collect();
    assert!(refusal(&format!("customer_id,{}\n", wide.join(","))).contains("1,000 columns"));
    assert!(refusal(&"x".repeat(1 << 20)).contains("64 KiB"));
}

#[test]
fn only_the_first_bad_lines_are_kept() {
    let mut file = b"customer_id\n".to_vec();
    file.extend(b"a,b\n".repeat(MAX_BAD_LINES + 5));
    let summary = imported(&file, 4096).unwrap().summary;
    assert_eq!((summary.bad_lines.len(), summary.more_bad, summary.bad), (MAX_BAD_LINES, 5, 10_005));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(file in prop::collection::vec(any::<u8>(), 0..2000), piece in 1_usize..64) {
        let _ = imported(&file, piece);
        let mut named = b"customer_id,name\n".to_vec();
        named.extend(&file);
        let _ = imported(&named, piece);
    }

    #[test]
    fn good_lines_arrive_whatever_stands_beside_them(
        others in prop::collection::vec(prop::collection::vec(any::<u8>().prop_filter("", |b| *b != b'"'), 0..80), 1..20),
        piece in 1_usize..64,
    ) {
        let mut file = b"customer_id,name,email\n".to_vec();
        for (place, other) in others.iter().enumerate() {
            file.extend(format!("good-{place},Jo,jo@example.org\n").bytes().chain(other.iter().copied()).chain([b'\n']));
        }
        let importer = imported(&file, piece).unwrap();
        for place in 0..others.len() {
            let wanted = format!("good-{place}");
            prop_assert!(ids(&importer).contains(&wanted.as_str()));
        }
        let whole = imported(&file, file.len()).unwrap();
        prop_assert_eq!(importer.summary, whole.summary, "pieces change nothing");
    }
}

/// A store, and what importing these pieces into it comes to.
struct Place {
    _directory: tempfile::TempDir,
    store: Store,
}

impl Place {
    async fn new() -> Place {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("onevoice.db"), &SystemRandom).await.unwrap();
        Place { _directory: directory, store }
    }

    async fn import(&self, pieces: Vec<io::Result<Bytes>>, replace: bool) -> Result<ImportSummary, Problem> {
        write(&self.store, &SystemClock, "operator", stream::iter(pieces), replace, BESIDE_SENDING, None).await
    }

    async fn import_text(&self, file: &'static str, replace: bool) -> Result<ImportSummary, Problem> {
        self.import(vec![Ok(Bytes::from_static(file.as_bytes()))], replace).await
    }

    async fn count(&self) -> i64 {
        self.store.recipient_count().await.unwrap()
    }
}

#[tokio::test]
async fn replacing_removes_only_whom_the_file_does_not_name() {
    let place = Place::new().await;
    place.import_text("customer_id,phone\na,\nb,+442071838750\nc,\n", false).await.unwrap();
    let summary = place.import_text("customer_id,phone\na,\nb,not a number\n", true).await.unwrap();
    assert_eq!((summary.good, summary.bad, summary.removed), (1, 1, 1));
    let kept = place.store.recipient("b").await.unwrap();
    assert_eq!(kept.recipient.addresses[0].value, "+442071838750", "a mistyped number costs nobody their place");
    assert!(place.store.recipient("c").await.is_err());
}

#[tokio::test]
async fn nobody_is_removed_by_a_file_that_is_empty_bad_or_cut_short() {
    let place = Place::new().await;
    place.import_text("customer_id,name\na,\nb,\n", false).await.unwrap();
    let whole = Bytes::from_static(b"customer_id,name\na,Jo\n");
    let files = [
        vec![],
        vec![Ok(Bytes::from_static(b"customer_id,name\n"))],
        vec![Ok(Bytes::from_static(b"customer_id,name\nx\ny\n"))],
        vec![Ok(whole.clone()), Err(io::Error::other("the connection broke"))],
        vec![Ok(whole), Ok(Bytes::from_static(b"c,\"Jo\nb,\n"))],
    ];
    for file in files {
        assert!(place.import(file, true).await.is_err());
        assert_eq!(place.count().await, 2);
    }
}

#[tokio::test]
async fn more_lines_than_a_batch_arrive_once_each() {
    let place = Place::new().await;
    let file: String = std::iter::once("customer_id,email\n".to_owned())
        .chain((0..5_000).map(|place| format!("c-{},c{0}@example.org\n", place % 3_500)))
        .collect();
    let pieces = file.as_bytes().chunks(40_000).map(|bytes| Ok(Bytes::copy_from_slice(bytes))).collect();
    let summary = place.import(pieces, true).await.unwrap();
    assert_eq!((summary.good, summary.bad, place.count().await), (5_000, 0, 3_500));
}
