//! Authentication: bearer tokens, JWT (RFC 7519) signed with Ed25519 (RFC 8037).
//!
//! The algorithm comes from our key and never from the token's header. A token names its key, and only names that we
//! [have](super::keys) are looked up.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::Deserialize;

pub use super::claims::{Bearer, Claims, Issued, TTL_MAX_SECONDS};
use super::claims::{LEEWAY_SECONDS, Proofs, Proved};
pub use super::keys::Keys;
use crate::caller::Caller;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::ids::TokenId;
use crate::limits::TOKEN_MAX;

/// Who issues the tokens of a local deployment, and whom they are for.
pub const ISSUER: &str = "lotline";
/// The audience of a token for this API.
pub const AUDIENCE: &str = "lotline";
impl Keys {
    /// Signs a token with the newest key; the id of that key beside it.
    ///
    /// # Errors
    /// When there is no key any more, or the claims cannot be encoded.
    pub fn sign_by_newest(&self, claims: &Claims) -> Result<(String, String)> {
        let (id, key) = self.newest()?;
        let header = Header { kid: Some(id.clone()), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, claims, &key.encoding);
        Ok((token.map_err(|e| Error::internal(format!("signing: {e}")))?, id))
    }

    /// Signs a token.
    ///
    /// # Errors
    /// As for [`Keys::sign_by_newest`].
    pub fn sign(&self, claims: &Claims) -> Result<String> {
        self.sign_by_newest(claims).map(|(token, _)| token)
    }

    /// The bearer of a token, if it is one of ours and valid now. Why not is nobody's business.
    pub fn verify(&self, token: &str) -> Option<Bearer> {
        if token.len() > TOKEN_MAX {
            return None;
        }
        let (now, proofs) = (jsonwebtoken::get_current_timestamp(), self.proofs());
        let digest = Proofs::digest(token);
        if let Some(proved) = proofs.recall(&digest) {
            return proved.bearer_at(now);
        }
        let header = StrictHeader::read(token)?;
        let key = self.get(&header.kid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).ok()?.claims;
        let plain = |text: &str| !text.is_empty() && text.len() <= 200 && !text.chars().any(char::is_control);
        // A key that says when it was made has never signed a token that was not recorded.
        let recorded = claims.jti.is_some() || key.made_at.is_none();
        if !plain(&claims.sub) || !recorded {
            return None;
        }
        let proved = Proved::from(claims);
        let bearer = proved.bearer_at(now)?;
        proofs.keep(digest, proved);
        Some(bearer)
    }

    /// Whether a token may be one of a key that was added since the files were looked at.
    pub fn may_be_newer(&self, token: &str) -> bool {
        self.may_look()
            && token.len() <= TOKEN_MAX
            && StrictHeader::read(token).is_some_and(|header| self.get(&header.kid).is_none())
    }
}

/// The only header that our tokens have: no key, no address of a key, no extension.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    typ: String,
    alg: String,
    kid: String,
}

impl StrictHeader {
    fn read(token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
        let header: StrictHeader = serde_json::from_slice(&bytes).ok()?;
        (header.typ == "JWT" && header.alg == "EdDSA").then_some(header)
    }
}

/// The claims of a token of this deployment.
pub fn claims(caller: &Caller, id: TokenId, now: Moment, ttl_seconds: i64) -> Claims {
    Claims {
        jti: Some(id),
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: caller.subject.clone(),
        exp: now.unix_seconds().saturating_add(ttl_seconds.min(TTL_MAX_SECONDS)),
        nbf: now.unix_seconds(),
        iat: now.unix_seconds(),
        org: caller.organisation_id.clone(),
        roles: caller.roles.clone(),
        sites: caller.sites.clone(),
    }
}
