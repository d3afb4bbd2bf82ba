//! What deserves attention.

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;

use crate::clock::Moment;
use crate::licences::model::{CheckOutcome, Held, Licence};
use crate::licences::standing::{Since, adverse};
use crate::policies::model::Policy;
use crate::values::{LotText, words};

words! {
    /// What is wrong with a licence, or soon will be.
    Lapse {
        /// It is no longer valid.
        Expired "expired",
        /// It will not be valid for long.
        ExpiresSoon "expires_soon",
        /// It was never verified.
        CheckMissing "check_missing",
        /// A check says something else than verified, and no verification has ended that.
        CheckFailed "check_failed",
        /// Its last verification is too old.
        CheckStale "check_stale",
        /// Its last verification will soon be too old.
        CheckDue "check_due",
    }
}

words! {
    /// How the texts of two lots are alike.
    Likeness {
        /// They match: the same but for case. Compare the labels: one of them may have been typed wrong.
        Variant "variant",
        /// One is easily taken for the other: O and 0, I and 1, leading zeros.
        NearMiss "near_miss",
    }
}

impl Likeness {
    /// How texts that are alike are so.
    pub fn of(one: &LotText, other: &LotText) -> Self {
        if one.matches(other) { Likeness::Variant } else { Likeness::NearMiss }
    }
}

/// From when, and how far ahead, licences are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    /// The day.
    pub today: NaiveDate,
    /// The moment.
    pub now: Moment,
    /// The time zone that the day is of.
    pub zone: Tz,
    /// How many days ahead.
    pub days: u32,
    /// How long a verification speaks for what comes after it, in days.
    pub recheck_days: i64,
}

/// What is wrong with a licence within so many days from today, and since or on which day.
///
/// DOMAIN rules 1 and 20a, looked at from the day before: what would refuse somebody soon.
pub fn lapse(held: &Held, horizon: &Horizon) -> Option<(Lapse, NaiveDate)> {
    let Horizon { today, now, zone, days, recheck_days } = *horizon;
    let licence = &held.licence;
    let until = today.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX);
    if licence.valid_to < today {
        return Some((Lapse::Expired, licence.valid_to));
    }
    let counting = held.counting(now);
    if let Some(open) = adverse(&counting, zone).find(|adverse| adverse.until.is_none()) {
        let since = match open.since {
            Since::Day(day) => day,
            Since::Moment(moment) => moment.day_in(zone),
        };
        return Some((Lapse::CheckFailed, since));
    }
    let verified = counting.iter().filter(|check| check.outcome == CheckOutcome::Verified);
    let Some(verified_at) = verified.map(|check| check.checked_at).max() else {
        return Some((Lapse::CheckMissing, today));
    };
    let stale = verified_at.plus_days(recheck_days);
    let stale_on = stale.day_in(zone);
    if now > stale {
        Some((Lapse::CheckStale, stale_on))
    } else if licence.valid_to < until {
        Some((Lapse::ExpiresSoon, licence.valid_to))
    } else if stale_on < until {
        Some((Lapse::CheckDue, stale_on))
    } else {
        None
    }
}

/// Whether one licence allows all that another does: the same holder and kind, and its jurisdiction and scope cover the
/// other's.
fn covers(broad: &Licence, narrow: &Licence) -> bool {
    (broad.holder_type, &broad.holder_id, broad.kind) == (narrow.holder_type, &narrow.holder_id, narrow.kind)
        && broad.jurisdiction.covers(&narrow.jurisdiction)
        && broad.product_classes.includes(&narrow.product_classes)
}

/// The licences to act on: those that lapse while no other that covers them is in order by then. Of several that lapse,
/// one that covers another and is valid for longer is the one to act on.
pub fn to_act_on<'a>(held: &'a [Held], horizon: &Horizon) -> Vec<(&'a Held, Lapse, NaiveDate)> {
    let lapses: Vec<_> = held.iter().map(|held| lapse(held, horizon)).collect();
    let is_needless = |candidate: &Licence, lapse: Lapse, on: NaiveDate| {
        // Valid to a day is good on it; whatever follows must have begun by the next.
        let gap = if lapse == Lapse::ExpiresSoon { on.succ_opt().unwrap_or(on) } else { on };
        held.iter().zip(&lapses).filter(|(other, _)| covers(&other.licence, candidate)).any(|(other, lapse)| {
            let other = &other.licence;
            let is_newer = (other.valid_to, &other.id) > (candidate.valid_to, &candidate.id);
            (lapse.is_none() && other.valid_from <= gap.max(horizon.today)) || (lapse.is_some() && is_newer)
        })
    };
    held.iter()
        .zip(&lapses)
        .filter_map(|(candidate, lapse)| lapse.map(|(lapse, on)| (candidate, lapse, on)))
        .filter(|(candidate, lapse, on)| !is_needless(&candidate.licence, *lapse, *on))
        .collect()
}

/// Authorisations of products that were verified before this day are stale, or will be within so many days from today.
pub fn approvals_due_before(today: NaiveDate, days: u32, policy: &Policy) -> Option<NaiveDate> {
    let horizon = today.checked_add_days(Days::new(days.into()))?;
    horizon.checked_sub_days(Days::new(u64::try_from(policy.approval_recheck_days).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::model::ProductClass;
    use crate::ids::{Ids, LicenceCheckId, LicenceId, OrganisationId};
    use crate::licences::model::{HolderType, LicenceCheck, LicenceKind, Scope};
    use crate::values::Json;

    fn held(to: &str, checks: &[(&str, CheckOutcome)]) -> Held {
        let (ids, now): (_, Moment) = (Ids::system(), "2026-01-01T00:00:00Z".parse().unwrap());
        let organisation_id = OrganisationId::mint(&ids, now, 0);
        let licence = Licence {
            id: LicenceId::mint(&ids, now, 0),
            organisation_id: organisation_id.clone(),
            holder_type: HolderType::Site,
            holder_id: "site".to_owned(),
            kind: LicenceKind::Facility,
            authority: "CQC".parse().unwrap(),
            number: "1-100".parse().unwrap(),
            number_validated: false,
            jurisdiction: "GB".parse().unwrap(),
            product_classes: Json::new(Scope::All),
            valid_from: "2020-01-01".parse().unwrap(),
            valid_to: to.parse().unwrap(),
            registered_at: now,
        };
        let checks = checks
            .iter()
            .map(|(on, outcome)| LicenceCheck {
                id: LicenceCheckId::mint(&ids, now, 0),
                organisation_id: organisation_id.clone(),
                licence_id: licence.id.clone(),
                outcome: *outcome,
                source: "register".parse().unwrap(),
                checked_at: format!("{on}T00:00:00Z").parse().unwrap(),
                effective_on: None,
                evidence_sha256: None,
                note: None,
                checked_by: "admin".to_owned(),
                recorded_at: now,
            })
            .collect();
        Held { registered_by: "registrar".to_owned(), holder_subject: None, discounts: Vec::new(), licence, checks }
    }

    /// The same with a day on which its first check takes effect.
    fn effective(mut held: Held, on: &str) -> Held {
        held.checks[0].effective_on = Some(on.parse().unwrap());
        held
    }

    #[test]
    fn licences_ask_for_attention_before_they_refuse_anybody() {
        use CheckOutcome::{Suspended, Verified};
        let (today, now) = ("2026-07-01".parse().unwrap(), "2026-07-01T10:00:00Z".parse().unwrap());
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let rows = [
            (held("2027-12-31", &[("2026-06-01", Verified)]), None),
            (held("2026-06-30", &[("2026-06-01", Verified)]), Some((Lapse::Expired, day("2026-06-30")))),
            (held("2026-07-30", &[("2026-06-01", Verified)]), Some((Lapse::ExpiresSoon, day("2026-07-30")))),
            (held("2026-07-31", &[("2026-06-01", Verified)]), None),
            (held("2027-12-31", &[]), Some((Lapse::CheckMissing, today))),
            (
                held("2027-12-31", &[("2026-06-01", Verified), ("2026-06-02", Suspended)]),
                Some((Lapse::CheckFailed, day("2026-06-02"))),
            ),
            // DOMAIN rule 20a: an ended one is over, one that is announced is not
            (held("2027-12-31", &[("2026-05-01", Suspended), ("2026-06-01", Verified)]), None),
            (
                effective(held("2027-12-31", &[("2026-06-01", Suspended), ("2026-06-15", Verified)]), "2026-08-01"),
                Some((Lapse::CheckFailed, day("2026-08-01"))),
            ),
            (held("2027-12-31", &[("2026-06-01", Suspended)]), Some((Lapse::CheckFailed, day("2026-06-01")))),
            // 365 days after 2025-06-30 is 2026-06-30; after 2025-07-02, 2026-07-02 (python: date + timedelta(365))
            (held("2027-12-31", &[("2025-06-30", Verified)]), Some((Lapse::CheckStale, day("2026-06-30")))),
            (held("2027-12-31", &[("2025-07-02", Verified)]), Some((Lapse::CheckDue, day("2026-07-02")))),
        ];
        let horizon = Horizon { today, now, zone: chrono_tz::Europe::London, days: 30, recheck_days: 365 };
        for (held, expected) in &rows {
            assert_eq!(lapse(held, &horizon), *expected, "{held:?}");
        }
    }

    #[test]
    // Long because it is a table: a row for each respect in which one licence may cover another.
    fn a_licence_makes_another_needless_only_where_it_covers_it() {
        use CheckOutcome::Verified;
        use ProductClass::{HaFiller, Neuromodulator};
        let good = || held("2027-12-31", &[("2026-06-01", Verified)]);
        let over = || held("2026-06-30", &[("2026-06-01", Verified)]);
        let soon = || held("2026-07-15", &[("2026-06-01", Verified)]);
        let changed = |mut held: Held, change: fn(&mut Licence)| {
            change(&mut held.licence);
            held
        };
        let of = |held, class: ProductClass| {
            let mut held: Held = held;
            held.licence.product_classes = Json::new(Scope::Classes(vec![class]));
            held
        };
        let english = |held| changed(held, |licence| licence.jurisdiction = "GB-ENG".parse().unwrap());
        let rows: Vec<(&str, Vec<Held>, Vec<usize>)> = vec![
            ("a renewal", vec![over(), good()], vec![]),
            ("two that lapse: the one that is valid for longer", vec![over(), soon()], vec![1]),
            (
                "another holder",
                vec![over(), changed(good(), |licence| licence.holder_id = "other".to_owned())],
                vec![0],
            ),
            (
                "another kind of holder",
                vec![over(), changed(good(), |licence| licence.holder_type = HolderType::Organisation)],
                vec![0],
            ),
            ("another kind", vec![over(), changed(good(), |licence| licence.kind = LicenceKind::Wholesale)], vec![0]),
            ("a part of its jurisdiction", vec![over(), english(good())], vec![0]),
            ("the country of its jurisdiction", vec![english(over()), good()], vec![]),
            (
                "another jurisdiction",
                vec![over(), changed(good(), |l| l.jurisdiction = "IE".parse().unwrap())],
                vec![0],
            ),
            ("a part of its scope", vec![over(), of(good(), HaFiller)], vec![0]),
            ("all classes", vec![of(over(), HaFiller), good()], vec![]),
            ("another class", vec![of(over(), HaFiller), of(good(), Neuromodulator)], vec![0]),
            ("another class that lapses later", vec![of(over(), HaFiller), of(soon(), Neuromodulator)], vec![0, 1]),
            (
                "one that begins the day after",
                vec![soon(), changed(good(), |licence| licence.valid_from = "2026-07-16".parse().unwrap())],
                vec![],
            ),
            (
                "one that begins too late",
                vec![soon(), changed(good(), |licence| licence.valid_from = "2026-07-17".parse().unwrap())],
                vec![0],
            ),
        ];
        let (today, now) = ("2026-07-01".parse().unwrap(), "2026-07-01T10:00:00Z".parse().unwrap());
        let horizon = Horizon { today, now, zone: Tz::UTC, days: 30, recheck_days: 365 };
        for (what, held, expected) in rows {
            let found: Vec<_> =
                to_act_on(&held, &horizon).into_iter().map(|(found, ..)| found.licence.id.clone()).collect();
            let expected: Vec<_> = expected.into_iter().map(|place| held[place].licence.id.clone()).collect();
            assert_eq!(found, expected, "{what}");
        }
    }
}
