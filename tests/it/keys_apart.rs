//! Patients' keys in a PostgreSQL database of their own (`--keys-url`): what holds of a file of them holds of it.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::backups::{backed_up, beside, new_place, reference, restore, said};
use super::erasures;
use super::support::clinic::id;
use super::support::database::TempDir;
use super::support::postgres::{Cluster, cluster};
use super::support::process::{lotline, run};
use super::support::{Database, Kind, World};

/// The same database with its patients' keys in a new one.
fn apart(cluster: &Cluster, mut database: Database) -> Database {
    database.keys = Some(cluster.empty_database().parse().unwrap());
    database
}

#[test]
fn an_erasure_there_is_one_too() {
    let Some(cluster) = cluster() else { return };
    for kind in [Kind::Sqlite, Kind::Postgres] {
        for scenario in [
            erasures::an_erased_patient_is_nowhere_and_everything_agrees,
            erasures::what_must_be_kept_is_not_erased,
            erasures::an_erasure_that_breaks_off_is_ended_or_taken_back,
        ] {
            let world = World::on(apart(cluster, Database::create(kind).unwrap()));
            scenario(&world);
            world.assert_verified();
            assert!(!world.database.dir().join("keys.db").exists());
            let kept = |which: &str| {
                let sql = format!("SELECT count(*) FROM patients AS t WHERE {which}");
                cluster.sql(&world.database.keys_text().unwrap(), &sql)
            };
            assert_ne!(kept("true"), "0\n");
            assert_eq!(kept("lower(t::text) LIKE '%quendolin%'"), "0\n", "a reference lies there in clear");
        }
    }
}

#[test]
fn two_processes_have_them_and_a_backup_takes_them_along() {
    let Some(cluster) = cluster() else { return };
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::on(apart(cluster, Database::create(kind).unwrap()));
        let clinic = world.clinic();
        let lot = clinic.receive_inspect_release("LOT1", 8);
        let treated = |patient: &str| {
            let mut body = clinic.administration(&lot, 1);
            body["patient_ref"] = json!(patient);
            id(&clinic.create(Role::Practitioner, "/v1/administrations", &body))
        };
        let (erased, other) = (treated("Quendolin-4711"), treated("P-2"));
        // Another process on the same record and keys; an SQLite file has one server.
        let shown = |administration: &str| match kind {
            Kind::Sqlite => world.read(&format!("/v1/administrations/{administration}"))["patient_ref"].clone(),
            Kind::Postgres => reference(&world.database, &world, administration),
        };
        assert_eq!(shown(&erased), "Quendolin-4711");
        let erasure =
            json!({"patient_ref": "Quendolin-4711", "reason": "Asked for", "override_reason": "Legal has agreed"});
        world.create(Role::Admin, "/v1/patients/erasures", &erasure);
        assert_eq!((shown(&erased), shown(&other)), (Value::Null, json!("P-2")));

        world.log();
        let folder = TempDir::new();
        let to = folder.path().join("backup");
        backed_up(&world.database, &to);
        let mut place = apart(cluster, new_place(kind));
        let output = restore(&to, &place, &["--patients-keys", &beside(&to, ".patients-keys").display().to_string()]);
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(reference(&place, &world, &erased), Value::Null);
        assert_eq!(reference(&place, &world, &other), "P-2");
        let verified = run(lotline("verify", &place));
        assert!(verified.status.success(), "{}", said(&verified));
        assert!(!place.dir().join("keys.db").exists());
        // Without them nothing can be opened, and that is said.
        place.keys = None;
        let verified = run(lotline("verify", &place));
        assert!(!verified.status.success() && said(&verified).contains("key"), "{}", said(&verified));
    }
}
