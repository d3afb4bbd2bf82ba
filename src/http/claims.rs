//! What a token says, and the tokens that were found good.
//!
//! To check a signature costs more than most answers, and a caller sends the same token again and again: what was found good
//! is remembered by the digest of the whole token, for as long as the keys are those with which it was found. Only times are
//! looked at anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::caller::{Caller, Role};
use crate::clock::Moment;
use crate::ids::{OrganisationId, SiteId, TokenId};
use crate::limits::TOKENS_REMEMBERED;

/// How far the clocks of issuer and server may be apart, in seconds.
pub(super) const LEEWAY_SECONDS: u64 = 30;
/// The longest time that a token may live, in seconds: no longer is issued, and none that says more is believed.
pub const TTL_MAX_SECONDS: i64 = 24 * 3600;

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// For whom.
    pub aud: String,
    /// The bearer.
    pub sub: String,
    /// When it ends, seconds since 1970.
    pub exp: i64,
    /// From when on it counts, seconds since 1970.
    pub nbf: i64,
    /// When it was issued, seconds since 1970.
    pub iat: i64,
    /// Its own id. Tokens of older versions have none: they are taken until they end, from the keys of then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<TokenId>,
    /// The bearer's organisation.
    pub org: OrganisationId,
    /// The bearer's roles.
    pub roles: Vec<Role>,
    /// The sites that they see; none means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<Vec<SiteId>>,
}

/// Whose token it is, and which.
#[derive(Clone)]
pub struct Bearer {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// The token that they hold.
    pub issued: Issued,
}

/// Which token it is, and how long it counts.
#[derive(Clone)]
pub struct Issued {
    /// The token's own id, which the journal has; none in a token of an older version.
    pub token_id: Option<TokenId>,
    /// When it ends.
    pub expires_at: Moment,
}

/// A token that is ours, at any time.
#[derive(Clone)]
pub(super) struct Proved {
    bearer: Bearer,
    not_before: i64,
    issued: i64,
    expires: i64,
}

impl From<Claims> for Proved {
    fn from(claims: Claims) -> Self {
        let caller =
            Caller { organisation_id: claims.org, subject: claims.sub, roles: claims.roles, sites: claims.sites };
        let issued = Issued { token_id: claims.jti, expires_at: Moment::at_unix_seconds(claims.exp) };
        let bearer = Bearer { caller: Arc::new(caller), issued };
        Proved { bearer, not_before: claims.nbf, issued: claims.iat, expires: claims.exp }
    }
}

impl Proved {
    /// Its bearer, if it is good at a moment, in seconds since 1970 (RFC 7519 sections 4.1.4 to 4.1.6): issued and in force
    /// by then, for no longer than tokens may live, and not over.
    pub fn bearer_at(&self, now: u64) -> Option<Bearer> {
        let moment = |seconds: u64| i64::try_from(seconds).ok();
        let (earliest, latest) =
            (moment(now.saturating_sub(LEEWAY_SECONDS))?, moment(now.saturating_add(LEEWAY_SECONDS))?);
        let lifetime = self.expires.checked_sub(self.issued)?;
        let good = self.issued <= latest
            && self.not_before <= latest
            && self.expires >= earliest
            && (1..=TTL_MAX_SECONDS).contains(&lifetime);
        good.then(|| self.bearer.clone())
    }
}

/// Tokens that were found good.
#[derive(Clone, Default)]
pub(super) struct Proofs(Arc<Mutex<HashMap<[u8; 32], Proved>>>);

impl Proofs {
    /// What stands for a token.
    pub fn digest(token: &str) -> [u8; 32] {
        Sha256::digest(token.as_bytes()).into()
    }

    /// The token of a digest, if it was found good.
    pub fn recall(&self, digest: &[u8; 32]) -> Option<Proved> {
        // Every change is a single step, so what a panic leaves behind is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Remembers one.
    pub fn keep(&self, digest: [u8; 32], proved: Proved) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= TOKENS_REMEMBERED {
            all.clear();
        }
        all.insert(digest, proved);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::ids::Ids;

    /// The edges are those of RFC 7519 with thirty seconds of leeway, worked out by hand.
    #[test]
    fn a_token_that_was_found_good_ends_all_the_same() {
        let org = OrganisationId::mint(&Ids::system(), Clock::system().now(), 0);
        let proved = |issued, not_before, expires| {
            let caller =
                Caller { organisation_id: org.clone(), subject: "nia".to_owned(), roles: Vec::new(), sites: None };
            let token = Issued { token_id: None, expires_at: Moment::at_unix_seconds(expires) };
            Proved { bearer: Bearer { caller: Arc::new(caller), issued: token }, issued, not_before, expires }
        };
        for (issued, not_before, expires, good) in [
            (1000, 1000, 1900, true),
            (100, 100, 970, true),
            (100, 100, 969, false),
            (1030, 1000, 1900, true),
            (1031, 1000, 1900, false),
            (1000, 1030, 1900, true),
            (1000, 1031, 1900, false),
            (1000, 1000, 1000, false),
            (1000, 1000, 1000 + 86_400, true),
            (1000, 1000, 1001 + 86_400, false),
            (i64::MIN, 1000, i64::MAX, false),
        ] {
            let proved = proved(issued, not_before, expires);
            assert_eq!(proved.bearer_at(1000).is_some(), good, "{issued} {not_before} {expires}");
        }
    }
}
