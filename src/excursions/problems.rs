//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    ExcursionAssessed "excursion_assessed" 409 "quality" "Somebody has assessed the excursion: what they said stays."
        "This excursion was assessed before." [];
}
