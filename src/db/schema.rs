//! The tables as diesel knows them: the same for both databases. Generated from the PostgreSQL migrations by
//! `LOTLINE_WRITE_SCHEMA=1 cargo test --test it the_schema`, and locked by it.

diesel::table! {
    accounts (id) {
        id -> Text,
        organisation_id -> Text,
        lot_id -> Text,
        kind -> Text,
        location_id -> Nullable<Text>,
        site_id -> Nullable<Text>,
        use_by -> Nullable<Date>,
        units -> BigInt,
        inspection_id -> Nullable<Text>,
        changed_at -> Timestamp,
        excursion_ids -> Nullable<Text>,
        container_id -> Nullable<Text>,
        charged_ids -> Nullable<Text>,
    }
}

diesel::table! {
    administration_confirmations (administration_id, role) {
        administration_id -> Text,
        role -> Text,
        organisation_id -> Text,
        practitioner_id -> Text,
        confirmed_by -> Text,
        confirmed_at -> Timestamp,
    }
}

diesel::table! {
    administration_voids (id) {
        id -> Text,
        organisation_id -> Text,
        administration_id -> Text,
        reason -> Text,
        returned_to_stock -> Bool,
        location_id -> Nullable<Text>,
        voided_by -> Text,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
        units_to_count -> BigInt,
    }
}

diesel::table! {
    administrations (id) {
        id -> Text,
        organisation_id -> Text,
        product_id -> Text,
        lot_id -> Text,
        serial -> Nullable<Text>,
        units -> BigInt,
        site_id -> Text,
        location_id -> Nullable<Text>,
        practitioner_id -> Text,
        prescriber_id -> Nullable<Text>,
        scan -> Nullable<Text>,
        recorded_by -> Text,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
        udi_di -> Nullable<Text>,
        to_confirm -> Text,
        unconfirmed -> BigInt,
        container_id -> Nullable<Text>,
        patient_id -> Text,
        visit_id -> Nullable<Text>,
    }
}

diesel::table! {
    adverse_event_administrations (adverse_event_id, administration_id) {
        adverse_event_id -> Text,
        administration_id -> Text,
        organisation_id -> Text,
        lot_id -> Text,
        product_id -> Text,
        voided -> Bool,
    }
}

diesel::table! {
    adverse_event_entries (id) {
        id -> Text,
        organisation_id -> Text,
        adverse_event_id -> Text,
        patient_id -> Text,
        kind -> Text,
        said -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    adverse_events (id) {
        id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        patient_id -> Text,
        visit_id -> Nullable<Text>,
        protocol_id -> Nullable<Text>,
        kind_unlisted -> Bool,
        clinical -> Text,
        reported_by -> Text,
        recorded_at -> Timestamp,
        state -> Text,
        see_by -> Nullable<Timestamp>,
        seen_at -> Nullable<Timestamp>,
        duties -> Text,
        reviewed_at -> Nullable<Timestamp>,
        closed_at -> Nullable<Timestamp>,
        place -> Text,
    }
}

diesel::table! {
    claim_lines (claim_id, line) {
        claim_id -> Text,
        line -> Integer,
        organisation_id -> Text,
        receipt_line_id -> Nullable<Text>,
        order_line_id -> Nullable<Text>,
        product_id -> Text,
        reason -> Text,
        units -> BigInt,
        amount_minor -> Nullable<BigInt>,
        note -> Nullable<Text>,
        evidence -> Text,
    }
}

diesel::table! {
    claims (id) {
        id -> Text,
        organisation_id -> Text,
        receipt_id -> Text,
        supplier_id -> Text,
        site_id -> Text,
        currency -> Nullable<Text>,
        note -> Nullable<Text>,
        state -> Text,
        opened_by -> Text,
        opened_at -> Timestamp,
        sent_by -> Nullable<Text>,
        sent_at -> Nullable<Timestamp>,
        reference -> Nullable<Text>,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
        credit_minor -> Nullable<BigInt>,
        replacement_id -> Nullable<Text>,
    }
}

diesel::table! {
    climate_hours (series, from_us) {
        series -> BigInt,
        from_us -> BigInt,
        readings -> BigInt,
        min_mc -> Integer,
        max_mc -> Integer,
        sum_mc -> BigInt,
        first_us -> BigInt,
        first_mc -> Integer,
        last_us -> BigInt,
        last_mc -> Integer,
        joined_ms -> BigInt,
        joined_nc -> BigInt,
        alike_nc -> BigInt,
    }
}

diesel::table! {
    containers (id) {
        id -> Text,
        organisation_id -> Text,
        product_id -> Text,
        lot_id -> Text,
        serial -> Nullable<Text>,
        site_id -> Text,
        location_id -> Text,
        opened_at -> Timestamp,
        opened_by -> Text,
        recorded_at -> Timestamp,
        diluent -> Nullable<Text>,
        diluent_ul -> Nullable<BigInt>,
        amount -> BigInt,
        amount_unit -> Text,
        volume_ul -> Nullable<BigInt>,
        sealed_use_by -> Date,
        use_by -> Date,
        usable_until -> Timestamp,
        amount_left -> BigInt,
    }
}

diesel::table! {
    count_reviews (movement_id) {
        movement_id -> Text,
        organisation_id -> Text,
        outcome -> Text,
        units -> BigInt,
        reason -> Text,
        reviewed_by -> Text,
        reviewed_at -> Timestamp,
    }
}

diesel::table! {
    counts_waiting (movement_id) {
        movement_id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    decision_licences (licence_id, subject_id) {
        organisation_id -> Text,
        licence_id -> Text,
        subject_id -> Text,
        check_id -> Nullable<Text>,
        site_id -> Text,
        occurred_on -> Date,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    deployment (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    deviations (id) {
        id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        administration_id -> Text,
        reason_codes -> Text,
        units_unaccounted -> BigInt,
        opened_by -> Text,
        opened_at -> Timestamp,
        closed_by -> Nullable<Text>,
        closed_at -> Nullable<Timestamp>,
        resolution -> Nullable<Text>,
    }
}

diesel::table! {
    event_subjects (organisation_id, subject, event_id) {
        organisation_id -> Text,
        subject -> Text,
        event_id -> Text,
        occurred_at -> Timestamp,
        strand -> Nullable<Text>,
    }
}

diesel::table! {
    events (position) {
        position -> BigInt,
        id -> Text,
        organisation_id -> Text,
        command_id -> Text,
        kind -> Text,
        version -> Integer,
        site_id -> Nullable<Text>,
        actor -> Text,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
        bytes -> Binary,
        leaf_hash -> Binary,
    }
}

diesel::table! {
    evidence (organisation_id, sha256) {
        organisation_id -> Text,
        sha256 -> Text,
        media_type -> Text,
        bytes -> BigInt,
        uploaded_by -> Text,
        uploaded_at -> Timestamp,
    }
}

diesel::table! {
    evidence_claims (organisation_id, sha256) {
        organisation_id -> Text,
        sha256 -> Text,
        arriving -> BigInt,
        leaving -> Bool,
        since -> Timestamp,
    }
}

diesel::table! {
    evidence_owners (organisation_id, sha256, owner_id) {
        organisation_id -> Text,
        sha256 -> Text,
        owner_id -> Text,
    }
}

diesel::table! {
    evidence_totals (organisation_id) {
        organisation_id -> Text,
        bytes -> BigInt,
    }
}

diesel::table! {
    excursion_administrations (excursion_id, administration_id) {
        excursion_id -> Text,
        administration_id -> Text,
        organisation_id -> Text,
        lot_id -> Text,
        units -> BigInt,
    }
}

diesel::table! {
    excursion_lots (excursion_id, lot_id) {
        excursion_id -> Text,
        lot_id -> Text,
        organisation_id -> Text,
        units_exposed -> BigInt,
        held -> Bool,
        units_within_budget -> BigInt,
    }
}

diesel::table! {
    excursions (id) {
        id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        location_id -> Text,
        sensor_id -> Text,
        kind -> Text,
        rule -> Nullable<Text>,
        state -> Text,
        opened_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        min_mc -> Nullable<Integer>,
        max_mc -> Nullable<Integer>,
        mkt_uc -> Nullable<BigInt>,
        minutes -> BigInt,
        extends -> Nullable<Text>,
        recorded_at -> Timestamp,
        assessed_at -> Nullable<Timestamp>,
        assessed_by -> Nullable<Text>,
        disposition -> Nullable<Text>,
        new_expiry -> Nullable<Date>,
        assessment_reason -> Nullable<Text>,
        suspicions -> Text,
    }
}

diesel::table! {
    follow_ups (id) {
        id -> Text,
        organisation_id -> Text,
        visit_id -> Text,
        site_id -> Text,
        patient_id -> Text,
        practitioner_id -> Text,
        kind -> Text,
        protocol_id -> Text,
        check_code -> Nullable<Text>,
        class -> Nullable<Text>,
        due_on -> Date,
        planned_at -> Timestamp,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        entry_id -> Nullable<Text>,
        ended_in -> Nullable<Text>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    hold_accounts (hold_id, account_id) {
        organisation_id -> Text,
        hold_id -> Text,
        account_id -> Text,
    }
}

diesel::table! {
    holds (id) {
        id -> Text,
        organisation_id -> Text,
        scope_type -> Text,
        scope_id -> Text,
        reason -> Text,
        cause_type -> Text,
        cause_id -> Nullable<Text>,
        opened_by -> Text,
        opened_at -> Timestamp,
        lifted_at -> Nullable<Timestamp>,
        lifted_by -> Nullable<Text>,
        lift_reason -> Nullable<Text>,
        cause_reference -> Nullable<Text>,
        pack_ids -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_keys (organisation_id, subject, idempotency_key) {
        organisation_id -> Text,
        subject -> Text,
        idempotency_key -> Text,
        request_hash -> Binary,
        status -> Integer,
        body -> Nullable<Binary>,
        created_at -> Timestamp,
        made_of -> Nullable<Text>,
        digest -> Nullable<Binary>,
    }
}

diesel::table! {
    inspection_reversals (id) {
        id -> Text,
        organisation_id -> Text,
        inspection_id -> Text,
        units -> BigInt,
        reason -> Text,
        reversed_by -> Text,
        reversed_at -> Timestamp,
    }
}

diesel::table! {
    inspections (id) {
        id -> Text,
        organisation_id -> Text,
        receipt_id -> Nullable<Text>,
        lot_id -> Text,
        checks -> Text,
        not_examined -> Text,
        units_passed -> BigInt,
        units_failed -> BigInt,
        evidence -> Text,
        inspector -> Text,
        signature -> Text,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
        site_id -> Nullable<Text>,
        location_id -> Nullable<Text>,
        serials_passed -> Text,
        serials_failed -> Text,
        lacks -> Text,
    }
}

diesel::table! {
    known_versions (organisation_id) {
        organisation_id -> Text,
        version -> Text,
    }
}

diesel::table! {
    levels (id) {
        id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        product_id -> Text,
        minimum_packs -> BigInt,
        maximum_packs -> BigInt,
        version -> BigInt,
        set_by -> Text,
        set_at -> Timestamp,
    }
}

diesel::table! {
    licence_acknowledgements (id) {
        id -> Text,
        organisation_id -> Text,
        licence_id -> Text,
        note -> Text,
        acknowledged_by -> Text,
        acknowledged_at -> Timestamp,
    }
}

diesel::table! {
    licence_check_discounts (check_id) {
        check_id -> Text,
        organisation_id -> Text,
        licence_id -> Text,
        cause -> Text,
        practitioner_id -> Text,
        discounted_by -> Text,
        discounted_at -> Timestamp,
    }
}

diesel::table! {
    licence_check_people (check_id) {
        check_id -> Text,
        organisation_id -> Text,
        licence_id -> Text,
        holder_id -> Text,
        identity -> Text,
    }
}

diesel::table! {
    licence_checks (id) {
        id -> Text,
        organisation_id -> Text,
        licence_id -> Text,
        outcome -> Text,
        source -> Text,
        checked_at -> Timestamp,
        effective_on -> Nullable<Date>,
        evidence_sha256 -> Nullable<Text>,
        note -> Nullable<Text>,
        checked_by -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    licence_reversals (id) {
        id -> Text,
        organisation_id -> Text,
        subject_id -> Text,
        licence_id -> Text,
        check_id -> Nullable<Text>,
        reason -> Text,
        reversed_by -> Text,
        reversed_at -> Timestamp,
    }
}

diesel::table! {
    licences (id) {
        id -> Text,
        organisation_id -> Text,
        holder_type -> Text,
        holder_id -> Text,
        kind -> Text,
        authority -> Text,
        number -> Text,
        number_validated -> Bool,
        jurisdiction -> Text,
        product_classes -> Text,
        valid_from -> Date,
        valid_to -> Date,
        registered_at -> Timestamp,
        registered_by -> Text,
    }
}

diesel::table! {
    locations (id) {
        id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        name -> Text,
        purpose -> Text,
        min_mc -> Integer,
        max_mc -> Integer,
        product_classes -> Nullable<Text>,
        registered_at -> Timestamp,
        version -> BigInt,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    log_heads (organisation_id) {
        organisation_id -> Text,
        size -> BigInt,
        checkpoint -> Nullable<Text>,
        signed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    log_leaves (organisation_id, leaf_index) {
        organisation_id -> Text,
        leaf_index -> BigInt,
        event_id -> Text,
        known_at -> Timestamp,
    }
}

diesel::table! {
    log_pending (organisation_id, event_position) {
        organisation_id -> Text,
        event_position -> BigInt,
    }
}

diesel::table! {
    log_tiles (organisation_id, level, tile_index) {
        organisation_id -> Text,
        level -> Integer,
        tile_index -> BigInt,
        bytes -> Binary,
    }
}

diesel::table! {
    lots (id) {
        id -> Text,
        organisation_id -> Text,
        product_id -> Text,
        lot -> Text,
        expiry -> Date,
        production_date -> Nullable<Date>,
        first_received_at -> Timestamp,
        lot_key -> Text,
        likeness -> Text,
    }
}

diesel::table! {
    movement_reversals (id) {
        id -> Text,
        organisation_id -> Text,
        movement_id -> Text,
        reason -> Text,
        reversed_by -> Text,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    movements (id) {
        id -> Text,
        organisation_id -> Text,
        kind -> Text,
        lot_id -> Text,
        site_id -> Text,
        from_location_id -> Text,
        to_location_id -> Nullable<Text>,
        units -> BigInt,
        units_counted -> Nullable<BigInt>,
        state -> Nullable<Text>,
        serials -> Text,
        reason -> Text,
        moved_by -> Text,
        decision -> Nullable<Text>,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
        waits -> Bool,
        departure_id -> Nullable<Text>,
        stock_take_id -> Nullable<Text>,
    }
}

diesel::table! {
    opening_stock (id) {
        id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        location_id -> Text,
        product_id -> Text,
        lot_id -> Text,
        units -> BigInt,
        attestation -> Text,
        attested_by -> Text,
        attested_at -> Timestamp,
    }
}

diesel::table! {
    order_lines (id) {
        id -> Text,
        organisation_id -> Text,
        order_id -> Text,
        line -> Integer,
        product_id -> Text,
        packs -> BigInt,
        units -> BigInt,
        units_received -> BigInt,
        pack_price_minor -> Nullable<BigInt>,
    }
}

diesel::table! {
    orders (id) {
        id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        supplier_id -> Text,
        reference -> Nullable<Text>,
        expected_on -> Nullable<Date>,
        status -> Text,
        created_by -> Text,
        created_at -> Timestamp,
        decision -> Nullable<Text>,
        placed_by -> Nullable<Text>,
        placed_at -> Nullable<Timestamp>,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
        currency -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    organisations (id) {
        id -> Text,
        name -> Text,
        registered_at -> Timestamp,
    }
}

diesel::table! {
    origin_events (organisation_id, lot_id, event_id) {
        organisation_id -> Text,
        lot_id -> Text,
        event_id -> Text,
        occurred_at -> Timestamp,
    }
}

diesel::table! {
    pack_balances (pack_id, account_id) {
        pack_id -> Text,
        account_id -> Text,
        organisation_id -> Text,
        units -> BigInt,
    }
}

diesel::table! {
    packs (id) {
        id -> Text,
        organisation_id -> Text,
        product_id -> Text,
        lot_id -> Text,
        serial -> Text,
        receipt_line_id -> Text,
    }
}

diesel::table! {
    patient_erasures (id) {
        id -> Text,
        organisation_id -> Text,
        patient_id -> Text,
        reason -> Text,
        override_reason -> Nullable<Text>,
        erased_by -> Text,
        erased_at -> Timestamp,
    }
}

diesel::table! {
    policies (organisation_id, version) {
        organisation_id -> Text,
        version -> BigInt,
        body -> Text,
        set_by -> Text,
        set_at -> Timestamp,
    }
}

diesel::table! {
    postings (event_id, line) {
        event_id -> Text,
        line -> Integer,
        organisation_id -> Text,
        lot_id -> Text,
        from_account -> Text,
        to_account -> Text,
        pack_id -> Nullable<Text>,
        units -> BigInt,
        counts_at -> Timestamp,
    }
}

diesel::table! {
    practitioner_subjects (practitioner_id, identity) {
        practitioner_id -> Text,
        identity -> Text,
        organisation_id -> Text,
        given_at -> Timestamp,
    }
}

diesel::table! {
    practitioners (id) {
        id -> Text,
        organisation_id -> Text,
        name -> Text,
        profession -> Text,
        subject -> Nullable<Text>,
        registered_at -> Timestamp,
        version -> BigInt,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    prescriptions (id) {
        id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        patient_id -> Text,
        prescriber_id -> Text,
        product_id -> Nullable<Text>,
        class -> Nullable<Text>,
        units -> BigInt,
        seen -> Text,
        valid_until -> Date,
        clinical -> Text,
        recorded_by -> Text,
        prescribed_at -> Timestamp,
        recorded_at -> Timestamp,
        drawn -> BigInt,
        withdrawn_by -> Nullable<Text>,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawal_reason -> Nullable<Text>,
    }
}

diesel::table! {
    product_approvals (product_id, jurisdiction) {
        organisation_id -> Text,
        product_id -> Text,
        jurisdiction -> Text,
        status -> Text,
        verified_on -> Date,
    }
}

diesel::table! {
    product_identifiers (organisation_id, scheme, value) {
        organisation_id -> Text,
        scheme -> Text,
        value -> Text,
        product_id -> Text,
        level -> Text,
        units -> BigInt,
    }
}

diesel::table! {
    products (id) {
        id -> Text,
        organisation_id -> Text,
        gtin -> Nullable<Text>,
        name -> Text,
        manufacturer -> Text,
        class -> Text,
        units_per_pack -> BigInt,
        unit_presentation -> Text,
        unit_amount -> Text,
        unit_amount_unit -> Text,
        storage_min_mc -> Integer,
        storage_max_mc -> Integer,
        do_not_freeze -> Bool,
        protect_from_light -> Bool,
        in_use_hours -> Nullable<Integer>,
        single_patient -> Bool,
        requires_training -> Bool,
        requires_prescriber -> Bool,
        approvals -> Text,
        stability_budget -> Text,
        registered_at -> Timestamp,
        version -> BigInt,
        retired_at -> Nullable<Timestamp>,
        identifiers -> Text,
    }
}

diesel::table! {
    protocols (id) {
        id -> Text,
        organisation_id -> Text,
        kind -> Text,
        scope -> Text,
        version -> BigInt,
        title -> Text,
        source -> Text,
        effective_from -> Date,
        reason -> Text,
        content -> Text,
        author -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    reading_contradictions (sensor_id, at_us, sent_mc) {
        sensor_id -> Text,
        at_us -> BigInt,
        sent_mc -> Integer,
        organisation_id -> Text,
        kept_mc -> Integer,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    readings (series, at_us) {
        series -> BigInt,
        at_us -> BigInt,
        milli_c -> Integer,
        batch -> BigInt,
    }
}

diesel::table! {
    recall_acknowledgements (recall_id, site_id) {
        recall_id -> Text,
        site_id -> Text,
        organisation_id -> Text,
        acknowledged_by -> Text,
        acknowledged_at -> Timestamp,
    }
}

diesel::table! {
    recall_contacts (id) {
        id -> Text,
        organisation_id -> Text,
        recall_id -> Text,
        administration_id -> Text,
        outcome -> Text,
        contacted_by -> Text,
        contacted_at -> Timestamp,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    recalls (id) {
        id -> Text,
        organisation_id -> Text,
        reference -> Text,
        reference_key -> Text,
        classification -> Text,
        gtin -> Text,
        named -> Text,
        reason -> Text,
        opened_by -> Text,
        opened_at -> Timestamp,
        recorded_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        closed_by -> Nullable<Text>,
        closing -> Nullable<Text>,
        reference_sought -> Text,
    }
}

diesel::table! {
    receipt_corrections (id) {
        id -> Text,
        organisation_id -> Text,
        receipt_id -> Text,
        number -> Integer,
        was_supplier_id -> Text,
        was_order_id -> Nullable<Text>,
        supplier_id -> Text,
        order_id -> Nullable<Text>,
        reason -> Text,
        corrected_by -> Text,
        corrected_at -> Timestamp,
    }
}

diesel::table! {
    receipt_lines (id) {
        id -> Text,
        organisation_id -> Text,
        receipt_id -> Text,
        line -> Integer,
        product_id -> Text,
        lot_id -> Text,
        packs -> BigInt,
        units -> BigInt,
        serials -> Text,
        flags -> Text,
        scan -> Nullable<Text>,
        ordered -> Nullable<Text>,
        corrects -> Nullable<Text>,
        correction_reason -> Nullable<Text>,
        identifier -> Nullable<Text>,
        stands -> Bool,
        replaces -> Nullable<Text>,
        pack_price_minor -> Nullable<BigInt>,
    }
}

diesel::table! {
    receipt_voids (id) {
        id -> Text,
        organisation_id -> Text,
        subject_id -> Text,
        receipt_id -> Text,
        line_id -> Nullable<Text>,
        reason -> Text,
        voided_by -> Text,
        voided_at -> Timestamp,
    }
}

diesel::table! {
    receipts (id) {
        id -> Text,
        organisation_id -> Text,
        order_id -> Nullable<Text>,
        supplier_id -> Text,
        site_id -> Text,
        location_id -> Text,
        delivery_note -> Nullable<Text>,
        received_by -> Text,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
        arrival_temperature_mc -> Nullable<Integer>,
        logger_reference -> Nullable<Text>,
        documents -> Nullable<Text>,
        delivery_note_key -> Nullable<Text>,
        currency -> Nullable<Text>,
    }
}

diesel::table! {
    refusals_by_day (organisation_id, day, actor, site_id) {
        organisation_id -> Text,
        day -> Date,
        actor -> Text,
        site_id -> Text,
        times -> BigInt,
        first_at -> Timestamp,
        last_at -> Timestamp,
        last_reasons -> Text,
    }
}

diesel::table! {
    release_allocations (release_id, inspection_id) {
        release_id -> Text,
        inspection_id -> Text,
        organisation_id -> Text,
        units -> BigInt,
    }
}

diesel::table! {
    releases (id) {
        id -> Text,
        organisation_id -> Text,
        lot_id -> Text,
        from_location_id -> Text,
        to_location_id -> Text,
        units -> BigInt,
        serials -> Text,
        reason -> Text,
        released_by -> Text,
        signature -> Text,
        decision -> Text,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    sensor_latest (sensor_id) {
        sensor_id -> Text,
        organisation_id -> Text,
        at_us -> BigInt,
        milli_c -> Integer,
        since_us -> BigInt,
        is_fine -> Bool,
        silent_at_us -> Nullable<BigInt>,
    }
}

diesel::table! {
    sensor_series (sensor_id) {
        sensor_id -> Text,
        organisation_id -> Text,
        series -> BigInt,
        batches -> BigInt,
        readings -> BigInt,
        let_go_before_us -> Nullable<BigInt>,
    }
}

diesel::table! {
    sensors (id) {
        id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        location_id -> Text,
        name -> Text,
        interval_seconds -> BigInt,
        alarm_rules -> Text,
        calibration_due -> Nullable<Date>,
        registered_at -> Timestamp,
        version -> BigInt,
        retired_at -> Nullable<Timestamp>,
        travels -> Bool,
    }
}

diesel::table! {
    signal_counts (subject) {
        subject -> Text,
        organisation_id -> Text,
        product_id -> Text,
        lot_id -> Nullable<Text>,
        events -> BigInt,
        reported -> BigInt,
        reviewed -> BigInt,
        review_id -> Nullable<Text>,
        reported_at -> Timestamp,
    }
}

diesel::table! {
    signal_reviews (id) {
        id -> Text,
        organisation_id -> Text,
        product_id -> Text,
        lot_id -> Nullable<Text>,
        events -> BigInt,
        units -> BigInt,
        other_events -> BigInt,
        other_units -> BigInt,
        rate_ratio -> Nullable<Text>,
        lower_limit -> Text,
        upper_limit -> Nullable<Text>,
        flagged -> Bool,
        reported -> BigInt,
        conclusion -> Text,
        reviewed_by -> Text,
        reviewed_at -> Timestamp,
    }
}

diesel::table! {
    sites (id) {
        id -> Text,
        organisation_id -> Text,
        name -> Text,
        jurisdiction -> Text,
        time_zone -> Text,
        registered_at -> Timestamp,
        version -> BigInt,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    stock_take_scans (id) {
        id -> Text,
        organisation_id -> Text,
        stock_take_id -> Text,
        round -> Integer,
        location_id -> Text,
        lot_id -> Text,
        pack_id -> Nullable<Text>,
        serial -> Nullable<Text>,
        units -> BigInt,
        scanned_by -> Text,
        scanned_at -> Timestamp,
        withdrawn_by -> Nullable<Text>,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
    }
}

diesel::table! {
    stock_takes (id) {
        id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        location_ids -> Text,
        reason -> Nullable<Text>,
        due -> Nullable<Timestamp>,
        state -> Text,
        round -> Integer,
        recounts -> Text,
        opened_by -> Text,
        opened_at -> Timestamp,
        closed_by -> Nullable<Text>,
        closed_at -> Nullable<Timestamp>,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
        told -> Nullable<Text>,
    }
}

diesel::table! {
    suppliers (id) {
        id -> Text,
        organisation_id -> Text,
        name -> Text,
        country -> Text,
        gln -> Nullable<Text>,
        approved_classes -> Text,
        registered_at -> Timestamp,
        version -> BigInt,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    verifications (id) {
        id -> Text,
        organisation_id -> Text,
        started_by -> Text,
        started_at -> Timestamp,
        process -> Text,
        state -> Text,
        touched_at -> Timestamp,
        steps_done -> BigInt,
        steps -> BigInt,
        ended_at -> Nullable<Timestamp>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    visit_entries (id) {
        id -> Text,
        organisation_id -> Text,
        visit_id -> Text,
        patient_id -> Text,
        kind -> Text,
        protocol_id -> Nullable<Text>,
        is_superseded -> Bool,
        said -> Text,
        recorded_by -> Text,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    visits (id) {
        id -> Text,
        organisation_id -> Text,
        site_id -> Text,
        practitioner_id -> Text,
        patient_id -> Text,
        clinical -> Text,
        opened_by -> Text,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
        signed_by -> Nullable<Text>,
        signed_at -> Nullable<Timestamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    administration_confirmations,
    administration_voids,
    administrations,
    adverse_event_administrations,
    adverse_event_entries,
    adverse_events,
    claim_lines,
    claims,
    climate_hours,
    containers,
    count_reviews,
    counts_waiting,
    decision_licences,
    deployment,
    deviations,
    event_subjects,
    events,
    evidence,
    evidence_claims,
    evidence_owners,
    evidence_totals,
    excursion_administrations,
    excursion_lots,
    excursions,
    follow_ups,
    hold_accounts,
    holds,
    idempotency_keys,
    inspection_reversals,
    inspections,
    known_versions,
    levels,
    licence_acknowledgements,
    licence_check_discounts,
    licence_check_people,
    licence_checks,
    licence_reversals,
    licences,
    locations,
    log_heads,
    log_leaves,
    log_pending,
    log_tiles,
    lots,
    movement_reversals,
    movements,
    opening_stock,
    order_lines,
    orders,
    organisations,
    origin_events,
    pack_balances,
    packs,
    patient_erasures,
    policies,
    postings,
    practitioner_subjects,
    practitioners,
    prescriptions,
    product_approvals,
    product_identifiers,
    products,
    protocols,
    reading_contradictions,
    readings,
    recall_acknowledgements,
    recall_contacts,
    recalls,
    receipt_corrections,
    receipt_lines,
    receipt_voids,
    receipts,
    refusals_by_day,
    release_allocations,
    releases,
    sensor_latest,
    sensor_series,
    sensors,
    signal_counts,
    signal_reviews,
    sites,
    stock_take_scans,
    stock_takes,
    suppliers,
    verifications,
    visit_entries,
    visits,
);
