//! The codes of one label, as a scanner types them.

use std::fmt;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Code, Invalid};
use crate::problem_code::ProblemCode;

/// The code of a label, or the codes where one label is printed as several (HIBC primary and secondary; ICCBBA).
///
/// In JSON one code is a text and several are a list of texts; in a TEXT column the same, the list as JSON (no code
/// starts with `[`).
#[derive(Clone, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Codes {
    list: Vec<Code>,
    text: String,
}

impl Codes {
    /// The most codes that one label has: more than any standard prints.
    pub const MOST: usize = 5;

    fn new(list: Vec<Code>) -> Result<Self, Invalid> {
        let text = match list.as_slice() {
            [] => return Err(Invalid::new(ProblemCode::EmptyList, "needs at least one code")),
            [one] => one.to_string(),
            many if many.len() <= Self::MOST => serde_json::to_string(many).unwrap_or_default(),
            _ => return Err(Invalid::new(ProblemCode::ListTooLong, format!("must have at most {} codes", Self::MOST))),
        };
        Ok(Codes { list, text })
    }

    /// Each code.
    pub fn texts(&self) -> Vec<&str> {
        self.list.iter().map(Code::as_str).collect()
    }
}

impl std::str::FromStr for Codes {
    type Err = Invalid;

    fn from_str(code: &str) -> Result<Self, Invalid> {
        Codes::new(vec![code.parse()?])
    }
}

impl Serialize for Codes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.list.as_slice() {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Codes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;

        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Codes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a code, or a list of the codes of one label")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Codes, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Codes, A::Error> {
                let mut list = Vec::new();
                while let Some(code) = seq.next_element()? {
                    list.push(code);
                    if list.len() > Codes::MOST {
                        break;
                    }
                }
                Codes::new(list).map_err(serde::de::Error::custom)
            }
        }

        deserializer.deserialize_any(OneOrMore)
    }
}

impl<DB: Backend> ToSql<Text, DB> for Codes
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <str as ToSql<Text, DB>>::to_sql(&self.text, out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Codes
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        let list = if text.starts_with('[') { serde_json::from_str(&text)? } else { vec![text.parse()?] };
        Ok(Codes { list, text })
    }
}

impl utoipa::PartialSchema for Codes {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder, Schema};
        let several = ArrayBuilder::new().items(Code::schema()).min_items(Some(1)).max_items(Some(Self::MOST));
        Schema::OneOf(OneOfBuilder::new().item(Code::schema()).item(several).build()).into()
    }
}

impl utoipa::ToSchema for Codes {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_is_a_text_and_several_are_a_list() {
        let rows = [
            (r#""]d2010""#, Ok(r#""]d2010""#)),
            (r#"["]d2010"]"#, Ok(r#""]d2010""#)),
            (r#"["+A","+$B"]"#, Ok(r#"["+A","+$B"]"#)),
            ("[]", Err("empty_list|")),
            (r#"["1","2","3","4","5","6"]"#, Err("list_too_long|")),
            (r#"[""]"#, Err("invalid_code|")),
            (r#""""#, Err("invalid_code|")),
            ("5", Err("invalid type: integer `5`, expected a code")),
        ];
        for (json, expected) in rows {
            let found = serde_json::from_str::<Codes>(json);
            let found = found.map(|codes| serde_json::to_string(&codes).unwrap()).map_err(|error| error.to_string());
            match expected {
                Ok(text) => assert_eq!(found.as_deref(), Ok(text), "{json}"),
                Err(start) => assert!(found.as_ref().is_err_and(|error| error.starts_with(start)), "{json}: {found:?}"),
            }
        }
    }
}
