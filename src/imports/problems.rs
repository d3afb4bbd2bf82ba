//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    ImportFileUnclear "import_file_unclear" 422 "caller" "The file lacks a column, has one that nobody knows, or is no CSV: nothing of it was brought in."
        "The file lacks the columns approved_classes." ["approved_classes"];
    AmbiguousName "ambiguous_name" 422 "caller" "A name in a list is that of several things: only an id says which is meant."
        "holder.id names several: write the id of the one that is meant." ["holder.id"];
}
