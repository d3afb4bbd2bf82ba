//! Releasing what passed: the way from quarantine to stock (DOMAIN rule 12).

use std::collections::HashSet;

use super::events::Deed;
use super::model::{Inspection, InspectionReversal, Meaning, Release};
use super::service::{product_of, signature};
use super::wire::NewRelease;
use super::{rules, store};
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::decision::{Decision, Findings, Refusal, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::holds::model::Hold;
use crate::ids::{InspectionId, LotId, ReleaseId};
use crate::policies::model::Current;
use crate::problem::ProblemCode;
use crate::sites::model::{Location, Purpose, Site};
use crate::stock::books::{self, Books};
use crate::stock::model::{Account, AccountKind, Disposition, Lot, PackBalance, Posting};
use crate::stock::rules::{Drawable, Shortfall, draw};
use crate::stock::service::Wanted;
use crate::values::Json;

/// Releases units of a lot from quarantine to stock: what passed, and only that.
///
/// # Errors
/// `not_found`, `reference_unknown`; `gate_refused` with every reason that applies.
pub fn release(cmd: &mut Command<'_>, lot: &LotId, new: &NewRelease) -> Result<Release> {
    let organisation = cmd.organisation();
    let asked = gather(cmd, lot, new)?;
    let Releasing { lot, from, to, site, books, occurred_at, past, .. } = &asked;
    let mut findings = Findings::default();
    may_be_in_stock(&asked, &mut findings);
    let released = released(cmd, &asked, &mut findings)?;
    let of_packs = crate::holds::rules::reaching(asked.of_packs.clone(), &released.postings);
    crate::holds::rules::not_covered(lot, &of_packs, &mut findings);
    let moved = |posting: &Posting| Posting { to: posting.to.moved(&to.id, &to.site_id), ..posting.clone() };
    let postings: Vec<_> = released.postings.iter().map(moved).collect();
    let mut postings = crate::stock::service::enter(books, lot, postings, &released.packs, &mut findings);
    postings.extend(crate::holds::service::taken_since(cmd.db, organisation, lot, &postings, *past)?);
    let decision = Decision::from(findings, cmd.now);
    if !decision.allowed {
        return Err(Error::Refused(Box::new(Refusal {
            operation: "release",
            site_id: Some(site.id.clone()),
            occurred_at: *occurred_at,
            subjects: vec![lot.id.to_string()],
            request: crate::http::input::as_value(new)?,
            decision,
        })));
    }

    let release = Release {
        id: cmd.mint(ReleaseId::mint),
        organisation_id: organisation.clone(),
        lot_id: lot.id.clone(),
        from_location_id: from.id.clone(),
        to_location_id: to.id.clone(),
        units: new.units.get(),
        serials: Json::new(new.serials.clone()),
        reason: new.reason.clone(),
        released_by: cmd.caller.subject.clone(),
        signature: Json::new(signature(cmd, Meaning::Released)),
        decision: Json::new(decision),
        occurred_at: *occurred_at,
        recorded_at: cmd.now,
    };
    let subjects = vec![release.id.to_string(), lot.id.to_string()];
    let about = About { occurred_at: *occurred_at, site_id: Some(site.id.clone()), subjects };
    let allocations = Vec::new();
    cmd.record(about, Deed::StockReleased { release: release.clone(), allocations, postings })?;
    Ok(release)
}

/// What is asked for in a release, and what it is judged by: everything as it was at its moment.
struct Releasing<'a> {
    new: &'a NewRelease,
    lot: Lot,
    product: Product,
    from: Location,
    to: Location,
    site: Site,
    policy: Current,
    books: Books,
    /// Those on the lot, the place that units come from and the place that they go to.
    holds: Vec<Hold>,
    /// Those of them that are on packs only.
    of_packs: Vec<Hold>,
    occurred_at: Moment,
    /// The same, if that is past.
    past: Option<Moment>,
}

fn gather<'a>(cmd: &mut Command<'_>, lot: &LotId, new: &'a NewRelease) -> Result<Releasing<'a>> {
    let organisation = cmd.organisation();
    let lot = crate::stock::service::find_lot(cmd.db, cmd.caller, lot)?;
    crate::stock::service::lock(cmd, std::slice::from_ref(&lot.id))?;
    let product = product_of(cmd.db, &lot)?;
    let from = crate::sites::service::expect_location(cmd.db, cmd.caller, "from_location_id", &new.from_location_id)?;
    let to = crate::sites::service::expect_location(cmd.db, cmd.caller, "to_location_id", &new.to_location_id)?;
    if from.site_id != to.site_id {
        let rule = "must be at the same site as from_location_id";
        return Err(Error::invalid(ProblemCode::InvalidValue, "to_location_id", rule));
    }
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &to.site_id)?;
    let occurred_at = cmd.occurred_at(new.occurred_at)?;
    let past = cmd.past(occurred_at);
    let product = crate::versions::at(cmd.db, organisation, product, past)?;
    let from = crate::versions::at(cmd.db, organisation, from, past)?;
    let to = crate::versions::at(cmd.db, organisation, to, past)?;
    let books = books::at(cmd.db, organisation, &lot.id, past)?;
    let policy = crate::policies::service::at(cmd.db, organisation, past)?;
    let mut holds = crate::holds::service::covering(cmd.db, organisation, &lot, &to, &books)?;
    // What a hold on a place covers is not released from it either.
    holds.extend(crate::holds::service::covering(cmd.db, organisation, &lot, &from, &books)?);
    holds.sort_by(|a, b| a.id.cmp(&b.id));
    holds.dedup();
    let (of_packs, holds) = holds.into_iter().partition(Hold::is_of_packs);
    Ok(Releasing { new, lot, product, from, to, site, policy, books, holds, of_packs, occurred_at, past })
}

/// Whether units of the lot may go from one of the places to the other at all, whichever they are.
fn may_be_in_stock(asked: &Releasing<'_>, findings: &mut Findings) {
    let Releasing { lot, product, from, to, .. } = asked;
    crate::stock::rules::has_purpose(from, Purpose::Quarantine, findings);
    crate::stock::rules::has_purpose(to, Purpose::Stock, findings);
    crate::sites::rules::may_be_kept(product, to, findings);
    crate::versions::not_retired(to, asked.occurred_at, findings);
    let day = asked.occurred_at.day_in(asked.site.time_zone.rules());
    crate::stock::rules::not_expired(lot, lot.expiry, day, findings);
    crate::holds::rules::not_covered(lot, &asked.holds, findings);
    let subject = Subject::new(SubjectType::Lot, &lot.id);
    crate::policies::rules::lot_not_denied(&asked.policy, product, &lot.lot, subject, findings);
}

/// What a release takes, not moved yet, and the packs that it names.
#[derive(Default)]
struct Released {
    postings: Vec<Posting>,
    packs: Vec<PackBalance>,
}

/// Takes passed units, and judges what they passed and where they came from (DOMAIN rule 12). Those that somebody else
/// inspected by a checklist that is still complete are taken first.
fn released(cmd: &mut Command<'_>, asked: &Releasing<'_>, findings: &mut Findings) -> Result<Released> {
    let (organisation, lot, new) = (cmd.organisation(), &asked.lot, asked.new);
    let required = asked.policy.checklist(asked.product.class);
    let units = new.units.get();
    let mut here = asked.books.at_location(&asked.from.id);
    here.retain(|account| matches!(account.kind, AccountKind::Quarantined | AccountKind::Passed));
    let inspections = store::of_lot(cmd.db, organisation, &lot.id)?;
    let by_id = |id: &Option<InspectionId>| inspections.iter().find(|inspection| Some(&inspection.id) == id.as_ref());
    here.sort_by_key(|account| {
        let passed = by_id(&account.inspection_id);
        passed.is_none_or(|passed| cmd.caller.is(&passed.inspector) || !rules::lacking(passed, required).is_empty())
    });
    let wanted = Wanted { units, serials: &new.serials };
    let there = crate::stock::service::drawable(cmd.db, organisation, lot, &asked.books, here, wanted)?;
    let of = |kind: AccountKind| -> i64 {
        match new.serials.is_empty() {
            true => there.accounts.iter().filter(|(a, _)| a.kind == kind).map(|(a, _)| a.units).sum(),
            false => there.packs.iter().filter(|row| row.account.kind == kind).map(|row| row.units).sum(),
        }
    };
    let (passed, waiting) = (of(AccountKind::Passed), of(AccountKind::Quarantined));
    rules::passed(&rules::Asked { lot, units, passed, waiting }, findings);
    let from = of_kind(&there, AccountKind::Passed);
    let turned = |from: &Account| from.turned(Disposition::Available);
    let postings = match draw(&from, units, &new.serials, turned) {
        Ok(postings) => postings,
        // What waits for an inspection is on hand, though it cannot be released.
        Err(Shortfall::OnHand(_) | Shortfall::PacksHave(_)) if units <= passed + waiting && waiting > 0 => Vec::new(),
        Err(shortfall) => {
            crate::stock::service::refuse_shortfall(shortfall, lot, units, findings)?;
            Vec::new()
        }
    };
    let drawn: HashSet<_> = postings.iter().filter_map(|posting| posting.from.inspection_id.clone()).collect();
    let used: Vec<&Inspection> = inspections.iter().filter(|inspection| drawn.contains(&inspection.id)).collect();
    let reversed = reversed(cmd, &inspections)?;
    let others = inspections.iter().filter(|other| {
        let reversal = reversed.iter().find(|reversal| reversal.inspection_id == other.id);
        !drawn.contains(&other.id) && looked_at(other, reversal, &asked.books, &postings, &from.packs)
    });
    rules::releasable(lot, &used, others, required, &cmd.caller.subject, findings);
    vetted(cmd, asked, &postings, &from.packs, findings)?;
    Ok(Released { postings, packs: from.packs })
}

fn of_kind(all: &Drawable, kind: AccountKind) -> Drawable {
    Drawable {
        accounts: all.accounts.iter().filter(|(account, _)| account.kind == kind).cloned().collect(),
        packs: all.packs.iter().filter(|row| row.account.kind == kind).cloned().collect(),
        unknown: all.unknown.clone(),
    }
}

fn reversed(cmd: &mut Command<'_>, inspections: &[Inspection]) -> Result<Vec<InspectionReversal>> {
    let ids: Vec<_> = inspections.iter().map(|inspection| &inspection.id).collect();
    store::reversals(cmd.db, cmd.organisation(), &ids)
}

/// Whether an inspection that gives no pass looked at units that are taken: those of packs that it names, or those without
/// numbers at its place. One that was reversed before it had passed or failed any looked at none; what another one had looked
/// at may be anywhere by now, where it has no numbers.
fn looked_at(
    inspection: &Inspection,
    reversal: Option<&InspectionReversal>,
    books: &Books,
    postings: &[Posting],
    packs: &[PackBalance],
) -> bool {
    let Some(site) = inspection.site_id.as_ref() else { return false };
    if reversal.is_some_and(|reversal| reversal.units == 0) {
        return false;
    }
    let is_reversed = reversal.is_some();
    let passed_nothing = inspection.units_passed > 0
        && !books.accounts.iter().any(|account| account.inspection_id.as_ref() == Some(&inspection.id));
    (is_reversed || passed_nothing)
        && postings.iter().any(|posting| match &posting.pack_id {
            Some(id) => packs.iter().any(|row| {
                row.pack.id == *id
                    && inspection
                        .serials_passed
                        .iter()
                        .chain(inspection.serials_failed.iter())
                        .any(|s| *s == row.pack.serial)
            }),
            None if is_reversed => true,
            None => posting.from.place.as_ref().is_some_and(|place| {
                place.site_id == *site
                    && inspection.location_id.as_ref().is_none_or(|location| *location == place.location_id)
            }),
        })
}

/// DOMAIN rule 12: units reach stock only if they came from a supplier who was vetted on the day on which they arrived. Where
/// it cannot be told by which receipt they came, every receipt must be good.
fn vetted(
    cmd: &mut Command<'_>,
    asked: &Releasing<'_>,
    postings: &[Posting],
    packs: &[PackBalance],
    findings: &mut Findings,
) -> Result<()> {
    if postings.is_empty() {
        return Ok(());
    }
    let receipts =
        crate::receiving::service::receipts_of(cmd.db, cmd.organisation(), &asked.lot, &asked.books, postings, packs)?;
    if receipts.is_empty() {
        crate::receiving::rules::origin_unknown(&asked.lot, findings);
    }
    crate::receiving::service::vetted(cmd, &receipts, &asked.product, findings)
}
