//! What a slice says of itself: one constant ([`Slice`]), which the checks of every request, the OpenAPI document, its
//! pages and the tests are computed from.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa_actix_web::OpenApiFactory;

use crate::caller::Role;
use crate::command::Turn;
use crate::journal::model::Kinds;
use crate::problem::ProblemCode;

use Role::{Admin, Auditor, Practitioner, Purchaser, Quality};

/// Where operations are added: to the server, or to the document. Each takes what it needs of them, so that a worker's
/// routes do not cost it a document of its own.
pub trait Routes {
    /// Adds an operation.
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self;
}

impl Routes for web::ServiceConfig {
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        web::ServiceConfig::service(self, operation)
    }
}

/// The OpenAPI document in the making.
pub type Describing<'a> = utoipa_actix_web::service_config::ServiceConfig<'a>;

impl Routes for Describing<'_> {
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        utoipa_actix_web::service_config::ServiceConfig::service(self, operation)
    }
}

/// A slice, or an overview, as it is over HTTP.
pub struct Slice {
    /// The tag under which the document has its operations, and what it says of it, where no other slice does.
    pub tag: Option<(&'static str, &'static str)>,
    /// Adds its operations to the server.
    pub serve: fn(&mut web::ServiceConfig),
    /// Adds its operations to the document.
    pub describe: fn(&mut Describing<'_>),
    /// Its operations.
    pub operations: &'static [Operation],
    /// The problems that only it answers.
    pub problems: &'static [ProblemCode],
    /// What can happen in it, if anything.
    pub events: Option<&'static Kinds>,
}

impl Slice {
    /// One without operations: what it has is done on the machine.
    pub const SILENT: Slice =
        Slice { tag: None, serve: |_| (), describe: |_| (), operations: &[], problems: &[], events: None };
}

/// How far an operation reaches, for a token that is for some sites only. What all sites share, such as products and
/// policies, is read with it and never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To what is at sites. What is at another site is not there for the token: 404 in a path, `reference_unknown` in a
    /// body, left out of a list. What all sites share is shown.
    Sites,
    /// To what all sites share: `beyond_your_sites`, before anything is read.
    Organisation,
    /// As far as the thing that it names, which is known only when that is read: the service asks
    /// [`Caller::expect_within`](crate::caller::Caller::expect_within), and `beyond_your_sites` is answered for a thing
    /// that the token sees, but that all sites share or that is partly elsewhere.
    Thing,
}

/// An operation: who may call it, how far it reaches, what may run beside it, how it can be refused, and where its answer
/// leads.
pub struct Operation {
    /// Its id in the OpenAPI document.
    pub id: &'static str,
    /// The roles that may call it.
    pub roles: &'static [Role],
    /// How far it reaches.
    pub reach: Reach,
    /// What may run beside it, where it is a command.
    pub turn: Option<Turn>,
    /// What its rules answer beside what follows from its form.
    pub problems: &'static [ProblemCode],
    /// Where its answer leads.
    pub leads: &'static [Leads],
}

/// Finds an operation by its id. None means that nobody may call it.
pub type Access = fn(&str) -> Option<&'static Operation>;

/// What in an answer leads on, and where.
pub struct Leads {
    /// The operation that it is needed for.
    pub to: &'static str,
    /// As what.
    pub parameter: &'static str,
    /// What of the answer, as a runtime expression of OpenAPI.
    pub value: &'static str,
    /// What is done there.
    pub what: &'static str,
}

/// Where an answer leads, with what of it.
pub const fn leads(to: &'static str, parameter: &'static str, value: &'static str, what: &'static str) -> Leads {
    Leads { to, parameter, value, what }
}

/// The id of what was answered.
pub const ID: &str = "$response.body#/id";

/// An operation with the roles that may call it, which reads at the sites of the token.
pub const fn may(id: &'static str, roles: &'static [Role]) -> Operation {
    Operation { id, roles, reach: Reach::Sites, turn: None, problems: &[], leads: &[] }
}

impl Operation {
    /// It changes what all sites share.
    pub const fn for_all_sites(self) -> Self {
        Operation { reach: Reach::Organisation, ..self }
    }

    /// It reaches as far as the thing that it names.
    pub const fn of_its_thing(self) -> Self {
        Operation { reach: Reach::Thing, ..self }
    }

    /// A command that changes what others rest on.
    pub const fn alone(self) -> Self {
        Operation { turn: Some(Turn::Alone), ..self }
    }

    /// A command that rests on what stands.
    pub const fn beside(self) -> Self {
        Operation { turn: Some(Turn::Beside), ..self }
    }

    /// What its rules answer beside what follows from its form.
    pub const fn refuses(self, problems: &'static [ProblemCode]) -> Self {
        Operation { problems, ..self }
    }

    /// Where its answer leads.
    pub const fn leading(self, leads: &'static [Leads]) -> Self {
        Operation { leads, ..self }
    }
}

/// Whoever keeps the master data.
pub const ADMIN: &[Role] = &[Admin];
/// Whoever reads everything.
pub const READ_ALL: &[Role] = &[Admin, Quality, Auditor];
/// Whoever needs to know what there is to buy, and of whom.
pub const READ_MASTER_DATA: &[Role] = &[Admin, Purchaser, Quality, Auditor];
/// Whoever needs to know what is there.
pub const READ_STOCK: &[Role] = &[Admin, Purchaser, Practitioner, Quality, Auditor];
/// Whoever reads what was done to patients.
pub const READ_TREATMENT: &[Role] = &[Admin, Practitioner, Quality, Auditor];
