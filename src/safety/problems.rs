//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    AdverseEventClosed "adverse_event_closed" 409 "caller" "The adverse event is closed: report what came since as another one."
        "This adverse event was closed at 2026-07-02 10:00 UTC: report what came since as another one." [];
    AdverseEventNotReviewed "adverse_event_not_reviewed" 409 "caller" "Nobody has reviewed the adverse event: that comes before its end."
        "Nobody has reviewed this adverse event: record a review before you close it." [];
    AdverseEventFull "adverse_event_full" 409 "quality" "As much was recorded about the adverse event as may be."
        "This adverse event has 90 entries, which is the most: close it." [];
    OnsetBeforeAdministration "onset_before_administration" 422 "caller" "What began before something was administered did not come of it."
        "onset_at lies before 2026-07-01 10:00 UTC, when the last of the administrations was given." ["onset_at"];
    NotOfThisPatient "not_of_this_patient" 422 "caller" "The administration or the visit is another patient's."
        "administration_ids[0] was given to another patient." ["administration_ids[0]"];
    AdministrationVoided "administration_voided" 422 "caller" "The administration was voided: it never happened."
        "administration_ids[0] was voided: it never happened." ["administration_ids[0]"];
}
