//! Keyset paging: a list gives out items and a cursor to what follows the last of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::http::problem::ProblemCode;
use crate::values::Invalid;

/// How many items a page has at the most.
#[derive(Clone, Copy, Debug)]
pub struct Limit(i64);

impl Limit {
    /// When nothing is asked for.
    pub const DEFAULT: i64 = super::limits::PAGE_DEFAULT;
    /// The most that may be asked for.
    pub const MOST: i64 = super::limits::PAGE_MAX;
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        if (1..=Limit::MOST).contains(&number) {
            Ok(Limit(number))
        } else {
            let rule = format!("must be from 1 to {}", Limit::MOST);
            Err(serde::de::Error::custom(Invalid::new("malformed_query", rule)))
        }
    }
}

impl utoipa::PartialSchema for Limit {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1_i64))
            .maximum(Some(Limit::MOST))
            .default(Some(serde_json::json!(Limit::DEFAULT)))
            .build()
            .into()
    }
}

impl ToSchema for Limit {}

/// Where a page ended, as the list gave it out. Opaque to callers.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(value_type = String)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor of a list after the item with these keys.
    fn of<const N: usize>(list: &str, keys: &[String; N]) -> String {
        let parts: Vec<&str> = std::iter::once(list).chain(keys.iter().map(String::as_str)).collect();
        URL_SAFE_NO_PAD.encode(parts.join("\u{1f}"))
    }

    /// The keys that it stands for.
    fn keys<const N: usize>(&self, list: &str) -> Result<[String; N]> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| refused())?;
        let text = String::from_utf8(bytes).map_err(|_| refused())?;
        let mut parts = text.split('\u{1f}');
        if parts.next() != Some(list) || text.contains('\0') {
            return Err(refused());
        }
        let keys: Vec<String> = parts.map(str::to_owned).collect();
        keys.try_into().map_err(|_| refused())
    }
}

/// Where a page of what happened starts: after this moment, and after this id among what happened then.
#[derive(Clone, Debug)]
pub struct After {
    /// The moment.
    pub at: Moment,
    /// The id.
    pub id: String,
}

impl After {
    /// Before everything.
    pub const START: After = After { at: Moment::FIRST, id: String::new() };

    /// What the keys of a cursor stand for; those of the first page are empty.
    ///
    /// # Errors
    /// `invalid_cursor`.
    pub fn of([at, id]: [String; 2]) -> Result<Self> {
        if at.is_empty() && id.is_empty() {
            return Ok(After::START);
        }
        match at.parse() {
            Ok(at) => Ok(After { at, id }),
            Err(_) => Err(refused()),
        }
    }

    /// The keys of an item.
    pub fn keys(at: Moment, id: &impl ToString) -> [String; 2] {
        [at.to_string(), id.to_string()]
    }
}

fn refused() -> Error {
    Error::problem(ProblemCode::InvalidCursor, "The cursor is not one that this list gave out.")
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page starts; null after the last.
    pub next_cursor: Option<String>,
}

/// Fetches one page: one item more than asked for tells whether there is a next one.
///
/// # Errors
/// `invalid_cursor`; what `fetch` answers.
pub fn page<T, const N: usize>(
    list: &str,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
    fetch: impl FnOnce([String; N], i64) -> Result<Vec<T>>,
    key: impl Fn(&T) -> [String; N],
) -> Result<Page<T>> {
    let limit = limit.map_or(Limit::DEFAULT, |limit| limit.0);
    let after = match cursor {
        Some(cursor) => cursor.keys(list)?,
        None => [const { String::new() }; N],
    };
    let mut items = fetch(after, limit.saturating_add(1))?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > wanted;
    items.truncate(wanted);
    let next_cursor = if more { items.last().map(|item| Cursor::of(list, &key(item))) } else { None };
    Ok(Page { items, next_cursor })
}
