//! Giving out a token.

use super::events::Deed;
use super::model::TokenIssued;
use crate::caller::Caller;
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::error::Result;
use crate::http::auth::{self, Keys};
use crate::ids::TokenId;

/// Signs a token for a bearer of the command's organisation, and records that. It is to be given out when the command is
/// committed: what the journal does not have, nobody gets.
///
/// # Errors
/// When there is no key, and what the database answers.
pub fn issue(cmd: &mut Command<'_>, keys: &Keys, bearer: &Caller, ttl_seconds: i64) -> Result<String> {
    let token_id = cmd.mint(TokenId::mint);
    let claims = auth::claims(bearer, token_id.clone(), cmd.now, ttl_seconds);
    let (token, key_id) = keys.sign_by_newest(&claims)?;
    let issued = TokenIssued {
        token_id,
        subject: claims.sub,
        roles: claims.roles,
        sites: claims.sites,
        expires_at: Moment::at_unix_seconds(claims.exp),
        key_id,
    };
    let sites = issued.sites.iter().flatten().map(ToString::to_string);
    let subjects = std::iter::once(issued.token_id.to_string()).chain(sites).collect();
    cmd.record(About { occurred_at: cmd.now, site_id: None, subjects }, Deed::TokenIssued(issued))?;
    Ok(token)
}
