use proptest::prelude::*;

use super::*;

fn person() -> Person {
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    Person {
        attributes: owned(&[
            ("country", "DE"),
            ("plan", "business"),
            ("age", "9"),
            ("city", "Hamburg"),
            ("empty", ""),
            ("since", "2019-04-01"),
            ("locale", "de"),
        ]),
        tags: ["vip".to_owned()].into(),
        components: ["Payments".to_owned()].into(),
        ..Person::default()
    }
}

#[test]
fn each_condition_means_what_the_table_says() {
    for (text, expected) in [
        ("everyone", true),
        ("country = \"DE\"", true),
        ("country = \"de\"", false),
        ("country != \"DE\"", false),
        ("age < 10", true),
        ("age < \"10\"", false),
        ("age >= 9.0", true),
        ("age > 9", false),
        ("age <= 8.5", false),
        ("since < \"2020-01-01\"", true),
        ("plan in (\"free\", \"business\")", true),
        ("not plan in (\"free\", \"trial\")", true),
        ("age in (1, 9)", true),
        ("city contains \"BURG\"", true),
        ("city contains \"berg\"", false),
        ("has empty", true),
        ("has phone", false),
        ("tag \"vip\"", true),
        ("tag \"VIP\"", false),
        ("component \"Payments\"", true),
        ("component \"Pay\"", false),
        ("locale = \"de\"", true),
        ("tag \"no\" or country = \"DE\" and tag \"vip\"", true),
        ("(tag \"vip\" or country = \"DE\") and tag \"no\"", false),
        ("NOT everyone OR Everyone", true),
    ] {
        assert_eq!(parse(text).unwrap().matches(&person()), expected, "{text}");
    }
}

#[test]
fn a_missing_attribute_only_differs() {
    for operator in ["=", "<", "<=", ">", ">="] {
        assert!(!parse(&format!("phone {operator} \"1\"")).unwrap().matches(&person()), "{operator}");
        assert!(!parse(&format!("country {operator} 1")).unwrap().matches(&person()), "{operator} on text");
    }
    assert!(parse("phone != \"1\"").unwrap().matches(&person()));
    assert!(parse("country != 1").unwrap().matches(&person()));
    assert!(!parse("phone in (\"\")").unwrap().matches(&person()));
    assert!(!parse("phone contains \"\"").unwrap().matches(&person()));
}

#[test]
fn errors_say_where_and_how_to_mend_it() {
    for (text, expected) in [
        ("country == \"DE\"", "unknown operator `==` at 8: write `=`"),
        ("a = 1 && b = 2", "unknown operator `&&` at 6: write `and`"),
        ("a = 'DE'", "unexpected `'` at 4: put text in straight double quotes: \"DE\""),
        ("a = “DE”", "unexpected `“` at 4: put text in straight double quotes: \"DE\""),
        ("a = DE", "`DE` in place of a text or a number at 4: put text in quotes: \"DE\""),
        (
            "a = 2024-05-01",
            "unreadable number `2024-05-01` at 4: write it like 18 or -2.5, or put text in quotes: \"2024-05-01\"",
        ),
        ("a = \"DE", "text without an end at 4: close it with `\"`"),
        ("a = \"\\n\"", "lone backslash at 5: write `\\\\` for a backslash and `\\\"` for a quote"),
        ("", "the end in place of a condition at 0: write one such as country = \"DE\", tag \"vip\" or everyone"),
        (
            "country",
            "the end in place of =, !=, <, <=, >, >=, `in` or `contains` at 7: compare it: country = \"…\", or ask \
             whether it is there: has country",
        ),
        ("has a has b", "`has` in place of `and`, `or` or the end at 6: join two conditions with `and` or `or`"),
        ("(has a", "the end in place of `)` at 6: close the parenthesis, or join two conditions with `and` or `or`"),
        ("tag vip", "`vip` in place of a text in quotes at 4: write the tag in quotes: tag \"vip\""),
        ("a in ()", "`)` in place of a text or a number at 6: write a text in quotes, or a number"),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn length_and_depth_are_limited() {
    let nested = |depth: usize| format!("{}everyone{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(parse(&nested(MAX_DEPTH)).unwrap(), Filter::Everyone);
    assert_eq!(parse(&nested(MAX_DEPTH + 1)).unwrap_err().problem, "filter nested too deep");
    assert_eq!(parse(&format!("{}everyone", "not ".repeat(1000))).unwrap_err().problem, "filter nested too deep");
    let padded = |length: usize| format!("everyone{}", " ".repeat(length - 8));
    assert_eq!(parse(&padded(MAX_LENGTH)).unwrap(), Filter::Everyone);
    assert_eq!(parse(&padded(MAX_LENGTH + 1)).unwrap_err().problem, "filter too long");
    // Fits as written, but not once its spaces are put in.
    let dense = "a=1".to_owned() + &" or a=1".repeat(580);
    assert!(dense.len() < MAX_LENGTH);
    assert_eq!(parse(&dense).unwrap_err().problem, "filter too long");
    assert!(parse(&format!("a = 1{}", "0".repeat(400))).is_err(), "a number must be finite");
}

fn a_name() -> impl Strategy<Value = String> {
    "[A-Za-z_][A-Za-z0-9_.-]{0,8}".prop_filter("a word of the language", |name| parse(&format!("has {name}")).is_ok())
}

fn a_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{0,12}".prop_map(Value::Text),
        (-1e9f64..1e9).prop_map(Value::Number),
        (-50i32..50).prop_map(|number| Value::Number(number.into())),
    ]
}

fn a_filter() -> impl Strategy<Value = Filter> {
    let operator = prop::sample::select(vec![
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
    ]);
    let leaf = prop_oneof![
        Just(Filter::Everyone),
        (a_name(), operator, a_value()).prop_map(|(attribute, operator, value)| Filter::Compare {
            attribute,
            operator,
            value
        }),
        (a_name(), prop::collection::vec(a_value(), 1..4))
            .prop_map(|(attribute, values)| Filter::OneOf { attribute, values }),
        (a_name(), "\\PC{0,12}").prop_map(|(attribute, text)| Filter::Contains { attribute, text }),
        a_name().prop_map(Filter::Has),
        "\\PC{0,12}".prop_map(Filter::Tag),
        "[\"\\\\a\n]{0,6}".prop_map(Filter::Component),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|filter| Filter::Not(Box::new(filter))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Filter::all),
            prop::collection::vec(inner, 1..4).prop_map(Filter::any),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same(filter in a_filter()) {
        let printed = filter.to_string();
        prop_assume!(printed.len() <= MAX_LENGTH);
        prop_assert_eq!(parse(&printed), Ok(filter));
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        if let Err(error) = parse(&text) {
            prop_assert!(error.position <= text.len().max(MAX_LENGTH));
        }
    }

    #[test]
    fn no_heap_of_its_own_words_makes_it_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "and", "or", "not", "in", "contains", "has", "tag", "everyone", "(", ")", ",", "=", "!=", "==", "a",
                "\"", "\\", "1", "-", "é", "'",
            ]),
            0..40,
        ),
        glue in prop::sample::select(vec!["", " "]),
    ) {
        let text = words.join(glue);
        if let Err(error) = parse(&text) {
            prop_assert!(text.is_char_boundary(error.position.min(text.len())));
        }
    }
}
