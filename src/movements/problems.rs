//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    CountAlreadyReviewed "count_already_reviewed" 409 "quality" "The difference of the count does not wait for anybody (any more)."
        "The difference of this count does not wait for anybody." [];
    SelfReviewedCount "self_reviewed_count" 409 "quality" "Nobody approves the difference that they counted themselves: somebody else must."
        "Whoever counted cannot review the difference: a second person must." [];
    NothingToReverse "nothing_to_reverse" 409 "quality" "It moved no units that could be turned round."
        "The difference of this count waits for a second person: nothing was posted that could be turned round." [];
    LotNotAtLocation "lot_not_at_location" 409 "quality" "The location holds other lots, and never held the lot that was counted."
        "Fridge 2 holds other lots and never held lot H4L2: count those, or transfer the lot there first." [];
    SameLocation "same_location" 422 "caller" "Units cannot be moved to where they are."
        "to_location_id is where the units are already." ["to_location_id"];
}
