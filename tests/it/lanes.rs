//! Scans and administrations never wait for reports.

use std::sync::mpsc::channel;

use lotline::caller::Role;
use lotline::db::Lane;
use lotline::error::Error;

use super::support::client::assert_problem;
use super::support::clinic::scan;
use super::support::{World, on_both_databases};

on_both_databases!(whoever_is_at_the_chair_is_answered_while_every_reader_of_reports_is_busy);

fn whoever_is_at_the_chair_is_answered_while_every_reader_of_reports_is_busy(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 40);
    let readers = lotline::db::Settings::default().report_connections;
    // Each is inside a read, and stays there until it is told to go on.
    let (inside, is_inside) = channel();
    let mut busy = Vec::new();
    for _ in 0..readers {
        let (store, inside) = (world.store().clone(), inside.clone());
        let (go_on, may_go_on) = channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(store.read_for(None, Lane::Reports, move |_| {
                inside.send(()).unwrap();
                may_go_on.recv().map_err(|e| Error::internal(e.to_string()))
            }))
        });
        busy.push((go_on, thread));
    }
    busy.iter().for_each(|_| is_inside.recv().unwrap());

    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    let ask = |path: &str| world.http.send("GET", path, &[("authorization", &bearer)], None);
    for _ in 0..3 {
        clinic.assert_at_the_chair(&scan("270630", "LOT1", None));
        assert_eq!(clinic.administer(&lot, 1).0, 201);
        assert_eq!(ask(&format!("/v1/lots/{lot}")).status, 200);
    }
    for path in ["/v1/stock", "/v1/events", "/v1/attention", &format!("/v1/lots/{lot}/custody")] {
        assert_problem(&ask(path), 503, "unavailable", path);
    }
    for (go_on, thread) in busy {
        go_on.send(()).unwrap();
        thread.join().unwrap().unwrap();
    }
    assert_eq!(ask("/v1/stock").status, 200);
}
