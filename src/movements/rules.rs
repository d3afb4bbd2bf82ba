//! What may move where, and what it becomes.

use chrono::NaiveDate;

use super::model::{MovementKind, Removal};
use crate::catalogue::model::Product;
use crate::decision::{Findings, ReasonCode, Subject, SubjectType};
use crate::holds::model::Hold;
use crate::policies::model::Policy;
use crate::sites::model::{Location, Purpose};
use crate::stock::model::{Account, AccountKind, Disposition, Lot, Posting};
use crate::stock::rules::{Drawable, Shortfall, draw};
use crate::values::Serial;

/// The dispositions that a movement draws on when the request names none: the first that has enough units gives them.
///
/// Waste is what was in use first, returns and destructions begin with what cannot be used; what is set apart already
/// comes last out of stock and first out of quarantine. A count finds missing whatever is looked for most.
pub fn preferred(kind: MovementKind, from: Purpose) -> &'static [Disposition] {
    use Disposition::{Available, Held, InUse, Passed, Quarantined, Rejected};
    match (kind, from) {
        (MovementKind::Wastage, _) | (MovementKind::Transfer, Purpose::Stock) => {
            &[Available, Held, Quarantined, Passed, Rejected]
        }
        (MovementKind::Return | MovementKind::Destruction, _) => &[Rejected, Held, Quarantined, Passed, Available],
        (MovementKind::Transfer, Purpose::Quarantine | Purpose::Returns) => {
            &[Quarantined, Passed, Rejected, Held, Available]
        }
        (MovementKind::Count, _) => &[Available, Held, Quarantined, Passed, Rejected, InUse],
    }
}

/// The units of these dispositions, each apart, in their order.
pub fn by_state(all: &Drawable, states: &[Disposition]) -> Vec<(Disposition, Drawable)> {
    let of = |state: Disposition| Drawable {
        accounts: all.accounts.iter().filter(|(account, _)| account.kind == state.into()).cloned().collect(),
        packs: all.packs.iter().filter(|row| row.account.kind == state.into()).cloned().collect(),
        unknown: all.unknown.clone(),
    };
    states.iter().map(|state| (*state, of(*state))).collect()
}

/// How many units of a disposition a request can mean: those of the named packs, or all.
pub fn units_in(from: &Drawable, serials: &[Serial]) -> i64 {
    match serials {
        [] => from.accounts.iter().map(|(account, _)| account.units).sum(),
        _ => from.packs.iter().map(|row| row.units).sum(),
    }
}

/// Takes units from the first disposition that has enough of them.
///
/// # Errors
/// Why none can give them; [`Shortfall::OnHand`] with the sum where each has too few.
pub fn choose(
    sources: &[(Disposition, Drawable)],
    units: i64,
    serials: &[Serial],
    to: impl Fn(&Account) -> Account,
) -> Result<(Disposition, Vec<Posting>), Shortfall> {
    if let Some((_, from)) = sources.iter().find(|(_, from)| !from.unknown.is_empty()) {
        return Err(Shortfall::SerialsUnknown(from.unknown.clone()));
    }
    if let Some((state, from)) = sources.iter().find(|(_, from)| units_in(from, serials) >= units) {
        return draw(from, units, serials, to).map(|postings| (*state, postings));
    }
    let sum = sources.iter().map(|(_, from)| units_in(from, serials)).sum();
    let packs_do_not_add_up = !serials.is_empty() && sum < units;
    Err(if packs_do_not_add_up { Shortfall::PacksHave(sum) } else { Shortfall::OnHand(sum) })
}

/// DOMAIN rule 12: rejected, recalled, expired and falsified stock is moved to a location set apart for it. What goes
/// there from stock is quarantined; whatever is quarantined, passed, held or rejected already stays so wherever it goes.
pub fn arrives_as(from: &Account, to: &Location) -> Account {
    match (from.kind, to.purpose) {
        (AccountKind::Available, Purpose::Quarantine | Purpose::Returns) => {
            from.turned(Disposition::Quarantined).moved(&to.id, &to.site_id)
        }
        _ => from.moved(&to.id, &to.site_id),
    }
}

/// DOMAIN rule 23: units that come back go into quarantine, never straight into stock, and have no pass. What was worse than
/// quarantined stays so; what was held, only as long as a hold covers it.
pub fn comes_back_as(kind: AccountKind, is_held: bool) -> Disposition {
    match kind {
        AccountKind::Rejected => Disposition::Rejected,
        AccountKind::Held if is_held => Disposition::Held,
        _ => Disposition::Quarantined,
    }
}

/// A transfer to judge.
pub struct Transfer<'a> {
    /// The lot.
    pub lot: &'a Lot,
    /// Its product.
    pub product: &'a Product,
    /// Where the units are.
    pub from: &'a Location,
    /// Where they are to go.
    pub to: &'a Location,
    /// What they are.
    pub state: Disposition,
    /// The earliest use-by date among them.
    pub use_by: NaiveDate,
    /// The day at the site that they go to.
    pub day: NaiveDate,
    /// Open holds on the lot, its product, or the account that the units would go to (or, if they are held, come from).
    pub holds: &'a [Hold],
}

/// Whether units may be transferred.
///
/// DOMAIN rule 20: setting apart is never refused, whatever is wrong with the units. Into stock go only available
/// units: DOMAIN rule 12 (four eyes: quarantine is left by release alone), rule 11 (what failed can only be returned or
/// destroyed), rule 17 (what is held or has expired stays out of use), rule 13 (put-away by band and class).
pub fn may_transfer(asked: &Transfer<'_>, findings: &mut Findings) {
    if asked.to.purpose != Purpose::Stock {
        return;
    }
    let lot = asked.lot;
    let about_lot = || Subject::new(SubjectType::Lot, &lot.id);
    if asked.from.purpose != Purpose::Stock || matches!(asked.state, Disposition::Quarantined | Disposition::Passed) {
        let message = format!("Units of lot {} in quarantine or set apart reach stock only by release.", lot.lot);
        let subject = Subject::new(SubjectType::Location, &asked.to.id);
        findings.refuse(ReasonCode::LocationPurposeMismatch, subject, message);
    }
    if asked.state == Disposition::Rejected {
        let message = format!("These units of lot {} were rejected: they can only be returned or destroyed.", lot.lot);
        findings.refuse(ReasonCode::LotRejected, about_lot(), message);
    }
    crate::holds::rules::not_covered(lot, asked.holds, findings);
    if asked.state == Disposition::Held && asked.holds.is_empty() {
        let message = format!("These units of lot {} are held: they can only be set apart or removed.", lot.lot);
        findings.refuse(ReasonCode::LotOnHold, about_lot(), message);
    }
    crate::sites::rules::may_be_kept(asked.product, asked.to, findings);
    crate::stock::rules::not_expired(lot, asked.use_by, asked.day, findings);
}

/// DOMAIN rules 11 and 20: what failed inspection can only be returned or destroyed; for the rest nothing, neither
/// expiry nor a hold, forbids that units leave for good.
pub fn may_remove(lot: &Lot, removal: Removal, state: Disposition, findings: &mut Findings) {
    if removal == Removal::Wastage && state == Disposition::Rejected {
        let message = format!("These units of lot {} were rejected: they can only be returned or destroyed.", lot.lot);
        findings.refuse(ReasonCode::LotRejected, Subject::new(SubjectType::Lot, &lot.id), message);
    }
}

/// DOMAIN rule 22a: whether the difference that a count found waits for a second person before it is posted.
pub fn waits(difference: i64, policy: &Policy) -> bool {
    match difference {
        0 => false,
        found if found > 0 => found >= policy.count_found_to_approve(),
        missing => -missing >= policy.count_missing_to_approve(),
    }
}

/// DOMAIN rule 22: takes what a count did not find from the dispositions in the order of their preference, so that the
/// lot reconciles with what is there.
///
/// # Errors
/// `SerialsRequired` when what is missing belongs to packs that must be named, and what else [`draw`] refuses.
pub fn missing(all: &Drawable, units: i64, serials: &[Serial], location: Purpose) -> Result<Vec<Posting>, Shortfall> {
    let states = preferred(MovementKind::Count, location);
    let rank = |kind: AccountKind| states.iter().position(|state| kind == (*state).into());
    let mut from = all.clone();
    from.accounts.sort_by_key(|(account, _)| rank(account.kind));
    from.packs.sort_by_key(|row| rank(row.account.kind));
    draw(&from, units, serials, |_| Account::outside(AccountKind::Adjustment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::model::ProductClass;
    use crate::clock::Moment;
    use crate::holds::model::{CauseType, ScopeType};
    use crate::ids::{
        HoldId, Ids, InspectionId, LocationId, LotId, OrganisationId, PackId, ProductId, ReceiptLineId, SiteId,
    };
    use crate::stock::model::{Balance, Pack, PackBalance, Place};
    use crate::values::Json;
    use Disposition::{Available, Held, InUse, Quarantined, Rejected};

    struct World {
        ids: Ids,
        now: Moment,
        organisation: OrganisationId,
        site: SiteId,
        product: Product,
        lot: Lot,
    }

    fn world() -> World {
        let (ids, now): (Ids, Moment) = (Ids::system(), "2026-11-21T09:00:00Z".parse().unwrap());
        let organisation = OrganisationId::mint(&ids, now, 0);
        let product = Product {
            id: ProductId::mint(&ids, now, 0),
            organisation_id: organisation.clone(),
            gtin: Some("09521234567899".parse().unwrap()),
            name: "HArmonyCa".parse().unwrap(),
            manufacturer: "Example Aesthetics".parse().unwrap(),
            class: ProductClass::HybridFiller,
            units_per_pack: 2.try_into().unwrap(),
            unit_presentation: "prefilled syringe".parse().unwrap(),
            unit_amount: "1.25".parse().unwrap(),
            unit_amount_unit: "mL".parse().unwrap(),
            storage_min_mc: 2000,
            storage_max_mc: 25_000,
            do_not_freeze: true,
            protect_from_light: false,
            in_use_hours: None,
            single_patient: true,
            requires_training: false,
            requires_prescriber: false,
            approvals: Json::new(Vec::new()),
            stability_budget: Json::new(Vec::new()),
            registered_at: now,
            version: 1,
            retired_at: None,
            identifiers: Json::new(Vec::new()),
        };
        let lot = Lot {
            id: LotId::mint(&ids, now, 0),
            organisation_id: organisation.clone(),
            product_id: product.id.clone(),
            lot: "HC24A".parse().unwrap(),
            expiry: "2027-06-30".parse().unwrap(),
            production_date: None,
            first_received_at: now,
        };
        World { site: SiteId::mint(&ids, now, 0), ids, now, organisation, product, lot }
    }

    impl World {
        fn location(&self, purpose: Purpose, max_mc: i32, classes: Option<&[ProductClass]>) -> Location {
            Location {
                id: LocationId::mint(&self.ids, self.now, 0),
                organisation_id: self.organisation.clone(),
                site_id: self.site.clone(),
                name: format!("Fridge for {purpose}").parse().unwrap(),
                purpose,
                min_mc: 2000,
                max_mc,
                product_classes: classes.map(|classes| Json::new(classes.to_vec())),
                registered_at: self.now,
                version: 1,
                retired_at: None,
            }
        }

        fn hold(&self, cause_type: CauseType) -> Hold {
            Hold {
                id: HoldId::mint(&self.ids, self.now, 0),
                organisation_id: self.organisation.clone(),
                scope_type: ScopeType::Lot,
                scope_id: self.lot.id.to_string(),
                reason: "Swelling reported".parse().unwrap(),
                cause_type,
                cause_id: None,
                opened_by: "quinn".to_owned(),
                opened_at: self.now,
                lifted_at: None,
                lifted_by: None,
                lift_reason: None,
                cause_reference: None,
                pack_ids: None,
            }
        }

        fn balance(&self, state: Disposition, units: i64) -> Balance {
            Balance {
                id: Account::inside(state, self.place()).id(&self.lot.id),
                organisation_id: self.organisation.clone(),
                lot_id: self.lot.id.clone(),
                kind: state.into(),
                location_id: Some(self.place().location_id),
                site_id: Some(self.site.clone()),
                use_by: Some(self.lot.expiry),
                units,
                inspection_id: None,
                excursion_ids: None,
                changed_at: self.now,
                container_id: None,
                charged_ids: None,
            }
        }

        fn place(&self) -> Place {
            let location_id = LocationId::from_uuid(uuid::Uuid::nil());
            Place { location_id, site_id: self.site.clone(), use_by: self.lot.expiry }
        }

        /// Units by disposition: how many, and how many of them in a pack by which serial number. The packs are named.
        fn on_hand(&self, rows: &[(Disposition, i64, Option<(&str, i64)>)]) -> Drawable {
            let pack = |serial: &str| Pack {
                id: PackId::mint(&self.ids, self.now, 0),
                organisation_id: self.organisation.clone(),
                product_id: self.product.id.clone(),
                lot_id: self.lot.id.clone(),
                serial: serial.parse().unwrap(),
                receipt_line_id: ReceiptLineId::mint(&self.ids, self.now, 0),
            };
            let mut found = Drawable::default();
            for (state, units, named) in rows {
                let account = self.balance(*state, *units);
                found.accounts.push((account.clone(), named.map_or(0, |(_, units)| units)));
                found.packs.extend(named.map(|(serial, units)| PackBalance { pack: pack(serial), account, units }));
            }
            found
        }
    }

    fn serials(names: &[&str]) -> Vec<Serial> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    // Long because it is a table: a row for each state, place and reason that the rules of a transfer know.
    fn into_stock_goes_only_what_is_available_and_setting_apart_is_never_refused() {
        use Purpose::{Quarantine, Returns, Stock};
        let w = world();
        let (manual, recall) = (vec![w.hold(CauseType::Manual)], vec![w.hold(CauseType::Recall)]);
        let (good, last_day, expired) = ("2026-11-22", "2026-11-21", "2026-11-20");
        let hybrid: &[ProductClass] = &[ProductClass::HybridFiller];
        let toxin: &[ProductClass] = &[ProductClass::Neuromodulator];
        type Row<'a> =
            (Purpose, Purpose, Disposition, &'a str, &'a [Hold], i32, Option<&'a [ProductClass]>, &'a [&'a str]);
        let rows: Vec<Row<'_>> = vec![
            // released units move freely between stock locations that fit
            (Stock, Stock, Available, good, &[], 8000, None, &[]),
            (Stock, Stock, Available, good, &[], 25_000, Some(hybrid), &[]),
            // DOMAIN rule 13: put-away by band and class
            (Stock, Stock, Available, good, &[], 25_001, None, &["location_band_mismatch"]),
            (Stock, Stock, Available, good, &[], 8000, Some(toxin), &["location_class_mismatch"]),
            // DOMAIN rules 12 and 15: expired stock does not go into stock, and the last day counts
            (Stock, Stock, Available, last_day, &[], 8000, None, &[]),
            (Stock, Stock, Available, expired, &[], 8000, None, &["lot_expired"]),
            // DOMAIN rule 17: what is on hold or recalled stays out of use
            (Stock, Stock, Available, good, &manual, 8000, None, &["lot_on_hold"]),
            (Stock, Stock, Held, good, &recall, 8000, None, &["lot_recalled"]),
            (Stock, Stock, Held, good, &[], 8000, None, &["lot_on_hold"]),
            // DOMAIN rules 8 and 12: quarantine is left for stock only by release
            (Quarantine, Stock, Quarantined, good, &[], 8000, None, &["location_purpose_mismatch"]),
            (Returns, Stock, Quarantined, good, &[], 8000, None, &["location_purpose_mismatch"]),
            // DOMAIN rule 23: what a void put back into quarantine is not in stock, wherever it lies
            (Stock, Stock, Quarantined, good, &[], 8000, None, &["location_purpose_mismatch"]),
            // DOMAIN rule 11: what failed can only be returned or destroyed
            (Quarantine, Stock, Rejected, good, &[], 8000, None, &["location_purpose_mismatch", "lot_rejected"]),
            // every reason that applies
            (
                Quarantine,
                Stock,
                Held,
                expired,
                &manual,
                25_001,
                Some(toxin),
                &[
                    "location_purpose_mismatch",
                    "lot_on_hold",
                    "location_band_mismatch",
                    "location_class_mismatch",
                    "lot_expired",
                ],
            ),
            // DOMAIN rules 12 and 20: setting apart is never refused
            (Stock, Quarantine, Available, expired, &manual, 30_000, Some(toxin), &[]),
            (Stock, Returns, Held, expired, &recall, 30_000, Some(toxin), &[]),
            (Quarantine, Returns, Rejected, expired, &manual, 30_000, None, &[]),
            (Returns, Quarantine, Quarantined, good, &[], 8000, None, &[]),
        ];
        for (index, (from, to, state, use_by, holds, max_mc, classes, expected)) in rows.into_iter().enumerate() {
            let (from, to) = (w.location(from, 8000, None), w.location(to, max_mc, classes));
            let asked = Transfer {
                lot: &w.lot,
                product: &w.product,
                from: &from,
                to: &to,
                state,
                use_by: use_by.parse().unwrap(),
                day: "2026-11-21".parse().unwrap(),
                holds,
            };
            let mut findings = Findings::default();
            may_transfer(&asked, &mut findings);
            let codes: Vec<_> = findings.reasons.iter().map(|reason| reason.code.as_str()).collect();
            assert_eq!(codes, expected, "row {index}");
        }
    }

    #[test]
    fn what_leaves_stock_for_quarantine_is_quarantined() {
        use Purpose::{Quarantine, Returns, Stock};
        // DOMAIN rule 12: a place, not a flag; and what is worse than quarantined stays so
        let rows = [
            (Available, Stock, Available),
            (Available, Quarantine, Quarantined),
            (Available, Returns, Quarantined),
            (Quarantined, Returns, Quarantined),
            (Held, Quarantine, Held),
            (Held, Returns, Held),
            (Rejected, Returns, Rejected),
        ];
        let w = world();
        for (state, to, expected) in rows {
            let to = w.location(to, 8000, None);
            let found = arrives_as(&Account::inside(state, w.place()), &to);
            assert_eq!(
                found,
                Account::inside(expected, w.place()).moved(&to.id, &to.site_id),
                "{state} to {}",
                to.purpose
            );
        }
        // DOMAIN rule 12: a pass goes where its units go
        let (inspection, to) = (InspectionId::mint(&w.ids, w.now, 0), w.location(Quarantine, 8000, None));
        let passed = arrives_as(&Account::passed(inspection.clone(), w.place()), &to);
        assert_eq!((passed.kind, passed.inspection_id), (AccountKind::Passed, Some(inspection)));
    }

    #[test]
    fn what_comes_back_is_never_usable() {
        // DOMAIN rule 23: into quarantine, never straight into stock; rule 11: what failed stays so
        for (kind, is_held, expected) in [
            (AccountKind::Available, false, Quarantined),
            (AccountKind::Available, true, Quarantined),
            (AccountKind::Passed, false, Quarantined),
            (AccountKind::Quarantined, false, Quarantined),
            (AccountKind::InUse, false, Quarantined),
            (AccountKind::Rejected, false, Rejected),
            (AccountKind::Rejected, true, Rejected),
            (AccountKind::Held, true, Held),
            (AccountKind::Held, false, Quarantined),
        ] {
            assert_eq!(comes_back_as(kind, is_held), expected, "{kind} {is_held}");
        }
    }

    #[test]
    fn only_the_wastage_of_rejected_units_is_refused() {
        let w = world();
        let rows: [(Removal, Disposition, &[&str]); 7] = [
            // DOMAIN rule 11: what failed can only be returned or destroyed
            (Removal::Wastage, Rejected, &["lot_rejected"]),
            (Removal::Return, Rejected, &[]),
            (Removal::Destruction, Rejected, &[]),
            // DOMAIN rule 20: nothing else forbids that units leave
            (Removal::Wastage, Available, &[]),
            (Removal::Wastage, Held, &[]),
            (Removal::Return, Held, &[]),
            (Removal::Destruction, Quarantined, &[]),
        ];
        for (removal, state, expected) in rows {
            let mut findings = Findings::default();
            may_remove(&w.lot, removal, state, &mut findings);
            let codes: Vec<_> = findings.reasons.iter().map(|reason| reason.code.as_str()).collect();
            assert_eq!(codes, expected, "{removal:?} of {state}");
        }
    }

    #[test]
    fn the_first_disposition_with_enough_units_gives_them() {
        use MovementKind::{Destruction, Return, Transfer, Wastage};
        use Purpose::{Quarantine, Stock};
        let w = world();
        let all = [(Available, 5, None), (Held, 7, None), (Quarantined, 6, None), (Rejected, 2, None)];
        let packs = [(Available, 4, Some(("A1", 2))), (Held, 3, Some(("H1", 2))), (Rejected, 2, Some(("R1", 2)))];
        type Row<'a> = (
            MovementKind,
            Purpose,
            &'a [(Disposition, i64, Option<(&'a str, i64)>)],
            i64,
            &'a [&'a str],
            Result<Disposition, Shortfall>,
        );
        let only = |name: &str| -> Vec<_> {
            packs.iter().copied().map(|(s, n, p)| (s, n, p.filter(|(serial, _)| *serial == name))).collect()
        };
        let (held_pack, rejected_pack, no_pack) = (only("H1"), only("R1"), only(""));
        let rows: Vec<Row<'_>> = vec![
            // the order for each kind
            (Wastage, Stock, &all, 5, &[], Ok(Available)),
            (Wastage, Stock, &all, 6, &[], Ok(Held)),
            (Return, Stock, &all, 2, &[], Ok(Rejected)),
            (Return, Stock, &all, 3, &[], Ok(Held)),
            (Destruction, Quarantine, &all, 1, &[], Ok(Rejected)),
            (Transfer, Stock, &all, 1, &[], Ok(Available)),
            (Transfer, Quarantine, &all, 1, &[], Ok(Quarantined)),
            (Transfer, Quarantine, &all, 7, &[], Ok(Held)),
            // never from two at once: the sum is told
            (Wastage, Stock, &all, 8, &[], Err(Shortfall::OnHand(20))),
            (Wastage, Stock, &[], 1, &[], Err(Shortfall::OnHand(0))),
            // DOMAIN rule 9: units of packs move under their serial number, and the pack says where they are
            (Wastage, Stock, &held_pack, 2, &["H1"], Ok(Held)),
            (Wastage, Stock, &held_pack, 1, &["H1"], Ok(Held)),
            (Wastage, Stock, &rejected_pack, 2, &["R1"], Ok(Rejected)),
            (Wastage, Stock, &held_pack, 3, &["H1"], Err(Shortfall::PacksHave(2))),
            (Wastage, Stock, &packs[..2], 4, &["A1", "H1"], Err(Shortfall::OnHand(4))),
            // all that lies there needs no name
            (Return, Stock, &[(Rejected, 2, Some(("R1", 2)))], 2, &[], Ok(Rejected)),
            (Return, Stock, &[(Rejected, 3, Some(("R1", 2)))], 2, &[], Err(Shortfall::SerialsRequired)),
            (Wastage, Stock, &no_pack, 4, &[], Ok(Available)),
        ];
        for (index, (kind, from, on_hand, units, names, expected)) in rows.into_iter().enumerate() {
            let sources = by_state(&w.on_hand(on_hand), preferred(kind, from));
            let found = choose(&sources, units, &serials(names), |_| Account::outside(AccountKind::Waste));
            if let Ok((_, postings)) = &found {
                assert_eq!(postings.iter().map(|posting| posting.units).sum::<i64>(), units, "row {index}");
            }
            assert_eq!(found.map(|(state, _)| state), expected, "row {index}");
        }
    }

    #[test]
    fn a_difference_waits_for_a_second_person() {
        let policy = |found, missing| Policy {
            count_found_to_approve: Some(found),
            count_missing_to_approve: Some(missing),
            ..Policy::default()
        };
        // the default: any found unit, or three and more missing
        for (difference, policy, expected) in [
            (0, policy(1, 3), false),
            (1, policy(1, 3), true),
            (-2, policy(1, 3), false),
            (-3, policy(1, 3), true),
            (4, policy(5, 5), false),
            (-5, policy(5, 5), true),
        ] {
            assert_eq!(waits(difference, &policy), expected, "{difference}");
        }
    }

    #[test]
    fn what_is_missing_is_taken_from_available_first_and_packs_are_named() {
        let w = world();
        let rows: [(&[(Disposition, i64, Option<(&str, i64)>)], i64, &[&str], Result<&[(Disposition, i64)], Shortfall>);
            6] = [
            // DOMAIN rule 22, in the order available, held, quarantined, rejected, opened
            (&[(Held, 3, None), (Available, 5, None)], 4, &[], Ok(&[(Available, 4)])),
            (&[(Held, 3, None), (Available, 5, None)], 6, &[], Ok(&[(Available, 5), (Held, 1)])),
            (
                &[(InUse, 1, None), (Rejected, 1, None), (Quarantined, 1, None)],
                3,
                &[],
                Ok(&[(Quarantined, 1), (Rejected, 1), (InUse, 1)]),
            ),
            // DOMAIN rule 9: the packs that are missing have names
            (&[(Available, 2, Some(("A1", 2)))], 2, &["A1"], Ok(&[(Available, 2)])),
            (&[(Available, 2, Some(("A1", 2)))], 1, &[], Err(Shortfall::SerialsRequired)),
            (&[(Available, 3, Some(("A1", 2)))], 3, &["A1"], Err(Shortfall::PacksHave(2))),
        ];
        for (index, (on_hand, units, names, expected)) in rows.into_iter().enumerate() {
            let found = missing(&w.on_hand(on_hand), units, &serials(names), Purpose::Stock);
            let found = found.map(|postings| -> Vec<_> {
                postings.iter().map(|posting| (posting.from.kind.disposition().unwrap(), posting.units)).collect()
            });
            assert_eq!(found, expected.map(<[_]>::to_vec), "row {index}");
        }
    }
}
