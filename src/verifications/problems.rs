//! The problems that this slice answers.

use crate::problem::problems;

problems! {
    VerificationRunning "verification_running" 409 "caller" "A verification of this deployment is under way, perhaps of another organisation: there is one at a time."
        "A verification is under way; try again when it is done." [];
}
