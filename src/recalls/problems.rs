//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    RecallReferenceTaken "recall_reference_taken" 409 "quality" "Another recall has this reference, and says something else."
        "Recall FSN-2026-17 was opened before, and names something else." [];
    RecallClosed "recall_closed" 409 "quality" "The recall was closed before."
        "This recall was closed before." [];
    SelfClosedRecall "self_closed_recall" 409 "quality" "Nobody closes a recall that they opened themselves: somebody else must."
        "You opened this recall: somebody else must close it." [];
    RecallOutstanding "recall_outstanding" 409 "quality" "Not everything that the recall names is accounted for, and no reason is given."
        "Not accounted for: 1 site, 2 administrations, 4 units on hand, 0 units lost. Give a reason to close it all the same." [];
    RecalledAlready "recalled_already" 409 "quality" "The recall covers this already."
        "The recall covers this lot already." [];
}
