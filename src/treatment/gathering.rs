//! Reading what is known of a pack at the chair: for a scan and for an administration alike.

use chrono::NaiveDate;

use super::facts::{Facts, Label, Named, Opened, Question, Whom};
use super::model::Administration;
use super::{drawing, rules, store};
use crate::barcode::Decoded;
use crate::caller::Caller;
use crate::catalogue::model::{Level, Product};
use crate::clock::Moment;
use crate::containers::model::Container;
use crate::db::Db;
use crate::db::known::Known;
use crate::error::Result;
use crate::holds::model::Hold;
use crate::ids::{OrganisationId, PatientId};
use crate::policies::model::{ExpiryOrder, Gate};
use crate::practitioners::model::Practitioner;
use crate::prescriptions::model::{Asked, Prescribed};
use crate::problem::{Problem, ProblemCode};
use crate::sealing::Patients;
use crate::sites::model::Site;
use crate::stock::books::{self, Books};
use crate::stock::model::{Balance, Lot, Numbered, Pack, PackBalance};
use crate::stock::service::Wanted;
use crate::values::{LotText, Serial};
use crate::versions::Versioned;
use crate::visits::model::{Around, Earlier};

/// Reads the facts.
///
/// # Errors
/// `reference_unknown` for the site, location, practitioner or lot; `code_unreadable`, `lot_required`.
// Long because it names every fact once.
pub fn gather(
    db: &mut Db,
    known: &mut Known<'_>,
    caller: &Caller,
    patients: &Patients,
    question: &Question<'_>,
) -> Result<Facts> {
    let organisation = &caller.organisation_id;
    let site = crate::sites::service::remembered_site(known, db, caller, question.site_id)?;
    let site = crate::versions::at(db, organisation, site, question.past)?;
    expect_there(db, caller, question, &site)?;
    let practitioner = match question.practitioner_id {
        Some(id) => Some(crate::practitioners::service::remembered(known, db, organisation, "practitioner_id", id)?),
        // The token may be a practitioner's own.
        None => crate::practitioners::service::remembered_own(known, db, caller)?,
    };
    let prescriber = question
        .prescriber_id
        .map(|id| crate::practitioners::service::remembered(known, db, organisation, "prescriber_id", id))
        .transpose()?;
    let mut facts = Facts {
        at: question.at,
        day: question.at.day_in(site.time_zone.rules()),
        units: question.units,
        location_id: question.location_id.cloned(),
        label: Label::default(),
        product: None,
        identifier: None,
        lot: None,
        elsewhere: None,
        other_expiries: Vec::new(),
        is_twin_elsewhere: false,
        alike: Vec::new(),
        serial: None,
        pack: None,
        received: None,
        units_administered: 0,
        is_kept_by_number: false,
        books: Books::default(),
        container: None,
        amount: question.amount,
        stock: Vec::new(),
        first: None,
        places: Vec::new(),
        holds: Vec::new(),
        licences: Vec::new(),
        is_for_another: practitioner.as_ref().is_some_and(|named| !is_of(named, caller)),
        is_prescribed_by_another: prescriber.as_ref().is_some_and(|named| !is_of(named, caller)),
        policy: crate::policies::service::remembered(known, db, organisation, question.past)?,
        practitioner: as_of(db, organisation, practitioner, question.past)?,
        prescriber: as_of(db, organisation, prescriber, question.past)?,
        around: Around::default(),
        site,
    };
    identify(db, known, caller, question, &mut facts)?;
    number(db, caller, &mut facts)?;
    facts.product = as_of(db, organisation, facts.product, question.past)?;
    let is_scanned = matches!(question.named, Named::Scan { .. });
    locate(db, caller, is_scanned, question.past, &mut facts)?;
    facts.container = opened(db, caller, question, &facts)?;
    facts.first = first(db, question, &facts)?;
    facts.around = around(db, known, patients, question, &facts)?;
    let mut holders = vec![facts.site.id.as_str(), organisation.as_str()];
    holders.extend(facts.practitioner.iter().chain(&facts.prescriber).map(|person| person.id.as_str()));
    let prescriber = facts.around.prescribed.drawn_on().map(|found| found.prescriber_id.as_str());
    holders.extend(prescriber.filter(|prescriber| !holders.contains(prescriber)));
    facts.licences = crate::licences::service::remembered(known, db, organisation, &holders)?;
    Ok(facts)
}

/// What the record around the treatment says, as far as the policy asks for it.
fn around(
    db: &mut Db,
    known: &mut Known<'_>,
    patients: &Patients,
    question: &Question<'_>,
    facts: &Facts,
) -> Result<Around> {
    let Some(product) = facts.product.as_ref().filter(|_| question.is_to_treat) else { return Ok(Around::default()) };
    let asked = crate::visits::service::Asked {
        visit: question.visit,
        product,
        site: &facts.site.id,
        gates: facts.policy.gates(product.class),
        area: question.area,
        at: facts.at,
        past: question.past,
        day: facts.day,
    };
    let mut around = crate::visits::service::around(db, known, patients, &asked)?;
    around.is_for_nobody = question.patient == Whom::Nobody;
    let least = crate::visits::service::days_between(&asked, &around);
    if let (Some(days), Whom::Known(patient)) = (least, &question.patient) {
        around.earlier = earlier(db, patients, (product, patient), (question, facts), days)?;
    }
    if asked.gates.contains(&Gate::Prescription) {
        around.prescribed = prescribed(db, product, (question, facts))?;
    }
    Ok(around)
}

/// What was prescribed for the patient of what is to be used.
fn prescribed(db: &mut Db, product: &Product, (question, facts): (&Question<'_>, &Facts)) -> Result<Prescribed> {
    let patient = match &question.patient {
        Whom::Nobody => return Ok(Prescribed::ForNobody),
        Whom::New => return Ok(Prescribed::Nothing),
        Whom::Known(patient) => patient,
    };
    let opened = facts.container.as_ref().map(|_| facts.amount);
    let parts = crate::prescriptions::rules::parts(facts.units, opened, &product.unit_amount);
    let asked = Asked { patient, prescriber: facts.prescriber.as_ref(), product, parts, at: facts.at, day: facts.day };
    crate::prescriptions::service::prescribed(db, &asked, question.decides)
}

/// When the patient was treated with the product's class so many days before, and of which area. What was done on the same day is the same
/// treatment, and where a visit is named, in that visit.
fn earlier(
    db: &mut Db,
    patients: &Patients,
    (product, patient): (&Product, &PatientId),
    (question, facts): (&Question<'_>, &Facts),
    days: i64,
) -> Result<Vec<Earlier>> {
    let organisation = &product.organisation_id;
    // A day more: days are the site's.
    let period = (facts.at.plus_days(-days - 1), facts.at);
    let found = store::treated_with(db, organisation, patient, product.class, period)?;
    let zone = facts.site.time_zone.rules();
    let is_same = |administration: &Administration| {
        let is_there = question.visit.is_none_or(|visit| administration.visit_id.as_ref() == Some(&visit.id));
        is_there && administration.occurred_at.day_in(zone) == facts.day
    };
    let mut others = found.iter().filter(|administration| !is_same(administration)).peekable();
    let patient = match others.peek() {
        Some(_) => patients.by_id(organisation, patient)?,
        None => None,
    };
    let Some(patient) = patient else { return Ok(Vec::new()) };
    let earlier = others.map(|administration| {
        let area = patient.open(&administration.said.clinical)?.treatment.area;
        Ok(Earlier { at: administration.occurred_at, area })
    });
    earlier.collect()
}

/// The location that is named is at the site.
fn expect_there(db: &mut Db, caller: &Caller, question: &Question<'_>, site: &Site) -> Result<()> {
    let Some(location) = question.location_id else { return Ok(()) };
    crate::sites::service::expect_location_at(db, caller, "location_id", location, &site.id).map(|_| ())
}

/// Whether a token is a practitioner's own.
fn is_of(practitioner: &Practitioner, caller: &Caller) -> bool {
    practitioner.subject.as_ref().is_some_and(|subject| caller.is(subject.as_str()))
}

/// The version that was in force then, of what is known at all.
fn as_of<T: Versioned>(
    db: &mut Db,
    organisation: &OrganisationId,
    row: Option<T>,
    past: Option<Moment>,
) -> Result<Option<T>> {
    row.map(|row| crate::versions::at(db, organisation, row, past)).transpose()
}

/// Which product, lot and pack it is.
fn identify(
    db: &mut Db,
    known: &mut Known<'_>,
    caller: &Caller,
    question: &Question<'_>,
    facts: &mut Facts,
) -> Result<()> {
    match question.named {
        Named::Lot { id, serial } => {
            let lot = match question.decides {
                true => crate::stock::service::expect_lot_to_decide(db, caller, id)?,
                false => crate::stock::service::expect_lot(db, caller, id)?,
            };
            facts.product = crate::catalogue::service::remembered(known, db, &caller.organisation_id, &lot.product_id)?;
            by_lot(lot, serial.as_ref(), facts);
            Ok(())
        }
        Named::Container { id } => {
            let Container { lot_id, product_id, serial, .. } =
                crate::containers::service::expect_of(db, caller, id, None)?;
            let lot = match question.decides {
                true => crate::stock::service::expect_lot_to_decide(db, caller, &lot_id)?,
                false => crate::stock::service::expect_lot(db, caller, &lot_id)?,
            };
            facts.product = crate::catalogue::service::remembered(known, db, &caller.organisation_id, &product_id)?;
            by_lot(lot, serial.as_ref(), facts);
            Ok(())
        }
        Named::Scan { decoded, .. } => by_scan(db, known, caller, question.decides, decoded, facts),
    }
}

/// By the lot on the screen, and the number that was typed.
fn by_lot(lot: Lot, serial: Option<&Serial>, facts: &mut Facts) {
    let (text, expiry) = (Some(lot.lot.to_string()), Some(lot.expiry));
    facts.label = Label { named: None, lot: text, expiry, serial: serial.cloned() };
    facts.lot = Some(lot);
    facts.serial = serial.cloned();
}

/// By a scanned code: its product, if the catalogue knows it, and then its lot among those whose texts are alike.
fn by_scan(
    db: &mut Db,
    known: &mut Known<'_>,
    caller: &Caller,
    decides: bool,
    decoded: &Decoded,
    facts: &mut Facts,
) -> Result<()> {
    let organisation = &caller.organisation_id;
    let named = crate::receiving::rules::product_of(decoded).map_err(|problem| problem.at("scan"))?;
    let text: LotText = decoded.lot.as_deref().ok_or_else(lot_required)?.parse()?;
    facts.serial = decoded.serial.as_deref().map(str::parse).transpose()?;
    let found = crate::catalogue::service::remembered_named(known, db, organisation, &named)?;
    (facts.product, facts.identifier) = found.unzip();
    let (lot, expiry, serial) = (decoded.lot.clone(), decoded.expiry, facts.serial.clone());
    facts.label = Label { named: Some(named), lot, expiry, serial };
    let Some(product) = &facts.product else { return Ok(()) };
    let found = crate::stock::service::lots_like(db, organisation, &product.id, &text, expiry, decides)?;
    tell_apart(db, caller, &text, expiry, found, facts)
}

fn lot_required() -> Problem {
    let detail = "The code carries no lot; scan the code that has lot and expiry, or both where one is beside it.";
    Problem::new(ProblemCode::LotRequired, detail).at("scan")
}

/// Which of the lots that are like the one on a label is it, which are its twins, and which only look like it. Those at other
/// sites than the caller's are not named to them; what forbids to use them is.
fn tell_apart(
    db: &mut Db,
    caller: &Caller,
    text: &LotText,
    expiry: Option<NaiveDate>,
    found: Vec<Lot>,
    facts: &mut Facts,
) -> Result<()> {
    let organisation = &caller.organisation_id;
    let labelled = |lot: &Lot| expiry.is_none_or(|expiry| lot.expiry == expiry);
    // Where a code names the only lot that is like it, its books will say where it was.
    let is_alone = matches!(found.as_slice(), [only] if only.lot == *text && labelled(only));
    let (found, unseen) = if is_alone { (found, Vec::new()) } else { seen(db, caller, found)? };
    let unseen = crate::stock::service::ever_there(db, organisation, unseen, |_| 0)?;
    facts.is_twin_elsewhere = unseen.iter().any(|lot| lot.lot.matches(text) && !labelled(lot));
    let (known, alike): (Vec<Lot>, Vec<Lot>) = found.into_iter().partition(|lot| lot.lot == *text);
    facts.lot = known.iter().find(|lot| labelled(lot)).cloned();
    facts.elsewhere = unseen.into_iter().find(|lot| lot.lot == *text && labelled(lot));
    // A code without an expiry cannot say which of the two it is.
    facts.is_twin_elsewhere |= facts.lot.is_some() && facts.elsewhere.is_some();
    facts.elsewhere = facts.elsewhere.take().filter(|_| facts.lot.is_none());
    facts.other_expiries = known
        .iter()
        .map(|lot| lot.expiry)
        .filter(|expiry| facts.lot.as_ref().map(|lot| lot.expiry) != Some(*expiry))
        .collect();
    if facts.lot.is_none() {
        facts.alike = crate::stock::service::ever_there(db, organisation, alike, |_| 0)?;
    }
    Ok(())
}

/// Lots by whether the caller sees them.
fn seen(db: &mut Db, caller: &Caller, lots: Vec<Lot>) -> Result<(Vec<Lot>, Vec<Lot>)> {
    let ids: Vec<_> = lots.iter().map(|lot| &lot.id).collect();
    let visible = crate::stock::service::visible(db, caller, &ids)?;
    Ok(lots.into_iter().partition(|lot| visible.contains(&lot.id)))
}

/// What should go first, where somebody asks: of the units here that run out before those that would be taken, the first that may be
/// used. Whoever goes on with an opened unit is right to.
fn first(db: &mut Db, question: &Question<'_>, facts: &Facts) -> Result<Option<(Balance, Lot)>> {
    let (Some(product), Some(lot), None) = (&facts.product, &facts.lot, &facts.container) else { return Ok(None) };
    let matters = question.decides && facts.policy.expiry_order() == ExpiryOrder::Refuse;
    if !question.advises && !matters {
        return Ok(None);
    }
    let own = drawing::drawable(facts).accounts.iter().filter_map(|(account, _)| account.use_by).min();
    let days = (facts.day, own.unwrap_or(lot.expiry));
    crate::containers::service::goes_first(db, &facts.policy, product, (&facts.site.id, lot), days, question.past)
}

/// What is known of the serial number.
fn number(db: &mut Db, caller: &Caller, facts: &mut Facts) -> Result<()> {
    let organisation = &caller.organisation_id;
    let (Some(product), Some(serial)) = (&facts.product, &facts.serial) else { return Ok(()) };
    facts.received = crate::stock::service::numbered(db, organisation, &product.id, serial)?;
    let known = facts.received.as_ref();
    let named = known.filter(|known| rules::is_of(known, facts.identifier.as_ref()));
    facts.pack = named.map(|known| (known.pack.clone(), known.balances.clone()));
    let is_case = match &facts.identifier {
        Some(identifier) => identifier.level == Level::Case,
        None => known.is_some_and(Numbered::is_of_case),
    };
    if facts.pack.is_none() {
        let lot = facts.lot.as_ref().map(|lot| &lot.id);
        (facts.units_administered, facts.is_kept_by_number) =
            store::under_serial(db, organisation, &product.id, lot, serial)?;
    }
    if is_case {
        facts.serial = None;
    }
    Ok(())
}

/// Where the lot and the pack are, and what holds them.
fn locate(db: &mut Db, caller: &Caller, is_scanned: bool, past: Option<Moment>, facts: &mut Facts) -> Result<()> {
    let organisation = &caller.organisation_id;
    if let Some(lot) = &facts.elsewhere {
        facts.holds = holds_on(db, organisation, lot, &[], facts.pack.as_ref(), past)?;
    }
    let Some(lot) = &facts.lot else { return Ok(()) };
    facts.books = books::at(db, organisation, &lot.id, past)?;
    let was_here = |account: &Balance| account.site_id.as_ref().is_some_and(|site| caller.sees(site));
    if is_scanned && caller.sites.is_some() && !facts.books.accounts.iter().any(was_here) {
        facts.holds = holds_on(db, organisation, lot, &[], facts.pack.as_ref(), past)?;
        facts.elsewhere = facts.lot.take();
        return Ok(());
    }
    let at_site = facts.books.at_site(&facts.site.id);
    facts.holds = holds_on(db, organisation, lot, &at_site, facts.pack.as_ref(), past)?;
    facts.pack = facts.pack.take().map(|(pack, balances)| (pack, facts.books.turn_back(balances)));
    // At the chair a pack is named, whatever else lies there.
    let wanted = Wanted { units: 0, serials: &[] };
    facts.stock = crate::stock::service::drawable(db, organisation, lot, &facts.books, at_site, wanted)?.accounts;
    let places = drawing::places(facts);
    if places.len() > 1 {
        facts.places = crate::sites::service::locations(db, organisation, &places)?;
    }
    Ok(())
}

/// What holds the lot, or the pack of it that was named.
fn holds_on(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &Lot,
    accounts: &[Balance],
    pack: Option<&(Pack, Vec<PackBalance>)>,
    past: Option<Moment>,
) -> Result<Vec<Hold>> {
    let mut holds = crate::holds::service::on(db, organisation, lot, accounts, past)?;
    holds.retain(|hold| hold.takes(pack.map(|(pack, _)| &pack.id)));
    Ok(holds)
}

/// The opened unit that is meant: the one that was named or, where nothing unopened of what was named may be used, the only one
/// that is there.
fn opened(db: &mut Db, caller: &Caller, question: &Question<'_>, facts: &Facts) -> Result<Option<Opened>> {
    let organisation = &caller.organisation_id;
    let named = match question.named {
        Named::Container { id } => Some(id),
        _ => question.container_id,
    };
    let container = match (named, drawing::only_opened(facts)) {
        (Some(id), _) => {
            let lot = facts.lot.as_ref().map(|lot| &lot.id);
            Some(crate::containers::service::expect_of(db, caller, id, lot)?)
        }
        (None, Some(account)) => crate::containers::service::in_account(db, organisation, account)?,
        (None, None) => None,
    };
    let Some(container) = container else { return Ok(None) };
    let mut here = facts.stock.iter().map(|(balance, _)| balance).filter(|balance| drawing::is_here(facts, balance));
    let account = here.find(|balance| balance.container_id.as_ref() == Some(&container.id)).cloned();
    let patient = match &question.patient {
        Whom::Known(patient) => Some(patient),
        Whom::New | Whom::Nobody => None,
    };
    let is_anothers = question.patient != Whom::Nobody
        && crate::containers::service::is_anothers(db, organisation, &container.id, patient)?;
    let is_for_one = facts.product.as_ref().is_none_or(|product| product.single_patient);
    let shared = match is_anothers && !is_for_one {
        true => crate::catalogue::service::shared(db, organisation, &container.product_id, question.past)?,
        false => None,
    };
    Ok(Some(Opened { container, account, is_anothers, shared }))
}
