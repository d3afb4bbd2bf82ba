//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    ClaimExceedsLine "claim_exceeds_line" 409 "purchasing" "More units are claimed than the line has, or has missing, that no other claim asks for."
        "lines[0]: 2 of 10 units can still be claimed, and 3 are." ["lines[0].units"];
    ClaimNotOpen "claim_not_open" 409 "purchasing" "The claim was sent, settled or withdrawn before."
        "This claim is sent." [];
    ClaimNotSent "claim_not_sent" 409 "purchasing" "Only a claim that was sent, and has not ended, can be settled."
        "This claim is open: send it first." [];
    ClaimEnded "claim_ended" 409 "purchasing" "The claim was settled or withdrawn before."
        "This claim is settled." [];
}
