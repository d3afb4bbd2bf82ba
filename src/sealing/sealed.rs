//! A value that only a patient's key opens.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::PatientId;
use crate::values::Invalid;

/// Ciphertext of a value, with the patient whose key opens it: `pat_….` and base64url (RFC 4648 section 5) without padding.
/// In events and columns it is this text; what it says is nowhere else.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Sealed<T> {
    text: String,
    patient: PatientId,
    bytes: Vec<u8>,
    of: PhantomData<fn() -> T>,
}

impl<T> Sealed<T> {
    pub(super) fn new(patient: &PatientId, bytes: &[u8]) -> Self {
        let text = format!("{patient}.{}", URL_SAFE_NO_PAD.encode(bytes));
        Sealed { text, patient: patient.clone(), bytes: bytes.to_vec(), of: PhantomData }
    }

    /// The patient whose key opens it.
    pub fn patient(&self) -> &PatientId {
        &self.patient
    }

    /// It as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl<T> FromStr for Sealed<T> {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (patient, rest) = text.split_once('.').unwrap_or((text, ""));
        let patient = patient.parse()?;
        let bytes = URL_SAFE_NO_PAD
            .decode(rest)
            .map_err(|_| Invalid::new(crate::problem_code::ProblemCode::InvalidValue, "is no base64url"))?;
        Ok(Sealed { text: text.to_owned(), patient, bytes, of: PhantomData })
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Sealed { text: self.text.clone(), patient: self.patient.clone(), bytes: self.bytes.clone(), of: PhantomData }
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({})", self.patient)
    }
}

impl<T> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for Sealed<T> {}

impl<T> Serialize for Sealed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, T> Deserialize<'de> for Sealed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|invalid: Invalid| serde::de::Error::custom(invalid.rule))
    }
}

impl<T, DB: Backend> ToSql<Text, DB> for Sealed<T>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <str as ToSql<Text, DB>>::to_sql(&self.text, out)
    }
}

impl<T, DB: Backend> FromSql<Text, DB> for Sealed<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(String::from_sql(bytes)?.parse().map_err(|invalid: Invalid| invalid.rule)?)
    }
}
