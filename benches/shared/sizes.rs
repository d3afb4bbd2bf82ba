//! What a database takes on the disk.

use std::path::Path;

use diesel::pg::PgConnection;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};

/// A number that a query answers.
#[derive(QueryableByName)]
pub struct Number {
    #[diesel(sql_type = BigInt)]
    pub number: i64,
}

/// What an SQLite database takes, its log apart.
pub fn size(path: &Path) -> i64 {
    let mut conn = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    let query = "SELECT page_count * page_size AS number FROM pragma_page_count(), pragma_page_size()";
    sql_query(query).get_result::<Number>(&mut conn).unwrap().number
}

/// What a PostgreSQL database takes.
pub fn size_of_postgres(url: &str) -> i64 {
    let mut conn = PgConnection::establish(url).unwrap();
    let query = "SELECT pg_database_size(current_database()) AS number";
    sql_query(query).get_result::<Number>(&mut conn).unwrap().number
}
