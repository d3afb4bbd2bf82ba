//! Scanning and administering.

use super::events::Deed;
use super::facts::{Facts, Named, Question, Whom};
use super::model::{Administration, Clinical, Closure, Deviation, Said, ScanPurpose, Standing};
use super::wire::{NewAdministration, NewScan};
use super::{drawing, gathering, repeats, rules, store};
use crate::caller::Caller;
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::{About, Command, View};
use crate::db::Db;
use crate::decision::{Decision, Reason, ReasonCode, Refusal};
use crate::error::{Error, Result};
use crate::http::slice::READ_TREATMENT;
use crate::identity::Identity;
use crate::ids::{AdministrationId, DeviationId, LotId, OrganisationId};
use crate::journal;
use crate::practitioners::model::Practitioner;
use crate::prescriptions::model::Draw;
use crate::problem::{Problem, ProblemCode};
use crate::sealing::Patient;
use crate::stock::model::{Account, AccountKind, Lot, Posting};
use crate::values::{Codes, Json, PatientRef, Prose, Units};
use crate::visits::model::Visit;

// What others may ask of the tables, or let follow from their events.
pub use super::store::{list_deviations, to_count};

/// What a scan found.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// The facts.
    pub facts: Facts,
    /// What the rules say.
    pub decision: Decision,
}

/// Answers a scan: what it is, where it is, and whether it may be used now.
///
/// # Errors
/// `code_unreadable`, `lot_required`, `reference_unknown`.
pub fn scan(view: &mut View<'_>, new: &NewScan) -> Result<(Named, Scanned)> {
    expect_may_ask_of_patient(view.caller, new)?;
    let at = crate::command::occurred_at(new.occurred_at, view.now)?;
    let named = by_code(&new.code, at, "code")?;
    let visit = match &new.visit_id {
        Some(id) => Some(crate::visits::service::expect_at(view.db, view.caller, id, &new.site_id)?),
        None => None,
    };
    let patient = of_visit(whom(view, new.patient_ref.as_ref())?, visit.as_ref())?;
    let question = Question {
        named: &named,
        site_id: &new.site_id,
        location_id: new.location_id.as_ref(),
        practitioner_id: new.practitioner_id.as_ref(),
        prescriber_id: new.prescriber_id.as_ref(),
        units: new.units.map_or(1, Units::get),
        container_id: new.container_id.as_ref(),
        patient,
        amount: None,
        visit: visit.as_ref(),
        area: new.area.as_ref(),
        is_to_treat: new.purpose == ScanPurpose::Administer,
        at,
        past: Some(at).filter(|at| *at < view.now),
        advises: new.purpose == ScanPurpose::Administer,
        decides: false,
    };
    let facts = gathering::gather(view.db, &mut view.known, view.caller, view.patients, &question)?;
    let decision = match new.purpose {
        ScanPurpose::Administer => rules::administer(&facts, view.now),
        ScanPurpose::Receive | ScanPurpose::Return => rules::handle(&facts, new.purpose, view.now),
    };
    Ok((named, Scanned { facts, decision }))
}

/// What an answer says of a patient is for whoever reads treatments.
///
/// # Errors
/// `forbidden`.
fn expect_may_ask_of_patient(caller: &Caller, new: &NewScan) -> Result<()> {
    if (new.visit_id.is_none() && new.patient_ref.is_none()) || caller.has_any(READ_TREATMENT) {
        return Ok(());
    }
    let detail = "What speaks for or against the treatment of a patient is for whoever reads treatments: scan without visit_id and \
                  patient_ref.";
    Err(Error::problem(ProblemCode::Forbidden, detail))
}

/// Whom a question is about, where a visit is named: its patient, and nobody else.
///
/// # Errors
/// `invalid_value` for a visit of another patient.
fn of_visit(whom: Whom, visit: Option<&Visit>) -> Result<Whom> {
    let Some(visit) = visit else { return Ok(whom) };
    let is_another = match &whom {
        Whom::Nobody => false,
        Whom::New => true,
        Whom::Known(patient) => *patient != visit.patient_id,
    };
    if is_another {
        return Err(Error::invalid(ProblemCode::InvalidValue, "visit_id", "is a visit of another patient"));
    }
    Ok(Whom::Known(visit.patient_id.clone()))
}

/// Records an administration, if every rule allows it; in retrospect also if not, for it has happened. A request without an
/// Idempotency-Key must not repeat another.
///
/// # Errors
/// `looks_like_a_repeat`;
/// `reference_unknown`, `code_unreadable`, `lot_required`, `expiry_required`, `occurred_in_future`,
/// `occurred_too_long_ago`, `location_required`, `amount_exceeds_units`; `gate_refused` with every reason that applies.
pub fn administer(cmd: &mut Command<'_>, new: &NewAdministration, is_keyed: bool) -> Result<Standing> {
    let at = cmd.occurred_at(new.occurred_at)?;
    let named = named(new, at)?;
    let visit = in_visit(cmd, new)?;
    let patient = cmd.patient(&new.patient_ref)?;
    let whom = of_visit(Whom::Known(patient.id.clone()), visit.as_ref())?;
    let question = Question {
        named: &named,
        site_id: &new.site_id,
        location_id: new.location_id.as_ref(),
        practitioner_id: new.practitioner_id.as_ref(),
        prescriber_id: new.prescriber_id.as_ref(),
        units: new.units.get(),
        container_id: new.container_id.as_ref(),
        patient: whom,
        amount: rules::taken(&new.treatment),
        visit: visit.as_ref(),
        area: Some(&new.treatment.area),
        is_to_treat: true,
        at,
        past: cmd.past(at),
        advises: false,
        decides: true,
    };
    let facts = gather_to_decide(cmd, &question, new.occurred_at)?;
    let at = facts.at;
    rules::amounts_fit(&new.treatment, &facts)?;
    if !is_keyed {
        repeats::refuse(cmd, new, &facts, &patient)?;
    }
    let decision = rules::administer(&facts, cmd.now);
    let (Some(product), Some(practitioner)) =
        (facts.product.as_ref().filter(|_| is_recorded(new, &decision)), facts.practitioner.as_ref())
    else {
        return Err(refusal(&facts, new, &patient, decision)?);
    };
    // It is one lot, wherever it was received.
    let (lot, new_lot) = match facts.lot.as_ref().or(facts.elsewhere.as_ref()) {
        Some(lot) => (lot.clone(), None),
        None => {
            let lot = unreceived_lot(cmd, &facts, product)?;
            (lot.clone(), Some(lot))
        }
    };
    let postings = drawn(&facts, &lot, &decision)?;
    let (share, draw) = (drawing::share(&facts), facts.around.prescribed.draw().cloned());
    let administration = described(cmd, new, &patient, &facts, decision, (product, &lot, practitioner), &postings)?;
    let about = drawing_on(about(&administration, at), draw.as_ref());
    let deviation = deviation(cmd, &administration, &postings);
    let deed =
        Deed::StockAdministered { administration: Box::new(administration.clone()), new_lot, postings, share, draw };
    // Somebody else may record the same unknown lot at this moment.
    cmd.record_once(about, deed)?;
    if let Some(deviation) = &deviation {
        let mut about = self::about(&administration, at);
        about.subjects.push(deviation.id.to_string());
        cmd.record(about, Deed::DeviationOpened(deviation.clone()))?;
    }
    Ok(Standing { administration, lot, void: None, confirmed: Vec::new(), deviation })
}

/// The visit that is named, which nobody signs meanwhile.
fn in_visit(cmd: &mut Command<'_>, new: &NewAdministration) -> Result<Option<Visit>> {
    let Some(id) = &new.visit_id else { return Ok(None) };
    crate::visits::service::expect_locked_at(cmd, id, &new.site_id).map(Some)
}

/// Whether it is recorded: where every rule allows it, or it has happened. Without a place or a person there is nothing to record, in
/// retrospect neither: whoever knows can say it.
fn is_recorded(new: &NewAdministration, decision: &Decision) -> bool {
    let lacks_something =
        |reason: &Reason| matches!(reason.code, ReasonCode::LocationRequired | ReasonCode::PractitionerMissing);
    (decision.allowed || new.retrospective.is_some()) && !decision.reasons.iter().any(lacks_something)
}

/// What is known, when nobody else decides over the same units any more, and as of the moment that it is then.
fn gather_to_decide(cmd: &mut Command<'_>, question: &Question<'_>, occurred_at: Option<Moment>) -> Result<Facts> {
    let mut facts = gathering::gather(cmd.db, &mut cmd.known, cmd.caller, cmd.patients, question)?;
    if let Some(lot) = other_lot(&facts) {
        crate::stock::service::lock(cmd, std::slice::from_ref(lot))?;
        facts = gathering::gather(cmd.db, &mut cmd.known, cmd.caller, cmd.patients, question)?;
    }
    if let Some(product) = is_known_by_product(&facts) {
        crate::catalogue::service::lock(cmd, &[&product.id])?;
        facts = gathering::gather(cmd.db, &mut cmd.known, cmd.caller, cmd.patients, question)?;
    }
    cmd.waited();
    facts.at(cmd.occurred_at(occurred_at)?);
    Ok(facts)
}

/// The record of an administration: what was asked for, and what it rests on.
fn described(
    cmd: &mut Command<'_>,
    new: &NewAdministration,
    patient: &Patient,
    facts: &Facts,
    decision: Decision,
    (product, lot, practitioner): (&Product, &Lot, &Practitioner),
    postings: &[Posting],
) -> Result<Administration> {
    let from = postings.iter().find_map(|posting| posting.from.place.as_ref()).map(|place| &place.location_id);
    let opened = facts.container.as_ref();
    let in_use = opened.and_then(|opened| opened.account.as_ref()).and_then(|account| account.location_id.as_ref());
    let to_confirm = rules::to_confirm(facts);
    let id = cmd.mint(AdministrationId::mint);
    let clinical = Clinical {
        patient_ref: new.patient_ref.clone(),
        treatment: new.treatment.clone(),
        encounter_ref: new.encounter_ref.clone(),
        retrospective_reason: new.retrospective.as_ref().map(|retrospective| retrospective.reason.clone()),
    };
    let said = Said {
        decision: Json::new(decision),
        retrospective: new.retrospective.is_some(),
        clinical: patient.seal(id.as_str(), &clinical)?,
    };
    Ok(Administration {
        id,
        organisation_id: cmd.organisation().clone(),
        product_id: product.id.clone(),
        lot_id: lot.id.clone(),
        serial: facts.serial.clone(),
        units: new.units.get(),
        site_id: facts.site.id.clone(),
        location_id: from.or(in_use).cloned(),
        practitioner_id: practitioner.id.clone(),
        prescriber_id: new.prescriber_id.clone(),
        patient_id: patient.id.clone(),
        scan: new.scan.clone(),
        udi_di: facts.identifier.as_ref().map(|identifier| identifier.value.clone()),
        said,
        recorded_by: cmd.caller.subject.clone(),
        occurred_at: facts.at,
        recorded_at: cmd.now,
        container_id: opened.map(|opened| opened.container.id.clone()),
        visit_id: new.visit_id.clone(),
        unconfirmed: i64::try_from(to_confirm.len()).unwrap_or(i64::MAX),
        to_confirm: Json::new(to_confirm),
    })
}

/// The lot of the pack that was named, where that is another one than the label says: its units are decided over, too.
fn other_lot(facts: &Facts) -> Option<&LotId> {
    let (pack, _) = facts.pack.as_ref()?;
    Some(&pack.lot_id).filter(|of_pack| facts.lot.as_ref().is_none_or(|lot| lot.id != **of_pack))
}

/// The product, where nothing but it can be locked: a lot that was never received, or units under a number that is no
/// pack's, which are counted, not booked, one at a time.
fn is_known_by_product(facts: &Facts) -> Option<&Product> {
    let is_counted = facts.serial.is_some() && facts.pack.is_none();
    facts.product.as_ref().filter(|_| facts.lot.is_none() || is_counted)
}

pub(super) fn about(administration: &Administration, occurred_at: Moment) -> About {
    let subjects = [
        administration.id.as_str(),
        administration.lot_id.as_str(),
        administration.product_id.as_str(),
        administration.practitioner_id.as_str(),
    ];
    let container = administration.container_id.as_ref().map(ToString::to_string);
    let visit = administration.visit_id.as_ref().map(ToString::to_string);
    let subjects = subjects.map(str::to_owned).into_iter().chain(container).chain(visit).collect();
    About { occurred_at, site_id: Some(administration.site_id.clone()), subjects }
}

/// The same, told of the prescription that it is drawn on, too.
fn drawing_on(mut about: About, draw: Option<&Draw>) -> About {
    about.subjects.extend(draw.map(|draw| draw.prescription_id.to_string()));
    about
}

/// A lot that was used though it was never received: it is known from its label alone.
fn unreceived_lot(cmd: &mut Command<'_>, facts: &Facts, product: &Product) -> Result<Lot> {
    let (Some(text), Some(expiry)) = (&facts.label.lot, facts.label.expiry) else {
        let detail = "The code carries no expiry, and the lot was never received: scan the code that has both.";
        return Err(Problem::new(ProblemCode::ExpiryRequired, detail).at("scan").into());
    };
    Ok(Lot {
        id: cmd.mint(LotId::mint),
        organisation_id: cmd.organisation().clone(),
        product_id: product.id.clone(),
        lot: text.parse()?,
        expiry,
        production_date: None,
        first_received_at: facts.at,
    })
}

/// What an administration moves: what the rules allow, or in retrospect what can be.
fn drawn(facts: &Facts, lot: &Lot, decision: &Decision) -> Result<Vec<Posting>> {
    if decision.allowed {
        return drawing::drawn(facts).map_err(|clash| Error::internal(format!("allowed, but {clash:?}")));
    }
    Ok(match &facts.container {
        Some(opened) => facts.books.enter_what_can_be(drawing::used_up(facts, opened), drawing::pack_balances(facts)),
        None => draw_in_retrospect(facts, lot),
    })
}

/// Takes what is there, and the rest from the unaccounted account, visibly (DOMAIN rule 20).
fn draw_in_retrospect(facts: &Facts, lot: &Lot) -> Vec<Posting> {
    let from = drawing::drawable_in_retrospect(facts);
    let patient = |_: &Account| Account::outside(AccountKind::Patient);
    let own_pack = facts.pack.as_ref().map(|(pack, _)| pack).filter(|pack| pack.lot_id == lot.id);
    let (there, serials): (i64, Vec<_>) = match own_pack {
        Some(pack) => (from.packs.iter().map(|row| row.units).sum(), vec![pack.serial.clone()]),
        None => (from.accounts.iter().map(|(balance, in_packs)| balance.units - in_packs).sum(), Vec::new()),
    };
    let units = facts.units.min(there);
    // Nothing can fall short of what was just counted.
    let postings = crate::stock::rules::draw(&from, units, &serials, patient).unwrap_or_default();
    let mut postings = facts.books.enter_what_can_be(postings, drawing::pack_balances(facts));
    let drawn: i64 = postings.iter().filter(|posting| posting.to.kind == AccountKind::Patient).map(|p| p.units).sum();
    if drawn < facts.units {
        postings.push(Posting {
            lot_id: lot.id.clone(),
            from: Account::outside(AccountKind::Unaccounted),
            to: Account::outside(AccountKind::Patient),
            units: facts.units - drawn,
            pack_id: own_pack.map(|pack| pack.id.clone()),
            at: None,
        });
    }
    postings
}

/// What happened against a rule is opened for the quality lead (DOMAIN rule 20).
fn deviation(cmd: &mut Command<'_>, administration: &Administration, postings: &[Posting]) -> Option<Deviation> {
    if administration.said.decision.allowed {
        return None;
    }
    let unaccounted = postings.iter().filter(|posting| posting.from.kind == AccountKind::Unaccounted);
    Some(Deviation {
        id: cmd.mint(DeviationId::mint),
        organisation_id: administration.organisation_id.clone(),
        site_id: administration.site_id.clone(),
        administration_id: administration.id.clone(),
        reason_codes: Json::new(administration.said.decision.reasons.iter().map(|reason| reason.code).collect()),
        units_unaccounted: unaccounted.map(|posting| posting.units).sum(),
        opened_by: cmd.caller.subject.clone(),
        opened_at: cmd.now,
        closed_by: None,
        closed_at: None,
        resolution: None,
    })
}

pub(super) fn closure(
    cmd: &Command<'_>,
    patient: &Patient,
    deviation: &Deviation,
    resolution: &Prose,
) -> Result<Closure> {
    Ok(Closure {
        deviation_id: deviation.id.clone(),
        closed_by: cmd.caller.subject.clone(),
        closed_at: cmd.now,
        resolution: patient.seal(deviation.id.as_str(), resolution)?,
    })
}

/// Whether an administration is about whoever gives the command: they recorded it, or they treated.
pub(super) fn is_own(cmd: &mut Command<'_>, administration: &Administration) -> Result<bool> {
    if cmd.caller.is(&administration.recorded_by) {
        return Ok(true);
    }
    // By any subject that they ever had: one that was taken off does not make them another.
    let (organisation, treated) = (cmd.organisation(), &administration.practitioner_id);
    let identity = Identity::of(&cmd.caller.subject);
    crate::practitioners::service::has_had(cmd.db, organisation, treated, &identity)
}

/// Nobody closes what is about themselves: not who recorded it, and not who treated.
fn refuse_own(cmd: &mut Command<'_>, administration: &Administration) -> Result<()> {
    if is_own(cmd, administration)? {
        let detail = "You recorded this or treated: somebody else must close it.";
        return Err(Error::problem(ProblemCode::SelfClosedDeviation, detail));
    }
    Ok(())
}

/// Closes a deviation with what came of it.
///
/// # Errors
/// `not_found`, `deviation_already_closed`, `self_closed_deviation`, `patient_erased`.
pub fn close_deviation(cmd: &mut Command<'_>, id: &DeviationId, resolution: &Prose) -> Result<Deviation> {
    let found = expect_deviation(cmd, id)?;
    let administration = store::administration(cmd.db, cmd.organisation(), &found.administration_id)?
        .ok_or_else(|| Error::internal("a deviation without its administration"))?;
    // A void closes it, too: whoever of the two is second finds what the first left.
    crate::stock::service::lock(cmd, std::slice::from_ref(&administration.lot_id))?;
    let deviation = expect_deviation(cmd, id)?;
    if deviation.closed_at.is_some() {
        return Err(Error::problem(ProblemCode::DeviationAlreadyClosed, "This deviation was closed before."));
    }
    refuse_own(cmd, &administration)?;
    let patient = cmd.patient_of(&administration.patient_id)?;
    let closure = closure(cmd, &patient, &deviation, resolution)?;
    let mut about = about(&administration, cmd.now);
    about.subjects.push(deviation.id.to_string());
    cmd.record(about, Deed::DeviationClosed(closure.clone()))?;
    Ok(Deviation {
        closed_by: Some(closure.closed_by),
        closed_at: Some(closure.closed_at),
        resolution: Some(closure.resolution),
        ..deviation
    })
}

fn expect_deviation(cmd: &mut Command<'_>, id: &DeviationId) -> Result<Deviation> {
    store::deviation(cmd.db, cmd.organisation(), id)?
        .filter(|deviation| cmd.caller.sees(&deviation.site_id))
        .ok_or_else(|| Error::not_found("deviation"))
}

/// How the request names the pack: by scan, or by lot and serial number.
fn named(new: &NewAdministration, at: Moment) -> Result<Named> {
    match (&new.scan, &new.lot_id) {
        (Some(code), None) if new.serial.is_none() => by_code(code, at, "scan"),
        (None, Some(id)) => Ok(Named::Lot { id: id.clone(), serial: new.serial.clone() }),
        (None, None) => match (&new.container_id, &new.serial) {
            (Some(id), None) => Ok(Named::Container { id: id.clone() }),
            _ => Err(Error::invalid(ProblemCode::MissingField, "scan", "or lot_id or container_id must be given")),
        },
        _ => {
            Err(Error::invalid(ProblemCode::InvalidBody, "scan", "stands for lot_id and serial: give one or the other"))
        }
    }
}

fn by_code(code: &Codes, at: Moment, field: &str) -> Result<Named> {
    let decoded = crate::receiving::rules::decode(code, at.day_in(chrono_tz::Tz::UTC))
        .map_err(|problem: Problem| problem.at(field))?;
    Ok(Named::Scan { code: code.clone(), decoded: Box::new(decoded) })
}

fn refusal(facts: &Facts, new: &NewAdministration, patient: &Patient, decision: Decision) -> Result<Error> {
    let mut subjects: Vec<_> = facts.practitioner.iter().map(|practitioner| practitioner.id.to_string()).collect();
    // An auditor of the lot sees where a pack of it turned up that must not be used.
    let is_unsafe = |reason: &Reason| {
        matches!(reason.code, ReasonCode::LotOnHold | ReasonCode::LotRecalled | ReasonCode::LotDenied)
    };
    let elsewhere = facts.elsewhere.iter().filter(|_| decision.reasons.iter().any(is_unsafe));
    subjects.extend(facts.lot.iter().chain(elsewhere).map(|lot| lot.id.to_string()));
    subjects.extend(facts.product.iter().map(|product| product.id.to_string()));
    Ok(Error::Refused(Box::new(Refusal {
        operation: "administer",
        site_id: Some(facts.site.id.clone()),
        occurred_at: facts.at,
        subjects,
        // What was to be done to whom is as clinical as what was done.
        request: patient.seal_request(&facts.at.to_string(), &crate::http::input::as_value(new)?)?,
        decision,
    })))
}

/// The patient whom a scan names, if it names one.
fn whom(view: &View<'_>, reference: Option<&PatientRef>) -> Result<Whom> {
    let Some(reference) = reference else { return Ok(Whom::Nobody) };
    let living = view.patients.living(&view.caller.organisation_id, reference)?;
    Ok(living.map_or(Whom::New, Whom::Known))
}

/// Administrations as they stand.
///
/// # Errors
/// What the database answers.
pub fn standing(db: &mut Db, organisation: &OrganisationId, found: Vec<Administration>) -> Result<Vec<Standing>> {
    let lot_ids: Vec<_> = found.iter().map(|administration| &administration.lot_id).collect();
    let lots = crate::stock::service::lots(db, organisation, &lot_ids)?;
    let ids: Vec<_> = found.iter().map(|administration| &administration.id).collect();
    let voids = store::voids(db, organisation, &ids)?;
    let deviations = store::deviations_of(db, organisation, &ids)?;
    let some = |a: &&Administration| a.unconfirmed < i64::try_from(a.to_confirm.len()).unwrap_or(i64::MAX);
    let answered: Vec<_> = found.iter().filter(some).map(|administration| &administration.id).collect();
    let confirmed = if answered.is_empty() { Vec::new() } else { store::confirmations(db, organisation, &answered)? };
    found
        .into_iter()
        .map(|administration| {
            let lot = lots.iter().find(|lot| lot.id == administration.lot_id).cloned();
            Ok(Standing {
                lot: lot.ok_or_else(|| Error::internal("an administration without its lot"))?,
                void: voids.iter().find(|void| void.administration_id == administration.id).cloned(),
                confirmed: confirmed.iter().filter(|c| c.administration_id == administration.id).cloned().collect(),
                deviation: deviations.iter().find(|d| d.administration_id == administration.id).cloned(),
                administration,
            })
        })
        .collect()
}

/// An administration as it stood when it was recorded: from its events, whatever came after them.
///
/// # Errors
/// What the database answers; an internal error when the lot is gone.
pub fn as_recorded(db: &mut Db, caller: &Caller, id: &str) -> Result<Option<Standing>> {
    let organisation = &caller.organisation_id;
    let mut told = |kind: &str| -> Result<Option<Deed>> {
        let bytes = journal::store::newest(db, organisation, id, &[kind], None)?;
        bytes.map(|bytes| journal::store::deed(&bytes)).transpose()
    };
    let (recorded, opened) = (told("stock_administered")?, told("deviation_opened")?);
    let Some(Deed::StockAdministered { administration, .. }) = recorded else { return Ok(None) };
    let deviation = match opened {
        Some(Deed::DeviationOpened(deviation)) => Some(deviation),
        _ => None,
    };
    let lot = crate::stock::service::lots(db, organisation, &[&administration.lot_id])?.into_iter().next();
    let lot = lot.ok_or_else(|| Error::internal("an administration without its lot"))?;
    let unconfirmed = i64::try_from(administration.to_confirm.len()).unwrap_or(i64::MAX);
    let administration = Administration { unconfirmed, ..*administration };
    Ok(Some(Standing { administration, lot, void: None, confirmed: Vec::new(), deviation }))
}

/// The administration of that id, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(view: &mut View<'_>, id: &AdministrationId) -> Result<Option<Standing>> {
    seen(view.db, view.caller, id)
}

/// The same, in the middle of a command as well.
///
/// # Errors
/// What the database answers.
pub fn seen(db: &mut Db, caller: &Caller, id: &AdministrationId) -> Result<Option<Standing>> {
    let organisation = &caller.organisation_id;
    let found = store::administration(db, organisation, id)?;
    let found = found.filter(|administration| caller.sees(&administration.site_id));
    Ok(standing(db, organisation, found.into_iter().collect())?.into_iter().next())
}
