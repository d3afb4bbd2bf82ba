//! What a refusal or a warning looks like, and the list of every code that can occur.

use serde::Serialize;

/// Why a code was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Error {
    /// Stable machine-readable code, one of [`ERRORS`].
    pub code: &'static str,
    /// Names the part of the code and the rule, for the person who holds the pack.
    pub message: String,
    /// Byte offset into the input as it was given, of the first byte that breaks the rule. Where a
    /// value was written with escapes (percent-encoding, `\(`), it is the offset of the value's
    /// first byte; where something is missing from the whole code, it is the offset of the element
    /// that misses it.
    pub position: usize,
}

impl Error {
    pub(crate) fn new(code: &'static str, position: usize, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), position }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} (at position {})", self.message, self.position)
    }
}

impl std::error::Error for Error {}

/// Something a person should look at, in a code that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Stable machine-readable code, one of [`WARNINGS`].
    pub code: &'static str,
    /// What was seen and what to check on the pack.
    pub message: String,
}

impl Warning {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Declares each code once, as a constant and as a row of the published table.
macro_rules! codes {
    ($(#[$doc:meta])* $table:ident: $($name:ident = $text:literal, $meaning:literal;)*) => {
        $(#[$doc])*
        pub const $table: &[(&str, &str)] = &[$(($text, $meaning),)*];
        $(pub(crate) const $name: &str = $text;)*
    };
}

pub(crate) mod code {
    codes! {
        /// Every error code with its meaning.
        ERRORS:
        EMPTY = "empty", "nothing was read";
        TOO_LONG = "too_long", "more text than any bar code holds (64 KiB)";
        NOT_UTF8 = "not_utf8", "the bytes are not text";
        CHARACTER = "character_not_allowed", "a character that the format, or the element, does not allow";
        CONTROL = "control_character", "a control character other than the group separator";
        FORMAT = "format_unknown", "starts like no format that is understood";
        SYMBOLOGY = "symbology_unsupported", "the symbology identifier names a symbol that carries no GS1, HIBC or ICCBBA data";
        UNSUPPORTED = "unsupported", "a readable code that carries nothing Lotline keeps (plain text, coupon, provider data)";
        EAN_LENGTH = "ean_length", "an EAN, UPC or ITF-14 number with the wrong number of digits";
        CHECK_DIGIT = "check_digit", "the check digit does not fit the number: misread or misprinted";
        CHECK_CHARACTERS = "check_characters", "the check characters do not fit the text: misread or misprinted";
        AI_UNKNOWN = "ai_unknown", "no GS1 application identifier starts like this";
        AI_SYNTAX = "ai_syntax", "bracketed text that is not (AI)value(AI)value";
        VALUE_EMPTY = "value_empty", "an element without a value";
        VALUE_TOO_SHORT = "value_too_short", "fewer characters than the element needs";
        VALUE_TOO_LONG = "value_too_long", "more characters than the element may have; often a missing separator";
        VALUE = "value_invalid", "a value outside what the element allows";
        DATE = "date_invalid", "a date that does not exist";
        TIME = "time_invalid", "a time that does not exist";
        CODE_LIST = "code_not_listed", "a country, currency, package or media code that is not in its list";
        COMPANY_PREFIX = "company_prefix", "a GS1 key that does not start with a company prefix";
        AI_REPEATED = "ai_repeated", "one element twice with different values";
        AI_EXCLUDED = "ai_excluded", "two elements that must not stand together";
        AI_REQUIRED = "ai_required", "an element that needs another one beside it";
        TOO_MANY = "too_many_elements", "more elements than any bar code holds (64)";
        LINK = "link_syntax", "a web address that is not well formed";
        LINK_KEY = "link_key_missing", "a web address without a GS1 key in its path";
        LINK_PATH = "link_path_order", "key qualifiers in the path that do not belong to the key, or in the wrong order";
        LINK_QUERY = "link_query", "an element in the query that is not allowed there";
        LINK_REPEATED = "link_repeated", "an element that stands twice in a Digital Link";
        HIBC = "hibc_syntax", "HIBC data that does not follow the standard";
        HIBC_CHECK = "hibc_check_character", "the HIBC check character does not fit: misread or misprinted";
        ICCBBA = "iccbba_syntax", "ICCBBA data that does not follow the standard";
        NOT_ONE_LABEL = "not_one_label", "codes that were given for one label, and are not parts of one";
        CONFLICT = "conflicting_values", "the same fact twice with different values";
    }
}

pub(crate) mod warning {
    codes! {
        /// Every warning code with its meaning.
        WARNINGS:
        LEADING_SEPARATOR = "leading_separator", "the code starts with a separator";
        DOUBLED_SEPARATOR = "doubled_separator", "two separators follow each other";
        SWALLOWED_AI = "possibly_swallowed_ai", "a value ends like another element: a separator may be missing";
        DAY_ZERO = "day_zero", "a date without a day (00), taken as the last day of its month; no longer allowed on healthcare items";
        EXPIRY_TIME = "expiry_time", "the product expires at an hour of its last day, not at the end of it";
        EXPIRY_TWICE = "expiry_twice", "an expiry date and an expiry time that name different days; the earlier one is taken";
        EAN_WITHOUT_SYMBOLOGY = "ean_without_symbology", "digits without a symbology identifier that can only be an EAN, UPC or ITF-14 number";
        EAN_OR_AI = "ean_or_ai", "digits that read as elements, and as an EAN, UPC or ITF-14 number too";
        PERCENT = "percent_literal", "a percent sign in a web address without two hexadecimal digits, kept as it stands";
        PRODUCT_MISSING = "product_missing", "a secondary code: the product is in the code beside it";
    }
}

pub use code::ERRORS;
pub use warning::WARNINGS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_snake_case() {
        for table in [ERRORS, WARNINGS] {
            let mut seen = std::collections::HashSet::new();
            for (code, meaning) in table {
                assert!(seen.insert(code), "{code} twice");
                assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit()), "{code}");
                assert!(!meaning.is_empty());
            }
        }
    }
}
