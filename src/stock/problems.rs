//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    LabelNotPossible "label_not_possible" 409 "quality" "What the label would say has no place in its code."
        "The expiry 2089-12-31 lies too far from today for a year of two digits." [];
}
