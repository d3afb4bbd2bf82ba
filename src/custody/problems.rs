//! The problems that only custody answers.

use crate::problem::problems;

problems! {
    BundleTooLarge "bundle_too_large" 422 "caller" "What was asked for is more than one evidence bundle has."
        "period has about 1200000 events, and a bundle has 1000000 at the most: ask for a shorter one." ["period"];
}
