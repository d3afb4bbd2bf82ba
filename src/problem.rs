//! Problem details (RFC 9457): the one shape of every error, and the table of all their codes.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

use crate::decision::Reason;
use crate::values::{Invalid, words};

/// Where the documentation of the codes is; `type` leads there.
pub const DOCUMENTATION: &str = "/docs/problems";

/// Declares the problem codes: status, title, who acts on it.
macro_rules! problems {
    ($($variant:ident $code:literal $status:literal $acts:literal $title:literal;)+) => {
        /// Every problem that the API can answer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemCode { $(#[doc = $title] $variant,)+ }

        impl ProblemCode {
            /// Every code, in the order of their status.
            pub const ALL: &'static [ProblemCode] = &[$(ProblemCode::$variant,)+];

            /// The stable code.
            pub fn as_str(self) -> &'static str {
                match self { $(ProblemCode::$variant => $code,)+ }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(ProblemCode::$variant => $status,)+ }
            }

            /// One line that says what it means.
            pub fn title(self) -> &'static str {
                match self { $(ProblemCode::$variant => $title,)+ }
            }

            /// Who can do something about it.
            pub fn acts(self) -> &'static str {
                match self { $(ProblemCode::$variant => $acts,)+ }
            }

            /// The code of that name.
            pub fn named(code: &str) -> Option<Self> {
                match code { $($code => Some(ProblemCode::$variant),)+ _ => None }
            }
        }
    };
}

problems! {
    MalformedJson "malformed_json" 400 "caller" "The body is not JSON.";
    MalformedQuery "malformed_query" 400 "caller" "A query parameter is unknown or has a value that does not fit.";
    NestedTooDeeply "nested_too_deeply" 400 "caller" "Arrays and objects of the body lie in each other deeper than any body of this API.";
    InvalidCursor "invalid_cursor" 400 "caller" "The cursor is not one that this list gave out.";
    InvalidIdempotencyKey "invalid_idempotency_key" 400 "caller" "The Idempotency-Key is empty, too long or has characters that are not allowed.";
    Unauthenticated "unauthenticated" 401 "caller" "The request carries no token, or one that is not valid now.";
    Forbidden "forbidden" 403 "admin" "The roles of the token do not allow this operation.";
    BeyondYourSites "beyond_your_sites" 403 "admin" "The token is for some sites, and this reaches further: to what all sites share, or to what is at others.";
    NotFound "not_found" 404 "caller" "Nothing of that name exists.";
    MethodNotAllowed "method_not_allowed" 405 "caller" "The path exists, but not with this method.";
    RequestTimeout "request_timeout" 408 "caller" "The body did not arrive in time; the connection is closed.";
    GateRefused "gate_refused" 409 "see reasons" "A rule forbids this step; the reasons say why. Nothing was changed.";
    AlreadyExists "already_exists" 409 "caller" "Something with the same identity exists already.";
    IdempotencyKeyInFlight "idempotency_key_in_flight" 409 "caller" "A request with the same Idempotency-Key is being worked on.";
    UnitsAlreadyInspected "units_already_inspected" 409 "purchasing" "More units than are waiting for inspection.";
    SelfApprovedCheck "self_approved_check" 409 "admin" "Nobody checks their own licence: somebody else must.";
    CircularCheck "circular_check" 409 "admin" "Two people cannot vouch for each other: the holder has checked a licence of the one who checks.";
    CountAlreadyReviewed "count_already_reviewed" 409 "quality" "The difference of the count does not wait for anybody (any more).";
    SelfReviewedCount "self_reviewed_count" 409 "quality" "Nobody approves the difference that they counted themselves: somebody else must.";
    OthersRestOnIt "others_rest_on_it" 409 "quality" "Something else on record rests on it: the dependents say what.";
    AlreadyReversed "already_reversed" 409 "quality" "It was reversed before, and counts for nothing.";
    NothingToReverse "nothing_to_reverse" 409 "quality" "It moved no units that could be turned round.";
    NothingToAcknowledge "nothing_to_acknowledge" 409 "quality" "Nothing is touched that nobody has acknowledged.";
    NotYoursToConfirm "not_yours_to_confirm" 409 "caller" "Only whoever treated or prescribed confirms what another recorded, with a token of their own.";
    NothingToConfirm "nothing_to_confirm" 409 "caller" "It waits for nobody to confirm it.";
    AlreadyVoided "already_voided" 409 "caller" "It was voided before; a void cannot be voided.";
    DeviationAlreadyClosed "deviation_already_closed" 409 "quality" "The deviation was closed before.";
    SelfClosedDeviation "self_closed_deviation" 409 "quality" "Nobody closes a deviation that they recorded or treated for: somebody else must.";
    HoldAlreadyLifted "hold_already_lifted" 409 "quality" "The hold was lifted before.";
    SelfLiftedHold "self_lifted_hold" 409 "quality" "Nobody lifts a hold over a whole product that they opened themselves: somebody else must.";
    OrderNotDraft "order_not_draft" 409 "purchasing" "The order is no longer a draft.";
    OrderNotOpen "order_not_open" 409 "purchasing" "The order does not wait for goods: it is a draft, received or cancelled.";
    OrderNotCancellable "order_not_cancellable" 409 "purchasing" "Part of the order has arrived, or it has ended.";
    OrderNotClosable "order_not_closable" 409 "purchasing" "Only an order of which part has arrived can be closed short.";
    OrderSiteMismatch "order_site_mismatch" 409 "purchasing" "The order is for another site than the one where the goods arrived.";
    OrderSupplierMismatch "order_supplier_mismatch" 409 "purchasing" "The order went to another supplier than the one that sent the goods.";
    ReceiptNotCorrectable "receipt_not_correctable" 409 "purchasing" "The receipt or the line was corrected or voided before, or not all units of it are inside.";
    IdentityFixed "identity_fixed" 409 "admin" "What other records know it by cannot be corrected; retire it and register another.";
    ProductInUse "product_in_use" 409 "admin" "Lots of the product are on record that are counted or identified by what the correction takes away.";
    AlreadyRetired "already_retired" 409 "admin" "It was retired before.";
    Retired "retired" 409 "admin" "What is retired stays as it is: reinstate it first.";
    NotRetired "not_retired" 409 "admin" "It is in use: only what was retired is reinstated.";
    PlaceInUse "place_in_use" 409 "quality" "Units lie there that would no longer be allowed there; the dependents say of which lots.";
    LotNotAtLocation "lot_not_at_location" 409 "quality" "The location holds other lots, and never held the lot that was counted.";
    EvidenceQuotaExceeded "evidence_quota_exceeded" 409 "admin" "The files of the organisation would have more bytes than its policy allows (evidence_quota_bytes).";
    LabelNotPossible "label_not_possible" 409 "quality" "What the label would say has no place in its code.";
    PreconditionFailed "precondition_failed" 412 "caller" "Another version is in force than the one that If-Match names.";
    BodyTooLarge "body_too_large" 413 "caller" "The body is larger than this operation takes.";
    UriTooLong "uri_too_long" 414 "caller" "The request line is too long.";
    UnsupportedMediaType "unsupported_media_type" 415 "caller" "The body is of a type that the operation does not take, or compressed.";
    InvalidBody "invalid_body" 422 "caller" "The body is JSON, but not of the form that the operation takes.";
    UnknownField "unknown_field" 422 "caller" "The body has a field that the operation does not know.";
    DuplicateField "duplicate_field" 422 "caller" "An object of the body names a field twice.";
    NotText "not_text" 422 "caller" "A text of the body has a character that is none: one of Unicode's noncharacters.";
    MissingField "missing_field" 422 "caller" "The body lacks a field that the operation needs.";
    ReadOnlyField "read_only_field" 422 "caller" "A field that only the server sets has another value than the one that stands.";
    InvalidValue "invalid_value" 422 "caller" "A value is not one of those that are allowed.";
    ReferenceUnknown "reference_unknown" 422 "caller" "An id in the body names nothing that exists.";
    InvalidName "invalid_name" 422 "caller" "A name is empty, too long, has control characters or nothing that is seen.";
    MixedScripts "mixed_scripts" 422 "caller" "A word of a name has letters of several scripts, so that it can be taken for another.";
    InvalidText "invalid_text" 422 "caller" "A text is empty, too long or has control characters.";
    InvalidCode "invalid_code" 422 "caller" "A scanned code is empty or too long.";
    CodeUnreadable "code_unreadable" 422 "caller" "The scanned code cannot be decoded; the message says where and why.";
    ContradictoryInspection "contradictory_inspection" 422 "caller" "A criterion failed, and no unit did.";
    InvalidJurisdiction "invalid_jurisdiction" 422 "caller" "A jurisdiction is not an ISO 3166 code.";
    InvalidCountry "invalid_country" 422 "caller" "A country is not an ISO 3166-1 alpha-2 code.";
    InvalidTimeZone "invalid_time_zone" 422 "caller" "A time zone is not an IANA name.";
    InvalidGtin "invalid_gtin" 422 "caller" "A GTIN has the wrong length or a wrong check digit.";
    InvalidUdiDi "invalid_udi_di" 422 "caller" "A device identifier is none that its scheme gives out.";
    InvalidGln "invalid_gln" 422 "caller" "A GLN has the wrong length or a wrong check digit.";
    InvalidLot "invalid_lot" 422 "caller" "A lot number has forbidden characters or the wrong length.";
    InvalidSerial "invalid_serial" 422 "caller" "A serial number has forbidden characters or the wrong length.";
    InvalidDate "invalid_date" 422 "caller" "A date is not a calendar day YYYY-MM-DD in the years 0001 to 9999.";
    InvalidTime "invalid_time" 422 "caller" "A time is not RFC 3339.";
    InvalidUnits "invalid_units" 422 "caller" "A number of units is not a whole number in the allowed range.";
    InvalidPacks "invalid_packs" 422 "caller" "A number of packs is not a whole number in the allowed range.";
    InvalidUnitsPerPack "invalid_units_per_pack" 422 "caller" "The number of units in a pack is not in the allowed range.";
    InvalidAmount "invalid_amount" 422 "caller" "An amount is not a decimal number as text, or is nothing where there must be something.";
    AmountExceedsUnits "amount_exceeds_units" 422 "caller" "The amounts used and discarded are more than the units hold.";
    InvalidTemperature "invalid_temperature" 422 "caller" "A temperature is outside what can be meant.";
    InvalidPatientRef "invalid_patient_ref" 422 "caller" "A patient reference is empty or too long.";
    InvalidSha256 "invalid_sha256" 422 "caller" "A digest is not 64 lower-case hexadecimal digits.";
    InvalidLicenceNumber "invalid_licence_number" 422 "caller" "The licence number is not one that this authority gives out.";
    ValidityReversed "validity_reversed" 422 "caller" "A period ends before it starts.";
    BandReversed "band_reversed" 422 "caller" "A temperature band ends below its start.";
    HolderKindMismatch "holder_kind_mismatch" 422 "caller" "This kind of licence is not one that such a holder can hold.";
    DuplicateEntry "duplicate_entry" 422 "caller" "A list names the same thing twice.";
    IdentifierUnits "identifier_units" 422 "caller" "An identifier counts units that cannot be those of a unit, a pack or a case of the product.";
    EmptyList "empty_list" 422 "caller" "A list needs at least one entry.";
    ListTooLong "list_too_long" 422 "caller" "A list has more entries than one request may carry.";
    LotRequired "lot_required" 422 "caller" "The code carries no lot; lots are never guessed.";
    ExpiryRequired "expiry_required" 422 "caller" "The code carries no expiry; expiries are never guessed.";
    SerialPacksMismatch "serial_packs_mismatch" 422 "caller" "A serial number marks one pack, so there must be as many packs as serial numbers.";
    NothingToCorrect "nothing_to_correct" 422 "caller" "The correction says what the line says already.";
    SerialsMismatch "serials_mismatch" 422 "caller" "The packs named by serial number hold another number of units than asked for.";
    OccurredInFuture "occurred_in_future" 422 "caller" "The time given lies in the future.";
    OccurredTooEarly "occurred_too_early" 422 "caller" "It cannot have happened before what it ends or reverses.";
    OccurredTooLongAgo "occurred_too_long_ago" 422 "caller" "The time given lies further back than can be entered late.";
    InspectionUnits "inspection_units" 422 "caller" "Units passed and units failed must be whole numbers that add up to at least one.";
    LocationRequired "location_required" 422 "caller" "Units of the lot lie in several locations: say which.";
    SameLocation "same_location" 422 "caller" "Units cannot be moved to where they are.";
    EvidenceEmpty "evidence_empty" 422 "caller" "The uploaded file has no bytes.";
    EvidenceTypeMismatch "evidence_type_mismatch" 422 "caller" "The uploaded file is not of the type that its Content-Type says.";
    PictureUnreadable "picture_unreadable" 422 "caller" "The body is no picture of the type that its Content-Type says, or a damaged one.";
    PictureTooLarge "picture_too_large" 422 "caller" "The picture has more pixels than are looked at.";
    NoCodeFound "no_code_found" 422 "caller" "No code could be read from the picture.";
    SeveralPacks "several_packs" 422 "caller" "The picture shows codes of different packs; which one is meant is not guessed.";
    IdempotencyKeyReused "idempotency_key_reused" 422 "caller" "The Idempotency-Key was used before for another request.";
    PreconditionRequired "precondition_required" 428 "caller" "What replaces a version must name it in If-Match.";
    TooManyRequests "too_many_requests" 429 "caller" "Too many requests without a valid token, or that were refused or have failed; wait as long as Retry-After says.";
    HeadTooLarge "head_too_large" 431 "caller" "The request has too many headers, or too long ones.";
    Internal "internal" 500 "operator" "Something went wrong on our side; nothing was changed. The request id finds it in the log.";
    EvidenceDamaged "evidence_damaged" 500 "operator" "The file is no longer what was uploaded, and is not given out. Restore it, or upload the same file again.";
    Unavailable "unavailable" 503 "operator" "The service cannot answer at the moment; try again. Nothing was changed.";
    NotReady "not_ready" 503 "operator" "The process lacks something that it needs: the dependencies say what.";
    Overloaded "overloaded" 503 "caller" "Too much is waiting; try again after the time given.";
    ReadTimeLimit "read_time_limit" 503 "operator" "Reading took too long and was ended.";
    PictureTimeLimit "picture_time_limit" 503 "caller" "Looking for codes in the picture took too long.";
}

words! {
    /// What can rest on something else.
    DependentType {
        /// An order.
        Order "order",
        /// A receipt.
        Receipt "receipt",
        /// A line of a receipt.
        ReceiptLine "receipt_line",
        /// A packaging inspection.
        Inspection "inspection",
        /// A release from quarantine.
        Release "release",
        /// A movement of stock: a transfer, wastage, return, destruction or count.
        Movement "movement",
        /// An administration.
        Administration "administration",
        /// A hold.
        Hold "hold",
        /// A lot.
        Lot "lot",
        /// A pack.
        Pack "pack",
        /// A location.
        Location "location",
        /// A licence.
        Licence "licence",
        /// A check of a licence.
        LicenceCheck "licence_check",
    }
}

/// Something that rests on what was to be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Dependent {
    /// The kind of thing.
    #[serde(rename = "type")]
    pub kind: DependentType,
    /// Its id.
    pub id: String,
}

impl Dependent {
    /// The most that one problem names.
    pub const MOST: usize = 100;
    /// The most that its sentence names.
    const SAID: usize = 10;

    /// A dependent by its kind and id.
    pub fn new(kind: DependentType, id: impl ToString) -> Self {
        Dependent { kind, id: id.to_string() }
    }
}

/// What a caller is told of a rate, in the words of draft-ietf-httpapi-ratelimit-headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What is allowed.
    pub policy: String,
    /// What remains of it.
    pub remains: String,
}

/// Too many, and when there may be more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// What the caller is told of the rate.
    pub told: Told,
    /// After how many seconds there may be another one.
    pub wait_seconds: u64,
}

/// A problem on its way to the caller. What it holds may be read by anyone who could send the request.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which problem.
    pub code: ProblemCode,
    /// What is wrong with this request.
    pub detail: String,
    /// Which fields are wrong, as paths such as `lines[0].packs`.
    pub fields: Vec<String>,
    /// The reasons, where a rule refused.
    pub reasons: Vec<Reason>,
    /// What stands in the way or rests on what was to be taken back, the first of it.
    pub dependents: Box<[Dependent]>,
    /// The methods that a path knows, for 405.
    pub allow: Option<Box<str>>,
    /// How many there may be, and when again, for 429.
    pub too_many: Option<Box<TooMany>>,
}

impl Problem {
    /// A problem with its code and a sentence about this request.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Problem {
            code,
            detail,
            fields: Vec::new(),
            reasons: Vec::new(),
            dependents: Box::default(),
            allow: None,
            too_many: None,
        }
    }

    /// The same, pointing at a field.
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.fields.push(field.into());
        self
    }

    /// What cannot be taken back, and the things that rest on it. Past [`Dependent::MOST`] it says only that there are
    /// more.
    pub fn rests_on(what: &str, mut dependents: Vec<Dependent>) -> Self {
        let more = dependents.len() > Dependent::MOST;
        dependents.truncate(Dependent::MOST);
        let said: Vec<_> = dependents.iter().take(Dependent::SAID).map(|d| format!("{} {}", d.kind, d.id)).collect();
        let unsaid = dependents.len().saturating_sub(said.len());
        let rest = match (more, unsaid) {
            (false, 0) => String::new(),
            (false, unsaid) => format!(" and {unsaid} more"),
            (true, unsaid) => format!(" and more than {unsaid} more"),
        };
        let detail = format!("{what} cannot be taken back: {}{rest} rest on it.", said.join(", "));
        Problem { dependents: dependents.into(), ..Problem::new(ProblemCode::OthersRestOnIt, detail) }
    }

    /// The refusal of a gate.
    pub fn refused(reasons: Vec<Reason>) -> Self {
        let detail = reasons.iter().map(|r| r.message.as_str()).collect::<Vec<_>>().join(" ");
        Problem { reasons, ..Problem::new(ProblemCode::GateRefused, detail) }
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        let code = ProblemCode::named(&invalid.code).unwrap_or(ProblemCode::InvalidBody);
        Problem::new(code, format!("The value {}.", invalid.rule))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

/// The body of every error, `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Leads to the documentation of the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// One line that says what the code means.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request.
    pub detail: String,
    /// The request id: names this occurrence in the log.
    pub instance: String,
    /// The stable code.
    pub code: String,
    /// Which fields are wrong, as paths such as `lines[0].packs`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The reasons, where a rule refused (`gate_refused`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// What stands in the way or rests on what was to be taken back, the first of it; `detail` says how much there is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependents: Vec<Dependent>,
}

impl Problem {
    /// The body, with the request id that names this occurrence.
    pub fn body(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            kind: format!("{DOCUMENTATION}#{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.clone(),
            instance: format!("urn:request:{request_id}"),
            code: self.code.as_str().to_owned(),
            fields: self.fields.clone(),
            reasons: self.reasons.clone(),
            dependents: self.dependents.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rests_on_it_is_listed_and_bounded() {
        let of = |count: usize| {
            let all = (0..count).map(|n| Dependent::new(DependentType::Order, format!("o{n}"))).collect();
            Problem::rests_on("The licence", all)
        };
        assert_eq!(of(2).detail, "The licence cannot be taken back: order o0, order o1 rest on it.");
        assert!(of(12).detail.ends_with("order o9 and 2 more rest on it."), "{}", of(12).detail);
        assert!(of(101).detail.ends_with("order o9 and more than 90 more rest on it."), "{}", of(101).detail);
        assert_eq!([2, 100, 101].map(|count| of(count).dependents.len()), [2, 100, 100]);
    }
}
