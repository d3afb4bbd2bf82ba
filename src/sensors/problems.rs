//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    TooManySensors "too_many_sensors" 409 "admin" "The location has as many sensors as one may have, retired ones included."
        "Fridge 1 has 100 sensors, which is as many as a location may have." [];
}
