//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    UnitsAlreadyInspected "units_already_inspected" 409 "purchasing" "More units than are waiting for inspection."
        "Of lot LOT1 4 units wait there for inspection, not 5." [];
    ContradictoryInspection "contradictory_inspection" 422 "caller" "A criterion failed, and no unit did."
        "checks[2].result says that label_legible failed, and units_failed says that no unit did." ["checks[2].result"];
    InspectionUnits "inspection_units" 422 "caller" "Units passed and units failed must be whole numbers that add up to at least one."
        "Units passed and units failed must be whole numbers that add up to at least one." [];
}
