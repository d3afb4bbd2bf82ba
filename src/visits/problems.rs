//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    VisitSigned "visit_signed" 409 "caller" "The visit is signed: it does not change any more."
        "This visit was signed at 2026-07-02 10:00 UTC and does not change any more: leave it out, open another, or add an addendum." [];
    VisitFull "visit_full" 409 "caller" "The visit has as many entries as one may have."
        "This visit has 90 entries, which is the most: open another one." [];
    NotYoursToSign "not_yours_to_sign" 409 "caller" "A visit is signed by its practitioner or by one who treated in it, with their own token."
        "Only the practitioner of this visit, or one who treated in it, signs it, with their own token." [];
    NothingToWithdraw "nothing_to_withdraw" 409 "caller" "No consent was given in this visit."
        "No consent was given in this visit by then: there is nothing to withdraw." [];
    FollowUpEnded "follow_up_ended" 409 "caller" "What was due is reviewed, given up or done already."
        "This follow-up ended at 2026-07-15 10:00 UTC." [];
    NothingToReview "nothing_to_review" 409 "caller" "It is usual to treat the patient again, and there is nothing to look at."
        "It is usual to treat the patient again: there is nothing to review. Treat them, or close it." [];
    PractitionerRequired "practitioner_required" 422 "caller" "Nobody is named who treats, and the token is no practitioner's."
        "practitioner_id must be given: this token is no practitioner's." ["practitioner_id"];
    ProtocolMissing "protocol_missing" 422 "caller" "No protocol of that kind is in force for what is planned, or several are: name the version that was used."
        "protocol_id must be given: no screening protocol is in force for what is planned." ["protocol_id"];
    AnswerUnfit "answer_unfit" 422 "caller" "The answer is not one that the question takes, or the protocol has no such question."
        "answers[0].value must be true or false." ["answers[0].value"];
    AnswerMissing "answer_missing" 422 "caller" "A question that must be answered is not."
        "answers must answer: pregnancy, infection." ["answers"];
    NoteRequired "note_required" 422 "caller" "The question stopped a treatment of this patient before, and does not now: say why."
        "answers[0].note must say why the answer to pregnancy is another one than before: it stopped the treatment." ["answers[0].note"];
    ConsentBeforeInformation "consent_before_information" 422 "caller" "The consent is said to lie before what was explained for it, or nothing was explained."
        "agreed.at lies before 2026-07-01 10:00 UTC, when the last point was explained." ["agreed.at"];
}
