//! Reading names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::wire::Names;
use crate::catalogue::model::Product;
use crate::command::View;
use crate::db::Db;
use crate::error::Result;
use crate::ids::{LocationId, LotId, OrganisationId, PractitionerId, ProductId, ProtocolId, SiteId, SupplierId};
use crate::sites::model::{Location, Site};
use crate::stock::model::Lot;
use crate::values::Name;

/// Which things are to be named.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Products.
    pub products: BTreeSet<ProductId>,
    /// Lots, with their products.
    pub lots: BTreeSet<LotId>,
    /// Sites.
    pub sites: BTreeSet<SiteId>,
    /// Places, with their sites.
    pub places: BTreeSet<LocationId>,
}

/// Things with their names.
#[derive(Clone, Debug, Default)]
pub struct Known {
    products: HashMap<ProductId, Product>,
    lots: HashMap<LotId, Lot>,
    sites: HashMap<SiteId, Site>,
    places: HashMap<LocationId, Location>,
}

/// Reads what things are called: a statement for each kind of them.
///
/// # Errors
/// What the database answers.
pub fn known(db: &mut Db, organisation: &OrganisationId, asked: Asked) -> Result<Known> {
    let Asked { mut products, lots, mut sites, places } = asked;
    let lots: Vec<_> = lots.iter().collect();
    let lots = crate::stock::service::lots(db, organisation, &lots)?;
    products.extend(lots.iter().map(|lot| lot.product_id.clone()));
    let products: Vec<_> = products.iter().collect();
    let products = crate::catalogue::service::by_ids(db, organisation, &products)?;
    let places: Vec<_> = places.into_iter().collect();
    let places =
        if places.is_empty() { Vec::new() } else { crate::sites::service::locations(db, organisation, &places)? };
    sites.extend(places.iter().map(|place| place.site_id.clone()));
    let sites: Vec<_> = sites.into_iter().collect();
    let sites = if sites.is_empty() { Vec::new() } else { crate::sites::service::sites(db, organisation, &sites)? };
    Ok(Known {
        products: products.into_iter().map(|product| (product.id.clone(), product)).collect(),
        lots: lots.into_iter().map(|lot| (lot.id.clone(), lot)).collect(),
        sites: sites.into_iter().map(|site| (site.id.clone(), site)).collect(),
        places: places.into_iter().map(|place| (place.id.clone(), place)).collect(),
    })
}

/// What something is called, and where it is, if it is at a site or one itself.
#[derive(Clone)]
struct Called {
    name: Name,
    site_id: Option<SiteId>,
}

/// What things are called, whatever they are: those of these ids that the organisation has, at sites that the caller sees. What is
/// remembered is not read again.
///
/// # Errors
/// What the database answers.
pub fn of_ids(view: &mut View<'_>, ids: &BTreeSet<&str>) -> Result<BTreeMap<String, Name>> {
    let caller = view.caller;
    let found = view.known.get_all(view.db, ids, |db, ids| read(db, &caller.organisation_id, ids))?;
    let is_seen = |called: &Called| called.site_id.as_ref().is_none_or(|site| caller.sees(site));
    Ok(found.into_iter().filter(|(_, called)| is_seen(called)).map(|(id, called)| (id, called.name)).collect())
}

fn read(db: &mut Db, organisation: &OrganisationId, ids: &BTreeSet<&str>) -> Result<BTreeMap<String, Called>> {
    let (people, suppliers): (Vec<PractitionerId>, Vec<SupplierId>) = (parsed(ids), parsed(ids));
    let suppliers = crate::suppliers::service::by_ids(db, organisation, &suppliers.iter().collect::<Vec<_>>())?;
    let protocols: Vec<ProtocolId> = parsed(ids);
    let protocols = match protocols.is_empty() {
        true => Vec::new(),
        false => crate::protocols::service::titles(db, organisation, &protocols)?,
    };
    let people = match people.is_empty() {
        true => Vec::new(),
        false => crate::practitioners::service::practitioners(db, organisation, &people)?,
    };
    let asked = Asked {
        products: parsed(ids).into_iter().collect(),
        sites: parsed(ids).into_iter().collect(),
        places: parsed(ids).into_iter().collect(),
        ..Asked::default()
    };
    let Known { products, sites, places, .. } = known(db, organisation, asked)?;
    let everywhere = suppliers
        .into_iter()
        .map(|supplier| (supplier.id.to_string(), supplier.name))
        .chain(protocols.into_iter().map(|(id, title)| (id.to_string(), title)))
        .chain(people.into_iter().map(|person| (person.id.to_string(), person.name)))
        .chain(products.into_values().map(|product| (product.id.to_string(), product.name)))
        .map(|(id, name)| (id, Called { name, site_id: None }));
    let places = places.into_values().map(|place| (place.id.to_string(), (place.name, place.site_id)));
    let sites = sites.into_values().map(|site| (site.id.to_string(), (site.name, site.id)));
    let at_sites = places.chain(sites).map(|(id, (name, at))| (id, Called { name, site_id: Some(at) }));
    // With a place comes its site, and nobody asked for that.
    Ok(everywhere.chain(at_sites).filter(|(id, _)| ids.contains(id.as_str())).collect())
}

/// The ids of one kind.
fn parsed<I: std::str::FromStr>(ids: &BTreeSet<&str>) -> Vec<I> {
    ids.iter().filter_map(|id| id.parse().ok()).collect()
}

impl Known {
    /// A product.
    pub fn product(&self, id: &ProductId) -> Option<&Product> {
        self.products.get(id)
    }

    /// A lot.
    pub fn lot(&self, id: &LotId) -> Option<&Lot> {
        self.lots.get(id)
    }

    /// A site.
    pub fn site(&self, id: &SiteId) -> Option<&Site> {
        self.sites.get(id)
    }

    /// A place.
    pub fn place(&self, id: &LocationId) -> Option<&Location> {
        self.places.get(id)
    }

    /// What units of a lot at a place are called; at a site, where the place is not known.
    pub fn names(&self, lot: &LotId, place: Option<&LocationId>, site: Option<&SiteId>) -> Names {
        let lot = self.lot(lot);
        let product = lot.and_then(|lot| self.product(&lot.product_id));
        let place = place.and_then(|place| self.place(place));
        let site = site.or(place.map(|place| &place.site_id)).and_then(|site| self.site(site));
        Names {
            product_id: product.map(|product| product.id.clone()),
            product: product.map(|product| product.name.clone()),
            lot: lot.map(|lot| lot.lot.clone()),
            expiry: lot.map(|lot| lot.expiry),
            site_id: site.map(|site| site.id.clone()),
            site: site.map(|site| site.name.clone()),
            location: place.map(|place| place.name.clone()),
            from_location: None,
            to_location: None,
        }
    }
}
