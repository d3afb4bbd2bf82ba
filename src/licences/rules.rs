//! When a licence counts.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::model::{Doubt, Held, Licence, LicenceKind, RestedOn};
use super::people::doubts;
use super::standing::{Standing, standing};
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::decision::{Basis, Decision, Findings, ReasonCode, Subject};
use crate::policies::model::Current;
use crate::sites::model::Site;
use crate::values::{Jurisdiction, number};

/// What a licence is needed for.
#[derive(Clone, Copy, Debug)]
pub struct Need<'a> {
    /// Who needs it: decides which codes a refusal has.
    pub role: HolderRole,
    /// The kind of licence.
    pub kind: LicenceKind,
    /// For what.
    pub occasion: Occasion<'a>,
}

/// Where and when a product is bought or used: what every licence for it is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// For which class of product.
    pub class: ProductClass,
    /// Where.
    pub jurisdiction: &'a Jurisdiction,
    /// On which day, at the site.
    pub day: NaiveDate,
    /// At which moment.
    pub at: Moment,
    /// In which time zone: the site's.
    pub zone: chrono_tz::Tz,
    /// How long a check that says verified speaks for what comes after it, in days.
    pub recheck_days: i64,
    /// Whether two people must be behind a licence.
    pub by_two: bool,
}

impl<'a> Occasion<'a> {
    /// A product of a class at a site, under a policy.
    pub fn of(class: ProductClass, site: &'a Site, day: NaiveDate, at: Moment, policy: &Current) -> Self {
        Occasion {
            class,
            jurisdiction: &site.jurisdiction,
            day,
            at,
            zone: site.time_zone.rules(),
            recheck_days: policy.licence_recheck_days,
            by_two: policy.licences_by_two(),
        }
    }

    /// The licence that a holder needs for it.
    pub fn needs(self, role: HolderRole, kind: LicenceKind) -> Need<'a> {
        Need { role, kind, occasion: self }
    }
}

/// Who must hold a licence, as the reason codes name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderRole {
    /// The site, by its own licence or its organisation's.
    Site,
    /// The practitioner.
    Practitioner,
    /// The prescriber.
    Prescriber,
    /// The supplier.
    Supplier,
    /// Whoever was trained in the product: whatever is wrong with the record, the training is missing.
    Trained,
}

struct Codes {
    missing: ReasonCode,
    outside_validity: ReasonCode,
    check_missing: ReasonCode,
    check_failed: ReasonCode,
    check_stale: ReasonCode,
    scope: ReasonCode,
    jurisdiction: ReasonCode,
}

impl HolderRole {
    fn codes(self) -> Codes {
        use ReasonCode as R;
        match self {
            HolderRole::Site => Codes {
                missing: R::SiteLicenceMissing,
                outside_validity: R::SiteLicenceOutsideValidity,
                check_missing: R::SiteLicenceCheckMissing,
                check_failed: R::SiteLicenceCheckFailed,
                check_stale: R::SiteLicenceCheckStale,
                scope: R::SiteLicenceScope,
                jurisdiction: R::SiteLicenceJurisdiction,
            },
            HolderRole::Practitioner => Codes {
                missing: R::PractitionerLicenceMissing,
                outside_validity: R::PractitionerLicenceOutsideValidity,
                check_missing: R::PractitionerLicenceCheckMissing,
                check_failed: R::PractitionerLicenceCheckFailed,
                check_stale: R::PractitionerLicenceCheckStale,
                scope: R::PractitionerLicenceScope,
                jurisdiction: R::PractitionerLicenceJurisdiction,
            },
            HolderRole::Prescriber => Codes {
                missing: R::PrescriberLicenceMissing,
                outside_validity: R::PrescriberLicenceOutsideValidity,
                check_missing: R::PrescriberLicenceCheckMissing,
                check_failed: R::PrescriberLicenceCheckFailed,
                check_stale: R::PrescriberLicenceCheckStale,
                scope: R::PrescriberLicenceScope,
                jurisdiction: R::PrescriberLicenceJurisdiction,
            },
            HolderRole::Supplier => Codes {
                missing: R::SupplierLicenceMissing,
                outside_validity: R::SupplierLicenceOutsideValidity,
                check_missing: R::SupplierLicenceCheckMissing,
                check_failed: R::SupplierLicenceCheckFailed,
                check_stale: R::SupplierLicenceCheckStale,
                scope: R::SupplierLicenceScope,
                jurisdiction: R::SupplierLicenceJurisdiction,
            },
            HolderRole::Trained => Codes {
                missing: R::TrainingMissing,
                outside_validity: R::TrainingMissing,
                check_missing: R::TrainingMissing,
                check_failed: R::TrainingMissing,
                check_stale: R::TrainingMissing,
                scope: R::TrainingMissing,
                jurisdiction: R::TrainingMissing,
            },
        }
    }

    fn noun(self) -> &'static str {
        match self {
            HolderRole::Site => "facility licence",
            HolderRole::Practitioner => "professional registration",
            HolderRole::Prescriber => "prescribing authority",
            HolderRole::Supplier => "wholesale licence",
            HolderRole::Trained => "training record",
        }
    }
}

/// DOMAIN rules 1 and 2: one licence of the right kind must count in all five respects.
///
/// Where several are held, one of the right scope and jurisdiction speaks before any other, and of those the one that fails
/// least: a licence that ran out years ago is no news beside the one that followed it, and a valid one for another class
/// none beside an expired one for this.
pub fn licensed(need: &Need<'_>, holder: &Subject, held: &[Held], findings: &mut Findings) {
    let of_the_kind = held.iter().filter(|held| held.licence.kind == need.kind);
    let Some(closest) = of_the_kind.min_by_key(|held| distance(need, held)) else {
        let message = format!("There is no {} on record.", need.role.noun());
        findings.refuse(need.role.codes().missing, holder.clone(), message);
        return;
    };
    findings.rests_on(basis(need, closest));
    for (code, message) in shortcomings(need, closest) {
        findings.refuse(code, of_licence(closest), message);
    }
    for twin in held.iter().filter(|held| held.licence.id != closest.licence.id && is_twin(held, closest)) {
        refuse_adverse(need, twin, findings);
    }
}

/// DOMAIN rule 2: somebody has the authority to prescribe. Whose registration is suspended prescribes nothing, whatever else is on
/// record.
pub fn prescribes(occasion: &Occasion<'_>, holder: &Subject, held: &[Held], findings: &mut Findings) {
    licensed(&occasion.needs(HolderRole::Prescriber, LicenceKind::Prescriber), holder, held, findings);
    let registration = occasion.needs(HolderRole::Practitioner, LicenceKind::ProfessionalRegistration);
    not_adverse(&registration, held, findings);
}

/// What speaks against every licence of a kind that somebody holds, where one is on record at all.
pub fn not_adverse(need: &Need<'_>, held: &[Held], findings: &mut Findings) {
    let of_the_kind = held.iter().filter(|held| held.licence.kind == need.kind);
    if let Some(closest) = of_the_kind.min_by_key(|held| distance(need, held)) {
        refuse_adverse(need, closest, findings);
    }
}

/// Refuses for a licence that a check speaks against.
fn refuse_adverse(need: &Need<'_>, held: &Held, findings: &mut Findings) {
    let code = need.role.codes().check_failed;
    for (_, message) in shortcomings(need, held).into_iter().filter(|(found, _)| *found == code) {
        if matches!(at_the_time(need, held), Standing::Adverse(_)) {
            findings.rests_on(basis(need, held));
            findings.refuse(code, of_licence(held), message);
        }
    }
}

/// Whether two records are of one licence of one holder. What its authority said of it counts for both.
fn is_twin(a: &Held, b: &Held) -> bool {
    let (a, b) = (&a.licence, &b.licence);
    (a.holder_type, &a.holder_id) == (b.holder_type, &b.holder_id) && is_one_licence(a, b)
}

/// Whether two records name one licence: the same kind, authority and number, however they are written and whoever is said to hold
/// it.
pub fn is_one_licence(a: &Licence, b: &Licence) -> bool {
    let key =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    a.kind == b.kind
        && key(a.authority.as_str()) == key(b.authority.as_str())
        && key(a.number.as_str()) == key(b.number.as_str())
}

fn of_licence(held: &Held) -> Subject {
    Subject::new(crate::decision::SubjectType::Licence, &held.licence.id)
}

/// How far a licence is from counting; of two that are as far, the one that is valid for longer is nearer.
fn distance(need: &Need<'_>, held: &Held) -> (bool, usize, Reverse<NaiveDate>) {
    let licence = &held.licence;
    let fits =
        licence.product_classes.covers(need.occasion.class) && licence.jurisdiction.covers(need.occasion.jurisdiction);
    (!fits, shortcomings(need, held).len(), Reverse(licence.valid_to))
}

/// DOMAIN rules 1 and 20a, respect by respect.
fn shortcomings(need: &Need<'_>, held: &Held) -> Vec<(ReasonCode, String)> {
    let (codes, licence, occasion) = (need.role.codes(), &held.licence, &need.occasion);
    // Its number is for those who may read licences: the subject of the reason leads them to it.
    let name = format!("The {} of {}", need.role.noun(), licence.authority);
    let mut found = Vec::new();
    if occasion.day < licence.valid_from || occasion.day > licence.valid_to {
        let message =
            format!("{name} is valid from {} to {}, not on {}.", licence.valid_from, licence.valid_to, occasion.day);
        found.push((codes.outside_validity, message));
    }
    match at_the_time(need, held) {
        Standing::Unverified => {
            found.push((codes.check_missing, format!("{name} was never verified with its authority.")))
        }
        Standing::Adverse(check) => {
            let since = check.effective_on.map_or_else(|| check.checked_at.told_in(occasion.zone), |on| on.to_string());
            let message =
                format!("{name}: a check says {} since {since}, and no verification had ended that.", check.outcome);
            found.push((codes.check_failed, message));
        }
        Standing::Verified(check) if occasion.at > check.checked_at.plus_days(occasion.recheck_days) => {
            let message = format!(
                "{name} was last verified at {}, more than {} before.",
                check.checked_at.told_in(occasion.zone),
                number(occasion.recheck_days, "day")
            );
            found.push((codes.check_stale, message));
        }
        Standing::Verified(_) => {}
    }
    if occasion.by_two {
        found.extend(doubts(held, occasion.at, occasion.recheck_days).into_iter().map(|doubt| {
            let message = match doubt {
                Doubt::HolderWithoutSubject => {
                    format!("{name}: no subject of its holder is known, who might have verified it.")
                }
                Doubt::OnePerson => format!("{name} was verified by nobody but whoever registered it."),
            };
            (ReasonCode::LicenceNotByTwo, message)
        }));
    }
    if !licence.product_classes.covers(occasion.class) {
        found.push((codes.scope, format!("{name} does not cover {}.", occasion.class)));
    }
    if !licence.jurisdiction.covers(occasion.jurisdiction) {
        let message = format!("{name} counts in {}, not in {}.", licence.jurisdiction, occasion.jurisdiction);
        found.push((codes.jurisdiction, message));
    }
    found
}

fn at_the_time<'a>(need: &Need<'_>, held: &'a Held) -> Standing<'a> {
    standing(&held.counting(need.occasion.at), need.occasion.at, need.occasion.day, need.occasion.zone)
}

fn basis(need: &Need<'_>, held: &Held) -> Basis {
    let (licence, check) = (&held.licence, at_the_time(need, held).check());
    Basis::Licence {
        id: licence.id.to_string(),
        holder_type: licence.holder_type.to_string(),
        holder_id: licence.holder_id.clone(),
        kind: licence.kind.to_string(),
        authority: licence.authority.to_string(),
        number: licence.number.to_string(),
        jurisdiction: licence.jurisdiction.to_string(),
        product_classes: licence.product_classes.words(),
        valid_from: licence.valid_from,
        valid_to: licence.valid_to,
        check_id: check.map(|check| check.id.to_string()),
        check_outcome: check.map(|check| check.outcome.to_string()),
        checked_at: check.map(|check| check.checked_at),
        recheck_days: need.occasion.recheck_days,
        doubts: doubts(held, need.occasion.at, need.occasion.recheck_days).iter().map(ToString::to_string).collect(),
    }
}

/// The licences that a decision rested on, each once: the same check governs wherever one is named for the same moment.
///
/// # Errors
/// For facts that nobody knows.
pub fn rested_on(decision: &Decision) -> serde_json::Result<Vec<RestedOn>> {
    let facts = decision.basis.found()?;
    let judged = facts.iter().find_map(|basis| match basis {
        Basis::Moment { occurred_at, day, .. } => Some((*occurred_at, *day)),
        _ => None,
    });
    let Some((at, day)) = judged else { return Ok(Vec::new()) };
    let licences: BTreeMap<&String, &Option<String>> = facts
        .iter()
        .filter_map(|basis| match basis {
            Basis::Licence { id, check_id, .. } => Some((id, check_id)),
            _ => None,
        })
        .collect();
    let rested_on =
        |(id, check): (&String, &Option<String>)| RestedOn { licence_id: id.clone(), check_id: check.clone(), day, at };
    Ok(licences.into_iter().map(rested_on).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::SubjectType;
    use crate::ids::{Ids, LicenceCheckId, LicenceId, OrganisationId};
    use crate::licences::model::{CheckOutcome, HolderType, LicenceCheck, Scope};
    use crate::values::Json;

    fn moment(day: &str) -> Moment {
        format!("{day}T12:00:00Z").parse().unwrap()
    }

    fn held(from: &str, to: &str, checks: &[(&str, CheckOutcome, Option<&str>)]) -> Held {
        let (ids, now) = (Ids::system(), moment("2026-01-01"));
        let organisation_id = OrganisationId::mint(&ids, now, 0);
        let licence = Licence {
            id: LicenceId::mint(&ids, now, 0),
            organisation_id: organisation_id.clone(),
            holder_type: HolderType::Practitioner,
            holder_id: "prac".to_owned(),
            kind: LicenceKind::ProfessionalRegistration,
            authority: "GMC".parse().unwrap(),
            number: "1234567".parse().unwrap(),
            number_validated: true,
            jurisdiction: "GB".parse().unwrap(),
            product_classes: Json::new(Scope::Classes(vec![ProductClass::HaFiller])),
            valid_from: from.parse().unwrap(),
            valid_to: to.parse().unwrap(),
            registered_at: now,
        };
        let checks = checks
            .iter()
            .map(|(on, outcome, effective_on)| LicenceCheck {
                id: LicenceCheckId::mint(&ids, now, 0),
                organisation_id: organisation_id.clone(),
                licence_id: licence.id.clone(),
                outcome: *outcome,
                source: "gmc-uk.org".parse().unwrap(),
                checked_at: moment(on),
                effective_on: effective_on.map(|day| day.parse().unwrap()),
                evidence_sha256: None,
                note: None,
                checked_by: "admin".to_owned(),
                recorded_at: moment(on),
            })
            .collect();
        Held {
            registered_by: "registrar".to_owned(),
            holder_subject: Some("holder".to_owned()),
            discounts: Vec::new(),
            licence,
            checks,
        }
    }

    fn elsewhere(mut held: Held) -> Held {
        held.licence.jurisdiction = "IE".parse().unwrap();
        held
    }

    fn of_class(mut held: Held, class: ProductClass) -> Held {
        held.licence.product_classes = Json::new(Scope::Classes(vec![class]));
        held
    }

    fn codes(day: &str, class: ProductClass, place: &str, held: &[Held]) -> Vec<&'static str> {
        let jurisdiction = place.parse().unwrap();
        let (day, at) = (day.parse().unwrap(), moment(day));
        let zone = chrono_tz::Europe::London;
        let occasion = Occasion { class, jurisdiction: &jurisdiction, day, at, zone, recheck_days: 365, by_two: false };
        let need = occasion.needs(HolderRole::Practitioner, LicenceKind::ProfessionalRegistration);
        let mut findings = Findings::default();
        licensed(&need, &Subject::new(SubjectType::Practitioner, "prac"), held, &mut findings);
        findings.reasons.iter().map(|reason| reason.code.as_str()).collect()
    }

    #[test]
    // Long because it is a table: a row for each respect of DOMAIN rule 1, from both of its sides.
    fn a_licence_counts_in_all_five_respects_or_not_at_all() {
        use CheckOutcome::{Lapsed, Suspended, Verified};
        use ProductClass::{HaFiller, Neuromodulator};
        let good = || held("2026-01-01", "2026-12-31", &[("2026-02-01", Verified, None)]);
        let rows: Vec<(&str, ProductClass, &str, Vec<Held>, Vec<&str>)> = vec![
            // DOMAIN rule 1: the day is inside its validity, both ends counted.
            ("2026-01-01", HaFiller, "GB-ENG", vec![good()], vec![]),
            ("2026-12-31", HaFiller, "GB", vec![good()], vec![]),
            ("2025-12-31", HaFiller, "GB", vec![good()], vec!["practitioner_licence_outside_validity"]),
            ("2027-01-01", HaFiller, "GB", vec![good()], vec!["practitioner_licence_outside_validity"]),
            // a check says verified, and none speaks against it at the time (rule 20a)
            (
                "2026-06-01",
                HaFiller,
                "GB",
                vec![held("2026-01-01", "2026-12-31", &[])],
                vec!["practitioner_licence_check_missing"],
            ),
            (
                "2026-06-01",
                HaFiller,
                "GB",
                vec![held(
                    "2026-01-01",
                    "2026-12-31",
                    &[("2026-02-01", Verified, None), ("2026-03-01", Suspended, None)],
                )],
                vec!["practitioner_licence_check_failed"],
            ),
            (
                "2026-06-01",
                HaFiller,
                "GB",
                vec![held("2026-01-01", "2026-12-31", &[("2026-02-01", Lapsed, None), ("2026-03-01", Verified, None)])],
                vec![],
            ),
            // rule 3: lost from a later day on, it still counted on the day judged
            (
                "2026-06-01",
                HaFiller,
                "GB",
                vec![held(
                    "2026-01-01",
                    "2026-12-31",
                    &[("2026-02-01", Verified, None), ("2026-07-01", Lapsed, Some("2026-06-20"))],
                )],
                vec![],
            ),
            (
                "2026-06-20",
                HaFiller,
                "GB",
                vec![held(
                    "2026-01-01",
                    "2026-12-31",
                    &[("2026-02-01", Verified, None), ("2026-07-01", Lapsed, Some("2026-06-20"))],
                )],
                vec!["practitioner_licence_check_failed"],
            ),
            // that check is not older than the interval: 365 days are allowed, 366 are not
            (
                "2026-06-01",
                HaFiller,
                "GB",
                vec![held("2020-01-01", "2030-12-31", &[("2025-06-01", Verified, None)])],
                vec![],
            ),
            (
                "2026-06-02",
                HaFiller,
                "GB",
                vec![held("2020-01-01", "2030-12-31", &[("2025-06-01", Verified, None)])],
                vec!["practitioner_licence_check_stale"],
            ),
            // its scope covers the class, its jurisdiction the site
            ("2026-06-01", Neuromodulator, "GB", vec![good()], vec!["practitioner_licence_scope"]),
            ("2026-06-01", HaFiller, "IE", vec![good()], vec!["practitioner_licence_jurisdiction"]),
            // rule 20a: a verification speaks for the days before it, not for those of an adverse state that it ended
            (
                "2026-01-15",
                HaFiller,
                "GB",
                vec![held("2026-01-01", "2026-12-31", &[("2026-06-01", Verified, None)])],
                vec![],
            ),
            (
                "2026-02-15",
                HaFiller,
                "GB",
                vec![held("2026-01-01", "2026-12-31", &[("2026-02-01", Lapsed, None), ("2026-03-01", Verified, None)])],
                vec!["practitioner_licence_check_failed"],
            ),
            // a check that says something else renews no verification
            (
                "2026-06-01",
                HaFiller,
                "GB",
                vec![held("2020-01-01", "2030-12-31", &[("2025-05-01", Verified, None), ("2026-07-01", Lapsed, None)])],
                vec!["practitioner_licence_check_stale"],
            ),
            // with nothing but an adverse check, nothing speaks for the days before it
            (
                "2026-01-15",
                HaFiller,
                "GB",
                vec![held("2026-01-01", "2026-12-31", &[("2026-02-01", Lapsed, None)])],
                vec!["practitioner_licence_check_missing"],
            ),
            // a refusal lists all that apply
            (
                "2027-06-01",
                Neuromodulator,
                "IE",
                vec![held("2026-01-01", "2026-12-31", &[("2026-02-01", Lapsed, None)])],
                vec![
                    "practitioner_licence_outside_validity",
                    "practitioner_licence_check_failed",
                    "practitioner_licence_scope",
                    "practitioner_licence_jurisdiction",
                ],
            ),
            // rule 2: none of that kind
            ("2026-06-01", HaFiller, "GB", vec![], vec!["practitioner_licence_missing"]),
            // of several, one that counts is enough
            ("2026-06-01", HaFiller, "GB", vec![held("2020-01-01", "2020-12-31", &[]), good()], vec![]),
            // one of the right scope and jurisdiction speaks, however much is wrong with it
            (
                "2026-06-01",
                HaFiller,
                "GB",
                vec![elsewhere(good()), of_class(good(), Neuromodulator), held("2020-01-01", "2020-12-31", &[])],
                vec!["practitioner_licence_outside_validity", "practitioner_licence_check_missing"],
            ),
            (
                "2026-06-01",
                HaFiller,
                "GB",
                vec![elsewhere(good()), held("2020-01-01", "2020-12-31", &[]), held("2020-01-01", "2026-12-31", &[])],
                vec!["practitioner_licence_check_missing"],
            ),
            ("2026-06-01", HaFiller, "GB", vec![elsewhere(good())], vec!["practitioner_licence_jurisdiction"]),
        ];
        for (day, class, place, held, expected) in rows {
            assert_eq!(codes(day, class, place, &held), expected, "{day} {class} {place}");
        }
    }
}
