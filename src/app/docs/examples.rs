//! An example of each code, as the server has answered it.

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
