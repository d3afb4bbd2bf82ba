//! A database from before passes were postings, as the program of then wrote it (`sqlite.sql`, `postgres.sql`: dumps of one
//! history on each): what can be told goes to its units, the rest is inspected again, and nothing else changes.

use lotline::upgrade;
use lotline::verify;

use super::support::{Database, Kind, World, on_both_databases};

on_both_databases!(passes_go_to_their_units_once);

fn passes_go_to_their_units_once(world: &World) {
    // The folder of an SQLite file stays as long as its database.
    let holder = Database::create(world.database.kind).unwrap();
    let old = match world.database.kind {
        Kind::Sqlite => {
            let url = format!("sqlite://{}", holder.dir().join("before.db").display());
            let old = Database::at(url.parse().unwrap());
            old.execute(include_str!("sqlite.sql")).unwrap();
            old
        }
        Kind::Postgres => {
            holder.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
            holder.execute(include_str!("postgres.sql")).unwrap();
            Database::at(holder.url.clone())
        }
    };
    let notes = upgrade::run(&old.url, &old.patients()).unwrap();
    let said: Vec<_> = notes.iter().map(|note| note.split(" (").next().unwrap()).collect();
    // Two of four were returned, nobody knows which; one of two packs passed, nobody said which; the checklist was not whole.
    assert_eq!(said, ["4 units of lot LENT", "2 units of lot SOME", "2 units of lot PARTLY"]);
    let stock = "SELECT l.lot || ' ' || a.kind || ' ' || CAST(a.units AS TEXT) AS line FROM accounts a \
                 JOIN lots l ON l.id = a.lot_id WHERE a.location_id IS NOT NULL AND a.units > 0 ORDER BY line";
    let expected = [
        "ALL held 3",
        "ALL quarantined 1",
        "LENT quarantined 6",
        "NUMBERED passed 4",
        "OLDEST available 3",
        "OLDEST passed 5",
        "OLDEST quarantined 2",
        "PARTLY quarantined 2",
        "SOME quarantined 4",
    ];
    assert_eq!(old.lines(stock), expected);
    let settled = "SELECT actor || ' ' || kind AS line FROM events WHERE kind = 'passes_settled'";
    let events = old.lines(settled);
    assert!(!events.is_empty() && events.iter().all(|event| event == "migration passes_settled"), "{events:?}");
    assert_eq!(verify::verify(&old.url).unwrap().findings, Vec::<String>::new());
    // Once: the next start finds nothing to do.
    assert_eq!(upgrade::run(&old.url, &old.patients()).unwrap(), Vec::<String>::new());
    assert_eq!(old.lines(settled), events);
}
