//! `lotline init`

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::caller::{Caller, Role};
use crate::clock::Clock;
use crate::command::Command;
use crate::config::Deployment;
use crate::db::{Settings, Store};
use crate::error::Result;
use crate::http::auth::{self, Keys};
use crate::ids::{Ids, OrganisationId};
use crate::values::Name;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    deployment: Deployment,
    /// The organisation's name
    #[arg(long, value_name = "NAME", value_parser = name)]
    organisation: Name,
}

fn name(text: &str) -> std::result::Result<Name, String> {
    text.parse::<Name>().map_err(|invalid| invalid.rule)
}

/// What is printed.
#[derive(Serialize)]
struct Printed {
    organisation_id: OrganisationId,
    admin_token: String,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let url = options.deployment.database();
    let keys = Keys::open(&options.deployment.data_dir)?;
    super::upgrade(&url)?;
    let store = Store::open_beside(&url, &Settings { connections: 1 })?;
    let clock = Clock::system();
    let organisation_id = register(&store, &clock, &options.organisation)?;
    let bearer = Caller { organisation_id, subject: "admin".to_owned(), roles: vec![Role::Admin], sites: None };
    let admin_token = keys.sign(&auth::claims(&bearer, clock.now(), auth::TTL_MAX_SECONDS))?;
    let printed = Printed { organisation_id: bearer.organisation_id, admin_token };
    super::print_line(&serde_json::to_string(&printed).unwrap_or_default())?;
    Ok(ExitCode::SUCCESS)
}

/// Makes an organisation.
///
/// # Errors
/// What the database answers.
pub(super) fn register(store: &Store, clock: &Clock, name: &Name) -> Result<OrganisationId> {
    let ids = Ids::system();
    let organisation_id = OrganisationId::mint(&ids, clock.now(), 0);
    let (caller, clock, name) = (
        Caller {
            organisation_id: organisation_id.clone(),
            subject: "init".to_owned(),
            roles: vec![Role::Admin],
            sites: None,
        },
        clock.clone(),
        name.clone(),
    );
    super::block_on(store.write(move |db| {
        let mut command = Command::new(db, &caller, &clock, &ids);
        crate::organisations::service::register(&mut command, &name)?;
        command.finish()
    }))?;
    Ok(organisation_id)
}
