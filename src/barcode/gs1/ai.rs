//! What an application identifier is: the format of its value and its place among the others.

/// The characters that a component may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// Digits.
    Digits,
    /// GS1 AI encodable character set 82.
    Set82,
    /// GS1 AI encodable character set 39.
    Set39,
    /// GS1 AI encodable character set 64 (file-safe base 64).
    Set64,
}

/// A rule on the content of one component, beyond its characters and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Ends with a modulo-10 check digit.
    CheckDigit,
    /// Ends with an alphanumeric check character pair.
    CheckPair,
    /// Starts with a GS1 company prefix: four digits at least.
    CompanyPrefix,
    /// `YYMMDD`, day 00 allowed.
    DateOrMonth,
    /// `YYMMDD`.
    Date,
    /// `YYYYMMDD`.
    LongDate,
    /// `HHMM`.
    HourMinute,
    /// `HH`.
    Hour,
    /// Minutes or seconds, 00 to 59.
    Sixty,
    /// ISO 4217 numeric currency code.
    Currency,
    /// ISO 3166-1 numeric country code.
    Country,
    /// ISO 3166-1 numeric country code, or 999 for several.
    CountryOr999,
    /// ISO 3166-1 alpha-2 country code.
    CountryLetters,
    /// A percent sign only before two hexadecimal digits.
    PercentEncoded,
    /// 0 or 1.
    YesNo,
    /// Not all zeros.
    NonZero,
    /// Only zeros.
    Zero,
    /// Does not start with 0.
    NoLeadingZero,
    /// 0, 1 or 9: the winding direction of a roll.
    Winding,
    /// Piece number and total, two digits each: neither zero, piece not above total.
    PieceOfTotal,
    /// 0 to 1800000000.
    Latitude,
    /// 0 to 3600000000.
    Longitude,
    /// Only hyphens: the sign of a temperature below zero.
    Hyphen,
    /// International bank account number (ISO 13616-1).
    Iban,
    /// One letter, digit, hyphen or underscore (EU 2018/574).
    ImporterIndex,
    /// UN/ECE recommendation 21 package type, with GS1's additions.
    PackageType,
    /// AIDC media type: 01 to 10 and 80 to 99.
    MediaType,
    /// ISO/IEC 5218: 0, 1, 2 or 9.
    BiologicalSex,
    /// `position/end`, neither starting with 0, position not above end.
    PositionOfEnd,
    /// At least one character that is not a digit.
    HasNonDigit,
    /// A coupon: read nowhere in this engine.
    Coupon,
}

/// One component of an element's value.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The characters it may hold.
    pub charset: Charset,
    /// Fewest characters.
    pub min: usize,
    /// Most characters.
    pub max: usize,
    /// It may be missing; only further optional components follow it.
    pub optional: bool,
    /// Rules on its content.
    pub checks: &'static [Check],
}

/// An application identifier, or a family of them that differ only in the last digit.
#[derive(Debug, Clone, Copy)]
pub struct Ai {
    /// The digits, without the last one for a family.
    pub stem: &'static str,
    /// For a family: the lowest and the highest last digit.
    pub family: Option<(char, char)>,
    /// What it is called here.
    pub name: &'static str,
    /// Its components in order; only the last ones may be optional or of variable length.
    pub parts: &'static [Part],
    /// Alternatives, separated by spaces, one of which the code must also hold; `+` joins what must
    /// stand together, `n` stands for any digit. Empty: none.
    pub needs: &'static str,
    /// What must not stand beside it, in the same notation.
    pub excludes: &'static str,
    /// No other member of the family may stand beside it.
    pub once_in_family: bool,
    /// May stand in the query of a Digital Link.
    pub attribute: bool,
    /// For a Digital Link primary key: its qualifiers in order, separated by spaces; `|` separates
    /// alternative sequences.
    pub qualifiers: Option<&'static str>,
}

impl Ai {
    /// Whether `ai` (all its digits) is this identifier or a member of this family.
    pub fn covers(&self, ai: &str) -> bool {
        match (self.family, ai.strip_prefix(self.stem)) {
            (None, Some(rest)) => rest.is_empty(),
            (Some((low, high)), Some(rest)) => {
                let mut rest = rest.chars();
                rest.next().is_some_and(|digit| (low..=high).contains(&digit)) && rest.next().is_none()
            }
            (_, None) => false,
        }
    }

    /// Fewest and most characters of its value.
    pub fn length(&self) -> (usize, usize) {
        self.parts.iter().fold((0, 0), |(min, max), part| {
            let least = if part.optional { 0 } else { part.min };
            (min + least, max + part.max)
        })
    }

    /// Needs no separator after it: the prefixes 00–04, 11–20, 31–36 and 41 have a predefined
    /// length (GS1 General Specifications, section 7.8.5). A property of the prefix, not of the
    /// format: 7003 always has ten digits and needs one.
    pub fn has_predefined_length(&self) -> bool {
        predefined(self.stem)
    }

    pub(super) const fn needs(self, needs: &'static str) -> Self {
        Self { needs, ..self }
    }
    pub(super) const fn not(self, excludes: &'static str) -> Self {
        Self { excludes, ..self }
    }
    pub(super) const fn key(self, qualifiers: &'static str) -> Self {
        Self { qualifiers: Some(qualifiers), ..self }
    }
    pub(super) const fn family(self, low: char, high: char) -> Self {
        Self { family: Some((low, high)), ..self }
    }
    pub(super) const fn once(self) -> Self {
        Self { once_in_family: true, ..self }
    }
    /// Not allowed in the query of a Digital Link.
    pub(super) const fn no_attribute(self) -> Self {
        Self { attribute: false, ..self }
    }
}

fn predefined(ai: &str) -> bool {
    matches!(
        ai.as_bytes(),
        [b'0', b'0'..=b'4', ..]
            | [b'1', b'1'..=b'9', ..]
            | [b'2', b'0', ..]
            | [b'3', b'1'..=b'6', ..]
            | [b'4', b'1', ..]
    )
}
