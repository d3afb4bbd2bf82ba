//! The problems that this slice answers.

use crate::problem::problems;

problems! {
    ContainerFinished "container_finished" 409 "practitioner" "Nothing is left of the container: it was used up, discarded or lost."
        "This container was finished: nothing is left of it." [];
    DiluentRequired "diluent_required" 422 "caller" "Nobody knows what volume the diluent is of that was named."
        "diluent_ul must be given with diluent: how many microlitres were added." ["diluent_ul"];
}
