//! Who is who: how the names that people type are compared.
//!
//! A rule that asks for a second person is worth what the comparison of two people is worth. So subjects of tokens, and
//! the names that must be unique, are compared by what a reader sees of them, never by their bytes. What was typed is
//! kept as it was typed.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, Script};
use icu_properties::script::ScriptWithExtensions;
use icu_properties::{CodePointMapData, CodePointSetData};

use crate::problem_code::ProblemCode;
use crate::values::Invalid;

/// A name as it is compared: equal identities are one person, or one name.
///
/// It is Unicode's `NFKC_Casefold` (UAX 44): composed compatibility characters, full case folding, and nothing that is not
/// seen: neither format characters (general category Cf) nor default ignorable ones. Beyond that, where Unicode leaves
/// room, two spellings are rather one person than two:
///
/// - White space is one space between words, and none at the ends; the blank Braille pattern is white space.
/// - The four letters I of Turkish (`I`, `ı`, `İ`, `i`) are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(String);

impl Identity {
    /// What a name is compared by.
    pub fn of(typed: &str) -> Self {
        if typed.is_ascii() {
            return Identity(spaced(&typed.to_ascii_lowercase()));
        }
        let nfkc = ComposingNormalizerBorrowed::new_nfkc();
        let folded = folded(&seen(&nfkc.normalize(typed)));
        // What was folded, or had something unseen in between, may compose now.
        Identity(spaced(&seen(&nfkc.normalize(&folded))))
    }

    /// The same as text, for a column that is searched.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is seen of it.
    pub fn is_blank(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a name is found by, whoever types a part of it: as it is compared, and without accents, for not every keyboard has them
/// (`juvederm` finds Juvéderm). Nothing is told apart by it.
pub fn sought(typed: &str) -> String {
    let identity = Identity::of(typed);
    if identity.0.is_ascii() {
        return identity.0;
    }
    let category = CodePointMapData::<GeneralCategory>::new();
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(&identity.0).into_owned();
    apart.chars().filter(|c| category.get(*c) != GeneralCategory::NonspacingMark).collect()
}

/// Whether two subjects are one person.
pub fn same(one: &str, other: &str) -> bool {
    one == other || Identity::of(one) == Identity::of(other)
}

/// A name that somebody goes by shows something, and no word of it mixes scripts (UTS 39, section 5.1): a Cyrillic `а`
/// among Latin letters looks like another person's name and is not.
///
/// Words are what stands between white space and `@`, so that `а.smith` is one. What is written in Japanese, Korean or
/// Chinese may have Latin letters in it (UTS 39, section 5.2, "Highly Restrictive").
///
/// # Errors
/// `mixed_scripts`, `invalid_name`.
pub fn well_formed(typed: &str) -> Result<(), Invalid> {
    if typed.is_ascii() && !typed.trim().is_empty() {
        return Ok(());
    }
    let identity = Identity::of(typed);
    if identity.is_blank() {
        return Err(Invalid::new(ProblemCode::InvalidName, "must have a character that is seen"));
    }
    let mut words = identity.0.split([' ', '@']);
    match words.find(|word| !is_of_one_system(word)) {
        None => Ok(()),
        Some(word) => {
            let rule = format!("must not mix scripts within a word: {} has letters of several", word.escape_unicode());
            Err(Invalid::new(ProblemCode::MixedScripts, rule))
        }
    }
}

/// Full case folding by way of the letters' other cases, which also takes `ß` for `ss`.
fn folded(text: &str) -> String {
    let small = text.chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    let mut made = String::with_capacity(text.len());
    for c in small {
        // İ is small as i with a dot above that it has anyway.
        if !(c == '\u{307}' && made.ends_with('i')) {
            made.push(c);
        }
    }
    made
}

fn seen(text: &str) -> String {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let category = CodePointMapData::<GeneralCategory>::new();
    text.chars().filter(|c| !ignorable.contains(*c) && category.get(*c) != GeneralCategory::Format).collect()
}

fn spaced(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c == '\u{2800}').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// What a word is written in: a script, or one of the systems that use several (UTS 39, section 5.1, "augmented script
/// set").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Of(Script),
    Japanese,
    Korean,
    Chinese,
}

/// Whether there is a writing system that has every character of a word.
fn is_of_one_system(word: &str) -> bool {
    let mut shared: Option<Vec<System>> = None;
    for c in word.chars() {
        let Some(systems) = systems(c) else { continue };
        let both = match shared {
            None => systems,
            Some(before) => before.into_iter().filter(|system| systems.contains(system)).collect(),
        };
        if both.is_empty() {
            return false;
        }
        shared = Some(both);
    }
    true
}

/// The systems that have a character; none where every one does: digits, punctuation, accents.
fn systems(c: char) -> Option<Vec<System>> {
    let mut found = Vec::new();
    for script in ScriptWithExtensions::new().get_script_extensions_val(c).iter() {
        found.push(System::Of(script));
        match script {
            Script::Common | Script::Inherited => return None,
            Script::Han => found.extend([System::Japanese, System::Korean, System::Chinese]),
            Script::Hiragana | Script::Katakana => found.push(System::Japanese),
            Script::Hangul => found.push(System::Korean),
            Script::Bopomofo => found.push(System::Chinese),
            Script::Latin => found.extend([System::Japanese, System::Korean, System::Chinese]),
            _ => {}
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_alike_is_one_person() {
        for (one, others) in [
            (
                "quinn@example.org",
                &[
                    "QUINN@example.org",
                    "Quinn@Example.org",
                    "ｑｕｉｎｎ@example.org",    // full-width letters
                    "𝐪𝐮𝐢𝐧𝐧@example.org",         // mathematical letters
                    "qui\u{200d}nn@example.org", // zero-width joiner
                    "qui\u{200b}nn@example.org", // zero-width space
                    "qui\u{2060}nn@example.org", // word joiner
                    "qui\u{ad}nn@example.org",   // soft hyphen
                    "\u{feff}quinn@example.org", // byte order mark
                    "quinn\u{202e}@example.org", // right-to-left override
                    "quinn@example.org ",
                    "\u{a0}quinn@example.org\u{2003}",
                    "quinn\u{fe0f}@example.org",  // variation selector
                    "quinn\u{34f}@example.org",   // combining grapheme joiner
                    "qu\u{e0069}inn@example.org", // a tag
                    "quınn@example.org",          // dotless, decided: one letter
                    "QUİNN@example.org",          // with its dot, decided: the same
                ][..],
            ),
            (
                "renée groß",
                &["rene\u{301}e groß", "RENÉE GROSS", "RENÉE GROẞ", "renée  groſs", "ren\u{e9}e\u{3000}gro\u{200c}ß"],
            ),
            ("office fluff", &["oﬃce ﬂuﬀ", "OFFICE FLUFF"]),
            ("οδυσσεύς", &["ΟΔΥΣΣΕΎΣ", "οδυσσεύσ"]),
            ("김민준", &["\u{1100}\u{1175}\u{11b7}\u{1106}\u{1175}\u{11ab}\u{110c}\u{116e}\u{11ab}"]),
            ("ångström", &["A\u{30a}NGSTRÖM", "\u{212b}ngström"]),
            ("7", &["７", "⁷", "⑦"]),
        ] {
            for other in others {
                assert!(same(one, other), "{one} and {}: {:?}", other.escape_unicode(), Identity::of(other));
            }
        }
    }

    #[test]
    fn a_name_is_found_without_its_accents() {
        // python3: ''.join(c for c in unicodedata.normalize('NFKD', text.casefold()) if unicodedata.category(c) != 'Mn')
        for (typed, expected) in [
            ("Juvéderm VOLUMA", "juvederm voluma"),
            ("JUVE\u{301}DERM", "juvederm"),
            ("Müller & Söhne", "muller & sohne"),
            ("Łódź", "łodz"),
            ("Groß", "gross"),
            ("Profhilo", "profhilo"),
        ] {
            assert_eq!(sought(typed), expected, "{typed}");
        }
        assert!(!same("rene", "renée"), "people are told apart all the same");
    }

    #[test]
    fn what_is_seen_otherwise_is_somebody_else() {
        for (one, other) in [
            ("ann", "anna"),
            ("ann", "a.nn"),
            ("ann lee", "annlee"),
            ("rene", "renée"),
            ("müller", "mueller"),
            ("ann", "аnn"), // Cyrillic: refused where it is taken, and no other's before
            ("nurse-1", "nurse-2"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_word_is_written_in_one_system() {
        // UTS 39, section 5.1, table 1a and its examples, and section 5.2.
        for good in [
            "ann",
            "Zoë O'Brien-Smith",
            "renée@example.org",
            "иван@example.org",
            "Иванов Petrov",
            "Ελένη",
            "ねガ",
            "山田タロウ",
            "山田taro",
            "李小龍Bruce",
            "김Kim",
            "ㄅ李",
            "קרן-2",
            "नेहा",
            "nurse7",
            "\u{200b}ann",
            "\u{ff21}nn",
        ] {
            assert_eq!(well_formed(good), Ok(()), "{good}");
        }
        for bad in ["аnn", "аnn@example.org", "а.smith", "Αnn", "annа", "iванов", "김ガ", "ねИ", "ցate", "𝐚nn\u{430}"]
        {
            assert_eq!(well_formed(bad).unwrap_err().code, ProblemCode::MixedScripts, "{bad}");
        }
        for blank in ["\u{200b}", " ", "\u{feff}\u{ad}", "\u{3164}", "\u{2800}"] {
            assert_eq!(well_formed(blank).unwrap_err().code, ProblemCode::InvalidName, "{}", blank.escape_unicode());
        }
    }

    #[test]
    fn letters_fold_as_unicode_says() {
        // By Python's unicodedata 14: NFKC(casefold(NFKC(text))), until it stays.
        for (c, folded) in [
            ('\u{c4}', "\u{e4}"),
            ('\u{df}', "ss"),
            ('\u{130}', "i\u{307}"),
            ('\u{149}', "\u{2bc}n"),
            ('\u{17f}', "s"),
            ('\u{1c4}', "d\u{17e}"),
            ('\u{1f0}', "\u{1f0}"),
            ('\u{345}', "\u{3b9}"),
            ('\u{390}', "\u{390}"),
            ('\u{3a3}', "\u{3c3}"),
            ('\u{3c2}', "\u{3c3}"),
            ('\u{3d0}', "\u{3b2}"),
            ('\u{3f4}', "\u{3b8}"),
            ('\u{1e9e}', "ss"),
            ('\u{1e97}', "\u{1e97}"),
            ('\u{1f80}', "\u{1f00}\u{3b9}"),
            ('\u{1fb3}', "\u{3b1}\u{3b9}"),
            ('\u{1ffc}', "\u{3c9}\u{3b9}"),
            ('\u{2126}', "\u{3c9}"),
            ('\u{212a}', "k"),
            ('\u{2160}', "i"),
            ('\u{24b6}', "a"),
            ('\u{3392}', "mhz"),
            ('\u{fb01}', "fi"),
            ('\u{fb13}', "\u{574}\u{576}"),
            ('\u{ff21}', "a"),
            ('\u{ff76}', "\u{30ab}"),
            ('\u{1d400}', "a"),
            ('\u{13a0}', "\u{13a0}"),
            ('\u{13f8}', "\u{13f0}"),
            ('\u{ab70}', "\u{13a0}"),
            ('\u{10a0}', "\u{2d00}"),
            ('\u{1c90}', "\u{10d0}"),
            ('\u{1c80}', "\u{432}"),
            ('\u{a64a}', "\u{a64b}"),
            ('\u{10400}', "\u{10428}"),
        ] {
            assert!(same(&format!("a{c}"), &format!("a{folded}")), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn an_identity_is_its_own() {
        for c in (0..0x3000)
            .chain(0xa640..0xac00)
            .chain(0xf900..0x1_0600)
            .chain(0x1_d400..0x1_d800)
            .filter_map(char::from_u32)
        {
            let once = Identity::of(&format!("a{c}b"));
            assert_eq!(Identity::of(once.as_str()), once, "U+{:04X}", u32::from(c));
        }
    }
}
