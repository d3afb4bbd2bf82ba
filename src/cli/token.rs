//! `lotline token`

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use crate::caller::{Caller, Role};
use crate::clock::Clock;
use crate::command::Turn;
use crate::config::Deployment;
use crate::db::{DatabaseUrl, Settings, Store, migrate};
use crate::error::{Error, Result};
use crate::http::auth::{self, Keys};
use crate::ids::{OrganisationId, SiteId};

/// Who gives commands, in the journal: whoever may run this program beside its keys.
pub(super) const ACTOR: &str = "cli";

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    deployment: Deployment,
    /// The organisation, as `lotline init` printed it
    #[arg(long, value_name = "ID", value_parser = super::parse::<OrganisationId>)]
    organisation: OrganisationId,
    /// A role: admin, purchaser, practitioner, quality, auditor or device; several may be given
    #[arg(long, value_name = "ROLE", required = true, num_args = 1.., value_parser = super::parse::<Role>)]
    role: Vec<Role>,
    /// A site that the bearer sees; several may be given; all sites when left out
    #[arg(long, value_name = "ID", num_args = 1.., value_parser = super::parse::<SiteId>)]
    site: Vec<SiteId>,
    /// Who the bearer is; their name in the journal
    #[arg(long, value_name = "S", default_value = "local", value_parser = subject)]
    subject: String,
    /// How long the token lasts: a number with s, m or h, up to 24h
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = ttl)]
    ttl: i64,
}

fn subject(text: &str) -> std::result::Result<String, String> {
    let name = text.parse::<crate::values::Name>().map_err(|invalid| invalid.rule)?;
    crate::identity::well_formed(name.as_str()).map_err(|invalid| invalid.rule)?;
    Ok(name.to_string())
}

fn ttl(text: &str) -> std::result::Result<i64, String> {
    let units = [('s', 1), ('m', 60), ('h', 3600)];
    units
        .into_iter()
        .find_map(|(unit, seconds)| text.strip_suffix(unit)?.parse::<i64>().ok()?.checked_mul(seconds))
        .filter(|seconds| (1..=auth::TTL_MAX_SECONDS).contains(seconds))
        .ok_or_else(|| "must be a number with s, m or h, such as 15m, up to 24h".to_owned())
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let url = options.deployment.database();
    super::close(&options.deployment)?;
    let keys = Arc::new(Keys::kept(&options.deployment.data_dir)?);
    expect_organisation(&url, &options.organisation)?;
    let bearer = Caller {
        organisation_id: options.organisation.clone(),
        subject: options.subject.clone(),
        roles: options.role.clone(),
        sites: (!options.site.is_empty()).then(|| options.site.clone()),
    };
    let store = Store::open_beside(&url, &Settings { connections: 1, report_connections: 1 })?;
    super::print_line(&issue(&store, &keys, &Clock::system(), bearer, options.ttl)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Signs a token and records that, as the command line.
///
/// # Errors
/// When no key can sign, and what the database answers.
pub(super) fn issue(store: &Store, keys: &Arc<Keys>, clock: &Clock, bearer: Caller, ttl: i64) -> Result<String> {
    let organisation_id = bearer.organisation_id.clone();
    let caller = Caller { organisation_id, subject: ACTOR.to_owned(), roles: Vec::new(), sites: None };
    let keys = keys.clone();
    super::give(store, clock, caller, Turn::Beside, move |cmd| crate::tokens::service::issue(cmd, &keys, &bearer, ttl))
}

/// What is done for an organisation that the database does not have would be good for nothing.
///
/// # Errors
/// When there is no database, when it is not this program's, and when it does not have the organisation.
pub(super) fn expect_organisation(url: &DatabaseUrl, organisation: &OrganisationId) -> Result<()> {
    if let DatabaseUrl::Sqlite(path) = url
        && !path.is_file()
    {
        return Err(Error::Unavailable(format!("{url:?} is not there: name the database that `init` was given")));
    }
    let mut db = crate::db::open_for_verification(url)?;
    migrate::verify_current(&mut db)?;
    if crate::organisations::store::exists(&mut db, organisation)? {
        return Ok(());
    }
    let why = format!("{url:?} has no organisation {organisation}: see what `lotline init` printed");
    Err(Error::Unavailable(why))
}

#[cfg(test)]
mod tests {
    use super::ttl;

    #[test]
    fn a_time_to_live_is_a_number_with_a_unit_up_to_a_day() {
        for (text, seconds) in [
            ("15m", Some(900)),
            ("24h", Some(86_400)),
            ("30s", Some(30)),
            ("25h", None),
            ("0m", None),
            ("15", None),
            ("-5m", None),
            ("9999999999999999999h", None),
        ] {
            assert_eq!(ttl(text).ok(), seconds, "{text}");
        }
    }
}
