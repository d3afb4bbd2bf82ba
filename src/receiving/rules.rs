//! What a pack says of itself on arrival, and what is suspicious about it.

use chrono::NaiveDate;

use super::api::NewLine;
use super::model::Flag;
use crate::barcode;
use crate::decision::{Findings, ReasonCode};
use crate::error::{Error, Result};
use crate::http::problem::{Problem, ProblemCode};
use crate::stock::model::Lot;
use crate::values::{Code, Gtin, LotText, Serial};

/// What a pack says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// The product.
    pub gtin: Gtin,
    /// The lot text.
    pub lot: LotText,
    /// The labelled expiry.
    pub expiry: NaiveDate,
    /// The serial number, where there is one.
    pub serial: Option<Serial>,
    /// When it was made, where the code says so.
    pub production_date: Option<NaiveDate>,
}

/// DOMAIN rule 6: lot and expiry are required, never guessed or derived.
///
/// # Errors
/// `code_unreadable`, `invalid_gtin` for a code without a GTIN, `lot_required`, `expiry_required`, `missing_field`.
pub fn identify(index: usize, line: &NewLine, today: NaiveDate) -> Result<Identified> {
    let field = |name: &str| format!("lines[{index}].{name}");
    if let Some(scan) = &line.scan {
        let typed = [line.gtin.is_some(), line.lot.is_some(), line.expiry.is_some(), line.serial.is_some()];
        if typed.contains(&true) || line.production_date.is_some() {
            let rule = "stands for gtin, lot, expiry and serial: give the code or the fields, not both";
            return Err(Error::invalid(ProblemCode::InvalidBody, &field("scan"), rule));
        }
        return from_code(scan, today).map_err(|problem| Error::Problem(problem.at(field("scan"))));
    }
    let missing =
        |name: &str, code| Error::Problem(Problem::new(code, format!("{} is missing.", field(name))).at(field(name)));
    Ok(Identified {
        gtin: line.gtin.clone().ok_or_else(|| missing("gtin", ProblemCode::MissingField))?,
        lot: line.lot.clone().ok_or_else(|| missing("lot", ProblemCode::LotRequired))?,
        expiry: line.expiry.ok_or_else(|| missing("expiry", ProblemCode::ExpiryRequired))?,
        serial: line.serial.clone(),
        production_date: line.production_date,
    })
}

fn from_code(scan: &Code, today: NaiveDate) -> std::result::Result<Identified, Problem> {
    let decoded = decode(scan, today)?;
    let gtin = decoded.gtin.ok_or_else(|| {
        Problem::new(ProblemCode::CodeUnreadable, "The code carries no GTIN, so it does not say which product it is.")
    })?;
    let lot = decoded.lot.ok_or_else(|| {
        Problem::new(ProblemCode::LotRequired, "The code carries no lot. Type gtin, lot and expiry from the label.")
    })?;
    let expiry = decoded.expiry.ok_or_else(|| {
        Problem::new(
            ProblemCode::ExpiryRequired,
            "The code carries no expiry. Type gtin, lot and expiry from the label.",
        )
    })?;
    Ok(Identified {
        gtin: gtin.parse()?,
        lot: lot.parse()?,
        expiry,
        serial: decoded.serial.map(|serial| serial.parse()).transpose()?,
        production_date: decoded.production_date,
    })
}

/// Reads a code.
///
/// # Errors
/// `code_unreadable`, with the decoder's own words and position.
pub fn decode(scan: &Code, today: NaiveDate) -> std::result::Result<barcode::Decoded, Problem> {
    barcode::decode(scan.as_str(), today).map_err(|error| {
        let detail = format!("{} (at character {}, {})", error.message, error.position.saturating_add(1), error.code);
        Problem::new(ProblemCode::CodeUnreadable, detail)
    })
}

/// DOMAIN rules 4 to 7: what is suspicious on arrival. None of it refuses the receipt; it is recorded and shown.
pub fn flags(expiry: NaiveDate, day: NaiveDate, twins: &[&Lot], findings: &Findings) -> Vec<Flag> {
    let has = |wanted: &[ReasonCode]| findings.reasons.iter().any(|reason| wanted.contains(&reason.code));
    use ReasonCode as R;
    let licence = [
        R::SupplierLicenceMissing,
        R::SupplierLicenceOutsideValidity,
        R::SupplierLicenceCheckMissing,
        R::SupplierLicenceCheckFailed,
        R::SupplierLicenceCheckStale,
        R::SupplierLicenceScope,
        R::SupplierLicenceJurisdiction,
    ];
    [
        (!twins.is_empty(), Flag::ExpiryTwin),
        (expiry < day, Flag::ExpiredOnArrival),
        (has(&[R::ProductNotAuthorised]), Flag::ProductNotAuthorised),
        (has(&[R::SupplierNotApproved]), Flag::SupplierNotApproved),
        (has(&licence), Flag::SupplierLicence),
    ]
    .into_iter()
    .filter_map(|(applies, flag)| applies.then_some(flag))
    .collect()
}
