//! Properties that hold for every input: what is built reads back as it was, and nothing panics.

// A test says that it failed by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use chrono::{Datelike, NaiveDate};
use lotline::barcode::{self, ERRORS, Element, Scheme, WARNINGS, gs1, gtin, hibc, iccbba};
use proptest::prelude::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()
}

/// Lots, serials and the like: GS1 character set 82.
fn texts(max: usize) -> impl Strategy<Value = String> {
    let character = proptest::char::ranges(std::borrow::Cow::Borrowed(&[
        '!'..='"',
        '%'..='/',
        '0'..='9',
        ':'..='?',
        'A'..='Z',
        '_'..='_',
        'a'..='z',
    ]));
    prop::collection::vec(character, 1..=max).prop_map(String::from_iter)
}

fn dates() -> impl Strategy<Value = NaiveDate> {
    // The window of today's century: 2026 - 49 to 2026 + 50.
    (1977..=2076_i32, 1..=366_u32)
        .prop_map(|(year, day)| NaiveDate::from_yo_opt(year, day).or(NaiveDate::from_yo_opt(year, 1)).unwrap())
}

fn yymmdd(date: NaiveDate) -> String {
    format!("{:02}{:02}{:02}", date.year() % 100, date.month(), date.day())
}

fn gtins() -> impl Strategy<Value = String> {
    "[0-9]{13}".prop_map(|digits| {
        let check = gtin::check_digit(&digits).unwrap();
        format!("{digits}{check}")
    })
}

fn element(ai: &str, value: impl Into<String>) -> Element {
    Element { ai: ai.to_owned(), value: value.into() }
}

/// A medical product as a clinic meets it, its elements in any order.
fn products() -> impl Strategy<Value = Vec<Element>> {
    let optional = (
        proptest::option::of(dates()),
        proptest::option::of(dates()),
        proptest::option::of(texts(20)),
        proptest::option::of(texts(20)),
        proptest::option::of(texts(90)),
        proptest::option::of("[0-9]{6}"),
    );
    (gtins(), optional)
        .prop_map(|(gtin, (expiry, made, lot, serial, internal, weight))| {
            let mut elements = vec![element("01", gtin)];
            elements.extend(expiry.map(|date| element("17", yymmdd(date))));
            elements.extend(made.map(|date| element("11", yymmdd(date))));
            elements.extend(lot.map(|lot| element("10", lot)));
            elements.extend(serial.map(|serial| element("21", serial)));
            elements.extend(internal.map(|internal| element("91", internal)));
            elements.extend(weight.map(|weight| element("3103", weight)));
            elements
        })
        .prop_shuffle()
}

/// The elements of HIBC secondary data in each of its forms: with a date or without, lot or serial number, and the
/// supplements that may follow.
fn hibc_secondary() -> impl Strategy<Value = (Vec<Element>, Option<NaiveDate>)> {
    let number = "[A-Z0-9.-]{1,18}";
    let supplements =
        (proptest::option::of(number), proptest::option::of(dates()), proptest::option::of(0..100_000_u32));
    (0..8_usize, any::<bool>(), dates(), 0..24_u32, number, supplements).prop_map(
        |(form, serial, date, hour, number, (more, made, quantity))| {
            let (year, month, day) = (date.year() % 100, date.month(), date.day());
            let (yymmdd, julian) = (yymmdd(date), format!("{year:02}{:03}", date.ordinal()));
            let plus = if serial { "+" } else { "" };
            let month_end = (28..=31).rev().find_map(|day| date.with_day(day)).unwrap();
            let (flag, written, expiry) = match form {
                0 => (format!("$${plus}"), format!("{month:02}{year:02}"), Some(month_end)),
                1 => (format!("${plus}"), String::new(), None),
                2 => (format!("$${plus}2"), format!("{month:02}{day:02}{year:02}"), Some(date)),
                3 => (format!("$${plus}3"), yymmdd, Some(date)),
                4 => (format!("$${plus}4"), format!("{yymmdd}{hour:02}"), Some(date)),
                5 => (format!("$${plus}5"), julian, Some(date)),
                6 => (format!("$${plus}6"), format!("{julian}{hour:02}"), Some(date)),
                _ => (format!("$${plus}7"), String::new(), None),
            };
            let mut elements = vec![element(&flag, format!("{written}{number}"))];
            elements.extend(more.filter(|_| !serial).map(|serial| element("S", serial)));
            elements.extend(made.map(|date| element("16D", date.format("%Y%m%d").to_string())));
            elements.extend(quantity.map(|quantity| element("Q", quantity.to_string())));
            (elements, expiry)
        },
    )
}

/// ICCBBA data structures, each at most once.
fn iccbba_structures() -> impl Strategy<Value = Vec<Element>> {
    let day = (0..1000_u32, 1..=365_u32).prop_map(|(year, day)| format!("{year:03}{day:03}"));
    let time = (day.clone(), 0..24_u32, 0..60_u32).prop_map(|(day, hour, minute)| format!("{day}{hour:02}{minute:02}"));
    let some = |ai: &'static str, value: BoxedStrategy<String>| value.prop_map(move |value| element(ai, value)).boxed();
    let device = prop_oneof![some("=/", "[A-Z0-9]{16}".boxed()), some("=)", "[A-Z0-9]{10}".boxed())];
    let lot = prop_oneof![some("&,1", "[A-Z0-9]{18}".boxed()), some("&)", "[A-Z0-9]{10}".boxed())];
    let expiry = prop_oneof![some("=>", day.clone().boxed()), some("&>", time.clone().boxed())];
    let made = prop_oneof![some("=}", day.boxed()), some("&}", time.boxed())];
    let (serial, donation) = (some("=,", "[A-Z0-9]{6}".boxed()), some("=", "[A-Z0-9]{15}".boxed()));
    let of = |one: BoxedStrategy<Element>| proptest::option::of(one);
    (device, of(lot.boxed()), of(expiry.boxed()), of(made.boxed()), of(serial), of(donation))
        .prop_map(|(device, lot, expiry, made, serial, donation)| {
            [Some(device), lot, expiry, made, serial, donation].into_iter().flatten().collect::<Vec<_>>()
        })
        .prop_shuffle()
}

/// Everything a decode gives is of the forms that the API promises.
fn well_formed(input: &str) {
    match barcode::decode(input, today()) {
        Ok(decoded) => {
            assert!(decoded.warnings.iter().all(|w| WARNINGS.iter().any(|(code, _)| *code == w.code)));
            assert!(decoded.gtin.as_deref().is_none_or(|number| number.len() == 14 && gtin::is_valid(number)));
            assert!(!decoded.elements.is_empty());
            assert!(decoded.scheme == Scheme::Gs1 || decoded.digital_link.is_none());
            for identifier in [&decoded.lot, &decoded.serial].into_iter().flatten() {
                assert!((1..=20).contains(&identifier.len()) && barcode::is_charset_82(identifier));
            }
            if let Some(link) = &decoded.digital_link {
                let again = barcode::decode(link, today()).unwrap();
                assert_eq!(
                    (again.gtin, again.lot, again.expiry, again.serial),
                    (decoded.gtin, decoded.lot, decoded.expiry, decoded.serial)
                );
                assert_eq!(again.digital_link.as_ref(), Some(link), "the canonical link is its own canonical link");
            }
        }
        Err(error) => {
            assert!(ERRORS.iter().any(|(code, _)| *code == error.code));
            assert!(error.position <= input.len() && input.is_char_boundary(error.position), "{error:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn element_string_reads_back(elements in products(), start in prop::sample::select(vec!["]d2", "]C1", "]Q3", "]e0", "]J1", ""])) {
        let built = gs1::element_string::build(&elements, today()).unwrap();
        let decoded = barcode::decode(&format!("{start}{built}"), today()).unwrap();
        prop_assert_eq!(decoded.elements, elements);
    }

    #[test]
    fn stand_ins_read_like_the_separator(elements in products(), stand_in in prop::sample::select(vec!["^", "{GS}", "\\u001d"])) {
        let built = gs1::element_string::build(&elements, today()).unwrap();
        let decoded = barcode::decode(&format!("]d2{}", built.replace('\u{1d}', stand_in)), today()).unwrap();
        prop_assert_eq!(decoded.elements, elements);
    }

    #[test]
    fn bracketed_text_reads_back(elements in products()) {
        let decoded = barcode::decode(&gs1::bracketed::build(&elements), today()).unwrap();
        prop_assert_eq!(decoded.elements, elements);
    }

    #[test]
    fn digital_link_reads_back(elements in products()) {
        let link = gs1::digital_link::build(&elements).unwrap();
        let decoded = barcode::decode(&link, today()).unwrap();
        let sorted = |mut elements: Vec<Element>| {
            elements.sort_by(|a, b| a.ai.cmp(&b.ai));
            elements
        };
        prop_assert_eq!(decoded.digital_link.as_deref(), Some(link.as_str()));
        prop_assert_eq!(sorted(decoded.elements), sorted(elements), "a link puts its elements in an order of its own");
    }

    #[test]
    fn the_facts_are_those_that_were_built(gtin in gtins(), expiry in dates(), lot in texts(20)) {
        let elements = [element("01", gtin.clone()), element("17", yymmdd(expiry)), element("10", lot.clone())];
        let decoded = barcode::decode(&gs1::element_string::build(&elements, today()).unwrap(), today()).unwrap();
        prop_assert_eq!((decoded.gtin.as_ref(), decoded.udi_di.as_ref()), (Some(&gtin), Some(&gtin)));
        prop_assert_eq!((decoded.expiry, decoded.lot), (Some(expiry), Some(lot)));
    }

    #[test]
    fn hibc_reads_back(
        labeler in "[A-Z][A-Z0-9]{3}", product in "[A-Z0-9]{1,18}", unit in "[0-9]", expiry in dates(), made in dates(),
        lot in "[A-Z0-9.-]{1,18}", serial in "[A-Z0-9.-]{1,18}",
    ) {
        let data = format!("+{labeler}{product}{unit}/$$3{}{lot}/S{serial}/16D{}", yymmdd(expiry), made.format("%Y%m%d"));
        let check = hibc::check_character(&data).unwrap();
        let decoded = barcode::decode(&format!("{data}{check}"), today()).unwrap();
        prop_assert_eq!(decoded.udi_di, Some(format!("{labeler}{product}{unit}")));
        prop_assert_eq!((decoded.lot, decoded.serial), (Some(lot), Some(serial)));
        prop_assert_eq!((decoded.expiry, decoded.production_date), (Some(expiry), Some(made)));
    }

    #[test]
    fn hibc_elements_read_back(product in "[A-Z][A-Z0-9]{4,21}[0-9]", (secondary, expiry) in hibc_secondary(), link in "[A-Z0-9 $/+%.-]") {
        let combined = [vec![element("+", product)], secondary.clone()].concat();
        let alone = [secondary, vec![element("link", link)]].concat();
        for elements in [combined, alone] {
            let built = hibc::build(&elements, today()).unwrap();
            let decoded = barcode::decode(&built, today()).unwrap();
            prop_assert_eq!((&decoded.elements, decoded.expiry), (&elements, expiry), "{}", built);
        }
    }

    #[test]
    fn iccbba_elements_read_back(elements in iccbba_structures()) {
        let built = iccbba::build(&elements).unwrap();
        let decoded = barcode::decode(&built, today()).unwrap();
        prop_assert_eq!(&decoded.elements, &elements, "{}", built);
    }

    #[test]
    fn numbers_become_fourteen_digits(body in "[0-9]{13}", (start, digits) in prop::sample::select(vec![("]E0", 13), ("]E4", 8), ("]I1", 14)])) {
        let body = &body[..digits - 1];
        let number = format!("{body}{}", gtin::check_digit(body).unwrap());
        let decoded = barcode::decode(&format!("{start}{number}"), today()).unwrap();
        prop_assert_eq!(decoded.gtin, Some(format!("{number:0>14}")));
    }

    #[test]
    fn iccbba_reads_back(device in "[A-Z0-9]{16}", serial in "[A-Z0-9]{6}", lot in "[A-Z0-9]{18}", year in 2000..=2999_i32, day in 1..=365_u32) {
        let expiry = NaiveDate::from_yo_opt(year, day).unwrap();
        let code = format!("=/{device}=,{serial}=>{:03}{day:03}&,1{lot}", year - 2000);
        let decoded = barcode::decode(&code, today()).unwrap();
        prop_assert_eq!((decoded.udi_di, decoded.serial, decoded.lot, decoded.expiry), (Some(device), Some(serial), Some(lot), Some(expiry)));
    }

    #[test]
    fn one_wrong_digit_of_a_gtin_is_noticed(gtin in gtins(), index in 0..14_usize, other in "[0-9]") {
        let mut wrong = gtin.clone();
        wrong.replace_range(index..=index, &other);
        prop_assert_eq!(gtin::is_valid(&wrong), wrong == gtin);
    }

    #[test]
    fn anything_is_answered(input in any::<String>()) {
        well_formed(&input);
    }

    #[test]
    fn as_much_as_is_taken_is_answered(
        start in prop::sample::select(vec!["", "]d2", "(01)09520123456788", "https://a/01/09520123456788", "+A99912345/$", "=/", "]E0"]),
        repeated in prop::sample::select(vec![
            "1", "11261031", "91A^", "(91)A", "(91)\\(", "\\(", "^", "{GS}", "{", "/10/A", "?91=A", "&91=A", "&a=b", "%41", "/S1", "/Q1", "=,000025", "é", "A",
        ]),
    ) {
        let room = barcode::MAX_INPUT - start.len();
        well_formed(&format!("{start}{}", repeated.repeat(room / repeated.len())));
    }

    #[test]
    fn anything_that_looks_like_a_code_is_answered(
        start in prop::sample::select(vec!["]d2", "]E0", "]Q1https://a/01/", "(01)", "https://id.gs1.org/", "+", "=", "&", "+A99912345/$$", "01", ""]),
        parts in prop::collection::vec(prop::sample::select(vec![
            "09520123456788", "01", "10", "17", "261031", "270200", "21", "7003", "LOT", "^", "{GS}", "\u{1d}", "(", ")", "\\", "/", "?", "&", "=",
            "%", "%41", "+", "$$", "$", "S", "16D", "20260131", "3103", "235", "91", "|]e0", "é", "\u{0}", "0", "9", "{", "#",
        ]), 0..12),
    ) {
        well_formed(&format!("{start}{}", parts.concat()));
        let code = format!("+A99912345/{}", parts.concat());
        if let Some(check) = hibc::check_character(&code) {
            well_formed(&format!("{code}{check}"));
        }
    }
}
