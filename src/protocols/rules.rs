//! What a protocol may say, and which one counts.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::model::{AnswerRule, Consequence, Content, FollowUp, Protocol, ProtocolKind, Question};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;

/// The longest time that a document may name, in days.
const DAYS_MAX: i64 = 3_650;
/// The longest time between information and consent, in hours: a year.
const HOURS_MAX: i64 = 8_760;
/// The longest time until a patient is seen, in minutes: a year.
const MINUTES_MAX: i64 = 525_600;

/// A document can be meant as it stands: its numbers are in their ranges, and each thing has a name of its own.
///
/// # Errors
/// `invalid_protocol`, `invalid_value`, `empty_list`, `list_too_long`, `duplicate_entry`.
// Long because it is a table: what each kind must be.
pub fn well_formed(content: &Content) -> Result<()> {
    match content {
        Content::Screening(screening) => {
            named("questions", screening.questions.iter().map(|question| question.code.as_str()), 1, 100)?;
            for (index, question) in screening.questions.iter().enumerate() {
                can_be_answered(&format!("questions[{index}].answer"), question)?;
            }
            within("valid_days", screening.valid_days, 1, DAYS_MAX)
        }
        Content::Consent(consent) => {
            named("points", consent.points.iter().map(|point| point.code.as_str()), 1, 100)?;
            within("reflection_hours", consent.reflection_hours, 0, HOURS_MAX)?;
            within("valid_days", consent.valid_days, 1, DAYS_MAX)?;
            if consent.reflection_hours >= consent.valid_days.saturating_mul(24) {
                return Err(meaningless(
                    "reflection_hours",
                    "must be less than valid_days: no consent would ever count",
                ));
            }
            Ok(())
        }
        Content::Aftercare(aftercare) => {
            let tags: Vec<_> =
                aftercare.languages.iter().map(|told| told.language.as_str().to_ascii_lowercase()).collect();
            named("languages", tags.iter().map(String::as_str), 1, 50)?;
            for (index, told) in aftercare.languages.iter().enumerate() {
                let of = |list: &str| format!("languages[{index}].{list}");
                if !is_language(told.language.as_str()) {
                    return Err(meaningless(&of("language"), "must be a BCP 47 tag such as en-GB"));
                }
                counted(&of("instructions"), told.instructions.len(), 1, 50)?;
                counted(&of("return_precautions"), told.return_precautions.len(), 1, 50)?;
            }
            Ok(())
        }
        Content::FollowUp(follow_up) => can_be_followed(follow_up),
        Content::AdverseEvent(events) => {
            named("kinds", events.kinds.iter().map(|kind| kind.code.as_str()), 1, 100)?;
            for (index, kind) in events.kinds.iter().enumerate() {
                let of = |field: &str| format!("kinds[{index}].{field}");
                if let Some(minutes) = kind.see_within_minutes {
                    within(&of("see_within_minutes"), minutes, 1, MINUTES_MAX)?;
                }
                counted(&of("reports"), kind.reports.len(), 0, 20)?;
                for (duty, report) in kind.reports.iter().enumerate() {
                    within(&of(&format!("reports[{duty}].within_days")), report.within_days, 0, 365)?;
                }
            }
            Ok(())
        }
        Content::Retreatment(retreatment) => {
            within("least_days", retreatment.least_days, 1, DAYS_MAX)?;
            let Some(usual) = retreatment.usual_days else { return Ok(()) };
            within("usual_days", usual, 1, DAYS_MAX)?;
            if usual < retreatment.least_days {
                return Err(meaningless("usual_days", "must not be less than least_days"));
            }
            Ok(())
        }
        Content::EmergencyKit(kit) => named("items", kit.items.iter().map(|item| item.product_id.as_str()), 1, 20),
        Content::Ended => Ok(()),
    }
}

/// A version ends a document that there is.
///
/// # Errors
/// `invalid_protocol`.
pub fn can_follow(newest: Option<&Protocol>, content: &Content) -> Result<()> {
    let is_standing = newest.is_some_and(|newest| *newest.content != Content::Ended);
    if *content == Content::Ended && !is_standing {
        let rule = "must be of a protocol that there is: none of this kind stands for the same";
        return Err(Error::invalid(ProblemCode::InvalidProtocol, "ends", rule));
    }
    Ok(())
}

/// A question can be answered so that something follows, and is told apart from others.
fn can_be_answered(field: &str, question: &Question) -> Result<()> {
    match &question.answer {
        AnswerRule::YesNo { .. } => Ok(()),
        AnswerRule::Choice { options } => {
            named(&format!("{field}.options"), options.iter().map(|option| option.code.as_str()), 1, 50)
        }
        AnswerRule::Number { from, to, .. } => match (from, to) {
            (None, None) => Err(meaningless(&format!("{field}.from"), "or to must be given: else nothing is outside")),
            (Some(from), Some(to)) if from > to => Err(meaningless(&format!("{field}.from"), "must not be above to")),
            _ => Ok(()),
        },
        AnswerRule::Date { min_days_since, .. } => {
            within(&format!("{field}.min_days_since"), *min_days_since, 1, DAYS_MAX)
        }
        AnswerRule::Text { given } if *given == Consequence::Stop => {
            Err(meaningless(&format!("{field}.given"), "must not be stop: nobody knows what a text says"))
        }
        AnswerRule::Text { .. } => Ok(()),
    }
}

fn can_be_followed(follow_up: &FollowUp) -> Result<()> {
    named("checks", follow_up.checks.iter().map(|check| check.code.as_str()), 1, 50)?;
    for (index, check) in follow_up.checks.iter().enumerate() {
        within(&format!("checks[{index}].after_days"), check.after_days, 0, DAYS_MAX)?;
        let views = check.views.iter().map(crate::values::Word::as_str);
        named(&format!("checks[{index}].views"), views, 0, 20)?;
    }
    named("symptoms", follow_up.symptoms.iter().map(crate::values::Word::as_str), 0, 100)?;
    named("scale", follow_up.scale.iter().map(crate::values::Word::as_str), 0, 20)
}

/// A list of things that each have a name of their own, however they are spelled.
fn named<'a>(field: &str, names: impl Iterator<Item = &'a str>, least: usize, most: usize) -> Result<()> {
    let names: Vec<_> = names.map(|name| crate::identity::Identity::of(name).as_str().to_owned()).collect();
    counted(field, names.len(), least, most)?;
    if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
        return Err(Error::invalid(ProblemCode::DuplicateEntry, &within_content(field), "names the same thing twice"));
    }
    Ok(())
}

fn counted(field: &str, entries: usize, least: usize, most: usize) -> Result<()> {
    let field = within_content(field);
    if entries < least {
        return Err(Error::invalid(ProblemCode::EmptyList, &field, "needs at least one entry"));
    }
    if entries > most {
        return Err(Error::invalid(ProblemCode::ListTooLong, &field, format!("must have at most {most} entries")));
    }
    Ok(())
}

fn within(field: &str, number: i64, from: i64, to: i64) -> Result<()> {
    if (from..=to).contains(&number) {
        return Ok(());
    }
    Err(Error::invalid(ProblemCode::InvalidValue, &within_content(field), format!("must be from {from} to {to}")))
}

fn meaningless(field: &str, rule: &str) -> Error {
    Error::invalid(ProblemCode::InvalidProtocol, &within_content(field), rule)
}

fn within_content(field: &str) -> String {
    format!("content.{field}")
}

/// Whether a text has the form of a language tag (BCP 47: RFC 5646 section 2.1, as far as a form can say).
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let is_part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    first.len() >= 2 && is_part(first) && first.bytes().all(|b| b.is_ascii_alphabetic()) && parts.all(is_part)
}

/// From which day on a new version may be in force. The first one may speak for earlier days: the clinic had it on paper. A later
/// one speaks from today on, wherever a site is, and never overtakes the one before it: what was done is judged by what was in
/// force when it was done (DOMAIN rule 20a).
pub fn earliest(before: Option<&Protocol>, today: NaiveDate) -> Option<NaiveDate> {
    let before = before?;
    // West of Greenwich it is still yesterday.
    let today = today.pred_opt().unwrap_or(today);
    Some(before.effective_from.max(today))
}

/// Which of those in force counts for a product: that for the product itself, else that for its class, else that for everything.
pub fn that_counts(in_force: &[Protocol], kind: ProtocolKind) -> Option<&Protocol> {
    let width = |protocol: &Protocol| match protocol.applies_to() {
        applies if applies.product_id.is_some() => 0,
        applies if applies.class.is_some() => 1,
        _ => 2,
    };
    in_force.iter().filter(|protocol| protocol.kind == kind).min_by_key(|protocol| width(protocol))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_that_cannot_be_meant_is_refused() {
        let yes_no = r#"{"type":"yes_no","yes":"stop","no":"none"}"#;
        let question = |answer: &str| {
            format!(r#"{{"screening":{{"valid_days":30,"questions":[{{"code":"q","text":"?","answer":{answer}}}]}}}}"#)
        };
        let rows: Vec<(String, Option<&str>)> = vec![
            (question(yes_no), None),
            (question(r#"{"type":"number","outside":"review"}"#), Some("invalid_protocol")),
            (question(r#"{"type":"number","from":2,"to":1,"outside":"review"}"#), Some("invalid_protocol")),
            (question(r#"{"type":"number","from":1,"to":1,"outside":"review"}"#), None),
            (question(r#"{"type":"date","min_days_since":0,"sooner":"stop"}"#), Some("invalid_value")),
            (question(r#"{"type":"text","given":"stop"}"#), Some("invalid_protocol")),
            (question(r#"{"type":"text","given":"review"}"#), None),
            (question(r#"{"type":"choice","options":[]}"#), Some("empty_list")),
            (r#"{"screening":{"valid_days":0,"questions":[]}}"#.to_owned(), Some("empty_list")),
            (
                format!(
                    r#"{{"screening":{{"valid_days":1,"questions":[{{"code":"A","text":"?","answer":{yes_no}}},{{"code":"a","text":"?","answer":{yes_no}}}]}}}}"#
                ),
                Some("duplicate_entry"),
            ),
            (
                r#"{"consent":{"points":[{"code":"p","text":"t"}],"reflection_hours":48,"valid_days":2}}"#.to_owned(),
                Some("invalid_protocol"),
            ),
            (
                r#"{"consent":{"points":[{"code":"p","text":"t"}],"reflection_hours":47,"valid_days":2}}"#.to_owned(),
                None,
            ),
            (r#"{"retreatment":{"least_days":14,"usual_days":13}}"#.to_owned(), Some("invalid_protocol")),
            (
                r#"{"aftercare":{"languages":[{"language":"e","instructions":["a"],"return_precautions":["b"]}]}}"#
                    .to_owned(),
                Some("invalid_protocol"),
            ),
            (
                r#"{"aftercare":{"languages":[{"language":"en-GB","instructions":["a"],"return_precautions":[]}]}}"#
                    .to_owned(),
                Some("empty_list"),
            ),
            (
                r#"{"aftercare":{"languages":[{"language":"en-GB","instructions":["a"],"return_precautions":["b"]}]}}"#
                    .to_owned(),
                None,
            ),
        ];
        for (content, expected) in rows {
            let found = match well_formed(&serde_json::from_str(&content).unwrap()) {
                Ok(()) => None,
                Err(Error::Problem(problem)) => Some(problem.code.as_str()),
                Err(other) => panic!("{other:?}"),
            };
            assert_eq!(found, expected, "{content}");
        }
    }

    #[test]
    fn language_tags_have_their_form() {
        for tag in ["en", "en-GB", "zh-Hant-TW", "es-419"] {
            assert!(is_language(tag), "{tag}");
        }
        for tag in ["e", "en_GB", "en-", "-en", "123", "en-toolongpart"] {
            assert!(!is_language(tag), "{tag}");
        }
    }
}
