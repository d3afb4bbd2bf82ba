//! Lists and records in one column.

use std::fmt;
use std::sync::OnceLock;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value kept as canonical JSON in a TEXT column: for lists and records that are always read and written whole.
#[derive(Clone, Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Json<T> {
    value: T,
    /// What it is as a column: most values are only read, and are never written as one.
    text: OnceLock<String>,
}

impl<T> Json<T> {
    /// Keeps a value.
    pub fn new(value: T) -> Self {
        Json { value, text: OnceLock::new() }
    }
}

impl<T: PartialEq> PartialEq for Json<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Json<T> {}

impl<T: Default> Default for Json<T> {
    fn default() -> Self {
        Json::new(T::default())
    }
}

impl<T> Json<Vec<T>> {
    /// Whether the list has nothing in it: then events that are older than the field leave it out.
    pub fn is_bare(&self) -> bool {
        self.value.is_empty()
    }
}

impl<T> Json<T> {
    /// The value itself.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> std::ops::Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Json::new)
    }
}

impl<T: Serialize + fmt::Debug, DB: Backend> ToSql<Text, DB> for Json<T>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        // Only values without a canonical form (floats) fail, and none of those is ever kept this way.
        let text = self.text.get_or_init(|| crate::canonical::text(&self.value).unwrap_or_default());
        <str as ToSql<Text, DB>>::to_sql(text, out)
    }
}

impl<T: serde::de::DeserializeOwned, DB: Backend> FromSql<Text, DB> for Json<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Json::new(serde_json::from_str(&String::from_sql(bytes)?)?))
    }
}

impl<T: utoipa::PartialSchema> utoipa::PartialSchema for Json<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        T::schema()
    }
}

impl<T: utoipa::ToSchema> utoipa::ToSchema for Json<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        T::name()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        T::schemas(schemas);
    }
}
