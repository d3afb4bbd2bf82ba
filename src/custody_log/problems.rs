//! The problems that only the custody log answers.

use crate::problem::problems;

problems! {
    NotYetLogged "not_yet_logged" 409 "caller" "The event has no leaf in the custody log yet; it has within a second or so."
        "This event is not in the log yet; try again in a second." [];
    LogDisagrees "log_disagrees" 503 "operator" "The database does not lead up to what the log has published, so that nothing is signed or proved: it was restored from a backup, or changed."
        "The database has 10 entries of the log, and 12 were published: nothing is signed until somebody has looked." [];
    BeyondTheLog "beyond_the_log" 422 "caller" "The custody log has not so many entries."
        "to is 200, and the log has 120 entries." ["to"];
    SizesReversed "sizes_reversed" 422 "caller" "A tree of a log leads up to one that is no smaller."
        "from must be at least 1 and at most to." ["from"];
}
