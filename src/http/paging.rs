//! Keyset paging: a list gives out items and a cursor to what follows the last of them.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::limits::LOOKED_AT_MAX;
use crate::problem::ProblemCode;
use crate::values::{Invalid, Name, Word};

/// How many items a page has at the most.
#[derive(Clone, Copy, Debug)]
pub struct Limit(i64);

impl Limit {
    /// When nothing is asked for.
    pub const DEFAULT: i64 = crate::limits::PAGE_DEFAULT;
    /// The most that may be asked for.
    pub const MOST: i64 = crate::limits::PAGE_MAX;

    /// Of a list that has a limit of its own.
    pub fn own(entries: i64) -> Self {
        Limit(entries)
    }

    /// How many.
    pub(super) fn entries(self) -> i64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        if (1..=Limit::MOST).contains(&number) {
            Ok(Limit(number))
        } else {
            let rule = format!("must be from 1 to {}", Limit::MOST);
            Err(serde::de::Error::custom(Invalid::new(ProblemCode::MalformedQuery, rule)))
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

/// A list by its name, and what its pages are told apart by: whoever makes a cursor up must not reach the database with
/// what it cannot compare, a year before its calendar or a text that is no id.
#[derive(Clone, Copy)]
pub struct List<const N: usize> {
    name: &'static str,
    keys: [fn(&str) -> bool; N],
    usual: i64,
}

impl<const N: usize> List<N> {
    /// A list whose order these keys make: [`id`], [`moment`], [`day`].
    pub const fn of(name: &'static str, keys: [fn(&str) -> bool; N]) -> Self {
        List { name, keys, usual: Limit::DEFAULT }
    }

    /// The same whose pages have that many entries when nothing is asked for.
    pub const fn usually(self, entries: i64) -> Self {
        List { usual: entries, ..self }
    }

    /// What it is called, with hyphens.
    pub(super) fn file_name(self) -> String {
        self.name.replace(' ', "-")
    }

    /// Where what was asked for begins: behind these keys, which are empty at its beginning.
    ///
    /// # Errors
    /// `invalid_cursor`.
    pub(super) fn after(self, cursor: Option<&Cursor>) -> Result<[String; N]> {
        cursor.map_or(Ok([const { String::new() }; N]), |cursor| cursor.keys(self))
    }
}

/// Whether a key is an id of that kind.
pub fn id<I: FromStr>(key: &str) -> bool {
    key.parse::<I>().is_ok()
}

/// Whether a key is a moment, as it is written everywhere.
pub fn moment(key: &str) -> bool {
    key.parse::<Moment>().is_ok_and(|moment| moment.to_string() == key)
}

/// Whether a key is a calendar day of the years that both databases keep.
pub fn day(key: &str) -> bool {
    let day = key.parse::<NaiveDate>();
    day.is_ok_and(|day| (1..=9999).contains(&day.year()) && day.to_string() == key)
}

/// Where a page ended, as the list gave it out. Opaque to callers.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(value_type = String, pattern = "^[A-Za-z0-9_-]*$")]
pub struct Cursor(String);

impl Cursor {
    /// A cursor of a list after the item with these keys.
    fn of<const N: usize>(list: &str, keys: &[String; N]) -> String {
        let parts: Vec<&str> = std::iter::once(list).chain(keys.iter().map(String::as_str)).collect();
        URL_SAFE_NO_PAD.encode(parts.join("\u{1f}"))
    }

    /// The keys that it stands for, each of which the list could have given out.
    fn keys<const N: usize>(&self, list: List<N>) -> Result<[String; N]> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| refused())?;
        let text = String::from_utf8(bytes).map_err(|_| refused())?;
        let mut parts = text.split('\u{1f}');
        if parts.next() != Some(list.name) {
            return Err(refused());
        }
        let keys: Vec<String> = parts.map(str::to_owned).collect();
        let keys: [String; N] = keys.try_into().map_err(|_| refused())?;
        if keys.iter().zip(list.keys).all(|(key, is_one)| is_one(key)) { Ok(keys) } else { Err(refused()) }
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
    /// The same, but not before a moment.
    pub fn from(&self, moment: Option<Moment>) -> Self {
        match moment {
            Some(at) if at > self.at => After { at, id: String::new() },
            _ => self.clone(),
        }
    }

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

/// Of what happened, what comes after a place: `later!("occurred_at", "id", after)` with the names of the columns. The two
/// are compared as one, so that an index leads to the place, however much happened at the same moment.
macro_rules! later {
    ($at:literal, $id:literal, $after:expr) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!("(", $at, ", ", $id, ") > ("))
            .bind::<diesel::sql_types::Timestamp, _>($after.at)
            .sql(", ")
            .bind::<diesel::sql_types::Text, _>($after.id.as_str())
            .sql(")")
    };
}
pub(crate) use later;

/// The place up to which a list is looked through for a page: that of the last of the next [`LOOKED_AT_MAX`] entries of `$led`,
/// in the order of `$keys`; none when there are no more than those.
///
/// [`LOOKED_AT_MAX`]: crate::limits::LOOKED_AT_MAX
macro_rules! horizon {
    ($db:expr, $led:expr, $keys:expr) => {
        $led.select($keys).order($keys).offset($crate::limits::LOOKED_AT_MAX).limit(1).first($db).optional()
    };
}
pub(crate) use horizon;

/// Of what happened, what comes up to a place: the counterpart of [`later!`].
macro_rules! no_later {
    ($at:literal, $id:literal, $last:expr) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!("(", $at, ", ", $id, ") <= ("))
            .bind::<diesel::sql_types::Timestamp, _>($last.0)
            .sql(", ")
            .bind::<diesel::sql_types::Text, _>($last.1.as_str())
            .sql(")")
    };
}
pub(crate) use no_later;

/// What was found for a page, and how far it was looked for.
pub struct Found<T, const N: usize> {
    /// The items; no more than were asked for.
    pub items: Vec<T>,
    /// The keys of the last entry that was looked at, where more follow that were not.
    pub looked_at: Option<[String; N]>,
}

impl<T, const N: usize> Found<T, N> {
    /// All that was asked for.
    pub fn all(items: Vec<T>) -> Self {
        Found { items, looked_at: None }
    }

    /// The same with what is made of the items together: one of each, in their order.
    ///
    /// # Errors
    /// What `make` answers.
    pub fn map<U>(self, make: impl FnOnce(Vec<T>) -> Result<Vec<U>>) -> Result<Found<U, N>> {
        Ok(Found { items: make(self.items)?, looked_at: self.looked_at })
    }

    /// The same where not all of them are what was asked for: of a page that was full, what follows the last is on the next one.
    ///
    /// # Errors
    /// What `sift` answers.
    pub fn sifted<U>(
        self,
        limit: i64,
        key: impl Fn(&T) -> [String; N],
        sift: impl FnOnce(Vec<T>) -> Result<Vec<U>>,
    ) -> Result<Found<U, N>> {
        let is_full = i64::try_from(self.items.len()).is_ok_and(|found| found >= limit);
        let looked_at = if is_full { self.items.last().map(key) } else { self.looked_at };
        Ok(Found { items: sift(self.items)?, looked_at })
    }
}

/// Of the entries that `fetch` gives, those with `part` in their name, in letters of whichever case and with or without accents: all where
/// nothing is asked for, and else those among the next [`LOOKED_AT_MAX`].
///
/// # Errors
/// What `fetch` answers.
pub fn called<T, const N: usize>(
    part: Option<&Word>,
    limit: i64,
    fetch: impl FnOnce(i64) -> Result<Vec<T>>,
    name: impl Fn(&T) -> &Name,
    key: impl Fn(&T) -> [String; N],
) -> Result<Found<T, N>> {
    let Some(part) = part else { return fetch(limit).map(Found::all) };
    let part = crate::identity::sought(part.as_str());
    let next = fetch(LOOKED_AT_MAX)?;
    let is_more = i64::try_from(next.len()).is_ok_and(|found| found >= LOOKED_AT_MAX);
    let looked_at = if is_more { next.last().map(key) } else { None };
    let fits = next.into_iter().filter(|entry| crate::identity::sought(name(entry).as_str()).contains(&part));
    Ok(Found { items: fits.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect(), looked_at })
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page starts; null after the last. A page may have fewer items than were asked for, or none, and not be
    /// the last: no more than a share of the list is looked through for it.
    pub next_cursor: Option<String>,
    /// How many entries the custody log had when this was known; only where `as_of` asked for it. Asked again with that number, the
    /// same is answered for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree_size: Option<u64>,
}

impl<T> Page<T> {
    /// The same with what is made of the items together: one of each, in their order.
    ///
    /// # Errors
    /// What `make` answers.
    pub fn map<U>(self, make: impl FnOnce(Vec<T>) -> Result<Vec<U>>) -> Result<Page<U>> {
        Ok(Page { items: make(self.items)?, next_cursor: self.next_cursor, tree_size: self.tree_size })
    }

    /// The same, of what was known when the custody log had so many entries.
    pub fn of_tree(self, tree_size: Option<u64>) -> Self {
        Page { tree_size, ..self }
    }
}

/// Fetches one page: one item more than asked for tells whether there is a next one.
///
/// # Errors
/// `invalid_cursor`; what `fetch` answers.
pub fn page<T, const N: usize>(
    list: List<N>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
    fetch: impl FnOnce([String; N], i64) -> Result<Vec<T>>,
    key: impl Fn(&T) -> [String; N],
) -> Result<Page<T>> {
    search(list, limit, cursor, |after, limit| fetch(after, limit).map(Found::all), key)
}

/// The same where what is asked for is looked for among a share of the entries that follow.
///
/// # Errors
/// `invalid_cursor`; what `fetch` answers.
pub fn search<T, const N: usize>(
    list: List<N>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
    fetch: impl FnOnce([String; N], i64) -> Result<Found<T, N>>,
    key: impl Fn(&T) -> [String; N],
) -> Result<Page<T>> {
    let limit = limit.map_or(list.usual, |limit| limit.0);
    let after = list.after(cursor.as_ref())?;
    let Found { mut items, looked_at } = fetch(after, limit.saturating_add(1))?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > wanted;
    items.truncate(wanted);
    let last = if more { items.last().map(key) } else { looked_at };
    Ok(Page { items, next_cursor: last.map(|keys| Cursor::of(list.name, &keys)), tree_size: None })
}
