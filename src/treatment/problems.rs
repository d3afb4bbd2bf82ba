//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    NotYoursToConfirm "not_yours_to_confirm" 409 "caller" "Only whoever treated or prescribed confirms what another recorded, with a token of their own."
        "Those confirm who treated or prescribed, with their own token, and not what they recorded themselves. One of whom no subject is known cannot: an admin sets it." [];
    NothingToConfirm "nothing_to_confirm" 409 "caller" "It waits for nobody to confirm it."
        "This administration waits for nobody: whoever treated recorded it, or the policy asks for no more." [];
    DeviationAlreadyClosed "deviation_already_closed" 409 "quality" "The deviation was closed before."
        "This deviation was closed before." [];
    SelfClosedDeviation "self_closed_deviation" 409 "quality" "Nobody closes a deviation that they recorded or treated for: somebody else must."
        "You recorded this or treated: somebody else must close it." [];
    LooksLikeARepeat "looks_like_a_repeat" 409 "caller" "You recorded the same within the last minute, and this request has no Idempotency-Key."
        "You recorded the same at 2026-07-02T10:00:00.000035Z (adm_01932c07-8d00-7000-8000-000000000007). If this is another one, send it with an Idempotency-Key of its own." [];
    AmountExceedsUnits "amount_exceeds_units" 422 "caller" "The amounts used and discarded are more than the units hold."
        "treatment.amount_used must be, used and discarded together, no more than 1 unit of 100 U." ["treatment.amount_used"];
    PictureUnreadable "picture_unreadable" 422 "caller" "The body is no picture of the type that its Content-Type says, or a damaged one."
        "The bytes do not decode to a picture: damaged, or cut off." [];
    PictureTooLarge "picture_too_large" 422 "caller" "The picture has more pixels than are looked at."
        "The picture has 8000 by 6000 pixels; 16000000 in all, of at most four bytes each, are looked at." [];
    NoCodeFound "no_code_found" 422 "caller" "No code could be read from the picture."
        "No code could be read. Fill the picture with the code, sharp, evenly lit and with its white margin." [];
    SeveralPacks "several_packs" 422 "caller" "The picture shows codes of different packs; which one is meant is not guessed."
        "The picture shows codes of different packs: product 09521234567899, lot HC24A and product 09521234567899, lot HC24B. Take a picture of one of them." [];
}
