//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    PrescriptionWithdrawn "prescription_withdrawn" 409 "caller" "The prescription was withdrawn before."
        "This prescription was withdrawn at 2026-07-02 10:00 UTC." [];
}
