//! What the checks of a licence say of a moment, whenever they were made.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::model::{CheckOutcome, LicenceCheck};
use crate::clock::Moment;

/// From when on a check speaks against a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// The day from which it is so, at the site that is judged for.
    Day(NaiveDate),
    /// The moment of the check, where it names no day.
    Moment(Moment),
}

/// While a check speaks against a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adverse<'a> {
    /// The check.
    pub check: &'a LicenceCheck,
    /// From when on.
    pub since: Since,
    /// The verification that ended it; it speaks until then, and for ever where there is none.
    pub until: Option<Moment>,
}

impl Adverse<'_> {
    /// Whether it covers a moment, on the day that it is at the site.
    pub fn covers(&self, at: Moment, day: NaiveDate) -> bool {
        let has_begun = match self.since {
            Since::Day(since) => day >= since,
            Since::Moment(since) => at >= since,
        };
        has_begun && self.until.is_none_or(|until| at < until)
    }
}

/// DOMAIN rule 20a: an adverse check covers from its effective date to the moment of the verification after it; no later
/// check makes its days good. A verification from before the day on which an announced state begins does not end it.
pub fn adverse<'a>(checks: &[&'a LicenceCheck], zone: Tz) -> impl Iterator<Item = Adverse<'a>> {
    checks.iter().copied().filter(|check| check.outcome != CheckOutcome::Verified).map(move |check| {
        let ends = |later: &&&LicenceCheck| {
            later.outcome == CheckOutcome::Verified
                && later.checked_at > check.checked_at
                && check.effective_on.is_none_or(|on| later.checked_at.day_in(zone) >= on)
        };
        Adverse {
            check,
            since: check.effective_on.map_or(Since::Moment(check.checked_at), Since::Day),
            until: checks.iter().filter(ends).map(|later| later.checked_at).min(),
        }
    })
}

/// What the checks of a licence say of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// No check says verified.
    Unverified,
    /// This check spoke against it then.
    Adverse(&'a LicenceCheck),
    /// Nothing spoke against it, and this check reaches furthest.
    Verified(&'a LicenceCheck),
}

impl<'a> Standing<'a> {
    /// The check that governs, if there is one.
    pub fn check(self) -> Option<&'a LicenceCheck> {
        match self {
            Standing::Unverified => None,
            Standing::Adverse(check) | Standing::Verified(check) => Some(check),
        }
    }
}

/// DOMAIN rule 20a: a verified check speaks for every day, earlier ones included, that no adverse state covers.
pub fn standing<'a>(checks: &[&'a LicenceCheck], at: Moment, day: NaiveDate, zone: Tz) -> Standing<'a> {
    let order = |check: &&LicenceCheck| (check.checked_at, check.recorded_at, check.id.clone());
    let against = adverse(checks, zone).filter(|adverse| adverse.covers(at, day)).map(|adverse| adverse.check);
    let verified = checks.iter().copied().filter(|check| check.outcome == CheckOutcome::Verified);
    match (against.max_by_key(order), verified.max_by_key(order)) {
        (Some(check), _) => Standing::Adverse(check),
        (None, Some(check)) => Standing::Verified(check),
        (None, None) => Standing::Unverified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Ids, LicenceCheckId, LicenceId, OrganisationId};
    use CheckOutcome::{Lapsed, Suspended, Verified};

    type Check<'a> = (&'a str, CheckOutcome, Option<&'a str>);

    fn moment(text: &str) -> Moment {
        text.parse().unwrap()
    }

    /// Checks at noon UTC of their days, in the order of their entry.
    fn checks(rows: &[Check<'_>]) -> Vec<LicenceCheck> {
        let (ids, now) = (Ids::system(), moment("2026-01-01T00:00:00Z"));
        let (organisation, licence) = (OrganisationId::mint(&ids, now, 0), LicenceId::mint(&ids, now, 0));
        rows.iter()
            .map(|(on, outcome, effective_on)| LicenceCheck {
                id: LicenceCheckId::mint(&ids, now, 0),
                organisation_id: organisation.clone(),
                licence_id: licence.clone(),
                outcome: *outcome,
                source: "register".parse().unwrap(),
                checked_at: moment(&format!("{on}T12:00:00Z")),
                effective_on: effective_on.map(|day| day.parse().unwrap()),
                evidence_sha256: None,
                note: None,
                checked_by: "admin".to_owned(),
                recorded_at: now,
            })
            .collect()
    }

    /// The place of the governing check in the list, with what it says; by moments in London.
    fn found(checks: &[LicenceCheck], at: &str) -> (&'static str, Option<usize>) {
        let (zone, at) = (chrono_tz::Europe::London, moment(at));
        let all: Vec<_> = checks.iter().collect();
        let standing = standing(&all, at, at.day_in(zone), zone);
        let place = standing.check().and_then(|check| checks.iter().position(|other| other.id == check.id));
        let word = match standing {
            Standing::Unverified => "unverified",
            Standing::Adverse(_) => "adverse",
            Standing::Verified(_) => "verified",
        };
        (word, place)
    }

    #[test]
    // Long because it is a table: a row for each clause of DOMAIN rule 20a, from both of its sides.
    fn a_verification_speaks_for_every_day_that_nothing_speaks_against() {
        let suspended_and_verified: &[Check] = &[
            ("2026-02-01", Verified, None),
            ("2026-03-10", Suspended, Some("2026-03-01")),
            ("2026-03-20", Verified, None),
            ("2026-06-01", Verified, None),
        ];
        let announced: &[Check] = &[
            ("2026-02-01", Verified, None),
            ("2026-03-10", Lapsed, Some("2026-07-01")),
            ("2026-03-20", Verified, None),
        ];
        let ended_on_the_day: &[Check] = &[("2026-03-10", Lapsed, Some("2026-07-01")), ("2026-07-01", Verified, None)];
        let twice: &[Check] = &[
            ("2026-02-01", Verified, None),
            ("2026-03-01", Suspended, None),
            ("2026-03-10", Verified, None),
            ("2026-04-01", Lapsed, Some("2026-02-15")),
        ];
        let rows: &[(&[Check], &str, (&str, Option<usize>))] = &[
            // DOMAIN rule 20a: "a verified check speaks for every day of validity, earlier ones included"
            (&[], "2026-03-01T12:00:00Z", ("unverified", None)),
            (&[("2026-06-01", Verified, None)], "2026-01-01T00:00:00Z", ("verified", Some(0))),
            // "that no adverse state covers": from the moment of the check where it names no day
            (
                &[("2026-02-01", Verified, None), ("2026-03-01", Suspended, None)],
                "2026-03-01T11:59:59Z",
                ("verified", Some(0)),
            ),
            (
                &[("2026-02-01", Verified, None), ("2026-03-01", Suspended, None)],
                "2026-03-01T12:00:00Z",
                ("adverse", Some(1)),
            ),
            (
                &[("2026-02-01", Verified, None), ("2026-03-01", Suspended, None)],
                "2027-03-01T12:00:00Z",
                ("adverse", Some(1)),
            ),
            // from the effective day on, at the site
            (suspended_and_verified, "2026-02-28T23:59:59Z", ("verified", Some(3))),
            (suspended_and_verified, "2026-03-01T00:00:00Z", ("adverse", Some(1))),
            // "an adverse state ends at the moment of the verification after it"
            (suspended_and_verified, "2026-03-20T11:59:59Z", ("adverse", Some(1))),
            (suspended_and_verified, "2026-03-20T12:00:00Z", ("verified", Some(3))),
            // "and no later check makes its days good"
            (suspended_and_verified, "2026-03-15T12:00:00Z", ("adverse", Some(1))),
            // an announced state is not ended by a verification before it begins; 30 June 23:00 UTC is 1 July in London
            (announced, "2026-06-30T22:59:59Z", ("verified", Some(2))),
            (announced, "2026-06-30T23:00:00Z", ("adverse", Some(1))),
            (ended_on_the_day, "2026-07-01T11:59:59Z", ("adverse", Some(0))),
            (ended_on_the_day, "2026-07-01T12:00:00Z", ("verified", Some(1))),
            (ended_on_the_day, "2026-06-01T12:00:00Z", ("verified", Some(1))),
            // without a verification there is nothing that speaks for the days before it began
            (&[("2026-03-01", Suspended, None)], "2026-02-01T12:00:00Z", ("unverified", None)),
            (&[("2026-03-01", Suspended, None)], "2026-04-01T12:00:00Z", ("adverse", Some(0))),
            // a verification of the same moment does not end it, nor one that is entered later for an earlier moment
            (
                &[("2026-03-01", Suspended, None), ("2026-03-01", Verified, None)],
                "2026-03-02T12:00:00Z",
                ("adverse", Some(0)),
            ),
            (
                &[("2026-03-10", Suspended, Some("2026-03-01")), ("2026-03-05", Verified, None)],
                "2026-03-20T12:00:00Z",
                ("adverse", Some(0)),
            ),
            // a state found later may cover a verification in between; of two the newer one is named
            (twice, "2026-02-20T12:00:00Z", ("adverse", Some(3))),
            (twice, "2026-03-05T12:00:00Z", ("adverse", Some(3))),
            (twice, "2026-03-11T12:00:00Z", ("adverse", Some(3))),
            (twice, "2026-02-14T12:00:00Z", ("verified", Some(2))),
        ];
        for (listed, at, expected) in rows {
            assert_eq!(found(&checks(listed), at), *expected, "{listed:?} at {at}");
        }
    }
}
