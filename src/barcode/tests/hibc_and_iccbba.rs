//! HIBC and ICCBBA.

use super::*;

/// Appends the check character, whose computation the published vectors cover.
fn hibc_code(data: &str) -> String {
    format!("{data}{}", hibc::check_character(data).unwrap())
}

#[test]
fn hibc_fields() {
    let product = "+A99912345";
    // Secondary data, lot, serial, expiry, manufacture: ANSI/HIBC 2.6, section 2.2, 2.3.2 and
    // appendix F.
    let rows = [
        ("/$$3261031LOT", Some("LOT"), None, ymd(2026, 10, 31), None),
        ("/$$2103126LOT", Some("LOT"), None, ymd(2026, 10, 31), None),
        ("/$$1026LOT", Some("LOT"), None, ymd(2026, 10, 31), None),
        ("/$$0228", None, None, ymd(2028, 2, 29), None),
        ("/$$426103123LOT", Some("LOT"), None, ymd(2026, 10, 31), None),
        ("/$$526304LOT", Some("LOT"), None, ymd(2026, 10, 31), None),
        ("/$$62630412LOT", Some("LOT"), None, ymd(2026, 10, 31), None),
        ("/$$7LOT-1.A", Some("LOT-1.A"), None, None, None),
        ("/$LOT", Some("LOT"), None, None, None),
        ("/$+SER", None, Some("SER"), None, None),
        ("/$$+3261031SER", None, Some("SER"), ymd(2026, 10, 31), None),
        ("/05271LOT", Some("LOT"), None, ymd(2005, 9, 28), None),
        ("/$LOT/S7/14D20261031/16D20260131/Q5", Some("LOT"), Some("7"), ymd(2026, 10, 31), ymd(2026, 1, 31)),
        ("/$$3261031LOT/14D20261031", Some("LOT"), None, ymd(2026, 10, 31), None),
    ];
    for (secondary, lot, serial, expiry, production_date) in rows {
        let decoded = read(&hibc_code(&format!("{product}{secondary}")));
        assert_eq!(decoded.udi_di.as_deref(), Some("A99912345"), "{secondary}");
        assert_eq!((decoded.lot.as_deref(), decoded.serial.as_deref()), (lot, serial), "{secondary}");
        assert_eq!((decoded.expiry, decoded.production_date), (expiry, production_date), "{secondary}");
        assert_eq!((decoded.gtin, decoded.digital_link), (None, None), "{secondary}");
    }
    let alone = read(&hibc_code("+$$3261031LOT/S77/16D20260131L"));
    assert_eq!((alone.lot.as_deref(), alone.serial.as_deref(), alone.udi_di), (Some("LOT"), Some("77"), None));
    assert_eq!(alone.warnings[0].code, "product_missing");
}

#[test]
fn hibc_refusals() {
    let rows = [
        ("+A99912345/$$3261301L", "date_invalid", 14),
        ("+A99912345/$$326103", "date_invalid", 14),
        ("+A99912345/$$426103124L", "time_invalid", 14),
        ("+A99912345/$$8261031L", "hibc_syntax", 13),
        ("+A99912345/$$", "hibc_syntax", 13),
        ("+A99912345/$", "value_empty", 12),
        ("+A99912345/$+", "value_empty", 13),
        ("+A99912345/$$7", "value_empty", 14),
        ("+A99912345/$$+7/S1", "value_empty", 15),
        ("+A99912345/$$1326L", "date_invalid", 13),
        ("+A99912345/$$526366L", "date_invalid", 14),
        ("+A99912345/$L T", "character_not_allowed", 13),
        ("+A99912345/$ABCDEFGHIJKLMNOPQRS", "value_too_long", 30),
        ("+A99912345/XLOT", "hibc_syntax", 11),
        ("+A99912345/$L/17D20261031", "hibc_syntax", 14),
        ("+A99912345/$L/16D2026013", "date_invalid", 17),
        ("+A99912345/$L/Q5/S1", "hibc_syntax", 17),
        ("+A99912345/$L/Q123456", "hibc_syntax", 15),
        ("+A99912345/$L/S", "value_empty", 15),
        ("+A99912345/$+S1/S2", "conflicting_values", 16),
        ("+A99912345/$$3261031L/14D20261030", "conflicting_values", 22),
        ("+A99912345/$L/S1/S1/S1/S1/S1/S1/S1/S1", "too_many_elements", 35),
        ("+A9991", "hibc_syntax", 1),
        ("+A99-12345", "character_not_allowed", 4),
        ("+A9991234X", "hibc_syntax", 9),
        ("+/EO523201", "unsupported", 1),
        ("+-A", "hibc_syntax", 1),
    ];
    for (data, code, position) in rows {
        assert_eq!(refusal(&hibc_code(data)), (code, position), "{data}");
    }
    assert_eq!(refusal("+A123BJC5D6E71H"), ("hibc_check_character", 14));
    assert_eq!(refusal("+a123bjc5d6e71g"), ("character_not_allowed", 1));
    assert_eq!(refusal("+"), ("hibc_syntax", 0));
}

#[test]
fn check_and_link_characters_may_be_any() {
    // The characters that mean something elsewhere, or that people trim: found by trying lots until the check character
    // is the one that is wanted.
    for wanted in [' ', '$', '/', '+', '%', '-', '.', '0', 'Z'] {
        let code =
            (0..1000).map(|lot| format!("+A99912345/$L{lot}")).find(|code| hibc::check_character(code) == Some(wanted));
        let code = code.unwrap();
        let lot = read(&format!("{code}{wanted}")).lot;
        assert_eq!(lot.as_deref(), code.strip_prefix("+A99912345/$"), "check character {wanted:?}");
        let alone = read(&hibc_code(&format!("+$LOT{wanted}")));
        assert_eq!(
            (alone.lot.as_deref(), alone.elements[1].value.as_str()),
            (Some("LOT"), wanted.to_string().as_str())
        );
    }
}

#[test]
fn building() {
    let element = |ai: &str, value: &str| Element { ai: ai.to_owned(), value: value.to_owned() };
    let code = |elements: &[Element]| hibc::build(elements, today()).map_err(|error| error.code);
    // The examples of the vectors, with their check characters.
    let product = element("+", "A99912345");
    let dated = [product.clone(), element("$$5", "2001510X3"), element("16D", "20111212"), element("S", "77DEFG45")];
    assert_eq!(code(&dated).as_deref(), Ok("+A99912345/$$52001510X3/16D20111212/S77DEFG457"));
    assert_eq!(code(&[element("$", "3C001"), element("link", "L")]).as_deref(), Ok("+$3C001LV"));
    assert_eq!(code(&[element("+", "A123BJC5D6E71")]).as_deref(), Ok("+A123BJC5D6E71G"));
    assert_eq!(code(&[]), Err("hibc_syntax"));
    assert_eq!(code(&[product.clone(), element("$", "L/S1")]), Err("hibc_syntax"), "a field within a field");
    assert_eq!(code(&[product.clone(), element("X", "1")]), Err("hibc_syntax"));
    assert_eq!(code(&[product, element("$$3", "261301L")]), Err("date_invalid"));
    assert_eq!(code(&[element("+", "é")]), Err("character_not_allowed"));

    let code = |elements: &[Element]| iccbba::build(elements).map_err(|error| error.code);
    let device = element("=/", "A9999XYZ100T0944");
    assert_eq!(code(&[device.clone(), element("=,", "000025")]).as_deref(), Ok("=/A9999XYZ100T0944=,000025"));
    assert_eq!(code(&[device.clone(), element("=", ",000025")]), Err("iccbba_syntax"), "another structure than meant");
    assert_eq!(code(&[device, element("=,", "25")]), Err("iccbba_syntax"));
    assert_eq!(code(&[]), Err("iccbba_syntax"));
}

#[test]
fn iccbba() {
    let decoded = read("=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123");
    assert_eq!(decoded.udi_di.as_deref(), Some("A9999XYZ100T0944"));
    assert_eq!((decoded.serial.as_deref(), decoded.lot.as_deref()), (Some("000025"), Some("000000000000XYZ123")));
    assert_eq!((decoded.expiry, decoded.production_date), (ymd(2014, 2, 1), ymd(2013, 2, 1)));
    assert_eq!(warned("=/A9999XYZ100T0944&>0263042359"), ["expiry_time"]);
    let refused = [
        ("=", "iccbba_syntax", 0),
        ("=/A9999XYZ100T094", "iccbba_syntax", 2),
        ("=/A9999XYZ100T094-", "iccbba_syntax", 2),
        ("=>026366", "date_invalid", 2),
        ("=>026000", "date_invalid", 2),
        ("&>0263042400", "time_invalid", 2),
        ("=!0", "iccbba_syntax", 0),
        ("&!", "iccbba_syntax", 0),
        ("=,000025=,000026", "conflicting_values", 8),
    ];
    for (input, code, position) in refused {
        assert_eq!(refusal(input), (code, position), "{input}");
    }
}
