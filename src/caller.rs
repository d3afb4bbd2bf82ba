//! Who asks: what a token says of its bearer.

use crate::error::{Error, Result};
use crate::ids::{OrganisationId, SiteId};
use crate::problem::ProblemCode;
use crate::values::words;

words! {
    /// What a person or a device may do; a token may carry several.
    Role {
        /// Sites, locations, products, suppliers, practitioners, licences, policies; reads all.
        Admin "admin",
        /// Orders, receipts, inspections, eligibility, scans; reads stock, lots, attention, master data.
        Purchaser "purchaser",
        /// Scans and administrations; reads stock and lots at their sites.
        Practitioner "practitioner",
        /// Releases, transfers, holds, recalls and whatever else decides over stock; reads all.
        Quality "quality",
        /// Reads everything, changes nothing.
        Auditor "auditor",
        /// Sends readings.
        Device "device",
    }
}

/// The bearer of a verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Their organisation; no query of theirs leaves it.
    pub organisation_id: OrganisationId,
    /// Who they are to the issuer of the token, as it spells them; who they are to others says [`Caller::is`].
    pub subject: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// The sites that they see; none means all.
    pub sites: Option<Vec<SiteId>>,
}

/// How far something reaches: what it is of, or where what it changes lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// To what all sites share.
    Shared,
    /// To these sites.
    Sites(Vec<SiteId>),
}

impl Caller {
    /// Whether they have one of these roles.
    pub fn has_any(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// Whether they are the person of a subject, however it is spelt.
    pub fn is(&self, subject: &str) -> bool {
        crate::identity::same(&self.subject, subject)
    }

    /// Whether a site exists for them.
    pub fn sees(&self, site: &SiteId) -> bool {
        self.sites.as_ref().is_none_or(|sites| sites.contains(site))
    }

    /// The site that they see, where it is one.
    pub fn only_site(&self) -> Option<&SiteId> {
        match self.sites.as_deref() {
            Some([only]) => Some(only),
            _ => None,
        }
    }

    /// Whether all that something reaches is theirs to change: a token for some sites acts on those only. One without
    /// sites is for the whole organisation.
    pub fn reaches(&self, extent: &Extent) -> bool {
        match extent {
            Extent::Shared => self.sites.is_none(),
            Extent::Sites(sites) => sites.iter().all(|site| self.sees(site)),
        }
    }

    /// Lets through what stays at their sites. `what` is what reaches further, for the sentence of the problem.
    ///
    /// # Errors
    /// `beyond_your_sites`.
    pub fn expect_within(&self, extent: &Extent, what: &str) -> Result<()> {
        if self.reaches(extent) {
            return Ok(());
        }
        let how = match extent {
            Extent::Shared => "is shared by all sites",
            Extent::Sites(_) => "reaches to other sites",
        };
        let detail = format!("{what} {how}, and your token is not for all of them.");
        Err(Error::problem(ProblemCode::BeyondYourSites, detail))
    }
}
