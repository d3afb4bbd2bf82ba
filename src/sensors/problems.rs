//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    TooManySensors "too_many_sensors" 409 "admin" "The location has as many sensors as one may have, retired ones included."
        "Fridge 1 has 100 sensors, which is as many as a location may have." [];
    LoggerFileUnclear "logger_file_unclear" 422 "caller" "The file of a logger can be read in several ways, or in none: say what its columns are."
        "The dates can be read with the day first and with the month first: say which with date_order." [];
}
