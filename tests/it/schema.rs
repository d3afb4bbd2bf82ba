//! The tables as diesel knows them are generated from what the PostgreSQL migrations make.

use std::fmt::Write;
use std::path::Path;

use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{RunQueryDsl, sql_query};

use super::support::{Database, Kind};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Bool)]
    is_nullable: bool,
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
}

const COLUMNS: &str = "SELECT CAST(c.table_name AS TEXT), CAST(c.column_name AS TEXT), CAST(c.data_type AS TEXT), \
     c.is_nullable = 'YES' AS is_nullable, \
     (SELECT string_agg(a.attname, ', ' ORDER BY array_position(CAST(i.indkey AS smallint[]), a.attnum)) \
      FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) \
      WHERE i.indisprimary AND i.indrelid = CAST(quote_ident(c.table_name) AS regclass)) AS key \
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) \
     WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE '\\_\\_%' \
     ORDER BY c.table_name, c.ordinal_position";

fn sql_type(column: &Column) -> String {
    let kind = match column.data_type.as_str() {
        "text" => "Text",
        "bigint" => "BigInt",
        "integer" => "Integer",
        "boolean" => "Bool",
        "date" => "Date",
        "bytea" => "Binary",
        "timestamp without time zone" => "Timestamp",
        other => panic!("{}.{}: no type for {other}", column.table_name, column.column_name),
    };
    if column.is_nullable { format!("Nullable<{kind}>") } else { kind.to_owned() }
}

fn generated(columns: &[Column]) -> String {
    let mut text = "//! The tables as diesel knows them: the same for both databases. Generated from the PostgreSQL migrations by\n\
         //! `LOTLINE_WRITE_SCHEMA=1 cargo test --test it the_schema`, and locked by it.\n"
        .to_owned();
    let tables: Vec<&[Column]> = columns.chunk_by(|one, other| one.table_name == other.table_name).collect();
    for table in &tables {
        let [first, ..] = table else { continue };
        let key = first.key.as_deref().expect("every table has a key");
        writeln!(text, "\ndiesel::table! {{\n    {} ({key}) {{", first.table_name).unwrap();
        for column in *table {
            writeln!(text, "        {} -> {},", column.column_name, sql_type(column)).unwrap();
        }
        text.push_str("    }\n}\n");
    }
    text.push_str("\ndiesel::allow_tables_to_appear_in_same_query!(\n");
    for [first, ..] in tables.iter().filter_map(|table| table.first_chunk::<1>()) {
        writeln!(text, "    {},", first.table_name).unwrap();
    }
    text + ");\n"
}

#[test]
fn the_schema_in_rust_is_what_the_migrations_make() {
    let Some(database) = Database::create(Kind::Postgres) else { return };
    let mut db = lotline::db::open_for_verification(&database.url).unwrap();
    let found = generated(&sql_query(COLUMNS).load(&mut db).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db/schema.rs");
    if std::env::var_os("LOTLINE_WRITE_SCHEMA").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert!(
        found == std::fs::read_to_string(&path).unwrap(),
        "what the migrations make on PostgreSQL is not what {} says; if the change is meant:\n\
         LOTLINE_WRITE_SCHEMA=1 cargo test --test it the_schema",
        path.display()
    );
}
