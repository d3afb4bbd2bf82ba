//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    HoldAlreadyLifted "hold_already_lifted" 409 "quality" "The hold was lifted before."
        "This hold was lifted before." [];
    HeldByRecall "held_by_recall" 409 "quality" "A recall holds these units: only closing it frees them."
        "Recall FSN-2026-17 holds these units: they are free when it is closed." [];
    SelfLiftedHold "self_lifted_hold" 409 "quality" "Nobody lifts a hold over a whole product that they opened themselves: somebody else must."
        "You opened this hold over a whole product: somebody else must lift it." [];
}
