//! A console in another language: every page speaks it, whoever wrote the sentence.

use super::*;

#[tokio::test]
async fn an_address_without_a_page_says_so_and_leads_back() {
    let site = Site::new().await;
    let vera = site.sign_in("vera").await;
    for place in ["/console/nowhere", "/console/updates/1/nowhere", "/console/sign-in/nowhere"] {
        let page = site.get(Some(&vera), place).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{place}");
        assert!(page.text.contains("no page at this address") && page.text.contains("href=\"/console\""), "{place}");
        assert_eq!(
            site.get(None, place).await.status,
            StatusCode::SEE_OTHER,
            "{place}: a stranger is asked to sign in"
        );
    }
}

/// The English catalogue with every letter of its sentences wide, as "Ｎｏｗ": what stays narrow on a page is data, or a
/// sentence that no other language can have.
fn wide(catalogue: &str) -> String {
    let letter = |c: char| match c {
        'a'..='z' | 'A'..='Z' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
        c => c,
    };
    let mut whole = String::new();
    for line in catalogue.lines() {
        let sentence = !line.starts_with('#') && !line.starts_with("direction");
        let start = match line.trim_start().starts_with(['[', '*']) {
            true => line.find(']').map_or(0, |at| at + 1),
            false if line.starts_with(' ') || line.starts_with('}') => 0,
            false => line.find('=').map_or(line.len(), |at| at + 1),
        };
        whole.push_str(&line[..start]);
        let (mut code, mut mark) = (0, false);
        for c in line[start..].chars() {
            match c {
                '{' => code += 1,
                '<' => mark = true,
                _ => {}
            }
            whole.push(if sentence && code == 0 && !mark { letter(c) } else { c });
            match c {
                '}' if code > 0 => code -= 1,
                '>' => mark = false,
                _ => {}
            }
        }
        whole.push('\n');
    }
    whole
}

/// What a reader sees or hears of a page.
fn shown(page: &str) -> String {
    let tag = regex::Regex::new(r"(?s)<[^>]*>").unwrap();
    let heard = regex::Regex::new(
        r#"(?:aria-label|placeholder|title|alt|data-saved|data-failed|data-conflict|data-signed-out|data-lost|data-unread)="([^"]*)""#,
    )
    .unwrap();
    let mut text = tag.replace_all(page, " ").into_owned();
    for said in heard.captures_iter(page) {
        text.push(' ');
        text.push_str(&said[1]);
    }
    text
}
