//! GTINs and the GS1 modulo-10 check digit (GS1 General Specifications, section 7.9.1).

/// The check digit that belongs after `digits` (the number without its check digit): weights 3 and
/// 1 alternate from the right. `None` when `digits` is empty or holds anything but digits.
pub fn check_digit(digits: &str) -> Option<char> {
    if digits.is_empty() {
        return None;
    }
    let mut sum = 0;
    let mut weight = 3;
    for digit in digits.chars().rev() {
        sum = (sum + digit.to_digit(10)? * weight) % 10;
        weight = 4 - weight;
    }
    char::from_digit((10 - sum) % 10, 10)
}

/// Whether the last digit of `number` is the check digit of those before it. Works for every GS1
/// key with a check digit: GTIN, GLN (13 digits), SSCC, GSRN. Says nothing about the length.
pub fn ends_with_check_digit(number: &str) -> bool {
    let mut rest = number.chars();
    rest.next_back().is_some_and(|last| check_digit(rest.as_str()) == Some(last))
}

/// Whether `number` is a GTIN-8, -12, -13 or -14 with a correct check digit. A GLN has the form of
/// a GTIN-13.
pub fn is_valid(number: &str) -> bool {
    matches!(number.len(), 8 | 12 | 13 | 14) && ends_with_check_digit(number)
}

/// The 14-digit form of a GTIN-8, -12, -13 or -14, padded with zeros on the left (GS1 General
/// Specifications, section 3.3.2: GTINs are stored and compared in 14 digits). `None` when it [is
/// not valid](is_valid).
pub fn normalise(number: &str) -> Option<String> {
    is_valid(number).then(|| format!("{number:0>14}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        // Number without check digit, check digit, source of the example.
        let rows = [
            ("629104150021", '3', "GS1 check digit calculator's worked example 6291041500213"),
            ("0952012345678", '8', "GS1 Digital Link examples, 09520123456788"),
            ("0123456789012", '8', "by hand: 3*(0+2+4+6+8+0+2)+(1+3+5+7+9+1)=22*3+26=92"),
            ("12345678901234567", '5', "syntax engine suite, SSCC 123456789012345675"),
            ("0000000", '0', "all zeros"),
        ];
        for (digits, expected, source) in rows {
            assert_eq!(check_digit(digits), Some(expected), "{digits}: {source}");
        }
        for bad in ["", "12a4", "١٢٣", " 1"] {
            assert_eq!(check_digit(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn validity_and_fourteen_digits() {
        assert_eq!(normalise("6291041500213").as_deref(), Some("06291041500213"));
        assert_eq!(normalise("02345673").as_deref(), Some("00000002345673"));
        assert_eq!(normalise("416000336108").as_deref(), Some("00416000336108"));
        // Published with wrong check digits (vectors README).
        for bad in ["00208851107345", "00011954013448", "6291041500214", "123", "", "62910415002131"] {
            assert_eq!(normalise(bad), None, "{bad}");
        }
    }
}
