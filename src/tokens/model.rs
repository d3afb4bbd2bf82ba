//! What is recorded of a token.

use serde::{Deserialize, Serialize};

use crate::caller::Role;
use crate::clock::Moment;
use crate::ids::{SiteId, TokenId};

/// A token that was signed: what it says, never the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenIssued {
    /// Its id: the claim `jti`.
    pub token_id: TokenId,
    /// The bearer.
    pub subject: String,
    /// What the bearer may do.
    pub roles: Vec<Role>,
    /// The sites that the bearer sees; none means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<Vec<SiteId>>,
    /// When it ends.
    pub expires_at: Moment,
    /// The key that it was signed with.
    pub key_id: String,
}
