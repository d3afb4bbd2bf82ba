//! `lotline init`

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use crate::caller::{Caller, Role};
use crate::clock::Clock;
use crate::command::Turn;
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
    /// Set up a sample clinic in it: a site, places, products, suppliers, people and their licences, all made up
    #[arg(long)]
    sample: bool,
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
    super::close(&options.deployment)?;
    let keys = Arc::new(Keys::open(&options.deployment.data_dir)?);
    super::upgrade(&url, &options.deployment.patients())?;
    let store = Store::open_beside(&url, &Settings { connections: 1, report_connections: 1 })?;
    let clock = Clock::system();
    let (organisation_id, admin_token) = if options.sample {
        sample(&store, &keys, &clock, &options.organisation)?
    } else {
        register(&store, &keys, &clock, &options.organisation)?
    };
    let printed = Printed { organisation_id, admin_token };
    super::print_line(&serde_json::to_string(&printed).unwrap_or_default())?;
    Ok(ExitCode::SUCCESS)
}

/// Makes an organisation, and a token for its first admin.
///
/// # Errors
/// When no key can sign, and what the database answers.
pub(super) fn register(
    store: &Store,
    keys: &Arc<Keys>,
    clock: &Clock,
    name: &Name,
) -> Result<(OrganisationId, String)> {
    let organisation_id = OrganisationId::mint(&Ids::system(), clock.now(), 0);
    let (caller, admin) = (as_admin(&organisation_id, "init"), as_admin(&organisation_id, "admin"));
    let (keys, name) = (keys.clone(), name.clone());
    let admin_token = super::give(store, clock, caller, Turn::Alone, move |cmd| {
        crate::organisations::service::register(cmd, &name)?;
        crate::tokens::service::issue(cmd, &keys, &admin, auth::TTL_MAX_SECONDS)
    })?;
    Ok((organisation_id, admin_token))
}

/// Somebody who may set up an organisation.
fn as_admin(organisation_id: &OrganisationId, subject: &str) -> Caller {
    Caller {
        organisation_id: organisation_id.clone(),
        subject: subject.to_owned(),
        roles: vec![Role::Admin],
        sites: None,
    }
}

/// Makes an organisation with a sample clinic, or finds the one of that name and adds what it lacks; and a token for an admin.
fn sample(store: &Store, keys: &Arc<Keys>, clock: &Clock, name: &Name) -> Result<(OrganisationId, String)> {
    let asked = name.clone();
    let found = super::block_on(store.read(move |db| crate::organisations::service::of_name(db, &asked)))?;
    let (organisation_id, token) = match found {
        Some(found) => (found.id, None),
        None => register(store, keys, clock, name).map(|(id, token)| (id, Some(token)))?,
    };
    let caller = as_admin(&organisation_id, "init");
    super::give(store, clock, caller, Turn::Alone, crate::cli::sample::set_up)?;
    let token = match token {
        Some(token) => token,
        None => super::token::issue(store, keys, clock, as_admin(&organisation_id, "admin"), auth::TTL_MAX_SECONDS)?,
    };
    Ok((organisation_id, token))
}
