//! What PostgreSQL enforces is described in the program, so that `verify` needs no second database to compare with.

use std::path::Path;

use lotline::verify::schema::postgres::catalogue;

use super::support::{Database, Kind};

#[test]
fn the_catalogue_is_the_one_checked_in() {
    let Some(database) = Database::create(Kind::Postgres) else { return };
    let mut db = lotline::db::open_for_verification(&database.url).unwrap();
    let found = catalogue(&mut db).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/verify/schema/catalogue.txt");
    if std::env::var_os("LOTLINE_WRITE_CATALOGUE").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert!(
        found == std::fs::read_to_string(&path).unwrap(),
        "what the migrations make on PostgreSQL is not what {} describes; if the change is meant:\n\
         LOTLINE_WRITE_CATALOGUE=1 cargo test --test it the_catalogue",
        path.display()
    );
}
