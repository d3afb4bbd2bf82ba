//! How lot texts are compared.
//!
//! What a label says is kept as it says it, and each text is a lot of its own. People type and scanners read the same text
//! in several ways, though, and a lot must not slip past a list, or be taken for unknown, for that. So each text has a key,
//! by which it is matched, and a likeness, by which a person is asked to look.

use serde::{Deserialize, Deserializer};

use super::{Invalid, LotText, refusing};
use crate::problem_code::ProblemCode;

impl LotText {
    /// What the text is matched by.
    pub fn key(&self) -> String {
        key(self.as_str())
    }

    /// Whether the texts match, as their keys would say; without making them, for lists that are long.
    pub fn matches(&self, other: &LotText) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }

    /// What texts that are easily taken for each other have in common.
    pub fn likeness(&self) -> String {
        likeness(self.as_str())
    }
}

/// Equal keys match: NFKC, without white space, letters small (Unicode Standard Annex 15, form KC).
///
/// A text of a lot is of GS1's character set 82, so that of the three only the case of its letters changes here, which is
/// what the database does with lots from before keys were kept. A text that somebody looks for may be any.
pub fn key(text: &str) -> String {
    let nfkc = icu_normalizer::ComposingNormalizerBorrowed::new_nfkc();
    let composed = nfkc.normalize(text);
    let small: String = composed.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    // What a space stood between may compose now.
    nfkc.normalize(&small).into_owned()
}

/// Texts of one likeness are easily taken for each other: the key with `o` as 0, `i` and `l` as 1, and without the zeros
/// that lead the text or a number in it.
///
/// It is coarser than the key: what matches is alike.
pub fn likeness(text: &str) -> String {
    let key = key(text);
    let mut rest = key.chars().map(|c| match c {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    let mut made = String::with_capacity(key.len());
    let mut next = rest.next();
    while let Some(c) = next {
        next = rest.next();
        let leads = made.chars().next_back().is_none_or(|before| !before.is_ascii_digit());
        let more = if made.is_empty() { next.is_some() } else { next.is_some_and(|c| c.is_ascii_digit()) };
        if !(c == '0' && leads && more) {
            made.push(c);
        }
    }
    made
}

/// A lot text that somebody looks for, as it was typed: also in wide letters, or with spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotSought(String);

impl LotSought {
    /// The most characters that somebody may look for.
    const LENGTH_MAX: usize = 64;

    /// What it is matched by.
    pub fn key(&self) -> String {
        key(&self.0)
    }
}

impl<'de> Deserialize<'de> for LotSought {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.trim().is_empty() || text.chars().count() > Self::LENGTH_MAX || text.chars().any(char::is_control) {
            let rule = "must have 1 to 64 characters, and no control characters";
            return Err(serde::de::Error::custom(Invalid::new(ProblemCode::InvalidLot, rule)));
        }
        Ok(LotSought(text))
    }
}

impl utoipa::PartialSchema for LotSought {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        refusing(ProblemCode::InvalidLot, &["A lot text to look for: in whatever case, also with spaces."])
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"))
            .min_length(Some(1))
            .max_length(Some(Self::LENGTH_MAX))
            .build()
            .into()
    }
}

impl utoipa::ToSchema for LotSought {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_that_differ_by_case_space_or_width_match() {
        for (text, expected) in [
            ("HC24A", "hc24a"),
            ("hc24a", "hc24a"),
            (" HC 24\u{a0}A ", "hc24a"),
            // Fullwidth forms are compatibility equivalents of ASCII (Unicode Standard Annex 15, section 1.1).
            ("ＨＣ２４Ａ", "hc24a"),
            ("HC-24A", "hc-24a"),
            // KELVIN SIGN and LATIN SMALL LETTER LONG S
            ("\u{212a}\u{17f}", "ks"),
        ] {
            assert_eq!(key(text), expected, "{text}");
        }
    }

    #[test]
    fn texts_that_are_easily_taken_for_each_other_are_alike() {
        for (a, b, alike) in [
            ("HC2O4", "HC204", true),
            ("LOTI", "L0T1", true),
            ("LOTl", "LOT1", true),
            ("00123", "123", true),
            ("HC0024", "HC24", true),
            ("HC024A07", "hc24a7", true),
            ("O12", "12", true),
            ("0", "O", true),
            ("00", "0", true),
            // A zero in a number, or one that is all of it, is not one that leads.
            ("HC204", "HC24", false),
            ("A0", "A", false),
            ("A100", "A10", false),
            ("HC24A", "HC24B", false),
            ("HC-24", "HC24", false),
            ("A5", "AS", false),
        ] {
            assert_eq!(likeness(a) == likeness(b), alike, "{a} {b}: {} {}", likeness(a), likeness(b));
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key_and_a_likeness_its_own_likeness(text in ".{0,20}") {
            prop_assert_eq!(key(&key(&text)), key(&text));
            prop_assert_eq!(likeness(&likeness(&text)), likeness(&text));
        }

        #[test]
        fn what_matches_is_alike(text in "[!-?A-Z_a-z]{1,20}", big in any::<bool>(), at in 0_usize..20) {
            let mut other = if big { text.to_uppercase() } else { text.to_lowercase() };
            other.insert(at.min(other.len()), ' ');
            prop_assert_eq!(key(&text), key(&other));
            prop_assert_eq!(likeness(&text), likeness(&other));
        }

        #[test]
        fn of_a_text_that_a_label_may_have_only_the_case_changes(text in "[!\"%-?A-Z_a-z]{1,20}") {
            prop_assert_eq!(key(&text), text.to_ascii_lowercase());
        }

        #[test]
        fn texts_match_whose_keys_are_equal(a in "[aA1!_]{1,4}", b in "[aA1!_]{1,4}") {
            let (a, b): (LotText, LotText) = (a.parse().unwrap(), b.parse().unwrap());
            prop_assert_eq!(a.matches(&b), a.key() == b.key());
        }
    }
}
