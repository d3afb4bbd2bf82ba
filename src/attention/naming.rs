//! The names of what things that wait are about: one statement for each kind of thing, whatever their number.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use super::kinds::Settled;
use super::waiting::{About, Waiting};
use super::wire::{Call, WorkItem, WorkNames};
use crate::command::View;
use crate::error::Result;
use crate::names::service::{Asked, known};

/// What waits, with its names.
///
/// # Errors
/// What the database answers.
pub fn named(view: &mut View<'_>, found: Vec<Waiting>) -> Result<Vec<WorkItem>> {
    let organisation = &view.caller.organisation_id;
    let asked = Asked {
        products: distinct(&found, |about| about.product.as_ref()).into_iter().cloned().collect(),
        lots: distinct(&found, |about| about.lot.as_ref()).into_iter().cloned().collect(),
        sites: distinct(&found, |about| about.site.as_ref()).into_iter().cloned().collect(),
        places: distinct(&found, |about| about.location.as_ref()).into_iter().cloned().collect(),
    };
    let known = known(view.db, organisation, asked)?;
    let people: Vec<_> = distinct(&found, |about| about.practitioner.as_ref()).into_iter().cloned().collect();
    let people = crate::practitioners::service::practitioners(view.db, organisation, &people)?;
    let people = keyed(people, |person| person.id.clone());
    let suppliers = distinct(&found, |about| about.supplier.as_ref());
    let suppliers = crate::suppliers::service::by_ids(view.db, organisation, &suppliers)?;
    let suppliers = keyed(suppliers, |supplier| supplier.id.clone());
    Ok(found
        .iter()
        .map(|waiting| {
            let About { product, lot, site, location, practitioner, supplier, person, what } = waiting.about.clone();
            let lot_of = lot.as_ref().and_then(|id| known.lot(id));
            let product_id = product.or_else(|| lot_of.map(|lot| lot.product_id.clone()));
            let names = WorkNames {
                product: product_id.as_ref().and_then(|id| known.product(id)).map(|product| product.name.clone()),
                lot: lot_of.map(|lot| lot.lot.clone()),
                expiry: lot_of.map(|lot| lot.expiry),
                site: site.as_ref().and_then(|id| known.site(id)).map(|site| site.name.clone()),
                location: location.as_ref().and_then(|id| known.place(id)).map(|place| place.name.clone()),
                practitioner: practitioner.as_ref().and_then(|id| people.get(id)).map(|person| person.name.clone()),
                supplier: supplier.as_ref().and_then(|id| suppliers.get(id)).map(|supplier| supplier.name.clone()),
                product_id,
                lot_id: lot,
                site_id: site,
                location_id: location,
                practitioner_id: practitioner,
                supplier_id: supplier,
                person,
                what,
            };
            item(waiting, names)
        })
        .collect())
}

/// One thing that waits, with the call that settles it.
fn item(waiting: &Waiting, names: WorkNames) -> WorkItem {
    let Settled { operation, method, path, .. } = waiting.kind.settled();
    let path = path.replace("{id}", &waiting.id);
    let call = Call { operation, method, path, query: waiting.query.clone(), body: waiting.body.clone() };
    let Waiting { kind, units, since, due, .. } = *waiting;
    WorkItem { kind, names, units, since, due, call, place: waiting.place() }
}

/// The ids of one kind of thing, each once.
fn distinct<T: Ord>(found: &[Waiting], id: fn(&About) -> Option<&T>) -> Vec<&T> {
    let ids: BTreeSet<&T> = found.iter().filter_map(|waiting| id(&waiting.about)).collect();
    ids.into_iter().collect()
}

fn keyed<K: Eq + Hash, T>(found: Vec<T>, key: fn(&T) -> K) -> HashMap<K, T> {
    found.into_iter().map(|one| (key(&one), one)).collect()
}
