//! Whether a licence or identifier number can be what its authority issues.
//!
//! Only the form of a number is judged here, and its check digit where the authority has one. A
//! number that passes can still belong to somebody else, or have lapsed: that is what a check
//! against the register is for.

use std::fmt;

/// A number under an authority that is not known here: at most this many characters.
const FREE_TEXT_CHARS_MAX: usize = 64;

/// What is known of an accepted number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The number has the form that its authority issues, check digit included where there is one.
    Valid,
    /// The authority is not known here, so the number was taken as it was typed.
    Unvalidated,
}

/// Why a number was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable, for programs: [`MALFORMED`] or [`CHECK_DIGIT`].
    pub code: &'static str,
    /// For the person who typed the number: what is wrong and what to do about it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// Code of a [`Problem`]: the number does not have the length or the characters that its authority
/// issues.
pub const MALFORMED: &str = "licence_number_malformed";

/// Code of a [`Problem`]: the number has the right form, but its check digit disagrees with the
/// other digits.
pub const CHECK_DIGIT: &str = "licence_number_check_digit";

/// The form of one authority's numbers.
struct Format {
    /// The names by which the authority is called, in any case.
    authorities: &'static [&'static str],
    /// The forms a number may have: `#` is a digit, `@` a capital letter, anything else itself.
    shapes: &'static [&'static str],
    /// The shapes in words, with an example, as the start of a message.
    described: &'static str,
    /// Whether the check digit agrees; asked only of numbers that have one of the shapes.
    check_digit_agrees: Option<fn(&str) -> bool>,
}

const FORMATS: &[Format] = &[
    // CMS, "Requirements for National Provider Identifier (NPI) and NPI Check Digit"; 45 CFR
    // 162.406.
    Format {
        authorities: &["NPI"],
        shapes: &["1#########", "2#########"],
        described: "An NPI is ten digits, the first a 1 or a 2, such as 1234567893",
        check_digit_agrees: Some(npi_agrees),
    },
    // The convention that United States pharmacies verify by: a letter for the kind of registrant,
    // the first letter of the name (9 where a business address was registered), six digits and a
    // check digit.
    Format {
        authorities: &["DEA"],
        shapes: &["@@#######", "@9#######"],
        described: "A DEA number is two capital letters (the second may be a 9) and seven digits, \
                    such as AP5836727",
        check_digit_agrees: Some(dea_agrees),
    },
    // GS1 General Specifications: Global Location Number, AI 410 to 417.
    Format {
        authorities: &["GLN"],
        shapes: &["#############"],
        described: "A GLN is thirteen digits, such as 9521234500018",
        check_digit_agrees: Some(gln_agrees),
    },
    // HL7 UK Core, GMC reference number: seven digits, or L and six digits for a limited
    // registration.
    Format {
        authorities: &["GMC"],
        shapes: &["#######", "L######"],
        described: "A GMC number is seven digits, such as 1234567, or an L and six digits",
        check_digit_agrees: None,
    },
    // NHS Digital, FHIR package uk.nhsdigital.r4: the NMC personal identification number.
    Format {
        authorities: &["NMC"],
        shapes: &["##@####@"],
        described: "An NMC PIN is two digits, a capital letter, four digits and a capital letter, \
                    such as 71A2998E",
        check_digit_agrees: None,
    },
    // HL7 UK Core, GPhC registration number.
    Format {
        authorities: &["GPhC"],
        shapes: &["2######"],
        described: "A GPhC number is seven digits, the first a 2, such as 2033467",
        check_digit_agrees: None,
    },
    // NHS Digital, FHIR package uk.nhsdigital.r4: the HCPC registration number.
    Format {
        authorities: &["HCPC"],
        shapes: &["@@######"],
        described: "An HCPC number is two capital letters and six digits, such as CH029821",
        check_digit_agrees: None,
    },
    // HL7 AU Base, invariant inv-ahpra-0.
    Format {
        authorities: &["AHPRA"],
        shapes: &["@@@##########"],
        described: "An AHPRA number is three capital letters and ten digits, \
                    such as MED0000932846",
        check_digit_agrees: None,
    },
    // European Commission, EUDAMED actor registration: country, role of the actor, nine digits.
    Format {
        authorities: &["EUDAMED", "SRN", "EUDAMED SRN"],
        shapes: &["@@-MF-#########", "@@-AR-#########", "@@-PR-#########", "@@-IM-#########"],
        described: "A EUDAMED SRN is two capital letters for the country, MF, AR, PR or IM, and nine \
                    digits, joined by hyphens, such as BE-MF-000000001",
        check_digit_agrees: None,
    },
    // General Dental Council, public register: at most six digits.
    Format {
        authorities: &["GDC"],
        shapes: &["#", "##", "###", "####", "#####", "######"],
        described: "A GDC number is one to six digits, such as 123456",
        check_digit_agrees: None,
    },
];

/// Judges a number by the rules of the authority that issued it.
///
/// The authority's name is taken in any case, and spaces around it do not count. The number is
/// taken exactly as it is: two spellings of one number would be two licences, so none is corrected.
/// An authority that is not known here may issue any text of 1 to 64 characters that is not only
/// spaces and has no control character in it.
///
/// # Errors
///
/// A [`Problem`] with the code [`MALFORMED`] or [`CHECK_DIGIT`].
pub fn check(authority: &str, number: &str) -> Result<Verdict, Problem> {
    let authority = authority.trim();
    let known = FORMATS.iter().find(|format| {
        let mut names = format.authorities.iter();
        names.any(|name| name.eq_ignore_ascii_case(authority))
    });
    match known {
        Some(format) => check_format(format, number),
        None => check_free_text(number),
    }
}

fn check_format(format: &Format, number: &str) -> Result<Verdict, Problem> {
    if !format.shapes.iter().any(|shape| has_shape(number, shape)) {
        return Err(Problem {
            code: MALFORMED,
            message: format!(
                "{}. Type it exactly as the certificate or the register shows it, without spaces.",
                format.described
            ),
        });
    }
    match format.check_digit_agrees {
        // The message does not name the digit that would fit: any one digit can be the wrong one.
        Some(agrees) if !agrees(number) => Err(Problem {
            code: CHECK_DIGIT,
            message: "The last digit does not fit the digits before it, so at least one of them was \
                      mistyped. Compare the number with the certificate or the register and type it \
                      again."
                .to_owned(),
        }),
        _ => Ok(Verdict::Valid),
    }
}

fn check_free_text(number: &str) -> Result<Verdict, Problem> {
    let malformed = |message: &str| Err(Problem { code: MALFORMED, message: message.to_owned() });
    if number.trim().is_empty() {
        return malformed("The number is empty. Type it as the certificate or the register shows it.");
    }
    if number.chars().count() > FREE_TEXT_CHARS_MAX {
        return malformed("The number is longer than 64 characters. Type only the number itself.");
    }
    if number.chars().any(char::is_control) {
        return malformed(
            "The number has a line break, a tab or another invisible character in it. \
             Type it by hand, on one line.",
        );
    }
    Ok(Verdict::Unvalidated)
}

fn has_shape(number: &str, shape: &str) -> bool {
    number.chars().count() == shape.chars().count()
        && number.chars().zip(shape.chars()).all(|(c, wanted)| match wanted {
            '#' => c.is_ascii_digit(),
            '@' => c.is_ascii_uppercase(),
            _ => c == wanted,
        })
}

/// The Luhn sum (ISO/IEC 7812-1) over the issuer prefix 80840 and the number.
fn npi_agrees(number: &str) -> bool {
    let sum: u32 = digits("80840")
        .chain(digits(number))
        .rev()
        .zip([1, 2].into_iter().cycle())
        .map(|(digit, weight)| {
            let product = digit * weight;
            product / 10 + product % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The sum of the first, third and fifth digit and twice the second, fourth and sixth ends in the
/// seventh.
fn dea_agrees(number: &str) -> bool {
    // The second character may itself be a digit, and does not count.
    let registration = number.get(2..).unwrap_or_default();
    let check = digits(registration).next_back();
    let sum: u32 =
        digits(registration).take(6).zip([1, 2].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    check == Some(sum % 10)
}

/// GS1 General Specifications, standard check digit: weights 1 and 3 from the right end in a
/// multiple of ten.
fn gln_agrees(number: &str) -> bool {
    let sum: u32 = digits(number).rev().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    sum.is_multiple_of(10)
}

fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> {
    text.chars().filter_map(|c| c.to_digit(10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each number that must pass, and where it was published.
    #[rustfmt::skip]
    const VALID: &[(&str, &str, &str)] = &[
        ("NPI", "1234567893", "CMS check digit document, base 123456789"),
        ("NPI", "1993999998", "johndcook.com, 2024-06-26"),
        ("NPI", "2234567891", "Luhn over 80840 and the number; first digit 2"),
        ("DEA", "AP5836727", "takerx.com: 15 + 32 = 47"),
        ("DEA", "F91234563", "theinfolist.com: business address, 9 for a letter"),
        ("GLN", "9521234500018", "GS1 check digit; 952 is reserved for examples"),
        ("GLN", "0614141000005", "GS1 check digit; leading zero"),
        ("GMC", "1234567", "HL7 UK Core: seven digits"),
        ("GMC", "L123456", "HL7 UK Core: limited registration"),
        ("NMC", "71A2998E", "uk.nhsdigital.r4, NMC"),
        ("GPhC", "2033467", "HL7 UK Core: seven digits from 2"),
        ("HCPC", "CH029821", "uk.nhsdigital.r4, HCPC"),
        ("AHPRA", "MED0000932846", "HL7 AU Base, inv-ahpra-0"),
        ("EUDAMED", "BE-MF-000000001", "EC, EUDAMED actor roles: manufacturer"),
        ("EUDAMED", "CH-AR-000000001", "EC, EUDAMED actor roles: representative"),
        ("SRN", "NL-PR-000000001", "EC, EUDAMED actor roles: pack producer"),
        ("EUDAMED SRN", "CH-IM-000000002", "EC, EUDAMED actor roles: importer"),
        ("GDC", "1", "GDC public register: up to six digits"),
        ("GDC", "123456", "GDC public register: up to six digits"),
        (" npi ", "1234567893", "the authority in any case, spaces around it"),
        ("gPHc", "2033467", "the authority in any case"),
    ];

    /// Each number that must be refused, the code, and the rule that it breaks.
    #[rustfmt::skip]
    const REFUSED: &[(&str, &str, &str, &str)] = &[
        ("NPI", "1234567890", CHECK_DIGIT, "CMS: Luhn over 80840 and the number"),
        ("NPI", "2134567893", CHECK_DIGIT, "CMS: two neighbours swapped"),
        ("NPI", "3234567893", MALFORMED, "CMS: first digit 1 or 2"),
        ("NPI", "123456789", MALFORMED, "CMS: ten digits"),
        ("NPI", "12345678933", MALFORMED, "CMS: ten digits"),
        ("NPI", "123456789X", MALFORMED, "CMS: digits only"),
        ("NPI", " 1234567893", MALFORMED, "a number is never trimmed"),
        ("NPI", "1\u{0662}34567893", MALFORMED, "ASCII digits only"),
        ("NPI", "", MALFORMED, "CMS: ten digits"),
        ("DEA", "AB4523763", CHECK_DIGIT, "smartsolve.ai: sum 41, check digit 1"),
        ("DEA", "F91234564", CHECK_DIGIT, "the 9 is not part of the sum"),
        ("DEA", "A15836727", MALFORMED, "the second character is a letter or 9"),
        ("DEA", "1P5836727", MALFORMED, "the first character is a letter"),
        ("DEA", "ap5836727", MALFORMED, "capital letters"),
        ("DEA", "AP583672", MALFORMED, "seven digits"),
        ("DEA", "é\u{301}5836727", MALFORMED, "ASCII letters only"),
        ("GLN", "9521234500019", CHECK_DIGIT, "GS1 check digit"),
        ("GLN", "952123450001", MALFORMED, "GS1: thirteen digits"),
        ("GLN", "952123450001A", MALFORMED, "GS1: digits only"),
        ("GMC", "123456", MALFORMED, "HL7 UK Core: seven digits"),
        ("GMC", "A234567", MALFORMED, "HL7 UK Core: L is the only letter"),
        ("NMC", "71a2998e", MALFORMED, "uk.nhsdigital.r4: capital letters"),
        ("NMC", "71A2998", MALFORMED, "uk.nhsdigital.r4: eight characters"),
        ("GPhC", "1033467", MALFORMED, "HL7 UK Core: the first digit is 2"),
        ("HCPC", "PH95159", MALFORMED, "uk.nhsdigital.r4: six digits"),
        ("AHPRA", "med0000932846", MALFORMED, "HL7 AU Base: capital letters"),
        ("AHPRA", "MED000093284", MALFORMED, "HL7 AU Base: ten digits"),
        ("EUDAMED", "NL-XX-000000001", MALFORMED, "EC: MF, AR, PR or IM"),
        ("SRN", "BEMF000000001", MALFORMED, "EC: hyphens"),
        ("EUDAMED SRN", "BE-MF-00000001", MALFORMED, "EC: nine digits"),
        ("GDC", "1234567", MALFORMED, "GDC: up to six digits"),
        ("GDC", "", MALFORMED, "GDC: at least one digit"),
        ("Kanton Zürich", "", MALFORMED, "free text: 1 to 64 characters"),
        ("Kanton Zürich", "   ", MALFORMED, "free text: not only spaces"),
        ("Kanton Zürich", "A\n1", MALFORMED, "free text: no control characters"),
    ];

    #[test]
    fn numbers_that_their_authority_issues_are_valid() {
        for (authority, number, source) in VALID {
            assert_eq!(check(authority, number), Ok(Verdict::Valid), "{authority} {number}: {source}");
        }
    }

    #[test]
    fn numbers_that_no_authority_issues_are_refused() {
        for (authority, number, code, source) in REFUSED {
            let refused = check(authority, number).map_err(|problem| problem.code);
            assert_eq!(refused, Err(*code), "{authority} {number:?}: {source}");
        }
    }

    #[test]
    fn a_number_of_an_unknown_authority_is_taken_as_it_is() {
        let longest = "é".repeat(FREE_TEXT_CHARS_MAX);
        for number in ["7", "BAG 12/2026 (b)", "許可-123", &longest] {
            assert_eq!(check("Kanton Zürich", number), Ok(Verdict::Unvalidated), "{number}");
        }
        let too_long = "é".repeat(FREE_TEXT_CHARS_MAX + 1);
        assert_eq!(check("Kanton Zürich", &too_long).unwrap_err().code, MALFORMED);
    }

    /// A clerk corrects a number by the message alone, so the example in it must itself be right.
    #[test]
    fn each_example_in_a_message_is_valid() {
        for format in FORMATS {
            let (_, example) = format.described.split_once("such as ").unwrap();
            let example = example.split([',', ' ']).next().unwrap();
            for authority in format.authorities {
                assert_eq!(check(authority, example), Ok(Verdict::Valid), "{authority} {example}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(authority in "\\PC*", number in any::<String>()) {
            let _ = check(&authority, &number);
        }

        #[test]
        fn any_text_near_a_number_gets_an_answer(
            format in 0..FORMATS.len(),
            number in "[0-9A-Zé٣-]{0,16}",
        ) {
            let _ = check(FORMATS[format].authorities[0], &number);
        }

        /// Luhn and the GS1 check digit catch every single mistyped digit. The DEA's does not, and
        /// is not here: twice a digit and twice that digit plus five end alike.
        #[test]
        fn one_mistyped_digit_never_passes(
            (authority, number) in prop::sample::select(vec![
                ("NPI", "1234567893"),
                ("GLN", "9521234500018"),
            ]),
            position in 1_usize..10,
            digit in 0_u32..10,
        ) {
            let mistyped: String = number
                .chars()
                .enumerate()
                .map(|(i, c)| if i == position { char::from_digit(digit, 10).unwrap() } else { c })
                .collect();
            prop_assert_eq!(check(authority, &mistyped).is_ok(), mistyped == number);
        }
    }
}
