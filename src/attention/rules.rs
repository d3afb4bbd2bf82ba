//! What deserves attention.

use chrono::{Days, NaiveDate};

use crate::clock::Moment;
use crate::licences::model::{CheckOutcome, Held};
use crate::values::{LotText, words};

words! {
    /// What is wrong with a licence, or soon will be.
    Lapse {
        /// It is no longer valid.
        Expired "expired",
        /// It will not be valid for long.
        ExpiresSoon "expires_soon",
        /// It was never checked.
        CheckMissing "check_missing",
        /// Its newest check does not say verified.
        CheckFailed "check_failed",
        /// Its newest check is too old.
        CheckStale "check_stale",
        /// Its newest check will soon be too old.
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

/// What is wrong with a licence within so many days from today, and since or on which day.
///
/// DOMAIN rule 1, looked at from the day before: what would refuse somebody soon.
pub fn lapse(held: &Held, today: NaiveDate, now: Moment, days: u32, recheck_days: i64) -> Option<(Lapse, NaiveDate)> {
    let licence = &held.licence;
    let horizon = today.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX);
    let newest = held.checks.iter().max_by_key(|check| (check.checked_at, check.recorded_at));
    if licence.valid_to < today {
        return Some((Lapse::Expired, licence.valid_to));
    }
    let Some(check) = newest else { return Some((Lapse::CheckMissing, today)) };
    if check.outcome != CheckOutcome::Verified {
        return Some((Lapse::CheckFailed, check.effective_on.unwrap_or(check.checked_at.day_in(chrono_tz::Tz::UTC))));
    }
    let stale = check.checked_at.plus_days(recheck_days);
    let stale_on = stale.day_in(chrono_tz::Tz::UTC);
    if now > stale {
        Some((Lapse::CheckStale, stale_on))
    } else if licence.valid_to < horizon {
        Some((Lapse::ExpiresSoon, licence.valid_to))
    } else if stale_on < horizon {
        Some((Lapse::CheckDue, stale_on))
    } else {
        None
    }
}

/// Of the licences of one kind that one holder has, the one to act on: none when any of them is in order.
pub fn to_act_on(
    held: &[Held],
    today: NaiveDate,
    now: Moment,
    days: u32,
    recheck_days: i64,
) -> Vec<(&Held, Lapse, NaiveDate)> {
    let same = |a: &Held, b: &Held| a.licence.holder_id == b.licence.holder_id && a.licence.kind == b.licence.kind;
    let lapses: Vec<_> = held.iter().map(|held| lapse(held, today, now, days, recheck_days)).collect();
    let judged = || held.iter().zip(&lapses);
    judged()
        .filter_map(|(candidate, lapse)| lapse.map(|(lapse, on)| (candidate, lapse, on)))
        .filter(|(candidate, ..)| !judged().any(|(other, lapse)| same(candidate, other) && lapse.is_none()))
        .filter(|(candidate, ..)| {
            let newer = |other: &Held| {
                (other.licence.valid_to, &other.licence.id) > (candidate.licence.valid_to, &candidate.licence.id)
            };
            !held.iter().any(|other| same(candidate, other) && newer(other))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Ids, LicenceCheckId, LicenceId, OrganisationId};
    use crate::licences::model::{HolderType, Licence, LicenceCheck, LicenceKind, Scope};
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
        Held { licence, checks }
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
            // 365 days after 2025-06-30 is 2026-06-30; after 2025-07-02, 2026-07-02 (python: date + timedelta(365))
            (held("2027-12-31", &[("2025-06-30", Verified)]), Some((Lapse::CheckStale, day("2026-06-30")))),
            (held("2027-12-31", &[("2025-07-02", Verified)]), Some((Lapse::CheckDue, day("2026-07-02")))),
        ];
        for (held, expected) in &rows {
            assert_eq!(lapse(held, today, now, 30, 365), *expected, "{held:?}");
        }
        let renewed = [rows[1].0.clone(), rows[0].0.clone()];
        assert_eq!(to_act_on(&renewed, today, now, 30, 365), vec![]);
        let both = [rows[1].0.clone(), rows[2].0.clone()];
        let found: Vec<_> = to_act_on(&both, today, now, 30, 365).into_iter().map(|(_, lapse, _)| lapse).collect();
        assert_eq!(found, [Lapse::ExpiresSoon]);
    }
}
