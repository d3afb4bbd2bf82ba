//! Transfers: from one location to another, or first into a transport box and then out of it.

use super::model::{Movement, MovementKind};
use super::rules::{self, Transfer};
use super::service::{Asked, Facts, decide, draw, enter, gather, movement, record};
use super::wire::{NewJourney, NewTransfer};
use crate::caller::Role;
use crate::clock::Moment;
use crate::command::Command;
use crate::decision::{Basis, Findings};
use crate::error::{Error, Result};
use crate::holds::model::Hold;
use crate::ids::{HoldId, LocationId, MovementId};
use crate::problem::ProblemCode;
use crate::sites::model::{Location, Purpose};
use crate::stock::model::{AccountKind, Disposition, Posting};
use crate::values::Json;

/// Transfers units between locations. Those that went on a journey were at the location of its logger on the way: they are
/// transferred there when they left, and from there when they arrived.
///
/// # Errors
/// `reference_unknown`, `same_location`, `invalid_value` for a logger that does not travel, `occurred_too_early` for an arrival
/// before the departure, `forbidden` for a purchaser's transfer that is not between stock locations, `serials_mismatch`;
/// `gate_refused` with every reason that applies.
pub fn transfer(cmd: &mut Command<'_>, new: &NewTransfer) -> Result<Movement> {
    let from = &new.from_location_id;
    let to = crate::sites::service::expect_location(cmd.db, cmd.caller, "to_location_id", &new.to_location_id)?;
    if *from == to.id {
        return Err(Error::invalid(ProblemCode::SameLocation, "to_location_id", "is where the units are already"));
    }
    let way = Way { asked: new, from, state: new.state, occurred_at: new.occurred_at, into: None, out_of: None };
    let Some(journey) = &new.journey else { return carry(cmd, &way, to).map(|(movement, _)| movement) };
    let transport = transport(cmd, journey, [from, &to.id])?;
    let departed_at = cmd.moment("journey.departed_at", Some(journey.departed_at))?;
    let arrived_at = cmd.occurred_at(new.occurred_at)?;
    cmd.not_before(arrived_at, departed_at)?;
    let into = Way { occurred_at: Some(departed_at), into: Some(to.purpose), ..way };
    cmd.whole(|cmd| {
        let (departure, taken) = carry(cmd, &into, transport.clone())?;
        let on_the_way = taken.iter().rfind(|posting| posting.at.is_some_and(|at| at <= arrived_at));
        let is_held = on_the_way.is_some_and(|posting| posting.to.kind == AccountKind::Held);
        let state = if is_held { Some(Disposition::Held) } else { departure.state };
        let out_of = Way { from: &transport.id, state, out_of: Some(&departure.id), ..way };
        carry(cmd, &out_of, to).map(|(movement, _)| movement)
    })
}

/// Where the units of a transfer are on the way: a transport box, which is a place for stock like another.
fn transport(cmd: &mut Command<'_>, journey: &NewJourney, ends: [&LocationId; 2]) -> Result<Location> {
    let field = "journey.sensor_id";
    let logger = crate::sensors::service::find(cmd.db, cmd.caller, &journey.sensor_id)?;
    let logger = logger.ok_or_else(|| Error::reference_unknown(field))?;
    let transport = crate::sites::service::expect_location(cmd.db, cmd.caller, field, &logger.location_id)?;
    if ends.contains(&&transport.id) {
        let rule = "is at a place that the transfer names itself: leave the journey out";
        return Err(Error::invalid(ProblemCode::SameLocation, field, rule));
    }
    if logger.travels && transport.purpose == Purpose::Stock {
        return Ok(transport);
    }
    let rule = "must be a sensor that travels, at a location for stock of its own: the transport box";
    Err(Error::invalid(ProblemCode::InvalidValue, field, rule))
}

/// A way that units of a transfer go at once.
#[derive(Clone, Copy)]
struct Way<'a> {
    asked: &'a NewTransfer,
    from: &'a LocationId,
    state: Option<Disposition>,
    occurred_at: Option<Moment>,
    /// What the place is for that they go on to, where this one is into a transport box.
    into: Option<Purpose>,
    /// By which movement they went into the box, where this one is out of it.
    out_of: Option<&'a MovementId>,
}

/// Moves units from one location to another; also what holds that were opened since took of them there.
fn carry(cmd: &mut Command<'_>, way: &Way<'_>, to: Location) -> Result<(Movement, Vec<Posting>)> {
    let (kind, new) = (MovementKind::Transfer, way.asked);
    let asked = Asked { lot_id: &new.lot_id, from: way.from, units: new.units, serials: &new.serials };
    let mut facts = gather(cmd, kind, &asked, way.state, &new.reason, way.occurred_at)?;
    let becomes = way.into.unwrap_or(to.purpose);
    may_ask(cmd, facts.from.purpose, becomes)?;
    let organisation = cmd.organisation();
    let product = crate::catalogue::service::find(cmd.db, organisation, &facts.lot.product_id)?
        .ok_or_else(|| Error::internal("a lot without its product"))?;
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &to.site_id)?;
    let past = facts.books.past;
    let product = crate::versions::at(cmd.db, organisation, product, past)?;
    let to = crate::versions::at(cmd.db, organisation, to, past)?;
    let day = facts.occurred_at.day_in(site.time_zone.rules());
    if becomes == Purpose::Stock {
        // Expired units only where there are no others: they would be refused.
        facts.on_hand.accounts.sort_by_key(|(account, _)| account.use_by.is_some_and(|use_by| use_by < day));
    }
    let mut findings = Findings::default();
    findings.rests_on(Basis::Moment {
        occurred_at: facts.occurred_at,
        site_id: site.id.to_string(),
        time_zone: site.time_zone.to_string(),
        day,
    });
    let (state, postings) = draw(&facts, &mut findings, |from| rules::arrives_as(from, &to))?;
    let (holds, following) = holds_on_the_way(cmd, &facts, &to, state, &postings)?;
    let use_by = postings.iter().filter_map(|posting| posting.from.place.as_ref()).map(|place| place.use_by).min();
    let asked = Transfer {
        product: &product,
        from: &facts.from,
        to: &to,
        state,
        use_by: use_by.unwrap_or(facts.lot.expiry),
        day,
        holds: &holds,
        lot: &facts.lot,
    };
    // What is on its way to be set apart may be carried whatever is wrong with it.
    if becomes == Purpose::Stock {
        rules::may_transfer(&asked, &mut findings);
    }
    crate::versions::not_retired(&to, facts.occurred_at, &mut findings);
    if facts.from.site_id != to.site_id {
        crate::versions::not_retired(&site, facts.occurred_at, &mut findings);
    }
    let mut postings = enter(&facts, postings, &mut findings);
    let taken = crate::holds::service::taken_since(cmd.db, organisation, &facts.lot, &postings, past)?;
    postings.extend(taken.iter().cloned());
    let site_id = Some(facts.from.site_id.clone()).filter(|site| *site == to.site_id);
    let decision = decide(cmd, &facts, new, site_id.clone(), findings)?;
    let movement = Movement {
        to_location_id: Some(to.id.clone()),
        state: Some(state),
        decision: Some(Json::new(decision)),
        departure_id: way.out_of.cloned(),
        ..movement(cmd, &facts)
    };
    record(cmd, movement, site_id, postings, following).map(|movement| (movement, taken))
}

/// Purchasers move what is in stock; what is or becomes set apart is for quality.
fn may_ask(cmd: &Command<'_>, from: Purpose, to: Purpose) -> Result<()> {
    if (from, to) == (Purpose::Stock, Purpose::Stock) || cmd.caller.has_any(&[Role::Quality]) {
        return Ok(());
    }
    let detail = "Purchasers transfer between stock locations; anything else is for: quality.";
    Err(Error::problem(ProblemCode::Forbidden, detail))
}

/// The holds that a transfer must ask: those on the place that it goes to and on the units that it takes. Held units take
/// theirs with them: those that follow.
fn holds_on_the_way(
    cmd: &mut Command<'_>,
    facts: &Facts,
    to: &Location,
    state: Disposition,
    postings: &[Posting],
) -> Result<(Vec<Hold>, Vec<HoldId>)> {
    let organisation = cmd.organisation();
    let mut holds = crate::holds::service::covering(cmd.db, organisation, &facts.lot, to, &facts.books)?;
    let past = facts.books.past;
    let drawn = crate::holds::service::on_drawn(cmd.db, organisation, &facts.lot, postings, past)?;
    let mut following = Vec::new();
    if state == Disposition::Available {
        let covers = |hold: &Hold| {
            postings.iter().any(|posting| crate::holds::rules::covers(hold, &facts.lot.id, &posting.from))
        };
        holds.extend(drawn.into_iter().filter(covers));
    } else if state == Disposition::Held {
        holds.extend(crate::holds::service::covering(cmd.db, organisation, &facts.lot, &facts.from, &facts.books)?);
        holds.sort_by(|a, b| a.id.cmp(&b.id));
        holds.dedup();
        following = drawn.into_iter().map(|hold| hold.id).collect();
    }
    Ok((crate::holds::rules::reaching(holds, postings), following))
}
