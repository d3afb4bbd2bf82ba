//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    PatientUnknown "patient_unknown" 422 "admin" "Nothing is recorded under this patient reference, or it was erased."
        "Nothing is recorded under this reference, or it was erased." ["patient_ref"];
}
