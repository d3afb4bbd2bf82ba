//! The table of problem codes: what several slices answer. It stands below the values, each of which says by one of them why
//! it was refused.

use std::fmt;

/// Declares problem codes: status, who acts on it, title; and what one says of a request, with the fields that it points at.
macro_rules! problems {
    ($($variant:ident $code:literal $status:literal $acts:literal $title:literal $detail:literal [$($field:literal),*];)+) => {
        #[allow(non_upper_case_globals)] // they are read like the variants of an enum that every slice adds to
        impl $crate::problem_code::ProblemCode {
            $(#[doc = $title] pub const $variant: Self = $crate::problem_code::ProblemCode(&$crate::problem_code::Row {
                code: $code,
                status: $status,
                acts: $acts,
                title: $title,
                example: ($detail, &[$($field),*]),
            });)+
        }

        /// The problems that are declared here.
        pub const PROBLEMS: &[$crate::problem_code::ProblemCode] = &[$($crate::problem_code::ProblemCode::$variant,)+];
    };
}
pub(crate) use problems;

/// What is known of a problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The stable code.
    pub code: &'static str,
    /// The HTTP status that goes with it.
    pub status: u16,
    /// Who can do something about it.
    pub acts: &'static str,
    /// One line that says what it means.
    pub title: &'static str,
    /// What one says of a request, as the server has answered it, and the fields that it points at.
    pub example: (&'static str, &'static [&'static str]),
}

/// A problem that the API can answer. What several slices speak of is declared here, the rest in the slice that it belongs
/// to; [`crate::house::problems`] has them all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ProblemCode(pub &'static Row);

impl fmt::Debug for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}

impl ProblemCode {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        self.0.code
    }

    /// The HTTP status that goes with it.
    pub const fn status(self) -> u16 {
        self.0.status
    }

    /// One line that says what it means.
    pub const fn title(self) -> &'static str {
        self.0.title
    }

    /// Who can do something about it.
    pub const fn acts(self) -> &'static str {
        self.0.acts
    }

    /// What one says of a request, and the fields that it points at.
    pub const fn example(self) -> (&'static str, &'static [&'static str]) {
        self.0.example
    }

    /// The code of that name, of those that refuse a value: they are declared here.
    pub fn named(code: &str) -> Option<Self> {
        PROBLEMS.iter().copied().find(|known| known.as_str() == code)
    }
}

problems! {
    MalformedJson "malformed_json" 400 "caller" "The body is not JSON."
        "The body is not JSON: it breaks off at line 1, column 1." [];
    MalformedForm "malformed_form" 400 "caller" "The body is no form (multipart/form-data) that can be read: without boundaries, or cut off."
        "The body is no form with a file: it ends before its last boundary." [];
    MalformedQuery "malformed_query" 400 "caller" "A query parameter is unknown or has a value that does not fit."
        "missing field `product_id`." [];
    NestedTooDeeply "nested_too_deeply" 400 "caller" "Arrays and objects of the body lie in each other deeper than any body of this API."
        "The body nests deeper than any body of this API." [];
    InvalidCursor "invalid_cursor" 400 "caller" "The cursor is not one that this list gave out."
        "The cursor is not one that this list gave out." [];
    InvalidIdempotencyKey "invalid_idempotency_key" 400 "caller" "The Idempotency-Key is empty, too long or has characters that are not allowed."
        "The Idempotency-Key must be given once and have 1 to 128 printable ASCII characters without spaces." [];
    Unauthenticated "unauthenticated" 401 "caller" "The request carries no token, or one that is not valid now."
        "Send a valid token: Authorization: Bearer …" [];
    Forbidden "forbidden" 403 "admin" "The roles of the token do not allow this operation."
        "lift_hold is for: quality." [];
    BeyondYourSites "beyond_your_sites" 403 "admin" "The token is for some sites, and this reaches further: to what all sites share, or to what is at others."
        "The hold on a product is shared by all sites, and your token is not for all of them." [];
    NotFound "not_found" 404 "caller" "Nothing of that name exists."
        "There is no such receipt." [];
    MethodNotAllowed "method_not_allowed" 405 "caller" "The path exists, but not with this method."
        "This address answers GET, not PUT." [];
    RequestTimeout "request_timeout" 408 "caller" "The body did not arrive in time; the connection is closed."
        "The body did not arrive in time." [];
    GateRefused "gate_refused" 409 "see reasons" "A rule forbids this step; the reasons say why. Nothing was changed."
        "2 units of lot HC24A are in quarantine; they were not released." [];
    IdempotencyKeyInFlight "idempotency_key_in_flight" 409 "caller" "A request with the same Idempotency-Key is being worked on."
        "A request with the same Idempotency-Key is being worked on." [];
    OthersRestOnIt "others_rest_on_it" 409 "quality" "Something else on record rests on it: the dependents say what."
        "The licence cannot be taken back: order ord_01932c07-8d00-7000-8000-000000000007, administration adm_01932c07-8d00-7000-8000-000000000009 rest on it." [];
    AlreadyReversed "already_reversed" 409 "quality" "It was reversed before, and counts for nothing."
        "The check was reversed at 2026-07-01 10:00 UTC by quality: Keyed for the wrong licence" [];
    AlreadyVoided "already_voided" 409 "caller" "It was voided before; a void cannot be voided."
        "This administration was voided before." [];
    PatientErased "patient_erased" 409 "caller" "The patient was erased: nothing can be added to what is recorded of them."
        "The patient was erased: nothing can be added to what is recorded of them." [];
    OrderNotDraft "order_not_draft" 409 "purchasing" "The order is no longer a draft."
        "A draft can be changed or placed; this one is placed." [];
    OrderNotOpen "order_not_open" 409 "purchasing" "The order takes no goods: it is a draft or cancelled, or all of it came and what comes now replaces nothing."
        "Goods are received against an order that was placed and that waits for some; this one is draft." [];
    OrderNotCancellable "order_not_cancellable" 409 "purchasing" "Part of the order has arrived, or it has ended."
        "An order can be cancelled while nothing of it has arrived; this one is received." [];
    OrderNotClosable "order_not_closable" 409 "purchasing" "Only an order of which part has arrived can be closed short."
        "An order can be closed short when part of it has arrived; this one is draft." [];
    IdentityFixed "identity_fixed" 409 "admin" "What other records know it by cannot be corrected; retire it and register another."
        "gtin cannot be corrected: retire this one and register another." ["gtin"];
    AlreadyRetired "already_retired" 409 "admin" "It was retired before."
        "Spelt rightly was retired at 2026-07-02 10:00 UTC." [];
    Retired "retired" 409 "admin" "What is retired stays as it is: reinstate it first."
        "Fridge 1 was retired at 2026-07-02 10:00 UTC: reinstate the location first." [];
    NotRetired "not_retired" 409 "admin" "It is in use: only what was retired is reinstated."
        "Fridge 1 is in use." [];
    PlaceInUse "place_in_use" 409 "quality" "Units lie there that would no longer be allowed there; the dependents say of which lots."
        "2 units of 1 lot in Fridge 1 could not stay there: move them first." [];
    AnswerNoLongerKept "answer_no_longer_kept" 410 "caller" "The request was done before; what was answered then cannot be shown again as it was."
        "The request was done before; what was answered then cannot be shown again as it was." [];
    PreconditionFailed "precondition_failed" 412 "caller" "Another version is in force than the one that If-Match names."
        "Version 2 is in force: read it and make your change again." [];
    BodyTooLarge "body_too_large" 413 "caller" "The body is larger than this operation takes."
        "The body may have at most 1048576 bytes." [];
    UriTooLong "uri_too_long" 414 "caller" "The request line is too long."
        "The request line is too long." [];
    UnsupportedMediaType "unsupported_media_type" 415 "caller" "The body is of a type that the operation does not take, or compressed."
        "Send the body uncompressed." [];
    InvalidBody "invalid_body" 422 "caller" "The body is JSON, but not of the form that the operation takes."
        "time_zone must be text." ["time_zone"];
    UnknownField "unknown_field" 422 "caller" "The body has a field that the operation does not know."
        "The body has an unknown field `colour`, expected one of `name`, `jurisdiction`, `time_zone`." ["colour"];
    DuplicateField "duplicate_field" 422 "caller" "An object of the body names a field twice."
        "The body names units twice." ["units"];
    NotText "not_text" 422 "caller" "A text of the body has a character that is none: one of Unicode's noncharacters."
        "name has a character that is none: U+FFFE." ["name"];
    MissingField "missing_field" 422 "caller" "The body lacks a field that the operation needs."
        "The body lacks time_zone." [];
    ReadOnlyField "read_only_field" 422 "caller" "A field that only the server sets has another value than the one that stands."
        "registered_at is set by the server: send it as it stands, or leave it out." ["registered_at"];
    InvalidValue "invalid_value" 422 "caller" "A value is not one of those that are allowed."
        "retention_years must be from 1 to 100." ["retention_years"];
    ReferenceUnknown "reference_unknown" 422 "caller" "An id in the body names nothing that exists."
        "lot_id names nothing that exists." ["lot_id"];
    InvalidName "invalid_name" 422 "caller" "A name is empty, too long, has control characters or nothing that is seen."
        "name must have 1 to 200 characters, no control characters and no space at its ends." ["name"];
    MixedScripts "mixed_scripts" 422 "caller" "A word of a name has letters of several scripts, so that it can be taken for another."
        "The value must not mix scripts within a word: \\u{430}nn has letters of several." ["subject"];
    InvalidText "invalid_text" 422 "caller" "A text is empty, too long or has control characters."
        "reason must have 1 to 2000 characters and no control characters but line breaks." ["reason"];
    InvalidCode "invalid_code" 422 "caller" "A scanned code is empty or too long."
        "lines[0].scan must have 1 to 4096 characters." ["lines[0].scan"];
    CodeUnreadable "code_unreadable" 422 "caller" "The scanned code cannot be decoded; the message says where and why."
        "AI 01 (GTIN) has 4 characters and needs 14. (at character 10, value_too_short)" ["lines[0].scan"];
    InvalidJurisdiction "invalid_jurisdiction" 422 "caller" "A jurisdiction is not an ISO 3166 code."
        "jurisdiction must be an ISO 3166-1 alpha-2 country such as GB, or an ISO 3166-2 subdivision such as GB-ENG." ["jurisdiction"];
    InvalidCountry "invalid_country" 422 "caller" "A country is not an ISO 3166-1 alpha-2 code."
        "A country is not an ISO 3166-1 alpha-2 code." [];
    InvalidCurrency "invalid_currency" 422 "caller" "A currency is not an ISO 4217 code."
        "currency must be an ISO 4217 currency such as GBP." ["currency"];
    InvalidTimeZone "invalid_time_zone" 422 "caller" "A time zone is not an IANA name."
        "time_zone must be an IANA time zone such as Europe/London." ["time_zone"];
    InvalidGtin "invalid_gtin" 422 "caller" "A GTIN has the wrong length or a wrong check digit."
        "gtin must be a GTIN: 14 digits, the last of them its check digit." ["gtin"];
    InvalidUdiDi "invalid_udi_di" 422 "caller" "A device identifier is none that its scheme gives out."
        "identifiers[0].value must be the device identifier of HIBC or ICCBBA." ["identifiers[0].value"];
    InvalidGln "invalid_gln" 422 "caller" "A GLN has the wrong length or a wrong check digit."
        "A GLN has the wrong length or a wrong check digit." [];
    InvalidLot "invalid_lot" 422 "caller" "A lot number has forbidden characters or the wrong length."
        "lot must have 1 to 20 characters of GS1 character set 82: letters, digits and !\"%&'()*+,-./:;<=>?_." ["lot"];
    InvalidSerial "invalid_serial" 422 "caller" "A serial number has forbidden characters or the wrong length."
        "serials[0] must have 1 to 20 characters of GS1 character set 82: letters, digits and !\"%&'()*+,-./:;<=>?_." ["serials[0]"];
    InvalidDate "invalid_date" 422 "caller" "A date is not a calendar day YYYY-MM-DD in the years 0001 to 9999."
        "valid_to must be a calendar day YYYY-MM-DD in the years 0001 to 9999." ["valid_to"];
    InvalidTime "invalid_time" 422 "caller" "A time is not RFC 3339."
        "checked_at must be an RFC 3339 time such as 2026-11-21T09:30:00Z." ["checked_at"];
    InvalidUnits "invalid_units" 422 "caller" "A number of units is not a whole number in the allowed range."
        "units must be a whole number from 1 to 1000000." ["units"];
    InvalidPacks "invalid_packs" 422 "caller" "A number of packs is not a whole number in the allowed range."
        "packs must be a whole number from 1 to 10000." ["packs"];
    InvalidPrice "invalid_price" 422 "caller" "A price is not a whole number of minor units in the allowed range."
        "lines[0].pack_price_minor must be a whole number from 0 to 100000000000." ["lines[0].pack_price_minor"];
    InvalidUnitsPerPack "invalid_units_per_pack" 422 "caller" "The number of units in a pack is not in the allowed range."
        "units_per_pack must be a whole number from 1 to 1000." ["units_per_pack"];
    InvalidAmount "invalid_amount" 422 "caller" "An amount is not a decimal number as text, or is nothing where there must be something."
        "unit.amount must be a positive decimal number as text, such as \"1.25\"." ["unit.amount"];
    InvalidTemperature "invalid_temperature" 422 "caller" "A temperature is outside what can be meant."
        "storage.min_c must lie between -273.15 and 200 degrees Celsius." ["storage.min_c"];
    InvalidPatientRef "invalid_patient_ref" 422 "caller" "A patient reference is empty or too long."
        "patient_ref must have 1 to 64 characters, no control characters and no space at its ends." ["patient_ref"];
    InvalidSha256 "invalid_sha256" 422 "caller" "A digest is not 64 lower-case hexadecimal digits."
        "evidence_sha256 must be 64 lower-case hexadecimal digits." ["evidence_sha256"];
    BandReversed "band_reversed" 422 "caller" "A temperature band ends below its start."
        "max_c must not be below min_c." ["max_c"];
    DuplicateEntry "duplicate_entry" 422 "caller" "A list names the same thing twice."
        "product_classes names a class twice." ["product_classes"];
    EmptyList "empty_list" 422 "caller" "A list needs at least one entry."
        "lines needs at least one entry." ["lines"];
    ListTooLong "list_too_long" 422 "caller" "A list has more entries than one request may carry."
        "lines must have at most 500 entries." ["lines"];
    LotRequired "lot_required" 422 "caller" "The code carries no lot; lots are never guessed."
        "The code carries no lot. Type gtin, lot and expiry from the label." ["lines[0].scan"];
    ExpiryRequired "expiry_required" 422 "caller" "The code carries no expiry; expiries are never guessed."
        "lines[0].expiry is missing." ["lines[0].expiry"];
    SerialsMismatch "serials_mismatch" 422 "caller" "The packs named by serial number hold another number of units than asked for."
        "serials name packs that hold 4 units, not 3." ["serials"];
    OccurredInFuture "occurred_in_future" 422 "caller" "The time given lies in the future."
        "occurred_at lies in the future." ["occurred_at"];
    OccurredTooEarly "occurred_too_early" 422 "caller" "It cannot have happened before what it ends or reverses."
        "occurred_at lies before 2026-07-01T10:00:00.000092Z, when that happened which it ends or reverses." ["occurred_at"];
    OccurredTooLongAgo "occurred_too_long_ago" 422 "caller" "The time given lies further back than can be entered late."
        "occurred_at lies more than 30 days back." ["occurred_at"];
    LocationRequired "location_required" 422 "caller" "Units of the lot lie in several locations: say which."
        "location_id must be given: units of lot LOT1 lie in 2 locations." ["location_id"];
    IdempotencyKeyReused "idempotency_key_reused" 422 "caller" "The Idempotency-Key was used before for another request."
        "This Idempotency-Key was used for another request. Use a new key for a new request." [];
    PreconditionRequired "precondition_required" 428 "caller" "What replaces a version must name it in If-Match."
        "Send If-Match with the ETag of the version that this replaces, so that nobody's change is lost." [];
    TooManyRequests "too_many_requests" 429 "caller" "Too many requests without a valid token, or that were refused or have failed; wait as long as Retry-After says."
        "Too many failed requests: 600 in 60 s are allowed." [];
    HeadTooLarge "head_too_large" 431 "caller" "The request has too many headers, or too long ones."
        "The request has too many headers, or too long ones." [];
    Internal "internal" 500 "operator" "Something went wrong on our side; nothing was changed. The request id finds it in the log."
        "Something went wrong on our side; nothing was changed. The request id finds it in the log." [];
    Unavailable "unavailable" 503 "operator" "The service cannot answer at the moment; try again. Nothing was changed."
        "The database cannot be reached at the moment; try again." [];
    NotReady "not_ready" 503 "operator" "The process lacks something that it needs: the dependencies say what."
        "The process lacks something that it needs." [];
    Overloaded "overloaded" 503 "caller" "Too much is waiting; try again after the time given."
        "1024 changes are waiting; try again in 1 s." [];
    ReadTimeLimit "read_time_limit" 503 "operator" "Reading took too long and was ended."
        "Reading took too long and was ended." [];
    PictureTimeLimit "picture_time_limit" 503 "caller" "Looking for codes in the picture took too long."
        "No answer in time; send a smaller picture, close to the code." [];
}
