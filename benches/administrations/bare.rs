//! A bare service of the same crates: one select, one conditional update and three inserts behind actix, with the same group
//! commit, and nothing that makes an administration one.

use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::{App, HttpResponse, HttpServer, web};
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, RunQueryDsl, sql_query};
use lotline::db::{DatabaseUrl, Db, Prepared, PreparedChange, Settings, Store};
use serde_json::Value;

use crate::shared::load::{Seen, Task};
use crate::shared::sizes::Number;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Serves it, on a database of its own.
pub fn serve(database: &str, address: &str) {
    let mut conn = SqliteConnection::establish(database).unwrap();
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; CREATE TABLE stock (id TEXT PRIMARY KEY, units INTEGER NOT NULL) STRICT, WITHOUT ROWID; \
         INSERT INTO stock VALUES ('LOT', 1000000000);
         CREATE TABLE events (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT; \
         CREATE TABLE administrations (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT; \
         CREATE TABLE answers (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;",
    )
    .unwrap();
    let url: DatabaseUrl = format!("sqlite://{database}").parse().unwrap();
    let store = Store::open_beside(&url, &Settings::default()).unwrap();
    let server = move || {
        App::new().app_data(web::Data::new(store.clone())).route("/v1/administrations", web::post().to(administer))
    };
    actix_web::rt::System::new()
        .block_on(async { HttpServer::new(server).bind(address).unwrap().run().await })
        .unwrap();
}

async fn administer(store: web::Data<Store>, body: web::Json<Value>) -> HttpResponse {
    let (id, body) = (format!("{:016}", NEXT.fetch_add(1, Ordering::Relaxed)), body.to_string());
    let answer = body.clone();
    let done = store.write(move |db| {
        let Db::Sqlite(conn) = db else { unreachable!() };
        let query = sql_query("SELECT units AS number FROM stock WHERE id = ?").bind::<Text, _>("LOT");
        let there: Vec<Number> = Prepared::over(1, query).load(conn)?;
        assert!(there[0].number > 0);
        let query = sql_query("UPDATE stock SET units = units - ? WHERE id = ? AND units >= 1");
        PreparedChange(query.bind::<BigInt, _>(1).bind::<Text, _>("LOT")).execute(conn)?;
        for sql in [
            "INSERT INTO events VALUES (?, ?)",
            "INSERT INTO administrations VALUES (?, ?)",
            "INSERT INTO answers VALUES (?, ?)",
        ] {
            PreparedChange(sql_query(sql).bind::<Text, _>(&id).bind::<Text, _>(&body)).execute(conn)?;
        }
        Ok(())
    });
    done.await.unwrap();
    HttpResponse::Created().content_type("application/json").body(answer)
}

/// It in a process of its own, under the same load.
pub fn measure(folder: &Path, connections: usize, seconds: f64, body: String) -> Seen {
    struct Process(Child);
    impl Drop for Process {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let own = std::env::current_exe().unwrap();
    let process = Command::new(own).arg("bare").arg(folder.join("bare.db")).arg(&address).spawn().unwrap();
    let _process = Process(process);
    while std::net::TcpStream::connect(&address).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let (path, token, run) = ("/v1/administrations".to_owned(), "none".to_owned(), "bare".to_owned());
    let task = Task {
        servers: vec![address],
        path,
        token,
        connections,
        seconds,
        requests: 0,
        bodies: vec![body],
        run,
        status: 201,
        keys: true,
    };
    crate::shared::load::elsewhere(&task)
}
