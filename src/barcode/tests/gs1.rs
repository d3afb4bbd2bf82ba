//! GS1: where each input goes, and what is read from it.

use super::*;

#[test]
fn the_start_decides() {
    // ISO/IEC 15424 symbology identifiers and first characters, as DOMAIN.md lists them.
    for start in ["", "]d2", "]C1", "]Q3", "]e0", "]J1"] {
        assert_eq!(read(&format!("{start}0109520123456788")).gtin.as_deref(), Some("09520123456788"), "{start}");
    }
    for start in ["", "]d1", "]Q1", "]J0", "]C0"] {
        let link = format!("{start}https://id.gs1.org/01/09520123456788");
        assert_eq!(read(&link).gtin.as_deref(), Some("09520123456788"), "{start}");
        assert_eq!(read(&format!("{start}+A123BJC5D6E71G")).scheme, Scheme::Hibc, "{start}");
        assert_eq!(read(&format!("{start}=/A9999XYZ100T0944")).scheme, Scheme::Iccbba, "{start}");
    }
    assert_eq!(read("]A0+A123BJC5D6E71G").scheme, Scheme::Hibc);
    // EAN-13 and EAN-8 of the syntax engine's suite, and a case code.
    assert_eq!(read("]E02112345678900").gtin.as_deref(), Some("02112345678900"));
    assert_eq!(read("]E402345673").gtin.as_deref(), Some("00000002345673"));
    assert_eq!(read("]I119520123456785").gtin.as_deref(), Some("19520123456785"));

    let refused = [
        ("", "empty", 0),
        ("]d2", "empty", 3),
        ("^", "empty", 0),
        ("]", "symbology_unsupported", 0),
        ("]XX1234", "symbology_unsupported", 0),
        ("]Q1TESTING", "unsupported", 3),
        ("]d10109520123456788", "unsupported", 3),
        ("]d1", "unsupported", 3),
        ("TESTING", "format_unknown", 0),
        (" 0109520123456788", "format_unknown", 0),
        ("HtTps://id.gs1.org/01/09520123456788", "format_unknown", 0),
        ("01095201é", "character_not_allowed", 8),
        ("0109520123456788\t", "control_character", 16),
        ("]E0123456789012", "ean_length", 3),
        ("]E01234ABC890123", "character_not_allowed", 7),
        ("]E02112345678901", "check_digit", 15),
        ("]E402345674", "check_digit", 10),
        ("]E402345673|99X", "symbology_unsupported", 12),
    ];
    for (input, code, position) in refused {
        assert_eq!(refusal(input), (code, position), "{input}");
    }
    assert_eq!(refusal(&"1".repeat(MAX_INPUT + 1)).0, "too_long");
    assert_eq!(decode_bytes(b"01\xff", today()).unwrap_err().position, 2);
}

#[test]
fn element_strings() {
    let rows = [
        // What the elements are, written `ai=value`; the rule.
        ("0109520123456788172610311OLOT", "", "an unknown AI stops it"),
        ("01095201234567881726103110LOT", "01=09520123456788 17=261031 10=LOT", "predefined lengths need no separator"),
        ("010952012345678810LOT\u{1d}17261031", "01=09520123456788 10=LOT 17=261031", "a lot does"),
        (
            "0109520123456788\u{1d}17261031\u{1d}",
            "01=09520123456788 17=261031",
            "one where none is needed, one at the end",
        ),
        ("010952012345678810LOT17261031", "01=09520123456788 10=LOT17261031", "a missing one swallows what follows"),
        ("0109520123456788700326103114301", "", "7003 has a fixed format, but not a predefined length"),
        ("01095201234567887003261031143010L", "", "so that it needs a separator"),
        ("010952012345678870032610311430^10L", "01=09520123456788 7003=2610311430 10=L", "and here it has one"),
        (
            "01095201234567880109520123456788",
            "01=09520123456788 01=09520123456788",
            "a repeated element with the same value",
        ),
    ];
    for (input, expected, rule) in rows {
        let found = decode(input, today()).map(|decoded| {
            let pairs: Vec<String> = decoded.elements.iter().map(|e| format!("{}={}", e.ai, e.value)).collect();
            pairs.join(" ")
        });
        assert_eq!(found.unwrap_or_default(), expected, "{rule}: {input}");
    }
    let refused = [
        ("99", "value_empty", 2),
        ("0109520123456789", "check_digit", 15),
        ("01095201234567", "value_too_short", 14),
        ("0109520123456788^89X", "ai_unknown", 17),
        ("0109520123456788171^", "value_too_short", 19),
        ("010952012345678810ABCDEFGHIJKLMNOPQRSTU", "value_too_long", 38),
        ("]d210LOT", "ai_required", 3),
        ("010952012345678810A^10B", "ai_repeated", 20),
        ("(01)09520123456788(21)A(235)B", "ai_excluded", 18),
    ];
    for (input, code, position) in refused {
        assert_eq!(refusal(input), (code, position), "{input}");
    }
    assert_eq!(refusal(&"0109520123456788".repeat(65)), ("too_many_elements", 64 * 16));
}

#[test]
fn separators() {
    assert_eq!(warned("^0109520123456788"), ["leading_separator"]);
    assert_eq!(warned("]d2\u{1d}0109520123456788"), ["leading_separator"]);
    assert_eq!(warned("010952012345678810A^^21B"), ["doubled_separator"]);
    assert_eq!(warned("{GS}{GS}0109520123456788^^"), ["leading_separator", "doubled_separator"]);
    assert_eq!(warned("0109520123456788^10A^"), [""; 0]);
    // A brace or backslash that starts no stand-in is an ordinary character, which no value may
    // hold.
    assert_eq!(refusal("010952012345678810A{GS"), ("character_not_allowed", 19));
}

#[test]
fn possibly_swallowed() {
    let gtin = "0109520123456788";
    let rows = [
        ("10LOT17261031", true),
        ("10LOT1726103121SER", true), // a chain
        ("10LOT21SER", true),         // a letter before the 21
        ("10LOT117250131", true),     // 17 within digits: the date must be one, and end the value
        ("10ABC12321XYZ", true),      // a letter after the 21
        ("21SER10LOT", true),
        ("10LOT11260131", true),
        ("10LOT71012345678", true),
        ("21SER240REF", true),
        ("10LOT17261331", false), // no such month
        ("10LOT1726103", false),
        ("10LOT", false),
        ("1017261031", false),             // nothing before it: this is the lot
        ("1055210433", false),             // 21 and 10 inside a number say nothing
        ("17271031^10LOT17261031", false), // the code has its 17
        ("10LOT^21SER", false),
    ];
    for (tail, expected) in rows {
        let input = format!("{gtin}{tail}");
        assert_eq!(warned(&input).contains(&"possibly_swallowed_ai"), expected, "{tail}");
    }
    // Where the swallowed element is missed, the refusal says where it may be.
    let error = decode("10LOT0109520123456788", today()).unwrap_err();
    assert_eq!((error.code, error.position), ("ai_required", 0));
    assert!(error.message.contains("ends like AI 01 (GTIN)"), "{error}");
    // Never a guess: what was read stays as read.
    assert_eq!(read(&format!("{gtin}10LOT17261031")).lot.as_deref(), Some("LOT17261031"));
    assert_eq!(read(&format!("{gtin}10LOT17261031")).expiry, None);
}

#[test]
fn dates() {
    let item = |tail: &str| read(&format!("0109520123456788{tail}"));
    // Tail, expiry, production date; GS1 General Specifications, section 7.12.
    let rows = [
        ("17261031", ymd(2026, 10, 31), None),
        ("17280200", ymd(2028, 2, 29), None),
        ("17270200", ymd(2027, 2, 28), None),
        ("17760101", ymd(2076, 1, 1), None),
        ("17770101", ymd(1977, 1, 1), None),
        ("11260131", None, ymd(2026, 1, 31)),
        ("8008260131120000", None, ymd(2026, 1, 31)),
        ("11260130^800826013112", None, ymd(2026, 1, 30)),
        ("70032610311430", ymd(2026, 10, 31), None),
        ("17261101^70032610311430", ymd(2026, 10, 31), None),
        ("15261031", None, None), // best before is no expiry
    ];
    for (tail, expiry, production_date) in rows {
        let decoded = item(tail);
        assert_eq!((decoded.expiry, decoded.production_date), (expiry, production_date), "{tail}");
    }
    assert_eq!(warned("010952012345678817280200"), ["day_zero"]);
    assert_eq!(warned("010952012345678811260100^17280200"), ["day_zero", "day_zero"]);
    assert_eq!(warned("010952012345678870032610311430"), ["expiry_time"]);
    assert_eq!(warned("010952012345678817261101^70032610311430"), ["expiry_time", "expiry_twice"]);
    assert_eq!(elements("010952012345678817280200"), "01=09520123456788 17=280200", "raw as read");
}

#[test]
fn gtin_comes_only_from_01_and_ean() {
    assert_eq!(read("(03)09520123456788(10)L").gtin, None);
    assert_eq!(read("(00)952012345678912345(02)09520123456788(37)25").gtin, None);
    assert_eq!(read("(8006)095201234567880102").udi_di, None);
    let ean = read("]E02112345678900|]e010LOT\u{1d}17261031");
    assert_eq!(
        (ean.gtin.as_deref(), ean.lot.as_deref(), ean.expiry),
        (Some("02112345678900"), Some("LOT"), ymd(2026, 10, 31))
    );
}

#[test]
fn digits_without_symbology_identifier() {
    // No AI starts with 62; this EAN-13 can be nothing else.
    let ean = read("6291041500213");
    assert_eq!(ean.gtin.as_deref(), Some("06291041500213"));
    assert_eq!(warned("6291041500213"), ["ean_without_symbology"]);
    // GS1's example prefix 952 is AI 95, too: read as it stands, and pointed out.
    assert_eq!(elements("9520123456788"), "95=20123456788");
    assert_eq!(warned("9520123456788"), ["ean_or_ai"]);
    assert_eq!(refusal("6291041500214").0, "ai_unknown");
    // Also a valid GTIN-14, but just as well the beginning of an element string: refused.
    assert!(gtin::is_valid("01095201234568"));
    let error = decode("01095201234568", today()).unwrap_err();
    assert_eq!(error.code, "value_too_short");
    assert!(error.message.contains("EAN"), "{error}");
    // A serial number on its own, and also a valid EAN-8: refused, because which of the two it is
    // would be a guess.
    assert_eq!(refusal("21123450"), ("ai_required", 0));
}

#[test]
fn bracketed_text() {
    assert_eq!(elements("(01)09520123456788(10)A\\(1)(21)B)"), "01=09520123456788 10=A(1) 21=B)");
    let refused = [
        ("(01)09520123456788(10)", "value_empty", 22),
        ("(01)09520123456788(10", "ai_syntax", 18),
        ("(01)09520123456788(1A)X", "ai_unknown", 19),
        ("()1", "ai_unknown", 1),
        ("(", "ai_syntax", 0),
        ("(12345)1", "ai_syntax", 0),
        ("(01)09520123456788(10)LOT ", "character_not_allowed", 25),
        ("(01)09520123456788(10)A^B", "character_not_allowed", 23),
        ("(01)09520123456788(10)A\\(1#", "character_not_allowed", 22), // with an escape: the value's start
    ];
    for (input, code, position) in refused {
        assert_eq!(refusal(input), (code, position), "{input}");
    }
}

#[test]
fn digital_links() {
    let rows = [
        // GS1 Digital Link Standard: URI Syntax, section 5.
        (
            "https://example.com/a/01/09520123456788/22/2A/10/L/21/S?17=261031#top",
            "01=09520123456788 22=2A 10=L 21=S 17=261031",
        ),
        ("HTTP://a:80/01/09520123456788?17=261031&linkType=gs1:pip&x", "01=09520123456788 17=261031"),
        ("https://id.gs1.org/414/9520123456788/254/32a%2Fb", "414=9520123456788 254=32a/b"),
        ("https://a/01/09520123456788/10/50%/21/1", "01=09520123456788 10=50% 21=1"),
    ];
    for (input, expected) in rows {
        assert_eq!(elements(input), expected, "{input}");
    }
    assert_eq!(warned("https://a/01/09520123456788/10/50%/21/1"), ["percent_literal"]);
    let refused = [
        ("https://", "link_syntax", 8),
        ("https:///01/09520123456788", "link_syntax", 8),
        ("https://a_b/01/09520123456788", "link_syntax", 9),
        ("https://a/01/09520123456788<", "link_syntax", 27),
        ("https://a/b", "link_key_missing", 9),
        ("https://a/10/L", "link_key_missing", 9),
        ("https://a/01/0952012345678", "value_too_short", 26),
        ("https://a/01/09520123456789", "check_digit", 26),
        ("https://a/01/09520123456788/21/S/10/L", "link_path_order", 28),
        ("https://a/01/09520123456788/10/L/235/T", "link_path_order", 28),
        ("https://a/01/09520123456788/99/L", "link_path_order", 28),
        ("https://a/01/09520123456788/10/", "value_empty", 31),
        ("https://a/01/09520123456788?10=L", "link_query", 28),
        ("https://a/01/09520123456788?21=S", "link_query", 28),
        ("https://a/01/09520123456788?99=A&99=A", "link_repeated", 33),
        ("https://a/01/09520123456788?01=09520123456788", "link_repeated", 28),
        ("https://a/01/09520123456788?999=A", "ai_unknown", 28),
        ("https://a/01/09520123456788?17=", "value_empty", 31),
        ("https://a/01/09520123456788/10/A%00B", "character_not_allowed", 31),
        ("https://a/01/09520123456788/10/A%C3%A9", "character_not_allowed", 31),
        ("https://a/01/09520123456788?99=A+B", "character_not_allowed", 32),
    ];
    for (input, code, position) in refused {
        assert_eq!(refusal(input), (code, position), "{input}");
    }
}

#[test]
fn canonical_links() {
    let rows = [
        // The links of the syntax engine's public verdicts; the last four follow from DOMAIN.md.
        ("(01)12345678901231(10)12345", Some("https://id.gs1.org/01/12345678901231/10/12345")),
        ("(01)95012345678903(3103)000123", Some("https://id.gs1.org/01/95012345678903?3103=000123")),
        ("(01)12345678901231(235)XYZ", Some("https://id.gs1.org/01/12345678901231/235/XYZ")),
        ("(01)12345678901231(235)XYZ(10)BATCH", None),
        ("(99)1234", None),
        ("(21)S/1(10)L(22)C(01)12345678901231", Some("https://id.gs1.org/01/12345678901231/22/C/10/L/21/S%2F1")),
        ("(99)A(01)12345678901231(17)261031", Some("https://id.gs1.org/01/12345678901231?17=261031&99=A")),
        ("(01)12345678901231(8200)HTTP", None),
        ("(01)12345678901231(01)12345678901231(99)A(99)A", Some("https://id.gs1.org/01/12345678901231?99=A")),
    ];
    for (input, expected) in rows {
        assert_eq!(read(input).digital_link.as_deref(), expected, "{input}");
    }
}

#[test]
fn character_set_82() {
    assert!(is_charset_82("LOT-1/a_(%)\"'"));
    for bad in ["a b", "é", "^", "#", "\u{1d}", "{", "~", "$", "@", "[", "\\", "`", "|"] {
        assert!(!is_charset_82(bad), "{bad:?}");
    }
}
