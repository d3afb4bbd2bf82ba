//! Which problems each operation can answer.
//!
//! Most follow from the operation's form: what it takes decides how that can be wrong, and the schema of a value says
//! which problem refuses it ([`PROBLEM_OF`]). The rest is the table below. The tests compare every answer that they get
//! with the document, so that what is missing here is found.

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems};
use utoipa::openapi::{Components, RefOr, Required, Schema};

use crate::http::access::{self, Reach};
use crate::http::problem::ProblemCode::{self, *};
use crate::values::PROBLEM_OF;

/// What the rules for taking units out answer.
const REMOVAL: &[ProblemCode] =
    &[GateRefused, SerialsMismatch, ListTooLong, DuplicateEntry, InvalidValue, OccurredInFuture, OccurredTooLongAgo];

/// What the rules of an operation answer beside what its form says.
pub const TABLE: &[(&str, &[ProblemCode])] = &[
    ("retire_site", &[AlreadyRetired, PlaceInUse]),
    ("retire_location", &[AlreadyRetired, PlaceInUse]),
    ("retire_product", &[AlreadyRetired]),
    ("retire_supplier", &[AlreadyRetired]),
    ("retire_practitioner", &[AlreadyRetired]),
    ("reinstate_site", &[NotRetired]),
    ("reinstate_location", &[NotRetired, Retired]),
    ("reinstate_product", &[NotRetired]),
    ("reinstate_supplier", &[NotRetired]),
    ("reinstate_practitioner", &[NotRetired]),
    ("correct_site", &[Retired]),
    ("create_location", &[BandReversed, EmptyList, DuplicateEntry]),
    ("correct_location", &[BandReversed, EmptyList, DuplicateEntry, IdentityFixed, Retired, PlaceInUse]),
    (
        "create_product",
        &[
            AlreadyExists,
            BandReversed,
            InvalidValue,
            ListTooLong,
            DuplicateEntry,
            IdentifierUnits,
            InvalidUdiDi,
            OccurredInFuture,
        ],
    ),
    (
        "correct_product",
        &[
            AlreadyExists,
            BandReversed,
            InvalidValue,
            ListTooLong,
            DuplicateEntry,
            IdentityFixed,
            ProductInUse,
            IdentifierUnits,
            InvalidUdiDi,
            OccurredInFuture,
            Retired,
        ],
    ),
    ("create_supplier", &[EmptyList, DuplicateEntry]),
    ("correct_supplier", &[EmptyList, DuplicateEntry, Retired]),
    ("create_practitioner", &[MixedScripts]),
    ("correct_practitioner", &[MixedScripts, Retired]),
    (
        "create_licence",
        &[ReferenceUnknown, ValidityReversed, InvalidLicenceNumber, HolderKindMismatch, EmptyList, DuplicateEntry],
    ),
    ("create_licence_check", &[ReferenceUnknown, AlreadyReversed, SelfApprovedCheck, CircularCheck, OccurredInFuture]),
    ("create_licence_reversal", &[AlreadyReversed, OthersRestOnIt, SelfApprovedCheck, CircularCheck]),
    ("create_licence_check_reversal", &[AlreadyReversed, OthersRestOnIt, SelfApprovedCheck, CircularCheck]),
    ("create_licence_acknowledgement", &[NothingToAcknowledge]),
    ("get_eligibility", &[ReferenceUnknown]),
    ("get_attention", &[ReferenceUnknown]),
    ("set_policies", &[InvalidValue, EmptyList, ListTooLong, DuplicateEntry]),
    ("create_order", &[EmptyList, ListTooLong]),
    ("place_order", &[GateRefused, OrderNotDraft]),
    ("cancel_order", &[OrderNotCancellable]),
    ("close_order", &[OrderNotClosable]),
    (
        "create_receipt",
        &[
            GateRefused,
            OrderNotOpen,
            OrderSiteMismatch,
            OrderSupplierMismatch,
            CodeUnreadable,
            LotRequired,
            ExpiryRequired,
            InvalidValue,
            SerialPacksMismatch,
            EmptyList,
            ListTooLong,
            DuplicateEntry,
            OccurredInFuture,
            OccurredTooLongAgo,
        ],
    ),
    (
        "create_receipt_correction",
        &[
            GateRefused,
            ReferenceUnknown,
            ReceiptNotCorrectable,
            OthersRestOnIt,
            OrderNotOpen,
            OrderSiteMismatch,
            OrderSupplierMismatch,
            NothingToCorrect,
            InvalidPacks,
            SerialPacksMismatch,
            MissingField,
            ListTooLong,
            DuplicateEntry,
        ],
    ),
    ("create_receipt_void", &[AlreadyVoided, ReceiptNotCorrectable, OthersRestOnIt]),
    (
        "create_inspection",
        &[
            GateRefused,
            UnitsAlreadyInspected,
            InspectionUnits,
            ContradictoryInspection,
            MissingField,
            SerialsMismatch,
            EmptyList,
            ListTooLong,
            DuplicateEntry,
            InvalidValue,
            OccurredInFuture,
            OccurredTooLongAgo,
        ],
    ),
    (
        "create_release",
        &[GateRefused, SerialsMismatch, ListTooLong, DuplicateEntry, OccurredInFuture, OccurredTooLongAgo],
    ),
    ("create_inspection_reversal", &[OthersRestOnIt, AlreadyReversed]),
    ("create_evidence", &[EvidenceEmpty, EvidenceTypeMismatch, EvidenceQuotaExceeded, Unavailable]),
    ("get_evidence", &[EvidenceDamaged]),
    ("create_hold", &[ReferenceUnknown, OccurredInFuture, OccurredTooLongAgo]),
    ("lift_hold", &[HoldAlreadyLifted, SelfLiftedHold, OccurredTooEarly, OccurredInFuture, OccurredTooLongAgo]),
    (
        "create_transfer",
        &[
            GateRefused,
            SameLocation,
            SerialsMismatch,
            ListTooLong,
            DuplicateEntry,
            InvalidValue,
            OccurredInFuture,
            OccurredTooLongAgo,
        ],
    ),
    ("create_wastage", REMOVAL),
    ("create_return", REMOVAL),
    ("create_destruction", REMOVAL),
    (
        "create_count",
        &[
            GateRefused,
            Retired,
            LotNotAtLocation,
            InvalidUnits,
            SerialsMismatch,
            ListTooLong,
            DuplicateEntry,
            OccurredInFuture,
            OccurredTooLongAgo,
        ],
    ),
    ("approve_count", &[GateRefused, Retired, CountAlreadyReviewed, SelfReviewedCount, SerialsMismatch]),
    ("reject_count", &[CountAlreadyReviewed, SelfReviewedCount]),
    (
        "create_movement_reversal",
        &[
            GateRefused,
            OthersRestOnIt,
            AlreadyReversed,
            NothingToReverse,
            Retired,
            OccurredTooEarly,
            OccurredInFuture,
            OccurredTooLongAgo,
        ],
    ),
    ("get_lot_label_svg", &[LabelNotPossible, ReferenceUnknown]),
    ("get_lot_label_png", &[LabelNotPossible, ReferenceUnknown]),
    ("create_scan", &[CodeUnreadable, LotRequired, ExpiryRequired, OccurredInFuture, OccurredTooLongAgo]),
    (
        "create_image_scan",
        &[
            ReferenceUnknown,
            CodeUnreadable,
            LotRequired,
            ExpiryRequired,
            InvalidCode,
            PictureUnreadable,
            PictureTooLarge,
            NoCodeFound,
            SeveralPacks,
            Overloaded,
            PictureTimeLimit,
        ],
    ),
    (
        "create_administration",
        &[
            GateRefused,
            CodeUnreadable,
            LotRequired,
            ExpiryRequired,
            AmountExceedsUnits,
            OccurredInFuture,
            OccurredTooLongAgo,
        ],
    ),
    ("search_administrations", &[InvalidCursor]),
    ("void_administration", &[AlreadyVoided, LocationRequired, OccurredTooEarly, OccurredInFuture, OccurredTooLongAgo]),
    ("confirm_administration", &[AlreadyVoided, NothingToConfirm, NotYoursToConfirm]),
    ("close_deviation", &[DeviationAlreadyClosed, SelfClosedDeviation]),
];

/// Whether an operation changes something, and so may be repeated with an `Idempotency-Key`.
pub fn changes(id: &str) -> bool {
    access::turn(id).is_some()
}

/// Every problem that an operation can answer, in the order of the table of all problems.
pub fn of(operation: &Operation, components: &Components) -> Vec<ProblemCode> {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let mut found = vec![
        MalformedQuery,
        Unauthenticated,
        Forbidden,
        UriTooLong,
        TooManyRequests,
        HeadTooLarge,
        Internal,
        Unavailable,
        ReadTimeLimit,
    ];
    let mut values = Values { components, codes: BTreeSet::new(), seen: BTreeSet::new() };
    for parameter in operation.parameters.iter().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        match parameter.parameter_in {
            ParameterIn::Path => found.push(NotFound),
            ParameterIn::Query if parameter.name == "cursor" => found.extend([MalformedQuery, InvalidCursor]),
            ParameterIn::Query => found.push(MalformedQuery),
            ParameterIn::Header if parameter.name == "If-Match" => {
                found.extend([PreconditionFailed, ReadOnlyField, MissingField]);
                let is_needed = matches!(parameter.required, Required::True);
                found.extend(is_needed.then_some(PreconditionRequired));
            }
            _ => {}
        }
    }
    if let Some(RefOr::T(body)) = &operation.request_body {
        found.extend([RequestTimeout, BodyTooLarge, UnsupportedMediaType, MalformedJson]);
        if let Some(RefOr::T(content)) = body.content.get("application/json") {
            found.extend([NestedTooDeeply, InvalidBody, UnknownField, DuplicateField, ListTooLong, NotText]);
            content.schema.iter().for_each(|schema| values.walk(schema));
        }
    }
    if access::of(id).is_some_and(|access| access.reach != Reach::Sites) {
        found.push(BeyondYourSites);
    }
    if changes(id) {
        found.extend([InvalidIdempotencyKey, IdempotencyKeyInFlight, IdempotencyKeyReused, Overloaded]);
    }
    found.extend(values.codes.iter().filter_map(|code| ProblemCode::named(code)));
    // A change of a part is held to the same rules as one of the whole.
    let whole = match id.strip_prefix("patch_") {
        Some("policies") => "set_policies".to_owned(),
        Some(kind) => format!("correct_{kind}"),
        None => id.to_owned(),
    };
    found.extend(TABLE.iter().filter(|(of, _)| *of == whole).flat_map(|(_, codes)| codes.iter().copied()));
    ProblemCode::ALL.iter().copied().filter(|code| found.contains(code)).collect()
}

/// The problems that refuse the values of a schema.
struct Values<'a> {
    components: &'a Components,
    codes: BTreeSet<String>,
    seen: BTreeSet<String>,
}

impl Values<'_> {
    fn walk(&mut self, schema: &RefOr<Schema>) {
        let schema = match schema {
            RefOr::T(schema) => schema,
            RefOr::Ref(reference) => {
                let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
                if !self.seen.insert(name.to_owned()) {
                    return;
                }
                let components = self.components;
                if let Some(schema) = components.schemas.get(name) {
                    self.walk(schema);
                }
                return;
            }
        };
        match schema {
            Schema::Object(object) => {
                let named =
                    object.extensions.as_ref().and_then(|all| all.get(PROBLEM_OF)).and_then(|code| code.as_str());
                self.codes.extend(named.map(str::to_owned));
                let is_date = serde_json::to_value(&object.format).is_ok_and(|format| format == "date");
                if is_date {
                    self.codes.insert(InvalidDate.as_str().to_owned());
                }
                if !object.required.is_empty() {
                    self.codes.insert(MissingField.as_str().to_owned());
                }
                object.properties.values().for_each(|property| self.walk(property));
                if let Some(AdditionalProperties::RefOr(schema)) = object.additional_properties.as_deref() {
                    self.walk(schema);
                }
            }
            Schema::Array(array) => {
                if array.min_items.is_some_and(|least| least > 0) {
                    self.codes.insert(EmptyList.as_str().to_owned());
                }
                if let ArrayItems::RefOrSchema(items) = &array.items {
                    self.walk(items);
                }
            }
            Schema::OneOf(one) => one.items.iter().for_each(|item| self.walk(item)),
            Schema::AllOf(all) => all.items.iter().for_each(|item| self.walk(item)),
            Schema::AnyOf(any) => any.items.iter().for_each(|item| self.walk(item)),
            _ => {}
        }
    }
}
