//! What a query by hand answers.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};

/// A lot.
#[derive(QueryableByName)]
pub struct Lot {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = Text)]
    pub text: String,
}

/// The name of a column.
#[derive(QueryableByName)]
pub struct Column {
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// Units in an account.
#[derive(QueryableByName)]
#[allow(dead_code)] // read, as a caller would
pub struct OnHand {
    #[diesel(sql_type = Nullable<Text>)]
    pub site_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub location_id: Option<String>,
    #[diesel(sql_type = Text)]
    pub lot_id: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = BigInt)]
    pub units: i64,
}

/// Units that left for good.
#[derive(QueryableByName)]
#[allow(dead_code)] // read, as a caller would
pub struct Gone {
    #[diesel(sql_type = Text)]
    pub event_id: String,
    #[diesel(sql_type = Text)]
    pub lot_id: String,
    #[diesel(sql_type = Text)]
    pub from_kind: String,
    #[diesel(sql_type = Text)]
    pub to_kind: String,
    #[diesel(sql_type = BigInt)]
    pub units: i64,
    #[diesel(sql_type = Text)]
    pub occurred_at: String,
}

/// Units that a patient was given.
#[derive(QueryableByName)]
#[allow(dead_code)] // read, as a caller would
pub struct Given {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = Text)]
    pub lot_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub serial: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub units: i64,
    #[diesel(sql_type = Text)]
    pub site_id: String,
    #[diesel(sql_type = Text)]
    pub patient: String,
    #[diesel(sql_type = Text)]
    pub practitioner_id: String,
    #[diesel(sql_type = Text)]
    pub occurred_at: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub contact: Option<String>,
}

/// An event.
#[derive(QueryableByName)]
#[allow(dead_code)] // read, as a caller would
pub struct Event {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = Binary)]
    pub bytes: Vec<u8>,
}
