//! The facts that a decision at the chair rests on, read in a handful of indexed queries.

use chrono::NaiveDate;

use crate::barcode::Decoded;
use crate::catalogue::model::{DeviceIdentifier, Identifier, Product};
use crate::clock::Moment;
use crate::containers::model::Container;
use crate::holds::model::Hold;
use crate::ids::{ContainerId, LocationId, LotId, PatientId, PractitionerId, SiteId};
use crate::licences::model::Held;
use crate::policies::model::Current;
use crate::practitioners::model::Practitioner;
use crate::sites::model::{Location, Site};
use crate::stock::books::Books;
use crate::stock::model::{Balance, Lot, Numbered, Pack, PackBalance};
use crate::values::{Codes, Serial, Word};
use crate::visits::model::{Around, Visit};

/// How the pack at the chair was named.
#[derive(Clone, Debug)]
pub enum Named {
    /// By a scanned code.
    Scan {
        /// The code, as scanned.
        code: Codes,
        /// What it says.
        decoded: Box<Decoded>,
    },
    /// By the lot on the screen.
    Lot {
        /// The lot.
        id: LotId,
        /// The serial number, where the pack has one.
        serial: Option<Serial>,
    },
    /// By the opened unit on the screen.
    Container {
        /// The container.
        id: ContainerId,
    },
}

/// Whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Nobody was named.
    Nobody,
    /// Somebody of whom nothing was recorded yet.
    New,
    /// A patient.
    Known(PatientId),
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Which pack.
    pub named: &'a Named,
    /// At which site.
    pub site_id: &'a SiteId,
    /// From which location, if that was said.
    pub location_id: Option<&'a LocationId>,
    /// By whom; a scan may leave it open.
    pub practitioner_id: Option<&'a PractitionerId>,
    /// Who prescribed.
    pub prescriber_id: Option<&'a PractitionerId>,
    /// How many units.
    pub units: i64,
    /// Of which opened unit, where that was said beside the code.
    pub container_id: Option<&'a ContainerId>,
    /// To whom; a scan may leave it open.
    pub patient: Whom,
    /// How much of an opened unit is used and discarded, in millionths of the product's own measure, where that was said.
    pub amount: Option<i64>,
    /// In which visit, if one was named.
    pub visit: Option<&'a Visit>,
    /// Of which area, where that was said.
    pub area: Option<&'a Word>,
    /// When it happens or happened.
    pub at: Moment,
    /// The same, if that is past: then it is judged by what was so then.
    pub past: Option<Moment>,
    /// Whether somebody is to be treated with it: then the record around that is asked, too.
    pub is_to_treat: bool,
    /// Whether it is to be told what should go first.
    pub advises: bool,
    /// Whether units are moved by the answer. Then the lot is locked before anything of it is read, so that nobody else
    /// decides over its units until the transaction ends.
    pub decides: bool,
}

/// What is known. The rules see this and nothing else.
#[derive(Clone, Debug)]
pub struct Facts {
    /// When it happens or happened.
    pub at: Moment,
    /// The calendar day that is at the site.
    pub day: NaiveDate,
    /// How many units are wanted.
    pub units: i64,
    /// The site.
    pub site: Site,
    /// From which location, if that was said.
    pub location_id: Option<LocationId>,
    /// What the pack calls itself, for messages and subjects.
    pub label: Label,
    /// The product, if it is in the catalogue.
    pub product: Option<Product>,
    /// What carries the scanned code, as the catalogue knows it.
    pub identifier: Option<Identifier>,
    /// The lot, if it was received.
    pub lot: Option<Lot>,
    /// The lot that a code names, if it was received at other sites only than those that the caller sees: it is not named
    /// to them. What forbids to use it is, for the pack is here.
    pub elsewhere: Option<Lot>,
    /// Other expiries that the lot text is known with.
    pub other_expiries: Vec<NaiveDate>,
    /// Whether it is known with another expiry at sites that the caller does not see.
    pub is_twin_elsewhere: bool,
    /// Where the lot is unknown: lots of the product whose texts are alike, those that match first.
    pub alike: Vec<Lot>,
    /// The serial number that was scanned or typed: of a pack, or of a unit that has one of its own. A case's numbers none
    /// of what is in it.
    pub serial: Option<Serial>,
    /// The pack of that number, and where its units are.
    pub pack: Option<(Pack, Vec<PackBalance>)>,
    /// What was received under the number, whatever carried it then.
    pub received: Option<Numbered>,
    /// Units administered under that number before, where packs of the lot are not kept by number.
    pub units_administered: i64,
    /// Whether units of the lot were ever received under numbers; asked where no pack has the one that was named.
    pub is_kept_by_number: bool,
    /// The lot's books of the moment: all its accounts, at every site and outside.
    pub books: Books,
    /// The opened unit that is meant.
    pub container: Option<Opened>,
    /// How much of it is used and discarded, in millionths of the product's own measure, where that was said.
    pub amount: Option<i64>,
    /// The lot's accounts with units at the site, each with how many of its units belong to numbered packs.
    pub stock: Vec<(Balance, i64)>,
    /// Available units at the site, of another lot of the product, that run out before what was named: what should go first (DOMAIN
    /// rule 14). Read where that is told, or where the policy asks for it.
    pub first: Option<(Balance, Lot)>,
    /// Places of the site, by id, where what may be used lies in several.
    pub places: Vec<Location>,
    /// Open holds on the lot, its product or those accounts.
    pub holds: Vec<Hold>,
    /// The practitioner.
    pub practitioner: Option<Practitioner>,
    /// The prescriber.
    pub prescriber: Option<Practitioner>,
    /// Whether somebody else than the practitioner records it, by the subjects that are known now.
    pub is_for_another: bool,
    /// Whether somebody else than the prescriber does.
    pub is_prescribed_by_another: bool,
    /// Licences of the site, its organisation, the practitioner and the prescriber.
    pub licences: Vec<Held>,
    /// The organisation's policy.
    pub policy: Current,
    /// What the record around the treatment says.
    pub around: Around,
}

/// An opened unit (DOMAIN rule 18).
#[derive(Clone, Debug)]
pub struct Opened {
    /// The container.
    pub container: Container,
    /// The account at the site that its unit was in at the moment; none where it was not there.
    pub account: Option<Balance>,
    /// Whether it was used for another patient.
    pub is_anothers: bool,
    /// Who said, and when, that a unit of the product may serve several; asked where it was used for another.
    pub shared: Option<(String, Moment)>,
}

/// What a pack calls itself.
#[derive(Clone, Debug, Default)]
pub struct Label {
    /// The device identifier.
    pub named: Option<DeviceIdentifier>,
    /// The lot text.
    pub lot: Option<String>,
    /// The expiry.
    pub expiry: Option<NaiveDate>,
    /// The serial number, whatever carries it.
    pub serial: Option<Serial>,
}

impl Facts {
    /// The same, as of a moment that is only known when nobody else decides over the units any more.
    pub fn at(&mut self, at: Moment) {
        self.at = at;
        self.day = at.day_in(self.site.time_zone.rules());
    }
}
