//! The table of products.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{ApprovalStatus, DeviceIdentifier, Identifier, IdentifierScheme, Level, Product, ProductClass};
use crate::db::schema::{administrations, lots, product_approvals, product_identifiers, products, receipt_lines};
use crate::db::{Db, lock_rows, on_either};
use crate::error::Result;
use crate::ids::{OrganisationId, ProductId};
use crate::journal::tables::Tables;
use crate::values::{Gtin, Json, Jurisdiction, UdiDi};

#[derive(Insertable)]
#[diesel(table_name = product_identifiers)]
struct Row<'a> {
    organisation_id: &'a OrganisationId,
    scheme: IdentifierScheme,
    value: UdiDi,
    product_id: &'a ProductId,
    level: Level,
    units: i64,
}

/// Adds a product.
///
/// # Errors
/// What the database answers; a unique violation is always an identifier.
pub fn insert(tables: &mut Tables<'_>, product: &Product) -> Result<()> {
    diesel::insert_into(products::table).values(product).execute(tables.db())?;
    insert_identifiers(tables, product)?;
    insert_approvals(tables, product)
}

#[derive(Insertable)]
#[diesel(table_name = product_approvals)]
struct ApprovalRow<'a> {
    organisation_id: &'a OrganisationId,
    product_id: &'a ProductId,
    jurisdiction: &'a Jurisdiction,
    status: ApprovalStatus,
    verified_on: NaiveDate,
}

/// Keeps what is known of a corrected product's authorisations now.
///
/// # Errors
/// What the database answers.
pub fn replace_approvals(tables: &mut Tables<'_>, product: &Product) -> Result<()> {
    let known = product_approvals::table
        .filter(product_approvals::organisation_id.eq(&product.organisation_id))
        .filter(product_approvals::product_id.eq(&product.id));
    diesel::delete(known).execute(tables.db())?;
    insert_approvals(tables, product)
}

fn insert_approvals(tables: &mut Tables<'_>, product: &Product) -> Result<()> {
    let rows: Vec<_> = product
        .approvals
        .iter()
        .map(|approval| ApprovalRow {
            organisation_id: &product.organisation_id,
            product_id: &product.id,
            jurisdiction: &approval.jurisdiction,
            status: approval.status,
            verified_on: approval.verified_on,
        })
        .collect();
    on_either!(tables.db(), conn => diesel::insert_into(product_approvals::table).values(&rows).execute(conn)?);
    Ok(())
}

/// Authorisations of products in use that were last verified before a day, the oldest first: where, and on which day. With
/// a jurisdiction only those that may count there.
///
/// # Errors
/// What the database answers.
pub fn approvals_verified_before(
    db: &mut Db,
    organisation: &OrganisationId,
    day: NaiveDate,
    at: Option<&Jurisdiction>,
    limit: i64,
) -> Result<Vec<(Product, Jurisdiction, NaiveDate)>> {
    let mut query = product_approvals::table
        .inner_join(products::table)
        .filter(product_approvals::organisation_id.eq(organisation))
        .filter(product_approvals::status.eq(ApprovalStatus::Authorised))
        .filter(product_approvals::verified_on.lt(day).and(products::retired_at.is_null()))
        .select((Product::as_select(), product_approvals::jurisdiction, product_approvals::verified_on))
        .order((product_approvals::verified_on, product_approvals::product_id, product_approvals::jurisdiction))
        .limit(limit)
        .into_boxed();
    if let Some(at) = at {
        query = query.filter(product_approvals::jurisdiction.eq_any([at.as_str(), at.country()]));
    }
    Ok(query.load(db)?)
}

/// Keeps what a corrected product is known by now.
///
/// # Errors
/// As [`insert`].
pub fn replace_identifiers(tables: &mut Tables<'_>, product: &Product) -> Result<()> {
    let known = product_identifiers::table
        .filter(product_identifiers::organisation_id.eq(&product.organisation_id))
        .filter(product_identifiers::product_id.eq(&product.id));
    diesel::delete(known).execute(tables.db())?;
    insert_identifiers(tables, product)
}

fn insert_identifiers(tables: &mut Tables<'_>, product: &Product) -> Result<()> {
    let row = |Identifier { scheme, value, level, units }| Row {
        organisation_id: &product.organisation_id,
        scheme,
        value,
        product_id: &product.id,
        level,
        units,
    };
    let rows: Vec<_> = product.known_by().map(row).collect();
    on_either!(tables.db(), conn => diesel::insert_into(product_identifiers::table).values(&rows).execute(conn)?);
    Ok(())
}

/// The product of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn product(db: &mut Db, organisation: &OrganisationId, id: &ProductId) -> Result<Option<Product>> {
    let found = products::table
        .filter(products::organisation_id.eq(organisation).and(products::id.eq(id)))
        .select(Product::as_select())
        .first(db)
        .optional()?;
    Ok(found)
}

/// The products that a device identifier names, each with what carries it: at most one within a scheme.
///
/// # Errors
/// What the database answers.
pub fn named(
    db: &mut Db,
    organisation: &OrganisationId,
    named: &DeviceIdentifier,
) -> Result<Vec<(Product, Identifier)>> {
    let schemes = named.scheme.as_ref().map_or(IdentifierScheme::ALL, std::slice::from_ref);
    Ok(product_identifiers::table
        .inner_join(products::table)
        .filter(product_identifiers::organisation_id.eq(organisation))
        .filter(product_identifiers::scheme.eq_any(schemes).and(product_identifiers::value.eq(&named.value)))
        .select((Product::as_select(), Identifier::as_select()))
        .load(db)?)
}

/// Locks products until the transaction ends, in the order of their ids: for commands that decide by what is not there
/// yet (another expiry of a lot text, an earlier use of a number) and must not pass each other. On SQLite the one writer
/// is lock enough.
///
/// # Errors
/// What the database answers.
pub fn lock(db: &mut Db, organisation: &OrganisationId, ids: &[&ProductId]) -> Result<()> {
    lock_rows!(
        db,
        products::table
            .filter(products::organisation_id.eq(organisation).and(products::id.eq_any(ids.iter().copied())))
            .select(products::id)
            .order(products::id)
    );
    Ok(())
}

/// Which products.
#[derive(Default)]
pub struct Filter {
    /// Only what this GTIN names, of whatever level.
    pub gtin: Option<Gtin>,
    /// Only what this device identifier names, in whatever scheme.
    pub udi_di: Option<UdiDi>,
    /// Only those of this class.
    pub class: Option<ProductClass>,
    /// Only those that are retired, or only those that are not.
    pub retired: Option<bool>,
}

/// Products by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(
    db: &mut Db,
    organisation: &OrganisationId,
    filter: &Filter,
    after: &str,
    limit: i64,
) -> Result<Vec<Product>> {
    let mut query = products::table
        .filter(products::organisation_id.eq(organisation).and(products::id.gt(after)))
        .select(Product::as_select())
        .order(products::id)
        .limit(limit)
        .into_boxed();
    let known_by = |value: UdiDi| {
        product_identifiers::table
            .filter(product_identifiers::organisation_id.eq(organisation).and(product_identifiers::value.eq(value)))
            .select(product_identifiers::product_id)
    };
    if let Some(retired) = filter.retired {
        query = query.filter(products::retired_at.is_not_null().eq(retired));
    }
    if let Some(gtin) = &filter.gtin {
        let known_by = known_by(gtin.into()).filter(product_identifiers::scheme.eq(IdentifierScheme::Gtin));
        query = query.filter(products::id.eq_any(known_by));
    }
    if let Some(udi_di) = &filter.udi_di {
        query = query.filter(products::id.eq_any(known_by(udi_di.clone())));
    }
    if let Some(class) = filter.class {
        query = query.filter(products::class.eq(class));
    }
    Ok(query.load(db)?)
}

/// Puts a version of a product in place of the one before it; false when that one is not in force.
///
/// # Errors
/// What the database answers.
pub fn replace(tables: &mut Tables<'_>, row: &Product) -> Result<bool> {
    let earlier = products::table
        .filter(products::organisation_id.eq(&row.organisation_id).and(products::id.eq(&row.id)))
        .filter(products::version.eq(row.version - 1));
    Ok(diesel::update(earlier).set(row).execute(tables.db())? == 1)
}

/// All products by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn in_order(db: &mut Db, organisation: &OrganisationId, after: &str, limit: i64) -> Result<Vec<Product>> {
    list(db, organisation, &Filter::default(), after, limit)
}

/// The products of these ids, if the organisation has them.
///
/// # Errors
/// What the database answers.
pub fn by_ids(db: &mut Db, organisation: &OrganisationId, ids: &[&ProductId]) -> Result<Vec<Product>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(products::table
        .filter(products::organisation_id.eq(organisation).and(products::id.eq_any(ids.iter().copied())))
        .select(Product::as_select())
        .load(db)?)
}

/// Whether there are lots of a product.
///
/// # Errors
/// What the database answers.
pub fn has_lots(db: &mut Db, organisation: &OrganisationId, product: &ProductId) -> Result<bool> {
    let found: Option<String> = lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq(product)))
        .select(lots::id)
        .first(db)
        .optional()?;
    Ok(found.is_some())
}

/// The device identifiers that lots of a product were received under.
///
/// # Errors
/// What the database answers.
pub fn received_under(db: &mut Db, organisation: &OrganisationId, product: &ProductId) -> Result<Vec<UdiDi>> {
    let of_product =
        lots::table.filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq(product))).select(lots::id);
    let found: Vec<Option<Json<Identifier>>> = receipt_lines::table
        .filter(receipt_lines::organisation_id.eq(organisation).and(receipt_lines::lot_id.eq_any(of_product)))
        .select(receipt_lines::identifier)
        .distinct()
        .load(db)?;
    Ok(found.into_iter().flatten().map(|identifier| identifier.into_inner().value).collect())
}

/// The device identifiers that units of a product were administered under.
///
/// # Errors
/// What the database answers.
pub fn used_under(db: &mut Db, organisation: &OrganisationId, product: &ProductId) -> Result<Vec<UdiDi>> {
    let of_product =
        lots::table.filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq(product))).select(lots::id);
    let found: Vec<Option<UdiDi>> = administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::lot_id.eq_any(of_product)))
        .select(administrations::udi_di)
        .distinct()
        .load(db)?;
    Ok(found.into_iter().flatten().collect())
}
