//! More changes than can wait: whoever comes too late is told so, and everybody else is served.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::time::Duration;

use lotline::db::{Db, Settings, Store};
use lotline::error::Error;
use lotline::problem::{Problem, ProblemCode};

use super::support::{Database, Kind};

/// What waits for SQLite's writer is limited to 1,024 changes; the next is answered 503 with Retry-After.
#[test]
fn more_than_1024_waiting_changes_are_refused() {
    let database = Database::create(Kind::Sqlite).unwrap();
    let store = Store::open(&database.url, &Settings::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        // The writer is inside one change, and stays there until it is told to go on.
        let (inside, is_inside) = channel();
        let (go_on, may_go_on) = channel::<()>();
        let busy = store.clone();
        let first = async move {
            let wait = move |_: &mut Db| {
                inside.send(()).unwrap();
                may_go_on.recv().map_err(|e| Error::internal(e.to_string()))
            };
            busy.write(wait).await
        };
        tokio::task::LocalSet::new()
            .run_until(async {
                let first = tokio::task::spawn_local(first);
                tokio::task::yield_now().await;
                is_inside.recv().unwrap();
                let (mut served, queued) = (Vec::new(), Rc::new(Cell::new(0)));
                for _ in 0..1024 {
                    let (store, queued) = (store.clone(), queued.clone());
                    served.push(tokio::task::spawn_local(async move {
                        queued.set(queued.get() + 1); // in the same step as the write takes its place
                        store.write(|_| Ok(())).await
                    }));
                }
                while queued.get() < 1024 {
                    tokio::task::yield_now().await;
                }
                let late = tokio::time::timeout(Duration::from_secs(30), store.write(|_| Ok(()))).await;
                let refused = Problem::from(late.expect("refused at once, not queued").unwrap_err());
                assert_eq!((refused.code, refused.code.status()), (ProblemCode::Overloaded, 503));
                assert_eq!(refused.respond("").headers().get("retry-after").unwrap(), "1");
                go_on.send(()).unwrap();
                first.await.unwrap().unwrap();
                for answer in served {
                    answer.await.unwrap().unwrap();
                }
                store.write(|_| Ok(())).await.unwrap();
            })
            .await;
    });
}
