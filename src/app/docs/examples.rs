//! An example of each code, as the server has answered it.

/// What a problem says of a request, and the fields that it points at.
pub fn problem(code: &str) -> (&'static str, &'static [&'static str]) {
    match code {
        "malformed_json" => ("The body is not JSON: it breaks off at line 1, column 1.", &[]),
        "malformed_query" => ("missing field `product_id`.", &[]),
        "invalid_cursor" => ("The cursor is not one that this list gave out.", &[]),
        "invalid_idempotency_key" => {
            ("The Idempotency-Key must be given once and have 1 to 128 printable ASCII characters without spaces.", &[])
        }
        "unauthenticated" => ("Send a valid token: Authorization: Bearer …", &[]),
        "forbidden" => ("lift_hold is for: quality.", &[]),
        "beyond_your_sites" => {
            ("The hold on a product is shared by all sites, and your token is not for all of them.", &[])
        }
        "not_found" => ("There is no such receipt.", &[]),
        "method_not_allowed" => ("This address answers GET, not PUT.", &[]),
        "gate_refused" => ("2 units of lot HC24A are in quarantine; they were not released.", &[]),
        "already_exists" => ("GTIN 09521234567899 is in the catalogue already.", &[]),
        "idempotency_key_in_flight" => ("A request with the same Idempotency-Key is being worked on.", &[]),
        "units_already_inspected" => ("Of lot LOT1 4 units wait there for inspection, not 5.", &[]),
        "self_approved_check" => ("Nobody checks their own licence: somebody else must.", &[]),
        "circular_check" => {
            ("Two people cannot vouch for each other: the holder has checked a licence of the one who checks.", &[])
        }
        "count_already_reviewed" => ("The difference of this count does not wait for anybody.", &[]),
        "self_reviewed_count" => ("Whoever counted cannot review the difference: a second person must.", &[]),
        "contradictory_inspection" => (
            "checks[2].result says that label_legible failed, and units_failed says that no unit did.",
            &["checks[2].result"],
        ),
        "occurred_too_early" => (
            "occurred_at lies before 2026-07-01T10:00:00.000092Z, when that happened which it ends or reverses.",
            &["occurred_at"],
        ),
        "others_rest_on_it" => (
            "The licence cannot be taken back: order ord_01932c07-8d00-7000-8000-000000000007, administration adm_01932c07-8d00-7000-8000-000000000009 rest on it.",
            &[],
        ),
        "already_reversed" => {
            ("The check was reversed at 2026-07-01T10:00:00.000041Z by quality: Keyed for the wrong licence", &[])
        }
        "nothing_to_reverse" => (
            "The difference of this count waits for a second person: nothing was posted that could be turned round.",
            &[],
        ),
        "nothing_to_acknowledge" => ("The licence has touched nothing that was not acknowledged.", &[]),
        "not_yours_to_confirm" => (
            "Those confirm who treated or prescribed, with their own token, and not what they recorded themselves. One of whom no subject is known cannot: an admin sets it.",
            &[],
        ),
        "nothing_to_confirm" => {
            ("This administration waits for nobody: whoever treated recorded it, or the policy asks for no more.", &[])
        }
        "already_voided" => ("This administration was voided before.", &[]),
        "deviation_already_closed" => ("This deviation was closed before.", &[]),
        "self_closed_deviation" => ("You recorded this or treated: somebody else must close it.", &[]),
        "self_lifted_hold" => ("You opened this hold over a whole product: somebody else must lift it.", &[]),
        "hold_already_lifted" => ("This hold was lifted before.", &[]),
        "order_not_draft" => ("Only a draft can be placed; this one is placed.", &[]),
        "order_not_open" => ("Goods are received against an order that waits for them; this one is draft.", &[]),
        "order_not_cancellable" => {
            ("An order can be cancelled while nothing of it has arrived; this one is received.", &[])
        }
        "order_not_closable" => ("An order can be closed short when part of it has arrived; this one is draft.", &[]),
        "order_site_mismatch" => ("The order is for another site than site_id.", &["site_id"]),
        "order_supplier_mismatch" => ("The order went to another supplier than supplier_id.", &["supplier_id"]),
        "receipt_not_correctable" => ("This line was corrected before: correct the line that replaced it.", &[]),
        "identity_fixed" => ("gtin cannot be corrected: retire this one and register another.", &["gtin"]),
        "product_in_use" => ("Lots of HArmonyCa are on record in packs of 3 units.", &["units_per_pack"]),
        "already_retired" => ("Spelt rightly was retired at 2026-07-02T10:00:00.000038Z.", &[]),
        "retired" => ("Fridge 1 was retired at 2026-07-02T10:00:00.000038Z: reinstate the location first.", &[]),
        "not_retired" => ("Fridge 1 is in use.", &[]),
        "place_in_use" => ("2 units of 1 lot in Fridge 1 could not stay there: move them first.", &[]),
        "lot_not_at_location" => {
            ("Fridge 2 holds other lots and never held lot H4L2: count those, or transfer the lot there first.", &[])
        }
        "precondition_failed" => ("Version 2 is in force: read it and make your change again.", &[]),
        "precondition_required" => {
            ("Send If-Match with the ETag of the version that this replaces, so that nobody's change is lost.", &[])
        }
        "too_many_requests" => ("Too many failed requests: 600 in 60 s are allowed.", &[]),
        "read_only_field" => {
            ("registered_at is set by the server: send it as it stands, or leave it out.", &["registered_at"])
        }
        "body_too_large" => ("The body may have at most 1048576 bytes.", &[]),
        "uri_too_long" => ("The request line is too long.", &[]),
        "unsupported_media_type" => ("Send the body uncompressed.", &[]),
        "invalid_body" => ("time_zone must be a string.", &["time_zone"]),
        "unknown_field" => (
            "The body has an unknown field `colour`, expected one of `name`, `jurisdiction`, `time_zone`.",
            &["colour"],
        ),
        "missing_field" => ("The body lacks time_zone.", &[]),
        "invalid_value" => ("retention_years must be from 1 to 100.", &["retention_years"]),
        "reference_unknown" => ("lot_id names nothing that exists.", &["lot_id"]),
        "invalid_name" => {
            ("name must have 1 to 200 characters, no control characters and no space at its ends.", &["name"])
        }
        "mixed_scripts" => {
            ("The value must not mix scripts within a word: \\u{430}nn has letters of several.", &["subject"])
        }
        "invalid_text" => {
            ("reason must have 1 to 2000 characters and no control characters but line breaks.", &["reason"])
        }
        "invalid_code" => ("lines[0].scan must have 1 to 4096 characters.", &["lines[0].scan"]),
        "code_unreadable" => {
            ("AI 01 (GTIN) has 4 characters and needs 14. (at character 10, value_too_short)", &["lines[0].scan"])
        }
        "invalid_jurisdiction" => (
            "jurisdiction must be an ISO 3166-1 alpha-2 country such as GB, or an ISO 3166-2 subdivision such as GB-ENG.",
            &["jurisdiction"],
        ),
        "invalid_country" => ("A country is not an ISO 3166-1 alpha-2 code.", &[]),
        "invalid_time_zone" => ("time_zone must be an IANA time zone such as Europe/London.", &["time_zone"]),
        "invalid_gtin" => ("gtin must be a GTIN: 14 digits, the last of them its check digit.", &["gtin"]),
        "invalid_gln" => ("A GLN has the wrong length or a wrong check digit.", &[]),
        "invalid_lot" => (
            "lot must have 1 to 20 characters of GS1 character set 82: letters, digits and !\"%&'()*+,-./:;<=>?_.",
            &["lot"],
        ),
        "invalid_serial" => (
            "serials[0] must have 1 to 20 characters of GS1 character set 82: letters, digits and !\"%&'()*+,-./:;<=>?_.",
            &["serials[0]"],
        ),
        "invalid_date" => ("valid_to must be a calendar day YYYY-MM-DD in the years 0001 to 9999.", &["valid_to"]),
        "invalid_time" => ("checked_at must be an RFC 3339 time such as 2026-11-21T09:30:00Z.", &["checked_at"]),
        "invalid_units" => ("units must be a whole number from 1 to 1000000.", &["units"]),
        "invalid_packs" => ("packs must be a whole number from 1 to 10000.", &["packs"]),
        "invalid_units_per_pack" => ("units_per_pack must be a whole number from 1 to 1000.", &["units_per_pack"]),
        "amount_exceeds_units" => (
            "treatment.amount_used must be, used and discarded together, no more than 1 unit of 100 U.",
            &["treatment.amount_used"],
        ),
        "invalid_amount" => {
            ("unit.amount must be a positive decimal number as text, such as \"1.25\".", &["unit.amount"])
        }
        "invalid_temperature" => {
            ("storage.min_c must lie between -273.15 and 200 degrees Celsius.", &["storage.min_c"])
        }
        "invalid_patient_ref" => (
            "patient_ref must have 1 to 64 characters, no control characters and no space at its ends.",
            &["patient_ref"],
        ),
        "invalid_sha256" => ("evidence_sha256 must be 64 lower-case hexadecimal digits.", &["evidence_sha256"]),
        "invalid_licence_number" => (
            "A GMC number is seven digits, such as 1234567, or an L and six digits. Type it exactly as the certificate or the register shows it, without spaces.",
            &[],
        ),
        "validity_reversed" => ("valid_to lies before valid_from.", &["valid_to"]),
        "band_reversed" => ("max_c must not be below min_c.", &["max_c"]),
        "holder_kind_mismatch" => ("kind a supplier cannot hold a facility licence.", &["kind"]),
        "duplicate_entry" => ("product_classes names a class twice.", &["product_classes"]),
        "empty_list" => ("lines needs at least one entry.", &["lines"]),
        "list_too_long" => ("lines must have at most 500 entries.", &["lines"]),
        "lot_required" => ("The code carries no lot. Type gtin, lot and expiry from the label.", &["lines[0].scan"]),
        "expiry_required" => ("lines[0].expiry is missing.", &["lines[0].expiry"]),
        "serial_packs_mismatch" => ("lines[0].packs must be 1: a serial number marks one pack.", &["lines[0].packs"]),
        "nothing_to_correct" => ("The line says all of that already.", &[]),
        "serials_mismatch" => ("serials name packs that hold 4 units, not 3.", &["serials"]),
        "occurred_in_future" => ("occurred_at lies in the future.", &["occurred_at"]),
        "occurred_too_long_ago" => ("occurred_at lies more than 30 days back.", &["occurred_at"]),
        "inspection_units" => ("Units passed and units failed must be whole numbers that add up to at least one.", &[]),
        "location_required" => ("location_id must be given: units of lot LOT1 lie in 2 locations.", &["location_id"]),
        "same_location" => ("to_location_id is where the units are already.", &["to_location_id"]),
        "evidence_empty" => ("The body has no bytes.", &[]),
        "evidence_type_mismatch" => ("The Content-Type is image/png, the bytes are image/jpeg.", &[]),
        "idempotency_key_reused" => {
            ("This Idempotency-Key was used for another request. Use a new key for a new request.", &[])
        }
        "internal" => {
            ("Something went wrong on our side; nothing was changed. The request id finds it in the log.", &[])
        }
        "evidence_damaged" => (
            "The file is no longer what was uploaded, and is not given out. Restore it, or upload the same file again.",
            &[],
        ),
        "unavailable" => ("The database cannot be reached at the moment; try again.", &[]),
        "identifier_units" => {
            ("identifiers[0].units of a case must be a multiple of the 2 units of a pack.", &["identifiers[0].units"])
        }
        "invalid_udi_di" => {
            ("identifiers[0].value must be the device identifier of HIBC or ICCBBA.", &["identifiers[0].value"])
        }
        "picture_unreadable" => ("The bytes do not decode to a picture: damaged, or cut off.", &[]),
        "picture_too_large" => {
            ("The picture has 8000 by 6000 pixels; 16000000 in all, of at most four bytes each, are looked at.", &[])
        }
        "no_code_found" => {
            ("No code could be read. Fill the picture with the code, sharp, evenly lit and with its white margin.", &[])
        }
        "several_packs" => (
            "The picture shows codes of different packs: product 09521234567899, lot HC24A and product 09521234567899, lot HC24B. Take a picture of one of them.",
            &[],
        ),
        "read_time_limit" => ("Reading took too long and was ended.", &[]),
        "picture_time_limit" => ("No answer in time; send a smaller picture, close to the code.", &[]),
        "evidence_quota_exceeded" => (
            "The organisation's files have 107374180000 bytes, and 51200 more would be above the 107374182400 of its policy.",
            &[],
        ),
        "label_not_possible" => ("The expiry 2089-12-31 lies too far from today for a year of two digits.", &[]),
        "overloaded" => ("1024 changes are waiting; try again in 1 s.", &[]),
        "nested_too_deeply" => ("The body nests deeper than any body of this API.", &[]),
        "request_timeout" => ("The body did not arrive in time.", &[]),
        "not_text" => ("name has a character that is none: U+FFFE.", &["name"]),
        "duplicate_field" => ("The body names units twice.", &["units"]),
        "head_too_large" => ("The request has too many headers, or too long ones.", &[]),
        "not_ready" => ("The process lacks something that it needs.", &[]),
        _ => ("", &[]),
    }
}

/// What a reason says to a person.
pub fn reason(code: &str) -> &'static str {
    match code {
        "product_unknown" => "GTIN 09520000000011 is not in the catalogue.",
        "product_not_authorised" => "HArmonyCa is not authorised in GB-ENG.",
        "product_authorisation_stale" => {
            "The authorisation of HArmonyCa in GB was last verified on 2026-01-05, more than 30 days before."
        }
        "lot_unknown" => "Lot OLD was never received.",
        "lot_expired" => "Lot DAY could be used until 2026-07-15; it is 2026-07-16 at the site.",
        "lot_on_hold" => "Lot LOT1 is on hold: Under review",
        "lot_recalled" => "Lot HC24A is recalled: hold of 2026-06-30, class 2 recall R-2026-17.",
        "lot_quarantined" => "Lot OLD has 2 units in quarantine here.",
        "lot_rejected" => "2 units of lot LOT1 here failed inspection.",
        "expiry_mismatch" => "Lot OLD was received with expiry 2026-06-30, not 2026-06-29.",
        "stock_not_on_hand" => "0 such units of lot LOT1 are on hand, not 1.",
        "serial_already_used" => "Serial number SN1 was received before.",
        "serial_unknown" => "No pack of lot LOT1 with serial number SN9 was received.",
        "serials_required" => "Lot LOT1 is kept by serial number: scan the pack.",
        "site_licence_missing" => "There is no facility licence on record.",
        "site_licence_outside_validity" => {
            "The facility licence of CQC is valid from 2026-07-02 to 2099-12-31, not on 2026-07-01."
        }
        "site_licence_check_missing" => "The facility licence of CQC was never verified with its authority.",
        "site_licence_check_failed" => {
            "The facility licence of CQC: a check says lapsed since 2026-06-20, and no verification had ended that."
        }
        "site_licence_check_stale" => {
            "The facility licence of CQC was last verified at 2026-07-01T10:00:00.000018Z, more than 30 days before."
        }
        "site_licence_scope" => "The facility licence of CQC does not cover hybrid_filler.",
        "site_licence_jurisdiction" => "The facility licence of CQC counts in FR, not in GB-ENG.",
        "practitioner_licence_missing" => "There is no professional registration on record.",
        "practitioner_licence_outside_validity" => {
            "The professional registration of GMC is valid from 2026-07-02 to 2099-12-31, not on 2026-07-01."
        }
        "practitioner_licence_check_missing" => {
            "The professional registration of GMC was never verified with its authority."
        }
        "practitioner_licence_check_failed" => {
            "The professional registration of GMC: a check says lapsed since 2026-06-20, and no verification had ended that."
        }
        "practitioner_licence_check_stale" => {
            "The professional registration of GMC was last verified at 2026-07-01T10:00:00.000022Z, more than 30 days before."
        }
        "practitioner_licence_scope" => "The professional registration of GMC does not cover hybrid_filler.",
        "practitioner_licence_jurisdiction" => "The professional registration of GMC counts in FR, not in GB-ENG.",
        "prescriber_missing" => "HArmonyCa must be prescribed: name the prescriber.",
        "prescriber_licence_missing" => "There is no prescribing authority on record.",
        "prescriber_licence_outside_validity" => {
            "The prescribing authority of GMC is valid from 2026-01-01 to 2026-06-30, not on 2026-07-01."
        }
        "prescriber_licence_check_missing" => "The prescribing authority of GMC was never verified with its authority.",
        "prescriber_licence_check_failed" => {
            "The prescribing authority of GMC: a check says lapsed since 2026-06-20, and no verification had ended that."
        }
        "prescriber_licence_check_stale" => {
            "The prescribing authority of GMC was last verified at 2025-01-01T00:00:00.000000Z, more than 365 days before."
        }
        "prescriber_licence_scope" => "The prescribing authority of GMC does not cover hybrid_filler.",
        "prescriber_licence_jurisdiction" => "The prescribing authority of GMC counts in FR, not in GB-ENG.",
        "supplier_licence_missing" => "There is no wholesale licence on record.",
        "supplier_licence_outside_validity" => {
            "The wholesale licence of MHRA is valid from 2026-01-01 to 2099-12-31, not on 2100-01-01."
        }
        "supplier_licence_check_missing" => "The wholesale licence of MHRA was never verified with its authority.",
        "supplier_licence_check_failed" => {
            "The wholesale licence of MHRA: a check says suspended since 2026-06-20, and no verification had ended that."
        }
        "supplier_licence_check_stale" => {
            "The wholesale licence of MHRA was last verified at 2026-07-04T10:00:00.000072Z, more than 365 days before."
        }
        "supplier_licence_scope" => "The wholesale licence of MHRA does not cover hybrid_filler.",
        "supplier_licence_jurisdiction" => "The wholesale licence of MHRA counts in GB, not in IE.",
        "supplier_not_approved" => "Grey Imports is not approved for hybrid_filler.",
        "supplier_denied" => "Example Wholesale is on the organisation's list of denied suppliers.",
        "lot_denied" => "Lot LOT1 of HArmonyCa is on the organisation's list of denied lots.",
        "training_missing" => "There is no training record on record.",
        "not_inspected" => {
            "Lot LOT1 needs an inspection with a complete checklist: outer_carton_intact, tamper_evidence_intact, label_legible."
        }
        "units_not_passed" => "0 units of lot LOT1 have passed and are not yet released, not 1.",
        "inspector_cannot_release" => "Whoever inspected these units cannot release them: a second person must.",
        "location_band_mismatch" => {
            "HArmonyCa must be kept between 2 °C and 25 °C; Fridge for stock runs between 2 °C and 30 °C."
        }
        "location_class_mismatch" => "Fridge for stock does not take hybrid_filler.",
        "product_retired" => "HArmonyCa was retired at 2026-07-01T10:00:00.000028Z.",
        "location_retired" => "Fridge for stock was retired at 2026-07-01T10:00:00.000040Z.",
        "supplier_retired" => "Example Wholesale was retired at 2026-07-01T10:00:00.000034Z.",
        "practitioner_retired" => "Dr A. Example was retired at 2026-07-02T10:00:00.000035Z.",
        "site_retired" => "Harley Street was retired at 2026-07-01T10:00:00.000050Z.",
        "location_purpose_mismatch" => "Fridge for stock is a location for returns, not for stock.",
        _ => "",
    }
}
