//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    SelfApprovedCheck "self_approved_check" 409 "admin" "Nobody checks their own licence: somebody else must."
        "Nobody checks their own licence: somebody else must." [];
    CircularCheck "circular_check" 409 "admin" "Two people cannot vouch for each other: the holder has checked a licence of the one who checks."
        "Two people cannot vouch for each other: the holder has checked a licence of the one who checks." [];
    NothingToAcknowledge "nothing_to_acknowledge" 409 "quality" "Nothing is touched that nobody has acknowledged."
        "The licence has touched nothing that was not acknowledged." [];
    LicenceAdverseElsewhere "licence_adverse_elsewhere" 409 "admin" "The licence is on record for another holder, and a check speaks against it there: whoever holds it now, its authority speaks first."
        "This licence is on record for another holder, and a check speaks against it there since 2026-06-20: verify it there, or reverse that record if it is wrong." [];
    InvalidLicenceNumber "invalid_licence_number" 422 "caller" "The licence number is not one that this authority gives out."
        "A GMC number is seven digits, such as 1234567, or an L and six digits. Type it exactly as the certificate or the register shows it, without spaces." [];
    ValidityReversed "validity_reversed" 422 "caller" "A period ends before it starts."
        "valid_to lies before valid_from." ["valid_to"];
    HolderKindMismatch "holder_kind_mismatch" 422 "caller" "This kind of licence is not one that such a holder can hold."
        "kind a supplier cannot hold a facility licence." ["kind"];
}
