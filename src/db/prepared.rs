//! Statements that a connection keeps prepared.
//!
//! Diesel keeps what it can prove to be of one text: neither an UPDATE nor a list of values (`eq_any`, several rows) is,
//! so that each would be prepared anew each time, which costs more than to run it. [`Prepared`] finds a prepared statement by its
//! text, which it builds again each time. For lists it is meant for short ones: every length has a text of its own, and
//! none is ever let go.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
// What `MultiConnection` makes its own statements with.
use diesel::internal::derives::multiconnection::AstPassHelper;
use diesel::query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;

/// The longest list of values that a statement is kept for.
const LIST_MAX: usize = 8;

/// A question that the connection keeps prepared.
#[derive(Clone, Copy, Debug)]
pub struct Prepared<Q> {
    query: Q,
    keep: bool,
}

impl<Q> Prepared<Q> {
    /// One over a list of so many values: kept when that is short.
    pub fn over(values: usize, query: Q) -> Self {
        Prepared { query, keep: values <= LIST_MAX }
    }
}

impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, Conn> RunQueryDsl<Conn> for Prepared<Q> {}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, backend: &DB) -> QueryResult<bool> {
        if self.keep { Ok(true) } else { self.query.is_safe_to_cache_prepared(backend) }
    }
}

/// A question of one text, kept prepared under a name: nobody writes its text again to find it, though it has parts of which diesel
/// cannot tell that they are always the same. The name is a type that is made where the question is, and stands for no other.
#[derive(Clone, Copy, Debug)]
pub struct Named<N, Q> {
    name: PhantomData<N>,
    query: Q,
}

impl<N, Q> Named<N, Q> {
    /// The question of that name.
    pub fn of(query: Q) -> Self {
        Named { name: PhantomData, query }
    }
}

impl<N: 'static, Q> QueryId for Named<N, Q> {
    type QueryId = N;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<N, Q: Query> Query for Named<N, Q> {
    type SqlType = Q::SqlType;
}

impl<N, Q, Conn> RunQueryDsl<Conn> for Named<N, Q> {}

impl<N, DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Named<N, Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// [`Prepared`] for a statement that changes something and is always of the same text. Diesel asks it by reference whether it may be
/// kept, so that it must not be seen to have what forbids it: it gives its text for a part of its own.
#[derive(Clone, Copy, Debug)]
pub struct PreparedChange<Q>(pub Q);

impl<Q> QueryId for PreparedChange<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q, Conn> RunQueryDsl<Conn> for PreparedChange<Q> {}

impl<DB, Q: QueryFragment<DB>> QueryFragment<DB> for PreparedChange<Q>
where
    DB: Backend,
    DB::QueryBuilder: Default,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if out.bind_collector().is_some() || out.debug_binds().is_some() {
            return self.0.walk_ast(out);
        }
        let mut text = DB::QueryBuilder::default();
        self.0.to_sql(&mut text, out.backend())?;
        out.push_sql(&text.finish());
        Ok(())
    }
}

/// Inserts rows, several with each statement, in numbers for which there are statements that are kept. The rows own what they
/// say, and leave nothing to a column's default (`treat_none_as_default_value = false`): else each would have a text of its own.
macro_rules! insert_rows {
    ($db:expr, $table:expr, $rows:expr) => {{
        let (db, mut rows) = ($db, $rows);
        while !rows.is_empty() {
            rows = $crate::db::insert_rows!(@ db, $table, rows, 16 8 4 3 2 1);
        }
    }};
    (@ $db:ident, $table:expr, $rows:ident, $($most:literal)*) => {
        match $rows.len() {
            $($most.. => {
                let rest = $rows.split_off($most);
                let first = <[_; $most]>::try_from($rows);
                let first = first.map_err(|_| $crate::error::Error::internal("rows were counted wrongly"))?;
                $crate::db::on_either!(&mut *$db, conn => diesel::insert_into($table).values(first).execute(conn)?);
                rest
            })*
            _ => $rows,
        }
    };
}
pub(crate) use insert_rows;
