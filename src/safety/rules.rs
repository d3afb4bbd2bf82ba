//! What is due of an adverse event, and what may be said of one. What counts is the organisation's protocol (DOMAIN.md, "Record around a
//! treatment": an escalation clock, by a versioned protocol and never a constant).

use super::model::{AdverseEventState, Duty, Standing};
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::protocols::model::{AdverseEventKind, Content, Protocol, Severity};
use crate::values::{Json, Jurisdiction, Word};

/// Whether two words say the same, however they are spelt: `Vascular occlusion` is the kind `vascular_occlusion`.
fn is_same(one: &Word, other: &Word) -> bool {
    let spelt = |word: &Word| word.as_str().replace(['_', '-'], " ");
    crate::identity::same(&spelt(one), &spelt(other))
}

/// What of a protocol is about a kind of adverse event; none where it does not know it.
pub fn kind_in<'a>(protocol: &'a Protocol, kind: &Word) -> Option<&'a AdverseEventKind> {
    match &*protocol.content {
        Content::AdverseEvent(events) => events.kinds.iter().find(|known| is_same(&known.code, kind)),
        _ => None,
    }
}

/// What a protocol says of a kind; nothing where it does not know it.
type Knowing<'a> = (&'a Protocol, Option<&'a AdverseEventKind>);

/// Of the protocols that count for the products of an adverse event, the one whose clock it runs by: of those that know the kind, first of
/// those that ask for something where it is so bad, the one that lets the least time pass; else the first.
pub fn by_which<'a>(counting: &'a [Protocol], kind: &Word, severity: Severity) -> Option<Knowing<'a>> {
    let minutes = |known: &AdverseEventKind| known.see_within_minutes.unwrap_or(i64::MAX);
    let knowing = counting.iter().filter_map(|protocol| Some((protocol, kind_in(protocol, kind)?)));
    let soonest = knowing.min_by_key(|(_, known)| (severity < known.severity, minutes(known)));
    soonest.map(|(protocol, known)| (protocol, Some(known))).or_else(|| counting.first().map(|first| (first, None)))
}

/// Where an adverse event stands when it is reported: by when the patient must be seen, and to whom it must be reported where the law of
/// its site asks for it, from the moment of the report. What several products ask for is all owed.
pub fn reported<'a>(
    known: impl IntoIterator<Item = &'a AdverseEventKind>,
    severity: Severity,
    place: &Jurisdiction,
    now: Moment,
) -> Standing {
    let bare = Standing {
        state: AdverseEventState::Open,
        see_by: None,
        seen_at: None,
        duties: Json::new(Vec::new()),
        reviewed_at: None,
        closed_at: None,
    };
    known.into_iter().filter(|known| severity >= known.severity).fold(bare, |standing, known| {
        let seen = known.see_within_minutes.map(|minutes| now.plus_minutes(minutes));
        let mut owed = standing.duties.to_vec();
        for duty in duties(known, place, now) {
            let is_owed = |other: &&mut Duty| is_same(&other.to, &duty.to) && other.jurisdiction == duty.jurisdiction;
            match owed.iter_mut().find(is_owed) {
                Some(other) => other.due_at = other.due_at.min(duty.due_at),
                None => owed.push(duty),
            }
        }
        Standing { see_by: standing.see_by.into_iter().chain(seen).min(), duties: Json::new(owed), ..standing }
    })
}

/// The same with its clock started, where it is as bad as the protocol asks for and the clock does not run yet. What runs goes on,
/// however mild it turns out.
pub fn started(
    standing: Standing,
    known: Option<&AdverseEventKind>,
    severity: Severity,
    place: &Jurisdiction,
    now: Moment,
) -> Standing {
    let Some(known) = known.filter(|known| severity >= known.severity) else { return standing };
    let see_by = standing.see_by.or_else(|| known.see_within_minutes.map(|minutes| now.plus_minutes(minutes)));
    let duties = match standing.duties.is_empty() {
        true => Json::new(duties(known, place, now)),
        false => standing.duties,
    };
    Standing { see_by, duties, ..standing }
}

fn duties(known: &AdverseEventKind, place: &Jurisdiction, now: Moment) -> Vec<Duty> {
    let asked = known.reports.iter().filter(|report| report.jurisdiction.covers(place));
    asked
        .map(|report| Duty {
            to: report.to.clone(),
            jurisdiction: report.jurisdiction.clone(),
            due_at: now.plus_days(report.within_days),
            sent_at: None,
        })
        .collect()
}

/// Where it stands after a review.
pub fn reviewed(standing: Standing, seen_at: Option<Moment>, now: Moment) -> Standing {
    Standing {
        state: AdverseEventState::Reviewed,
        reviewed_at: standing.reviewed_at.or(Some(now)),
        seen_at: standing.seen_at.or(seen_at),
        ..standing
    }
}

/// Where it stands after it was reported to somebody: what was owed to them is done.
pub fn sent(standing: Standing, to: &Word, sent_at: Moment) -> Standing {
    let done = |duty: &Duty| match is_same(&duty.to, to) && duty.sent_at.is_none() {
        true => Duty { sent_at: Some(sent_at), ..duty.clone() },
        false => duty.clone(),
    };
    Standing { duties: Json::new(standing.duties.iter().map(done).collect()), ..standing }
}

/// What is closed takes no review and no other end.
///
/// # Errors
/// `adverse_event_closed`.
pub fn not_closed(standing: &Standing) -> Result<()> {
    let Some(closed_at) = standing.closed_at else { return Ok(()) };
    let detail =
        format!("This adverse event was closed at {}: report what came since as another one.", closed_at.told());
    Err(Error::problem(ProblemCode::AdverseEventClosed, detail))
}

/// Somebody has looked at it before it ends.
///
/// # Errors
/// `adverse_event_closed`, `adverse_event_not_reviewed`.
pub fn may_be_closed(standing: &Standing) -> Result<()> {
    not_closed(standing)?;
    if standing.state == AdverseEventState::Reviewed {
        return Ok(());
    }
    let detail = "Nobody has reviewed this adverse event: record a review before you close it.";
    Err(Error::problem(ProblemCode::AdverseEventNotReviewed, detail))
}

/// It did not begin in the future, nor before what it is about: what began before did not come of it.
///
/// # Errors
/// `occurred_in_future`, `onset_before_administration`.
pub fn could_begin(onset_at: Moment, administered: impl Iterator<Item = Moment>, now: Moment) -> Result<()> {
    past("onset_at", onset_at, now)?;
    let Some(last) = administered.max().filter(|last| *last > onset_at) else { return Ok(()) };
    let rule = format!("lies before {}, when the last of the administrations was given", last.told());
    Err(Error::invalid(ProblemCode::OnsetBeforeAdministration, "onset_at", rule))
}

/// It has happened.
///
/// # Errors
/// `occurred_in_future`.
pub fn past(field: &str, at: Moment, now: Moment) -> Result<()> {
    if at <= now {
        return Ok(());
    }
    Err(Error::invalid(ProblemCode::OccurredInFuture, field, "lies in the future"))
}
