//! Two pasts: what was known then ([`AsOf`]), and how things stood then as is known now (`at`).
//!
//! What was known is what the log had: a time stands for how many leaves it had by then, and the answer says how many that are.
//! The leaves of a log are in the order in which things became known, and that order never changes, so the same question has the
//! same answer for ever.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::{Ready, ready};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::witness::Witness;
use super::{sequencing, store};
use crate::clock::Moment;
use crate::db::Db;
use crate::db::turns::{self, Turn};
use crate::error::{Error, Result};
use crate::http::commands::{Queries, State};
use crate::ids::OrganisationId;
use crate::problem::{Problem, ProblemCode};
use crate::values::Invalid;

/// What is answered to questions about a past that there is not.
pub const REFUSED: &[ProblemCode] =
    &[ProblemCode::OccurredInFuture, ProblemCode::BeyondTheLog, ProblemCode::NotYetLogged, ProblemCode::LogDisagrees];

/// A point of the log: a time, or how many leaves it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// When it had so many leaves.
    Size(u64),
    /// When it was that time.
    Time(Moment),
}

impl<'de> Deserialize<'de> for AsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // No log has more leaves than can be counted: one of so many is refused where it is looked for.
            return Ok(AsOf::Size(text.parse().unwrap_or(u64::MAX)));
        }
        text.parse().map(AsOf::Time).map_err(|_| {
            let rule = "must be a time such as 2026-11-29T09:30:00Z, or how many entries the log had";
            serde::de::Error::custom(Invalid::new(ProblemCode::InvalidTime, rule))
        })
    }
}

impl utoipa::PartialSchema for AsOf {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
        let size = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0_i64));
        Schema::OneOf(OneOfBuilder::new().item(Moment::schema()).item(size).build()).into()
    }
}

impl ToSchema for AsOf {}

/// What a question is about, beside what is so now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// How things stood at a moment.
    pub at: Option<Moment>,
    /// What was known.
    pub known: Option<Known>,
}

/// What was known at a point of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// How many leaves it had.
    pub size: u64,
    /// When the last of them was recorded, or the time that was asked for.
    pub by: Moment,
}

impl Past {
    /// Whether it is the present, after all.
    pub fn is_now(&self) -> bool {
        *self == Past::default()
    }

    /// How many leaves the log had, where what was known is asked for.
    pub fn tree_size(&self) -> Option<u64> {
        self.known.map(|known| known.size)
    }

    /// The same, as databases count.
    pub fn leaves(&self) -> Option<i64> {
        self.known.map(|known| i64::try_from(known.size).unwrap_or(i64::MAX))
    }
}

/// The log, for whoever asks about the past.
pub struct Log {
    state: web::Data<State>,
    witness: web::Data<Witness>,
}

impl FromRequest for Log {
    type Error = Problem;
    type Future = Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.app_data::<web::Data<State>>().zip(request.app_data::<web::Data<Witness>>());
        let found = found.map(|(state, witness)| Log { state: state.clone(), witness: witness.clone() });
        ready(found.ok_or_else(|| Problem::new(ProblemCode::Internal, ProblemCode::Internal.title())))
    }
}

impl Log {
    /// What a question is about that names a moment, a point of the log, both, or neither.
    ///
    /// # Errors
    /// `occurred_in_future`, `beyond_the_log`; `not_yet_logged` while too much waits for its leaf; what the database answers.
    pub async fn past(
        &self,
        queries: &Queries,
        at: Option<Moment>,
        as_of: Option<AsOf>,
    ) -> std::result::Result<Past, Problem> {
        let now = self.state.clock.now();
        let times = [("at", at), ("as_of", as_of.and_then(AsOf::time))];
        if let Some((field, _)) = times.into_iter().find(|(_, time)| time.is_some_and(|time| time > now)) {
            return Err(Error::invalid(ProblemCode::OccurredInFuture, field, "lies in the future").into());
        }
        let organisation = &queries.caller().organisation_id;
        let known = match as_of {
            Some(as_of) => Some(self.known(organisation, as_of).await?),
            None => None,
        };
        Ok(Past { at, known })
    }

    async fn known(&self, organisation: &OrganisationId, as_of: AsOf) -> Result<Known> {
        if let Found::Point(known) = self.look(organisation, as_of).await? {
            return Ok(known);
        }
        // Nothing later is in the log yet, so that what was recorded by then may still come into it. A size has nothing to wait
        // for but the leaves of what was recorded.
        if let AsOf::Time(_) = as_of {
            self.let_end(organisation).await?;
        }
        sequencing::catch_up(&self.state, &self.witness, organisation).await?;
        match self.look(organisation, as_of).await? {
            Found::Point(known) | Found::End(Some(known)) => Ok(known),
            Found::End(None) => {
                let AsOf::Size(asked) = as_of else {
                    return Err(Error::internal("a time that is no point of the log"));
                };
                let detail = format!("as_of is {asked}, and the log has fewer entries.");
                Err(Problem::new(ProblemCode::BeyondTheLog, detail).at("as_of").into())
            }
        }
    }

    async fn look(&self, organisation: &OrganisationId, as_of: AsOf) -> Result<Found> {
        let whose = organisation.clone();
        self.state.store.read(move |db| look(db, &whose, as_of)).await
    }

    /// Waits for every command that has begun: those that begin later record what comes later.
    async fn let_end(&self, organisation: &OrganisationId) -> Result<()> {
        let _permit = self.state.store.stand_in_line(Turn::Alone).await?;
        let whose = organisation.clone();
        self.state.store.write(move |db: &mut Db| turns::take(db, Turn::Alone, &whose)).await
    }
}

impl AsOf {
    fn time(self) -> Option<Moment> {
        match self {
            AsOf::Time(time) => Some(time),
            AsOf::Size(_) => None,
        }
    }
}

/// Where a point was looked for.
enum Found {
    /// There it is, and it stays there.
    Point(Known),
    /// It would be at the end of the log, or behind it.
    End(Option<Known>),
}

fn look(db: &mut Db, organisation: &OrganisationId, as_of: AsOf) -> Result<Found> {
    let end = store::head(db, organisation)?.map_or(0, |head| head.size);
    match as_of {
        AsOf::Size(size) if size > end => Ok(Found::End(None)),
        AsOf::Size(size) => {
            let by = match size.checked_sub(1) {
                Some(last) => store::known_at(db, organisation, last)?,
                None => Moment::FIRST,
            };
            Ok(Found::Point(Known { size, by }))
        }
        AsOf::Time(by) => {
            // How many leaves were known by then: that number never falls from one leaf to the next.
            let (mut size, mut beyond) = (0, end);
            while size < beyond {
                let middle = size.midpoint(beyond);
                if store::known_at(db, organisation, middle)? <= by {
                    size = middle.saturating_add(1)
                } else {
                    beyond = middle
                }
            }
            let known = Known { size, by };
            Ok(if size < end { Found::Point(known) } else { Found::End(Some(known)) })
        }
    }
}
