//! Packs over HTTP.

use actix_web::{HttpResponse, get};

use super::store::{self, Filter};
use super::wire::{PackFilter, PackUnits, PackView};
use crate::command::View;
use crate::error::Result;
use crate::http::commands::Queries;
use crate::http::input::Query;
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::ids::PackId;
use crate::names::service::{Asked, Known, known};
use crate::problem::Problem;
use crate::stock::model::{Pack, PackBalance};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(list_packs);
}

/// Lists packs, or finds one by its number: where its units are, and how those that left did.
#[utoipa::path(operation_id = "list_packs", tag = "Stock", params(PackFilter),
    responses((status = 200, description = "A page of packs.", body = Page<PackView>)))]
#[get("/packs")]
async fn list_packs(queries: Queries, filter: Query<PackFilter>) -> std::result::Result<HttpResponse, Problem> {
    let PackFilter { site_id, location_id, product_id, lot_id, serial, state, limit, cursor } = filter.into_inner();
    let filter = Filter { site_id, location_id, product_id, lot_id, serial, state };
    queries
        .search(
            List::of("packs", [paging::id::<PackId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|packs| views(view, packs))
            },
            |pack: &PackView| [pack.id.to_string()],
        )
        .await
}

/// What is shown of packs.
fn views(view: &mut View<'_>, packs: Vec<Pack>) -> Result<Vec<PackView>> {
    let organisation = &view.caller.organisation_id;
    let ids: Vec<_> = packs.iter().map(|pack| &pack.id).collect();
    let mut units = store::units_of(view.db, organisation, &ids)?;
    // What is at a site that is not seen is nobody's to know; what left is at none.
    units.retain(|row| row.account.site_id.as_ref().is_none_or(|site| view.caller.sees(site)));
    let asked = Asked {
        lots: packs.iter().map(|pack| pack.lot_id.clone()).collect(),
        places: units.iter().filter_map(|row| row.account.location_id.clone()).collect(),
        ..Asked::default()
    };
    let known = known(view.db, organisation, asked)?;
    Ok(packs.into_iter().map(|pack| shown(pack, &units, &known)).collect())
}

fn shown(pack: Pack, units: &[PackBalance], known: &Known) -> PackView {
    let own = units.iter().filter(|row| row.pack.id == pack.id);
    let units: Vec<PackUnits> = own
        .map(|row| {
            let place = row.account.location_id.as_ref().and_then(|place| known.place(place));
            let site = place.and_then(|place| known.site(&place.site_id));
            PackUnits {
                state: row.account.kind,
                units: row.units,
                site_id: row.account.site_id.clone(),
                site: site.map(|site| site.name.clone()),
                location_id: row.account.location_id.clone(),
                location: place.map(|place| place.name.clone()),
                account_id: row.account.location_id.as_ref().map(|_| row.account.id.clone()),
            }
        })
        .collect();
    PackView {
        names: known.names(&pack.lot_id, None, None),
        units_on_hand: units.iter().filter(|row| row.location_id.is_some()).map(|row| row.units).sum(),
        units,
        id: pack.id,
        serial: pack.serial,
        product_id: pack.product_id,
        lot_id: pack.lot_id,
        receipt_line_id: pack.receipt_line_id,
    }
}
