//! What the subject of a practitioner's token may be.

use crate::error::{Error, Result};
use crate::identity;
use crate::problem::Problem;
use crate::values::Name;

/// Nobody goes by a name that can be taken for another person's (UTS 39): tokens with such a subject are refused, too.
///
/// # Errors
/// `mixed_scripts`, `invalid_name`.
pub fn subject_is_well_formed(subject: Option<&Name>) -> Result<()> {
    let checked = subject.map_or(Ok(()), |subject| identity::well_formed(subject.as_str()));
    checked.map_err(|invalid| Error::Problem(Problem::from(invalid).at("subject")))
}
