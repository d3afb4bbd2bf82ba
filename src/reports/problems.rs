//! The problems that only reports answer.

use crate::problem::problems;

problems! {
    ReportTooLarge "report_too_large" 422 "caller" "What was asked for has more lots, orders or deliveries than a report tells."
        "More than 5000 lots were at the site or moved there: ask for a shorter period, or for the movements." ["to"];
}
