//! What should go first at the chair, by the journal alone (DOMAIN rule 14: first expired, first out).

use std::collections::BTreeMap;

use super::journal::{Account, Event};

/// Where somebody is, and what they hold in their hand.
pub struct Hand<'a> {
    pub site: &'a str,
    pub location: Option<&'a str>,
    pub lot: &'a str,
    pub expiry: &'a str,
    /// The day there.
    pub day: &'a str,
}

/// Of these other lots those that run out before what would be taken, the first of them: their day, and each with its place.
pub fn first_out(journal: &[Event], hand: &Hand<'_>, others: &[&str]) -> Option<(String, Vec<(String, String)>)> {
    let mut units: BTreeMap<(&str, &Account), i64> = BTreeMap::new();
    for line in journal.iter().flat_map(|event| &event.lines) {
        *units.entry((&line.from.lot, &line.from.account)).or_default() -= line.units;
        *units.entry((&line.to.lot, &line.to.account)).or_default() += line.units;
    }
    // Days are written so that their texts have their order.
    let usable: Vec<_> = units
        .into_iter()
        .filter(|((_, account), units)| account.kind == "available" && *units > 0)
        .filter_map(|((lot, account), _)| Some((lot, account.place.as_ref()?)))
        .filter(|(_, place)| place.site == hand.site && place.use_by.as_str() >= hand.day)
        .collect();
    let of_hand = usable
        .iter()
        .filter(|(lot, place)| *lot == hand.lot && hand.location.is_none_or(|location| place.location == location));
    let own = of_hand.map(|(_, place)| place.use_by.as_str()).min().unwrap_or(hand.expiry);
    let earlier: Vec<_> =
        usable.iter().filter(|(lot, place)| others.contains(lot) && place.use_by.as_str() < own).collect();
    let first = earlier.iter().map(|(_, place)| place.use_by.as_str()).min()?;
    let of_first = earlier.iter().filter(|(_, place)| place.use_by == first);
    Some((first.to_owned(), of_first.map(|(lot, place)| ((*lot).to_owned(), place.location.clone())).collect()))
}
