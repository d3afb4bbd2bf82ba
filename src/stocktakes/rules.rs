//! How what was counted of a lot at a place differs from the books.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::model::{Elsewhere, Scan};
use crate::clock::Moment;
use crate::ids::{LocationId, LotId, PackId};
use crate::stock::model::{AccountKind, PackBalance};
use crate::values::Serial;

/// What the books have of a lot at a place.
pub struct Here<'a> {
    /// The place.
    pub location: &'a LocationId,
    /// The lot.
    pub lot: &'a LotId,
    /// How many units.
    pub on_books: i64,
    /// The packs with numbers among them.
    pub packs: &'a [PackBalance],
}

/// What people saw.
pub struct Seen<'a> {
    /// What was scanned of the lot at the place.
    pub scans: &'a [Scan],
    /// The places that are counted together.
    pub places: &'a [LocationId],
    /// How many units of each lot were counted at each of them, and whether any by its number.
    pub sums: &'a HashMap<(LocationId, LotId), (i64, bool)>,
    /// Where the scanned packs are by the books.
    pub where_packs_are: &'a HashMap<PackId, Vec<PackBalance>>,
    /// Who said that counting is over: what nobody scanned is counted as none by them.
    pub closed_by: Option<&'a String>,
}

/// A lot at a place: what was counted beside what the books say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The place.
    pub location_id: LocationId,
    /// The lot.
    pub lot_id: LotId,
    /// How many units were counted, those of packs that the books have elsewhere left out.
    pub counted: i64,
    /// How many units the books have.
    pub on_books: i64,
    /// Whether books and shelf differ, in their sums or in a pack.
    pub differs: bool,
    /// The packs that were counted by their numbers and that the books have here; none where none was counted so.
    pub packs: Option<BTreeMap<PackId, i64>>,
    /// Who counted, by the subjects of the tokens; whoever closed the stock-take, where nothing was scanned.
    pub counted_by: Vec<String>,
    /// Packs that the books have here and that nobody saw.
    pub missing: Vec<Serial>,
    /// Packs that were seen here and that the books had lost, or that are missing at another place that is counted.
    pub found: Vec<(PackId, Serial, i64)>,
    /// Packs that were seen here and that the books have elsewhere.
    pub elsewhere: Vec<Elsewhere>,
    /// The moment of the books that it is compared with.
    pub counted_at: Moment,
    /// Whether it must be counted again.
    pub again: bool,
}

/// Compares what was seen of a lot at a place with the books.
///
/// A pack that the books have at another place is a matter of its own. Where that place is counted too, and the pack was not seen
/// there, it is missing there and found here. Otherwise its units are no difference of this lot here: it is to be transferred, or
/// what became of it is to be looked into.
pub fn compare(here: &Here<'_>, seen: &Seen<'_>, counted_at: Moment, again: bool) -> Compared {
    let mut counted: i64 = seen.scans.iter().map(|scan| scan.units).sum();
    let mut held: BTreeMap<&PackId, (&Serial, i64)> = BTreeMap::new();
    for row in here.packs {
        held.entry(&row.pack.id).or_insert((&row.pack.serial, 0)).1 += row.units;
    }
    let (mut packs, mut found, mut elsewhere) = (BTreeMap::new(), Vec::new(), Vec::new());
    let mut by_number = false;
    for scan in seen.scans {
        let (Some(id), Some(serial)) = (&scan.pack_id, &scan.serial) else { continue };
        by_number = true;
        if held.contains_key(id) {
            *packs.entry(id.clone()).or_insert(0) += scan.units;
            continue;
        }
        match whereabouts(here.lot, id, seen) {
            Whereabouts::Lost(units) => found.push((id.clone(), serial.clone(), units.min(scan.units))),
            Whereabouts::Elsewhere(location_id) => {
                counted -= scan.units;
                elsewhere.push(Elsewhere { serial: serial.clone(), location_id });
            }
        }
    }
    let unseen = held.iter().filter(|(id, _)| by_number && !packs.contains_key(**id));
    let missing: Vec<Serial> = unseen.map(|(_, (serial, _))| (*serial).clone()).collect();
    let is_apart = |(id, (_, units)): (&&PackId, &(&Serial, i64))| packs.get(*id) != Some(units);
    let mut counted_by: BTreeSet<&String> = seen.scans.iter().map(|scan| &scan.scanned_by).collect();
    if counted_by.is_empty() {
        counted_by.extend(seen.closed_by);
    }
    let differs = counted != here.on_books || !found.is_empty() || (by_number && held.iter().any(is_apart));
    Compared {
        location_id: here.location.clone(),
        lot_id: here.lot.clone(),
        counted,
        on_books: here.on_books,
        differs,
        packs: by_number.then_some(packs),
        counted_by: counted_by.into_iter().cloned().collect(),
        missing,
        found,
        elsewhere,
        counted_at,
        again,
    }
}

/// Where a pack is that the books do not have where it was seen.
enum Whereabouts {
    /// So many of its units were missing at a count, or are at another place that is counted.
    Lost(i64),
    /// It is where nobody counts, or has left.
    Elsewhere(Option<LocationId>),
}

fn whereabouts(lot: &LotId, pack: &PackId, seen: &Seen<'_>) -> Whereabouts {
    let rows = seen.where_packs_are.get(pack).map(Vec::as_slice).unwrap_or_default();
    let adjusted: i64 =
        rows.iter().filter(|row| row.account.kind == AccountKind::Adjustment).map(|row| row.units).sum();
    let inside = rows.iter().find(|row| row.units > 0 && row.account.location_id.is_some());
    let Some((row, place)) = inside.and_then(|row| Some((row, row.account.location_id.as_ref()?))) else {
        return if adjusted > 0 { Whereabouts::Lost(adjusted) } else { Whereabouts::Elsewhere(None) };
    };
    // It is missing there only where it can be told from the packs beside it: they were counted by their numbers, or none is left.
    let told_apart =
        seen.sums.get(&(place.clone(), lot.clone())).is_some_and(|(units, numbered)| *units == 0 || *numbered);
    if seen.places.contains(place) && told_apart {
        Whereabouts::Lost(row.units)
    } else {
        Whereabouts::Elsewhere(Some(place.clone()))
    }
}
