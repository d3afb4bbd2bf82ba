//! One label in several codes.

use super::*;

/// What the codes say together: udi_di, lot, serial, expiry, warnings; or the code that is refused, and why.
fn label(codes: &[&str]) -> Result<String, (usize, &'static str)> {
    decode_label(codes, today())
        .map(|d| {
            let warnings: Vec<_> = d.warnings.iter().map(|warning| warning.code).collect();
            let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
            let expiry = text(d.expiry.map(|day| day.to_string()));
            format!("{} {} {} {expiry} {}", text(d.udi_di), text(d.lot), text(d.serial), warnings.join(","))
        })
        .map_err(|(index, error)| (index, error.code))
}

#[test]
fn parts_of_one_label() {
    // Primary and secondary codes are the worked examples of ANSI/HIBC 2.6; the second one's link character is G, the
    // check character of the first. ICCBBA: the structures of the standard's example, printed apart.
    let hibc = "A123BJC5D6E71 10X3 - 2020-01-15 ";
    let iccbba = "A9999XYZ100T0944 000000000000XYZ123 000025 2014-02-01 ";
    let rows: [(&[&str], Result<&str, (usize, &str)>); 17] = [
        (&["+A123BJC5D6E71G", "+$$52001510X3GD"], Ok(hibc)),
        (&["+$$52001510X3GD", "+A123BJC5D6E71G"], Ok(hibc)),
        (&["]C0+A123BJC5D6E71G", "]C0+$$52001510X3GD"], Ok(hibc)),
        (&["+A123BJC5D6E71/$$52001510X3C"], Ok(hibc)),
        (&["+$$52001510X3GD"], Ok("- 10X3 - 2020-01-15 product_missing")),
        (&["=/A9999XYZ100T0944=,000025", "=>014032", "&,1000000000000XYZ123"], Ok(iccbba)),
        (&["]d1=>014032=,000025&,1000000000000XYZ123", "]d1=/A9999XYZ100T0944"], Ok(iccbba)),
        // The check character of this one is D.
        (&["+H123ABC01234567890D", "+$A1234GU"], Err((1, "not_one_label"))),
        (&["+$A1234GU", "+H123ABC01234567890D"], Err((0, "not_one_label"))),
        (&["+A123BJC5D6E71/$$52001510X3C", "+$$52001510X3GD"], Err((1, "not_one_label"))),
        (&["+A123BJC5D6E71G", "+H123ABC01234567890D"], Err((1, "not_one_label"))),
        (&["+A123BJC5D6E71G", "+$A1234GU", "+$$52001510X3GD"], Err((2, "not_one_label"))),
        (&["+A123BJC5D6E71G", "+$$52001510X3GX"], Err((1, "hibc_check_character"))),
        (&["=/A9999XYZ100T0944", "=>014032", "=>014033"], Err((2, "conflicting_values"))),
        (&["=/A9999XYZ100T0944", "+$A1234GU"], Err((1, "not_one_label"))),
        (&["]d20109521234567899", "]d201095212345678991727063010LOT1"], Err((1, "not_one_label"))),
        (&[], Err((0, "empty"))),
    ];
    for (codes, expected) in rows {
        let found = label(codes);
        assert_eq!(found.as_ref().map(String::as_str).map_err(|why| *why), expected, "{codes:?}");
    }
}

#[test]
fn a_label_in_two_codes_says_what_one_in_one_code_says() {
    let apart = decode_label(&["+A123BJC5D6E71G", "+$$52001510X3GD"], today()).unwrap();
    let mut whole = read("+A123BJC5D6E71/$$52001510X3C");
    whole.elements.push(Element { ai: "link".to_owned(), value: "G".to_owned() });
    assert_eq!(apart, whole);
}
