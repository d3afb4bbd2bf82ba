//! What a recall names, and what only looks like it.

use super::model::{Manufactured, Named, Resemblance, SerialRange};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::stock::model::Lot;
use crate::values::{LotText, Serial};

impl Named {
    /// Whether it names all of the product.
    pub fn is_whole(&self) -> bool {
        *self == Named::default()
    }

    /// Whether it names packs by their numbers.
    pub fn has_serials(&self) -> bool {
        !self.serials.is_empty() || !self.serial_ranges.is_empty()
    }
}

/// What is named makes sense: ranges go from the first to the last.
///
/// # Errors
/// `invalid_value`, `missing_field`.
pub fn well_formed(named: &Named) -> Result<()> {
    for (index, SerialRange { from, to }) in named.serial_ranges.iter().enumerate() {
        if from.as_str().len() != to.as_str().len() || from > to {
            let rule = "must have as many characters as from, and not come before it";
            return Err(Error::invalid(ProblemCode::InvalidValue, &format!("serial_ranges[{index}].to"), rule));
        }
    }
    match &named.manufactured {
        Some(Manufactured { from: None, to: None }) => {
            Err(Error::invalid(ProblemCode::MissingField, "manufactured.from", "or manufactured.to must be given"))
        }
        Some(Manufactured { from: Some(from), to: Some(to) }) if from > to => {
            Err(Error::invalid(ProblemCode::InvalidValue, "manufactured.to", "must not come before from"))
        }
        _ => Ok(()),
    }
}

/// DOMAIN rule 21: whether a recall names a lot of its product, all units of it. Lot texts match whatever their case.
pub fn names_lot(named: &Named, lot: &Lot) -> bool {
    let is_made_then = |made: &Manufactured| {
        lot.production_date
            .is_some_and(|day| made.from.is_none_or(|from| day >= from) && made.to.is_none_or(|to| day <= to))
    };
    named.is_whole()
        || named.lots.iter().any(|text| text.matches(&lot.lot))
        || named.manufactured.as_ref().is_some_and(is_made_then)
}

/// DOMAIN rule 21: whether a recall names a pack by its serial number. Those are compared as they are (GS1 General
/// Specifications 3.5: case counts).
pub fn names_serial(named: &Named, serial: &Serial) -> bool {
    let is_within = |range: &SerialRange| {
        let SerialRange { from, to } = range;
        serial.as_str().len() == from.as_str().len() && from <= serial && serial <= to
    };
    named.serials.contains(serial) || named.serial_ranges.iter().any(is_within)
}

/// Why somebody should look at a lot that a recall does not name: what may be a slip of a pen is never dropped silently.
pub fn resembles(named: &Named, lot: &Lot) -> Option<Resemblance> {
    if names_lot(named, lot) {
        return None;
    }
    let likeness = lot.lot.likeness();
    if named.lots.iter().any(|text| text.likeness() == likeness) {
        return Some(Resemblance::LotText);
    }
    let is_undated = named.manufactured.is_some() && lot.production_date.is_none();
    is_undated.then_some(Resemblance::ManufactureUnknown)
}

/// Serial numbers that are easily taken for one: in other case, with O and 0, I and 1 changed, with a leading zero more or
/// less.
pub fn easily_taken_for(serial: &Serial) -> Vec<Serial> {
    let text = serial.as_str();
    let swapped = |from: &[char], to: &str| text.replace(from, to);
    let mut texts = vec![
        text.to_ascii_uppercase(),
        text.to_ascii_lowercase(),
        swapped(&['O', 'o'], "0"),
        swapped(&['0'], "O"),
        swapped(&['I', 'i', 'l'], "1"),
        swapped(&['1'], "I"),
        text.trim_start_matches('0').to_owned(),
        format!("0{text}"),
    ];
    texts.retain(|other| other != text);
    texts.sort();
    texts.dedup();
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// The keys by which lot texts are found.
pub fn keys(texts: &[LotText]) -> Vec<String> {
    let mut keys: Vec<_> = texts.iter().map(LotText::key).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Of a hundred sites and administrations, how many have been reached, rounded down: all of none.
pub fn effectiveness(reached: i64, concerned: i64) -> i64 {
    reached.saturating_mul(100).checked_div(concerned).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Ids, LotId, OrganisationId, ProductId};

    fn lot(text: &str, made: Option<&str>) -> Lot {
        let (ids, now) = (Ids::system(), "2026-11-21T09:00:00Z".parse().unwrap());
        Lot {
            id: LotId::mint(&ids, now, 0),
            organisation_id: OrganisationId::mint(&ids, now, 0),
            product_id: ProductId::mint(&ids, now, 0),
            lot: text.parse().unwrap(),
            expiry: "2027-06-30".parse().unwrap(),
            production_date: made.map(|day| day.parse().unwrap()),
            first_received_at: now,
        }
    }

    fn named(lots: &[&str], made: Option<(Option<&str>, Option<&str>)>) -> Named {
        let day = |day: Option<&str>| day.map(|day| day.parse().unwrap());
        Named {
            lots: lots.iter().map(|text| text.parse().unwrap()).collect(),
            manufactured: made.map(|(from, to)| Manufactured { from: day(from), to: day(to) }),
            ..Named::default()
        }
    }

    #[test]
    fn a_lot_is_named_by_its_text_by_when_it_was_made_or_with_all_of_its_product() {
        let june = Some((Some("2026-06-01"), Some("2026-06-30")));
        let rows = [
            (named(&[], None), lot("HC24A", None), true, None),
            (named(&["hc24a"], None), lot("HC24A", None), true, None),
            (named(&["HC24B"], None), lot("HC24A", None), false, None),
            (named(&["HC2O4"], None), lot("HC204", None), false, Some(Resemblance::LotText)),
            (named(&["00123"], None), lot("123", None), false, Some(Resemblance::LotText)),
            (named(&["LOTI"], None), lot("LOT1", None), false, Some(Resemblance::LotText)),
            (named(&[], june), lot("A", Some("2026-06-01")), true, None),
            (named(&[], june), lot("A", Some("2026-06-30")), true, None),
            (named(&[], june), lot("A", Some("2026-07-01")), false, None),
            (named(&[], june), lot("A", None), false, Some(Resemblance::ManufactureUnknown)),
            (named(&[], Some((None, Some("2026-06-30")))), lot("A", Some("2020-01-01")), true, None),
            // Either is enough.
            (named(&["B"], june), lot("A", Some("2026-06-15")), true, None),
            (named(&["A"], june), lot("A", Some("2026-07-15")), true, None),
        ];
        for (index, (named, lot, is_named, resemblance)) in rows.into_iter().enumerate() {
            assert_eq!(names_lot(&named, &lot), is_named, "row {index}");
            assert_eq!(resembles(&named, &lot), resemblance, "row {index}");
        }
    }

    #[test]
    fn a_range_has_serials_of_as_many_characters() {
        let serial = |text: &str| text.parse::<Serial>().unwrap();
        let range = |from: &str, to: &str| SerialRange { from: serial(from), to: serial(to) };
        let named =
            Named { serials: vec![serial("X1")], serial_ranges: vec![range("SN008", "SN012")], ..Named::default() };
        for (text, is_named) in [
            ("SN008", true),
            ("SN012", true),
            ("SN010", true),
            ("SN007", false),
            ("SN013", false),
            ("SN0100", false),
            ("SN01", false),
            ("X1", true),
            ("x1", false),
        ] {
            assert_eq!(names_serial(&named, &serial(text)), is_named, "{text}");
        }
        for (from, to, good) in [("A1", "A9", true), ("A9", "A1", false), ("A1", "A10", false), ("A1", "A1", true)] {
            let named = Named { serial_ranges: vec![range(from, to)], ..Named::default() };
            assert_eq!(well_formed(&named).is_ok(), good, "{from} {to}");
        }
    }

    #[test]
    fn what_is_easily_taken_for_a_serial_is_looked_for() {
        let alike = |text: &str| -> Vec<String> {
            easily_taken_for(&text.parse().unwrap()).iter().map(ToString::to_string).collect()
        };
        for (named, packed) in [("SN0I", "SN01"), ("sn7", "SN7"), ("0123", "123"), ("123", "0123"), ("SO5", "S05")] {
            assert!(alike(named).contains(&packed.to_owned()), "{named}: {:?}", alike(named));
        }
        assert!(!alike("SN7").contains(&"SN7".to_owned()));
    }

    #[test]
    fn effectiveness_is_rounded_down() {
        for (reached, concerned, percent) in
            [(0, 0, 100), (0, 3, 0), (1, 3, 33), (2, 3, 66), (3, 3, 100), (199, 200, 99)]
        {
            assert_eq!(effectiveness(reached, concerned), percent, "{reached} of {concerned}");
        }
    }
}
