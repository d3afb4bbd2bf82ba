//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    InvalidProtocol "invalid_protocol" 422 "caller" "The protocol cannot be meant as it stands."
        "content.questions[0].answer.from must not be above to." ["content.questions[0].answer.from"];
    EffectiveTooEarly "effective_too_early" 422 "caller" "A new version is in force from today on at the earliest, and not before the one that it follows: what was done is judged by what was in force."
        "effective_from must be 2026-07-01 or later." ["effective_from"];
}
