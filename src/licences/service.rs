//! Registering licences and their checks, and reading what somebody holds.

use super::events::Deed;
use super::model::{Held, HolderType, Licence, LicenceCheck, LicenceKind, Scope, Touched};
use super::resting::{self, Part, Record};
use super::standing::{Standing, standing};
use super::wire::{NewCheck, NewLicence};
use super::{numbers, people, rules, store};
use crate::caller::{Caller, Extent};
use crate::command::{About, Command};
use crate::db::Db;
use crate::db::known::Known;
use crate::decision::Decision;
use crate::error::{Error, Result};
use crate::http::paging::Found;
use crate::ids::{LicenceCheckId, LicenceId, OrganisationId, SiteId};
use crate::journal::model::Head;
use crate::journal::tables::Tables;
use crate::limits::LOOKED_AT_MAX;
use crate::problem::ProblemCode;
use crate::values::Json;
use crate::versions::Alike;

// What others may ask of the tables, or let follow from their events.
pub use super::store::people::keep_all;
pub use super::store::{ever_held, of_kind};

/// Registers a licence of a site, the organisation, a practitioner or a supplier.
///
/// # Errors
/// `reference_unknown` for the holder, `beyond_your_sites`, `holder_kind_mismatch`, `validity_reversed`, `invalid_licence_number`,
/// `empty_list`, `duplicate_entry`, `licence_adverse_elsewhere`.
pub fn register(cmd: &mut Command<'_>, new: &NewLicence) -> Result<Licence> {
    let id = cmd.mint(LicenceId::mint);
    let licence = described(cmd, id, new)?;
    refuse_adverse_elsewhere(cmd, &licence)?;
    let subjects = vec![licence.id.to_string(), licence.holder_id.clone()];
    let about = About { occurred_at: cmd.now, site_id: None, subjects };
    cmd.record(about, Deed::LicenceRegistered(Box::new(licence.clone())))?;
    Ok(licence)
}

/// A licence that a check speaks against does not become good by being written down for another holder. Of the same holder, both
/// records are judged together wherever one is ([`rules::licensed`]).
fn refuse_adverse_elsewhere(cmd: &mut Command<'_>, new: &Licence) -> Result<()> {
    let (now, zone) = (cmd.now, chrono_tz::Tz::UTC);
    for held in store::of_kind(cmd.db, cmd.organisation(), new.kind)? {
        let is_others = (held.licence.holder_type, &held.licence.holder_id) != (new.holder_type, &new.holder_id);
        if !is_others || !rules::is_one_licence(&held.licence, new) {
            continue;
        }
        if let Standing::Adverse(check) = standing(&held.counting(now), now, now.day_in(zone), zone) {
            let since = check.effective_on.unwrap_or_else(|| check.checked_at.day_in(zone));
            let detail = format!(
                "This licence is on record for another holder ({}), and a check speaks against it there since {since}: verify it \
                 there, or reverse that record if it is wrong.",
                held.licence.id
            );
            return Err(Error::problem(ProblemCode::LicenceAdverseElsewhere, detail));
        }
    }
    Ok(())
}

fn described(cmd: &mut Command<'_>, id: LicenceId, new: &NewLicence) -> Result<Licence> {
    expect_holder(cmd, new)?;
    if new.valid_to < new.valid_from {
        return Err(Error::invalid(ProblemCode::ValidityReversed, "valid_to", "lies before valid_from"));
    }
    if let Scope::Classes(classes) = &new.product_classes {
        crate::catalogue::rules::distinct_classes("product_classes", classes)?;
    }
    let verdict = numbers::check(new.authority.as_str(), new.number.as_str())
        .map_err(|e| Error::problem(ProblemCode::InvalidLicenceNumber, e.message))?;
    Ok(Licence {
        id,
        organisation_id: cmd.organisation().clone(),
        holder_type: new.holder.kind,
        holder_id: new.holder.id.clone(),
        kind: new.kind,
        authority: new.authority.clone(),
        number: new.number.clone(),
        number_validated: verdict == numbers::Verdict::Valid,
        jurisdiction: new.jurisdiction.clone(),
        product_classes: Json::new(new.product_classes.clone()),
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        registered_at: cmd.now,
    })
}

/// The licence that is meant: the one of that holder and kind with that number of that authority, and nothing of it reversed. With
/// what it would be by this, and its checks, so that a list can be brought in twice.
///
/// # Errors
/// As for [`register`].
pub fn alike(cmd: &mut Command<'_>, new: &NewLicence) -> Result<Option<(Alike<Licence>, Vec<LicenceCheck>)>> {
    let holder = new.holder.id.as_str();
    let found = held_by(cmd.db, cmd.organisation(), &[holder])?.into_iter().find(|held| {
        let Licence { kind, authority, number, .. } = &held.licence;
        (kind, authority, number) == (&new.kind, &new.authority, &new.number)
    });
    let Some(Held { licence: stands, checks, .. }) = found else { return Ok(None) };
    let asked = described(cmd, stands.id.clone(), new)?;
    Ok(Some((Alike { stands, asked }, checks)))
}

/// The holder exists, and can hold such a licence: each kind belongs to one sort of holder (API.md, POST licences).
fn expect_holder(cmd: &mut Command<'_>, new: &NewLicence) -> Result<()> {
    use {HolderType as H, LicenceKind as K};
    let (organisation, id) = (cmd.organisation(), &new.holder.id);
    let found = match new.holder.kind {
        H::Organisation => organisation.as_str() == id,
        H::Site => match id.parse() {
            Ok(id) => crate::sites::service::find_site(cmd.db, cmd.caller, &id)?.is_some(),
            Err(_) => false,
        },
        H::Supplier => match id.parse() {
            Ok(id) => crate::suppliers::service::supplier(cmd.db, organisation, &id)?.is_some(),
            Err(_) => false,
        },
        H::Practitioner => match id.parse() {
            Ok(id) => store::is_practitioner(cmd.db, organisation, &id)?,
            Err(_) => false,
        },
    };
    if !found {
        return Err(Error::reference_unknown("holder.id"));
    }
    let extent = extent(new.holder.kind, id)?;
    cmd.caller.expect_within(&extent, &format!("A licence of the {}", new.holder.kind))?;
    let fits = match new.kind {
        K::Facility => matches!(new.holder.kind, H::Site | H::Organisation),
        K::Wholesale => new.holder.kind == H::Supplier,
        K::ProfessionalRegistration | K::Prescriber | K::Training => new.holder.kind == H::Practitioner,
    };
    if fits {
        Ok(())
    } else {
        let rule = format!("a {} cannot hold a {} licence", new.holder.kind, new.kind);
        Err(Error::invalid(ProblemCode::HolderKindMismatch, "kind", rule))
    }
}

/// Where a holder is: a site, or what all sites share. Practitioners work and suppliers deliver wherever the organisation
/// has sites, so a licence of theirs counts at all of them.
fn extent(holder: HolderType, id: &str) -> Result<Extent> {
    Ok(match holder {
        HolderType::Site => Extent::Sites(vec![id.parse()?]),
        HolderType::Organisation | HolderType::Supplier | HolderType::Practitioner => Extent::Shared,
    })
}

/// The licence of that id, for somebody who changes what it says: who is bound to sites changes those of their sites.
///
/// # Errors
/// `not_found`, `beyond_your_sites`.
pub(super) fn expect_own(cmd: &mut Command<'_>, id: &LicenceId) -> Result<Licence> {
    let licence = store::licence(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("licence"))?;
    let extent = extent(licence.holder_type, &licence.holder_id)?;
    cmd.caller.expect_within(&extent, &format!("A licence of the {}", licence.holder_type))?;
    Ok(licence)
}

/// Adds a check of a licence.
///
/// # Errors
/// `not_found`, `beyond_your_sites`, `already_reversed`, `occurred_in_future`, `self_approved_check`, `circular_check`.
pub fn check(cmd: &mut Command<'_>, id: &LicenceId, new: &NewCheck) -> Result<LicenceCheck> {
    let licence = expect_own(cmd, id)?;
    people::expect_independent(cmd, &licence)?;
    resting::refuse_reversed(&Record::of(cmd.db, cmd.organisation(), &licence.id)?, None)?;
    let checked_at = new.checked_at.unwrap_or(cmd.now);
    if checked_at > cmd.now {
        return Err(Error::invalid(ProblemCode::OccurredInFuture, "checked_at", "lies in the future"));
    }
    crate::evidence::service::expect_seen(cmd, "evidence_sha256", &new.evidence_sha256.iter().collect::<Vec<_>>())?;
    let check = LicenceCheck {
        id: cmd.mint(LicenceCheckId::mint),
        organisation_id: cmd.organisation().clone(),
        licence_id: licence.id.clone(),
        outcome: new.outcome,
        source: new.source.clone(),
        checked_at,
        effective_on: new.effective_on,
        evidence_sha256: new.evidence_sha256.clone(),
        note: new.note.clone(),
        checked_by: cmd.caller.subject.clone(),
        recorded_at: cmd.now,
    };
    let subjects = vec![licence.id.to_string(), licence.holder_id];
    cmd.record(About { occurred_at: checked_at, site_id: None, subjects }, Deed::LicenceChecked(check.clone()))?;
    Ok(check)
}

/// What licences have touched that were lost earlier than anybody knew, and nobody has acknowledged; of so many licences at
/// the most.
///
/// # Errors
/// What the database answers.
pub fn touching(db: &mut Db, caller: &Caller, site: Option<&SiteId>, most: usize) -> Result<Vec<(Licence, Touched)>> {
    let organisation = &caller.organisation_id;
    let at = site.map(std::slice::from_ref).or(caller.sites.as_deref());
    let mut found = Vec::new();
    for id in resting::suspects(db, organisation)? {
        let Some(licence) = store::licence(db, caller, &id)? else { continue };
        let record = Record::of(db, organisation, &id)?;
        let part = Part { at, is_new: true, ..Part::default() };
        let touched = resting::touched(db, organisation, &id, &record, part)?;
        if !touched.is_empty() {
            found.push((licence, touched));
        }
        if found.len() == most {
            break;
        }
    }
    Ok(found)
}

/// Every licence of an organisation that is in force, with all checks in force: an organisation has dozens of them, not
/// thousands. They are read by the thousand, so that a read of more ends when its time is over.
///
/// # Errors
/// What the database answers.
pub fn all(db: &mut Db, caller: &Caller) -> Result<Vec<Held>> {
    let in_force = store::Filter { in_force: true, ..store::Filter::default() };
    let (mut all, mut after) = (Vec::new(), Some(String::new()));
    while let Some(from) = after {
        let Found { items, looked_at } = store::list(db, caller, &in_force, &from, LOOKED_AT_MAX)?;
        let ids: Vec<_> = items.iter().map(|licence| &licence.id).collect();
        let kept = store::kept(db, &caller.organisation_id, &ids)?;
        all.extend(store::with_checks(db, &caller.organisation_id, kept)?);
        after = looked_at.map(|[last]| last);
    }
    Ok(all)
}

/// What several holders hold, with all checks; nothing of it reversed.
///
/// # Errors
/// What the database answers.
pub fn held_by(db: &mut Db, organisation: &OrganisationId, holders: &[&str]) -> Result<Vec<Held>> {
    store::held_by(db, organisation, holders)
}

/// The same, from memory where it was read before.
///
/// # Errors
/// What the database answers.
pub fn remembered(
    known: &mut Known<'_>,
    db: &mut Db,
    organisation: &OrganisationId,
    holders: &[&str],
) -> Result<Vec<Held>> {
    known.get(db, || holders.join(" "), |db| held_by(db, organisation, holders))
}

/// Keeps which licences and checks a decision rested on, and for which moment: what a licence that is found lost later has
/// touched. `subject` is the order, administration or release that was decided about.
///
/// # Errors
/// What the database answers.
pub fn keep_rested_on(tables: &mut Tables<'_>, head: &Head, subject: &str, decision: &Decision) -> Result<()> {
    let rested_on = rules::rested_on(decision).map_err(|e| Error::internal(e.to_string()))?;
    store::insert_rested_on(tables, head, subject, &rested_on)
}
