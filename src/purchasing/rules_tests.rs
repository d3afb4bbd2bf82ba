use super::*;
use crate::catalogue::model::{Approval, ApprovalStatus, ProductClass};
use crate::ids::{
    Ids, LicenceCheckId, LicenceId, OrderId, OrderLineId, OrganisationId, PractitionerId, SiteId, SupplierId,
};
use crate::licences::model::{CheckOutcome, HolderType, Licence, LicenceCheck, Scope};
use crate::values::Json;

struct World {
    ids: Ids,
    now: Moment,
    organisation: OrganisationId,
}

fn world() -> World {
    let (ids, now) = (Ids::system(), "2026-11-21T09:00:00Z".parse().unwrap());
    World { organisation: OrganisationId::mint(&ids, now, 0), ids, now }
}

impl World {
    fn product(&self, status: ApprovalStatus, requires_training: bool) -> Product {
        Product {
            id: ProductId::mint(&self.ids, self.now, 0),
            organisation_id: self.organisation.clone(),
            gtin: Some("09521234567899".parse().unwrap()),
            name: "HArmonyCa".parse().unwrap(),
            manufacturer: "Maker".parse().unwrap(),
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
            requires_training,
            requires_prescriber: false,
            approvals: Json::new(vec![Approval {
                jurisdiction: "GB".parse().unwrap(),
                status,
                source: "register".parse().unwrap(),
                verified_on: "2026-01-05".parse().unwrap(),
            }]),
            stability_budget: Json::new(Vec::new()),
            registered_at: self.now,
            version: 1,
            retired_at: None,
            identifiers: Json::new(Vec::new()),
        }
    }

    fn held(&self, kind: LicenceKind, outcome: CheckOutcome, classes: Scope) -> Held {
        let licence = Licence {
            id: LicenceId::mint(&self.ids, self.now, 0),
            organisation_id: self.organisation.clone(),
            holder_type: HolderType::Site,
            holder_id: "holder".to_owned(),
            kind,
            authority: "Authority".parse().unwrap(),
            number: "1".parse().unwrap(),
            number_validated: false,
            jurisdiction: "GB".parse().unwrap(),
            product_classes: Json::new(classes),
            valid_from: "2026-01-01".parse().unwrap(),
            valid_to: "2026-12-31".parse().unwrap(),
            registered_at: self.now,
        };
        let check = LicenceCheck {
            id: LicenceCheckId::mint(&self.ids, self.now, 0),
            organisation_id: self.organisation.clone(),
            licence_id: licence.id.clone(),
            outcome,
            source: "register".parse().unwrap(),
            checked_at: self.now,
            effective_on: None,
            evidence_sha256: None,
            note: None,
            checked_by: "admin".to_owned(),
            recorded_at: self.now,
        };
        Held {
            registered_by: "registrar".to_owned(),
            holder_subject: Some("holder".to_owned()),
            discounts: Vec::new(),
            licence,
            checks: vec![check],
        }
    }

    fn facts(&self, licences: Vec<Held>) -> Facts {
        let site = Site {
            id: SiteId::mint(&self.ids, self.now, 0),
            organisation_id: self.organisation.clone(),
            name: "Harley Street".parse().unwrap(),
            jurisdiction: "GB-ENG".parse().unwrap(),
            time_zone: "Europe/London".parse().unwrap(),
            registered_at: self.now,
            version: 1,
            retired_at: None,
        };
        let supplier = Supplier {
            id: SupplierId::mint(&self.ids, self.now, 0),
            organisation_id: self.organisation.clone(),
            name: "Medica".parse().unwrap(),
            country: "GB".parse().unwrap(),
            gln: None,
            approved_classes: Json::new(vec![ProductClass::HybridFiller]),
            registered_at: self.now,
            version: 1,
            retired_at: None,
        };
        let practitioner = Practitioner {
            id: PractitionerId::mint(&self.ids, self.now, 0),
            organisation_id: self.organisation.clone(),
            name: "Ann".parse().unwrap(),
            profession: "nurse".parse().unwrap(),
            subject: None,
            registered_at: self.now,
            version: 1,
            retired_at: None,
        };
        Facts {
            site,
            supplier: Some(supplier),
            practitioner: Some(practitioner),
            licences,
            policy: Current::default(),
            at: self.now,
            day: "2026-11-21".parse().unwrap(),
        }
    }

    fn order(&self, status: OrderStatus) -> Order {
        Order {
            id: OrderId::mint(&self.ids, self.now, 0),
            organisation_id: self.organisation.clone(),
            site_id: SiteId::mint(&self.ids, self.now, 0),
            supplier_id: SupplierId::mint(&self.ids, self.now, 0),
            reference: None,
            expected_on: Some("2026-11-20".parse().unwrap()),
            status,
            created_by: "ann".to_owned(),
            created_at: self.now,
            decision: None,
            placed_by: None,
            placed_at: None,
            ended_by: None,
            ended_at: None,
            end_reason: None,
            currency: None,
            version: 1,
        }
    }

    fn line(&self, product: &ProductId, units: i64, units_received: i64) -> OrderLine {
        OrderLine {
            id: OrderLineId::mint(&self.ids, self.now, 0),
            organisation_id: self.organisation.clone(),
            order_id: OrderId::mint(&self.ids, self.now, 0),
            line: 0,
            product_id: product.clone(),
            packs: units,
            units,
            units_received,
            pack_price_minor: None,
        }
    }
}

#[test]
// Long because it is a table: a row for each authority that buying needs.
fn buying_needs_every_authority_and_says_all_that_is_missing() {
    use ApprovalStatus::{Authorised, Unknown};
    use CheckOutcome::{Lapsed, Verified};
    use LicenceKind::{Facility, ProfessionalRegistration, Training, Wholesale};
    let w = world();
    let all = || {
        [Facility, Wholesale, ProfessionalRegistration, Training]
            .map(|kind| w.held(kind, Verified, Scope::All))
            .to_vec()
    };
    let without = |kind| all().into_iter().filter(|held| held.licence.kind != kind).collect::<Vec<_>>();
    let with = |held: Held| without(held.licence.kind).into_iter().chain([held]).collect::<Vec<_>>();
    let authorised = || w.product(Authorised, true);
    type Change = fn(&mut Facts);
    let rows: Vec<(Product, Vec<Held>, Change, Vec<&str>)> = vec![
        (authorised(), all(), |_| (), vec![]),
        // DOMAIN rule 2: buying, selling, treating and training are separate authorities
        (authorised(), without(Facility), |_| (), vec!["site_licence_missing"]),
        (authorised(), without(Wholesale), |_| (), vec!["supplier_licence_missing"]),
        (authorised(), without(ProfessionalRegistration), |_| (), vec!["practitioner_licence_missing"]),
        (authorised(), without(Training), |_| (), vec!["training_missing"]),
        (w.product(Authorised, false), without(Training), |_| (), vec![]),
        // rule 1 goes for training, too
        (authorised(), with(w.held(Training, Lapsed, Scope::All)), |_| (), vec!["training_missing"]),
        (
            authorised(),
            with(w.held(Training, Verified, Scope::Classes(vec![ProductClass::Neuromodulator]))),
            |_| (),
            vec!["training_missing"],
        ),
        (authorised(), with(w.held(Wholesale, Lapsed, Scope::All)), |_| (), vec!["supplier_licence_check_failed"]),
        // who is not named is not asked for
        (authorised(), without(Wholesale), |facts| facts.supplier = None, vec![]),
        (authorised(), without(ProfessionalRegistration), |facts| facts.practitioner = None, vec![]),
        (authorised(), without(Training), |facts| facts.practitioner = None, vec!["training_missing"]),
        // rule 4: approved for the class, and not on the list of denied sellers
        (
            authorised(),
            all(),
            |facts| {
                let supplier = facts.supplier.as_mut().unwrap();
                supplier.approved_classes = Json::new(vec![ProductClass::Other]);
            },
            vec!["supplier_not_approved"],
        ),
        (
            authorised(),
            all(),
            |facts| facts.policy.policy.denied_suppliers = vec![facts.supplier.as_ref().unwrap().id.clone()],
            vec!["supplier_denied"],
        ),
        // rule 5: unknown is not authorised
        (w.product(Unknown, true), all(), |_| (), vec!["product_not_authorised"]),
        // a refusal lists all that apply
        (
            w.product(Unknown, true),
            vec![],
            |_| (),
            vec![
                "site_licence_missing",
                "supplier_licence_missing",
                "product_not_authorised",
                "practitioner_licence_missing",
                "training_missing",
            ],
        ),
    ];
    for (index, (product, licences, change, expected)) in rows.into_iter().enumerate() {
        let mut facts = w.facts(licences);
        change(&mut facts);
        let decision = eligible(&facts, &product, w.now);
        let codes: Vec<_> = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!(codes, expected, "row {index}");
        assert_eq!(decision.allowed, expected.is_empty(), "row {index}");
    }
}

#[test]
fn several_lines_are_judged_together_and_say_each_thing_once() {
    let w = world();
    let facts = w.facts(vec![]);
    let product = w.product(ApprovalStatus::Authorised, false);
    let one = eligible(&facts, &product, w.now);
    assert_eq!(together(vec![one.clone(), one.clone()], w.now).unwrap(), one);
}

#[test]
fn an_order_moves_only_as_it_may() {
    use OrderStatus::{Cancelled, Draft, PartiallyReceived, Placed, Received};
    use Step::{Cancel, Change, Close, Place, Receive};
    let w = world();
    let rows: [(Step, &[OrderStatus], &str); 5] = [
        (Change, &[Draft], "order_not_draft"),
        (Place, &[Draft], "order_not_draft"),
        (Cancel, &[Draft, Placed], "order_not_cancellable"),
        (Close, &[PartiallyReceived], "order_not_closable"),
        (Receive, &[Placed, PartiallyReceived], "order_not_open"),
    ];
    for (step, allowed, code) in rows {
        for status in [Draft, Placed, PartiallyReceived, Received, Cancelled] {
            match may(step, &w.order(status)) {
                Ok(()) => assert!(allowed.contains(&status), "{step:?} {status}"),
                Err(Error::Problem(problem)) => {
                    assert!(!allowed.contains(&status), "{step:?} {status}");
                    assert_eq!(problem.code.as_str(), code);
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn an_order_is_overdue_the_day_after_it_was_expected() {
    let w = world();
    for (status, day, expected) in [
        (OrderStatus::Placed, "2026-11-20", false),
        (OrderStatus::Placed, "2026-11-21", true),
        (OrderStatus::PartiallyReceived, "2026-11-21", true),
        (OrderStatus::Draft, "2026-11-21", false),
        (OrderStatus::Received, "2026-11-21", false),
    ] {
        assert_eq!(w.order(status).is_overdue(day.parse().unwrap()), expected, "{status} {day}");
    }
}

#[test]
fn arrivals_fill_the_oldest_line_first_and_nothing_is_smoothed() {
    let w = world();
    let (ours, other) = (ProductId::mint(&w.ids, w.now, 1), ProductId::mint(&w.ids, w.now, 2));
    // DOMAIN rule 8. Ordered and received before by line; units that arrive; what counts into each line; flags.
    let rows: Vec<(Vec<(i64, i64)>, i64, Vec<(usize, i64)>, bool)> = vec![
        (vec![(10, 0)], 4, vec![(0, 4)], false),
        (vec![(10, 4)], 6, vec![(0, 6)], false),
        (vec![(10, 4)], 7, vec![(0, 7)], true),
        (vec![(10, 0), (5, 0)], 12, vec![(0, 10), (1, 2)], false),
        (vec![(10, 10), (5, 0)], 5, vec![(1, 5)], false),
        (vec![(10, 10), (5, 5)], 1, vec![(1, 1)], true),
        // too much came of the first line before: it does not make room in the second
        (vec![(10, 0), (5, 7)], 3, vec![(0, 3)], false),
    ];
    for (index, (lines, units, expected, is_over)) in rows.into_iter().enumerate() {
        let lines: Vec<_> = lines.into_iter().map(|(units, received)| w.line(&ours, units, received)).collect();
        let found = count(&lines, &ours, units);
        let place = |counted: &Counted| lines.iter().position(|line| line.id == counted.order_line_id).unwrap();
        let counted: Vec<_> = found.counted.iter().map(|counted| (place(counted), counted.units)).collect();
        assert_eq!((counted, found.is_over, found.is_unordered), (expected, is_over, false), "row {index}");
    }
    let found = count(&[w.line(&other, 10, 0)], &ours, 2);
    assert_eq!(found, Count { is_unordered: true, ..Count::default() });
}

#[test]
fn an_order_is_received_when_every_line_is() {
    use OrderStatus::{PartiallyReceived, Placed, Received};
    let w = world();
    let product = ProductId::mint(&w.ids, w.now, 0);
    for (lines, expected) in [
        (vec![(2, 0), (2, 0)], Placed),
        (vec![(2, 1), (2, 0)], PartiallyReceived),
        (vec![(2, 3), (2, 1)], PartiallyReceived),
        (vec![(2, 2), (2, 3)], Received),
    ] {
        let lines: Vec<_> = lines.into_iter().map(|(units, received)| w.line(&product, units, received)).collect();
        assert_eq!(progress(&lines), expected);
    }
}
