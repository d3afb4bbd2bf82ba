
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END;
$$;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.__diesel_schema_migrations (
    version character varying(50) NOT NULL,
    run_on timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE public.accounts (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    lot_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    location_id text COLLATE pg_catalog."C",
    site_id text COLLATE pg_catalog."C",
    use_by date,
    units bigint NOT NULL,
    CONSTRAINT accounts_check CHECK (((units >= 0) OR (kind = ANY (ARRAY['supplier'::text, 'adjustment'::text, 'unaccounted'::text])))),
    CONSTRAINT accounts_check1 CHECK (((kind = ANY (ARRAY['quarantined'::text, 'available'::text, 'held'::text, 'rejected'::text, 'in_use'::text])) = ((location_id IS NOT NULL) AND (site_id IS NOT NULL) AND (use_by IS NOT NULL)))),
    CONSTRAINT accounts_kind_check CHECK ((kind = ANY (ARRAY['quarantined'::text, 'available'::text, 'held'::text, 'rejected'::text, 'in_use'::text, 'supplier'::text, 'patient'::text, 'waste'::text, 'returned'::text, 'destroyed'::text, 'lost'::text, 'adjustment'::text, 'unaccounted'::text])))
);

CREATE TABLE public.administration_voids (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    administration_id text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    returned_to_stock boolean NOT NULL,
    location_id text COLLATE pg_catalog."C",
    voided_by text NOT NULL COLLATE pg_catalog."C",
    occurred_at timestamp without time zone NOT NULL,
    recorded_at timestamp without time zone NOT NULL
);

CREATE TABLE public.administrations (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    product_id text NOT NULL COLLATE pg_catalog."C",
    lot_id text NOT NULL COLLATE pg_catalog."C",
    serial text COLLATE pg_catalog."C",
    units bigint NOT NULL,
    site_id text NOT NULL COLLATE pg_catalog."C",
    location_id text COLLATE pg_catalog."C",
    practitioner_id text NOT NULL COLLATE pg_catalog."C",
    prescriber_id text COLLATE pg_catalog."C",
    patient_ref text NOT NULL COLLATE pg_catalog."C",
    treatment text NOT NULL COLLATE pg_catalog."C",
    encounter_ref text COLLATE pg_catalog."C",
    scan text COLLATE pg_catalog."C",
    retrospective_reason text COLLATE pg_catalog."C",
    decision text NOT NULL COLLATE pg_catalog."C",
    recorded_by text NOT NULL COLLATE pg_catalog."C",
    occurred_at timestamp without time zone NOT NULL,
    recorded_at timestamp without time zone NOT NULL,
    udi_di text COLLATE pg_catalog."C",
    CONSTRAINT administrations_units_check CHECK ((units > 0))
);

CREATE TABLE public.decision_licences (
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    licence_id text NOT NULL COLLATE pg_catalog."C",
    subject_id text NOT NULL COLLATE pg_catalog."C",
    occurred_on date NOT NULL
);

CREATE TABLE public.deviations (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    site_id text NOT NULL COLLATE pg_catalog."C",
    administration_id text NOT NULL COLLATE pg_catalog."C",
    reason_codes text NOT NULL COLLATE pg_catalog."C",
    units_unaccounted bigint NOT NULL,
    opened_by text NOT NULL COLLATE pg_catalog."C",
    opened_at timestamp without time zone NOT NULL,
    closed_by text COLLATE pg_catalog."C",
    closed_at timestamp without time zone,
    resolution text COLLATE pg_catalog."C",
    CONSTRAINT deviations_units_unaccounted_check CHECK ((units_unaccounted >= 0))
);

CREATE TABLE public.event_subjects (
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    event_id text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.events (
    "position" bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    command_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    version integer NOT NULL,
    site_id text COLLATE pg_catalog."C",
    actor text NOT NULL COLLATE pg_catalog."C",
    occurred_at timestamp without time zone NOT NULL,
    recorded_at timestamp without time zone NOT NULL,
    bytes bytea NOT NULL,
    leaf_hash bytea NOT NULL
);

CREATE SEQUENCE public.events_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.events_position_seq OWNED BY public.events."position";

CREATE TABLE public.evidence (
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C",
    media_type text NOT NULL COLLATE pg_catalog."C",
    bytes bigint NOT NULL,
    uploaded_by text NOT NULL COLLATE pg_catalog."C",
    uploaded_at timestamp without time zone NOT NULL,
    CONSTRAINT evidence_bytes_check CHECK ((bytes > 0))
);

CREATE TABLE public.hold_accounts (
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    hold_id text NOT NULL COLLATE pg_catalog."C",
    account_id text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.holds (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    scope_type text NOT NULL COLLATE pg_catalog."C",
    scope_id text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    cause_type text NOT NULL COLLATE pg_catalog."C",
    cause_id text COLLATE pg_catalog."C",
    opened_by text NOT NULL COLLATE pg_catalog."C",
    opened_at timestamp without time zone NOT NULL,
    lifted_at timestamp without time zone,
    lifted_by text COLLATE pg_catalog."C",
    lift_reason text COLLATE pg_catalog."C",
    CONSTRAINT holds_cause_type_check CHECK ((cause_type = ANY (ARRAY['manual'::text, 'recall'::text, 'excursion'::text, 'twin'::text]))),
    CONSTRAINT holds_scope_type_check CHECK ((scope_type = ANY (ARRAY['lot'::text, 'product'::text, 'account'::text])))
);

CREATE TABLE public.idempotency_keys (
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    idempotency_key text NOT NULL COLLATE pg_catalog."C",
    request_hash bytea NOT NULL,
    status integer NOT NULL,
    body bytea NOT NULL,
    created_at timestamp without time zone NOT NULL
);

CREATE TABLE public.inspections (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    receipt_id text NOT NULL COLLATE pg_catalog."C",
    lot_id text NOT NULL COLLATE pg_catalog."C",
    checks text NOT NULL COLLATE pg_catalog."C",
    not_examined text NOT NULL COLLATE pg_catalog."C",
    units_passed bigint NOT NULL,
    units_failed bigint NOT NULL,
    evidence text NOT NULL COLLATE pg_catalog."C",
    inspector text NOT NULL COLLATE pg_catalog."C",
    signature text NOT NULL COLLATE pg_catalog."C",
    occurred_at timestamp without time zone NOT NULL,
    recorded_at timestamp without time zone NOT NULL,
    CONSTRAINT inspections_units_failed_check CHECK ((units_failed >= 0)),
    CONSTRAINT inspections_units_passed_check CHECK ((units_passed >= 0))
);

CREATE TABLE public.licence_checks (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    licence_id text NOT NULL COLLATE pg_catalog."C",
    outcome text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    checked_at timestamp without time zone NOT NULL,
    effective_on date,
    evidence_sha256 text COLLATE pg_catalog."C",
    note text COLLATE pg_catalog."C",
    checked_by text NOT NULL COLLATE pg_catalog."C",
    recorded_at timestamp without time zone NOT NULL
);

CREATE TABLE public.licences (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    holder_type text NOT NULL COLLATE pg_catalog."C",
    holder_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    authority text NOT NULL COLLATE pg_catalog."C",
    number text NOT NULL COLLATE pg_catalog."C",
    number_validated boolean NOT NULL,
    jurisdiction text NOT NULL COLLATE pg_catalog."C",
    product_classes text NOT NULL COLLATE pg_catalog."C",
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    registered_at timestamp without time zone NOT NULL,
    CONSTRAINT licences_check CHECK ((valid_to >= valid_from)),
    CONSTRAINT licences_holder_type_check CHECK ((holder_type = ANY (ARRAY['site'::text, 'supplier'::text, 'practitioner'::text, 'organisation'::text])))
);

CREATE TABLE public.locations (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    site_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    purpose text NOT NULL COLLATE pg_catalog."C",
    min_mc integer NOT NULL,
    max_mc integer NOT NULL,
    product_classes text COLLATE pg_catalog."C",
    registered_at timestamp without time zone NOT NULL,
    version bigint NOT NULL,
    retired_at timestamp without time zone,
    CONSTRAINT locations_check CHECK ((max_mc >= min_mc)),
    CONSTRAINT locations_purpose_check CHECK ((purpose = ANY (ARRAY['stock'::text, 'quarantine'::text, 'returns'::text]))),
    CONSTRAINT locations_version_check CHECK ((version > 0))
);

CREATE TABLE public.lots (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    product_id text NOT NULL COLLATE pg_catalog."C",
    lot text NOT NULL COLLATE pg_catalog."C",
    expiry date NOT NULL,
    production_date date,
    first_received_at timestamp without time zone NOT NULL
);

CREATE TABLE public.movements (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    lot_id text NOT NULL COLLATE pg_catalog."C",
    site_id text NOT NULL COLLATE pg_catalog."C",
    from_location_id text NOT NULL COLLATE pg_catalog."C",
    to_location_id text COLLATE pg_catalog."C",
    units bigint NOT NULL,
    units_counted bigint,
    state text COLLATE pg_catalog."C",
    serials text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    moved_by text NOT NULL COLLATE pg_catalog."C",
    decision text COLLATE pg_catalog."C",
    occurred_at timestamp without time zone NOT NULL,
    recorded_at timestamp without time zone NOT NULL,
    CONSTRAINT movements_check CHECK (((kind = 'count'::text) OR (units > 0))),
    CONSTRAINT movements_check1 CHECK (((kind = 'count'::text) = (units_counted IS NOT NULL))),
    CONSTRAINT movements_check2 CHECK (((kind = 'transfer'::text) = (to_location_id IS NOT NULL))),
    CONSTRAINT movements_check3 CHECK (((kind = 'count'::text) = (decision IS NULL))),
    CONSTRAINT movements_kind_check CHECK ((kind = ANY (ARRAY['transfer'::text, 'wastage'::text, 'return'::text, 'destruction'::text, 'count'::text]))),
    CONSTRAINT movements_state_check CHECK ((state = ANY (ARRAY['quarantined'::text, 'available'::text, 'held'::text, 'rejected'::text, 'in_use'::text]))),
    CONSTRAINT movements_units_counted_check CHECK ((units_counted >= 0))
);

CREATE TABLE public.order_lines (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    line integer NOT NULL,
    product_id text NOT NULL COLLATE pg_catalog."C",
    packs bigint NOT NULL,
    units bigint NOT NULL,
    units_received bigint NOT NULL,
    CONSTRAINT order_lines_packs_check CHECK ((packs > 0)),
    CONSTRAINT order_lines_units_check CHECK ((units > 0)),
    CONSTRAINT order_lines_units_received_check CHECK ((units_received >= 0))
);

CREATE TABLE public.orders (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    site_id text NOT NULL COLLATE pg_catalog."C",
    supplier_id text NOT NULL COLLATE pg_catalog."C",
    reference text COLLATE pg_catalog."C",
    expected_on date,
    status text NOT NULL COLLATE pg_catalog."C",
    created_by text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp without time zone NOT NULL,
    decision text COLLATE pg_catalog."C",
    placed_by text COLLATE pg_catalog."C",
    placed_at timestamp without time zone,
    ended_by text COLLATE pg_catalog."C",
    ended_at timestamp without time zone,
    end_reason text COLLATE pg_catalog."C",
    CONSTRAINT orders_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'placed'::text, 'partially_received'::text, 'received'::text, 'cancelled'::text])))
);

CREATE TABLE public.organisations (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    registered_at timestamp without time zone NOT NULL
);

CREATE TABLE public.pack_balances (
    pack_id text NOT NULL COLLATE pg_catalog."C",
    account_id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    units bigint NOT NULL
);

CREATE TABLE public.packs (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    product_id text NOT NULL COLLATE pg_catalog."C",
    lot_id text NOT NULL COLLATE pg_catalog."C",
    serial text NOT NULL COLLATE pg_catalog."C",
    receipt_line_id text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.policies (
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    body text NOT NULL COLLATE pg_catalog."C",
    set_by text NOT NULL COLLATE pg_catalog."C",
    set_at timestamp without time zone NOT NULL,
    CONSTRAINT policies_version_check CHECK ((version > 0))
);

CREATE TABLE public.postings (
    event_id text NOT NULL COLLATE pg_catalog."C",
    line integer NOT NULL,
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    lot_id text NOT NULL COLLATE pg_catalog."C",
    from_account text NOT NULL COLLATE pg_catalog."C",
    to_account text NOT NULL COLLATE pg_catalog."C",
    pack_id text COLLATE pg_catalog."C",
    units bigint NOT NULL,
    CONSTRAINT postings_check CHECK ((from_account <> to_account)),
    CONSTRAINT postings_units_check CHECK ((units > 0))
);

CREATE TABLE public.practitioners (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    profession text NOT NULL COLLATE pg_catalog."C",
    subject text COLLATE pg_catalog."C",
    registered_at timestamp without time zone NOT NULL,
    version bigint NOT NULL,
    retired_at timestamp without time zone,
    CONSTRAINT practitioners_version_check CHECK ((version > 0))
);

CREATE TABLE public.product_identifiers (
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    scheme text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C",
    product_id text NOT NULL COLLATE pg_catalog."C",
    level text NOT NULL COLLATE pg_catalog."C",
    units bigint NOT NULL,
    CONSTRAINT product_identifiers_units_check CHECK ((units > 0))
);

CREATE TABLE public.products (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    gtin text COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    manufacturer text NOT NULL COLLATE pg_catalog."C",
    class text NOT NULL COLLATE pg_catalog."C",
    units_per_pack bigint NOT NULL,
    unit_presentation text NOT NULL COLLATE pg_catalog."C",
    unit_amount text NOT NULL COLLATE pg_catalog."C",
    unit_amount_unit text NOT NULL COLLATE pg_catalog."C",
    storage_min_mc integer NOT NULL,
    storage_max_mc integer NOT NULL,
    do_not_freeze boolean NOT NULL,
    protect_from_light boolean NOT NULL,
    in_use_hours integer,
    single_patient boolean NOT NULL,
    requires_training boolean NOT NULL,
    requires_prescriber boolean NOT NULL,
    approvals text NOT NULL COLLATE pg_catalog."C",
    stability_budget text NOT NULL COLLATE pg_catalog."C",
    registered_at timestamp without time zone NOT NULL,
    version bigint NOT NULL,
    retired_at timestamp without time zone,
    identifiers text DEFAULT '[]'::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT products_check CHECK ((storage_max_mc >= storage_min_mc)),
    CONSTRAINT products_in_use_hours_check CHECK ((in_use_hours > 0)),
    CONSTRAINT products_units_per_pack_check CHECK ((units_per_pack > 0)),
    CONSTRAINT products_version_check CHECK ((version > 0))
);

CREATE TABLE public.receipt_lines (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    receipt_id text NOT NULL COLLATE pg_catalog."C",
    line integer NOT NULL,
    product_id text NOT NULL COLLATE pg_catalog."C",
    lot_id text NOT NULL COLLATE pg_catalog."C",
    packs bigint NOT NULL,
    units bigint NOT NULL,
    serials text NOT NULL COLLATE pg_catalog."C",
    flags text NOT NULL COLLATE pg_catalog."C",
    scan text COLLATE pg_catalog."C",
    ordered text COLLATE pg_catalog."C",
    corrects text COLLATE pg_catalog."C",
    correction_reason text COLLATE pg_catalog."C",
    identifier text COLLATE pg_catalog."C",
    CONSTRAINT receipt_lines_packs_check CHECK ((packs > 0)),
    CONSTRAINT receipt_lines_units_check CHECK ((units > 0))
);

CREATE TABLE public.receipts (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    order_id text COLLATE pg_catalog."C",
    supplier_id text NOT NULL COLLATE pg_catalog."C",
    site_id text NOT NULL COLLATE pg_catalog."C",
    location_id text NOT NULL COLLATE pg_catalog."C",
    delivery_note text COLLATE pg_catalog."C",
    received_by text NOT NULL COLLATE pg_catalog."C",
    occurred_at timestamp without time zone NOT NULL,
    recorded_at timestamp without time zone NOT NULL,
    arrival_temperature_mc integer,
    logger_reference text COLLATE pg_catalog."C",
    documents text COLLATE pg_catalog."C"
);

CREATE TABLE public.release_allocations (
    release_id text NOT NULL COLLATE pg_catalog."C",
    inspection_id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    units bigint NOT NULL,
    CONSTRAINT release_allocations_units_check CHECK ((units > 0))
);

CREATE TABLE public.releases (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    lot_id text NOT NULL COLLATE pg_catalog."C",
    from_location_id text NOT NULL COLLATE pg_catalog."C",
    to_location_id text NOT NULL COLLATE pg_catalog."C",
    units bigint NOT NULL,
    serials text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    released_by text NOT NULL COLLATE pg_catalog."C",
    signature text NOT NULL COLLATE pg_catalog."C",
    decision text NOT NULL COLLATE pg_catalog."C",
    occurred_at timestamp without time zone NOT NULL,
    recorded_at timestamp without time zone NOT NULL,
    CONSTRAINT releases_units_check CHECK ((units > 0))
);

CREATE TABLE public.sites (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    jurisdiction text NOT NULL COLLATE pg_catalog."C",
    time_zone text NOT NULL COLLATE pg_catalog."C",
    registered_at timestamp without time zone NOT NULL,
    version bigint NOT NULL,
    retired_at timestamp without time zone,
    CONSTRAINT sites_version_check CHECK ((version > 0))
);

CREATE TABLE public.suppliers (
    id text NOT NULL COLLATE pg_catalog."C",
    organisation_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    country text NOT NULL COLLATE pg_catalog."C",
    gln text COLLATE pg_catalog."C",
    approved_classes text NOT NULL COLLATE pg_catalog."C",
    registered_at timestamp without time zone NOT NULL,
    version bigint NOT NULL,
    retired_at timestamp without time zone,
    CONSTRAINT suppliers_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY public.events ALTER COLUMN "position" SET DEFAULT nextval('public.events_position_seq'::regclass);

INSERT INTO public.__diesel_schema_migrations VALUES ('20261121000001', '2026-11-21 17:10:20.107926');
INSERT INTO public.__diesel_schema_migrations VALUES ('20261121000002', '2026-11-21 17:10:20.559922');
INSERT INTO public.__diesel_schema_migrations VALUES ('20261121000003', '2026-11-21 17:10:20.611909');
INSERT INTO public.__diesel_schema_migrations VALUES ('20261121000004', '2026-11-21 17:10:20.6766');
INSERT INTO public.__diesel_schema_migrations VALUES ('20261121000005', '2026-11-21 17:10:20.708494');
INSERT INTO public.__diesel_schema_migrations VALUES ('20261121000006', '2026-11-21 17:10:20.724434');
INSERT INTO public.__diesel_schema_migrations VALUES ('20261121000007', '2026-11-21 17:10:20.743842');

INSERT INTO public.accounts VALUES ('acct_b735865d-b855-88d9-aaa7-c2c57c6f4109', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-76b3-76d4-8004-ced3324f2828', 'supplier', NULL, NULL, NULL, -10);
INSERT INTO public.accounts VALUES ('acct_359848b2-3b24-8331-b308-0419ac475009', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-76b3-76d4-8004-ced3324f2828', 'available', 'loc_01a1ff16-6e29-7e4d-8002-95b014a49ca0', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', '2029-12-31', 3);
INSERT INTO public.accounts VALUES ('acct_adc9bbe7-6f43-806f-9acd-8cb9d2b98c97', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-76b3-76d4-8004-ced3324f2828', 'quarantined', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', '2029-12-31', 7);
INSERT INTO public.accounts VALUES ('acct_b54af0fe-0764-8d52-a045-c7cc3b478f97', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', 'supplier', NULL, NULL, NULL, -8);
INSERT INTO public.accounts VALUES ('acct_028bec9f-d1ec-8936-b182-dfe4dbb9d61f', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', 'returned', NULL, NULL, NULL, 2);
INSERT INTO public.accounts VALUES ('acct_64d682dd-c0aa-8660-b966-ced22b0a6400', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', 'quarantined', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', '2029-12-31', 6);
INSERT INTO public.accounts VALUES ('acct_0e3b6522-039c-8d2e-90f0-31b7a5332073', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 'quarantined', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', '2029-12-31', 4);
INSERT INTO public.accounts VALUES ('acct_c1d45c7d-19be-8922-b101-0043eeae8bfa', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 'supplier', NULL, NULL, NULL, -4);
INSERT INTO public.accounts VALUES ('acct_4055b560-3606-862a-84b9-9ebd1cb1823b', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 'supplier', NULL, NULL, NULL, -4);
INSERT INTO public.accounts VALUES ('acct_fdb994fc-d3f7-8a7c-a2d5-d93cf50d9083', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 'quarantined', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', '2029-12-31', 4);
INSERT INTO public.accounts VALUES ('acct_098474b3-01a0-8e3f-bed8-f7250edc8936', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8281-72c4-8004-82728e93f627', 'quarantined', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', '2029-12-31', 2);
INSERT INTO public.accounts VALUES ('acct_f6c87504-d12b-8c58-b860-aa01c2cdea8f', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8281-72c4-8004-82728e93f627', 'supplier', NULL, NULL, NULL, -2);
INSERT INTO public.accounts VALUES ('acct_9e4a5733-3b8f-879a-9573-9c42af755af5', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'supplier', NULL, NULL, NULL, -4);
INSERT INTO public.accounts VALUES ('acct_37112367-bd70-8bac-b488-612f3c584cf5', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'patient', NULL, NULL, NULL, 0);
INSERT INTO public.accounts VALUES ('acct_b76cc856-2344-8279-add0-4d90aba23c5a', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'quarantined', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', '2029-12-31', 1);
INSERT INTO public.accounts VALUES ('acct_7a873965-d3f5-81e6-ad0f-e8f9ac7d94fb', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'held', 'loc_01a1ff16-6e29-7e4d-8002-95b014a49ca0', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', '2029-12-31', 3);
INSERT INTO public.accounts VALUES ('acct_9c03b662-e772-8319-8f96-a04c8ee07b6c', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'available', 'loc_01a1ff16-6e29-7e4d-8002-95b014a49ca0', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', '2029-12-31', 0);

INSERT INTO public.administration_voids VALUES ('void_01a1ff16-8a37-75ba-8002-f51965a0fd75', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'adm_01a1ff16-89d6-784d-8002-fe4d5a286894', 'wrong patient', true, 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'quinn', '2026-11-21 17:10:29.687358', '2026-11-21 17:10:29.687358');

INSERT INTO public.administrations VALUES ('adm_01a1ff16-89d6-784d-8002-fe4d5a286894', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', NULL, 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'loc_01a1ff16-6e29-7e4d-8002-95b014a49ca0', 'prac_01a1ff16-70f8-7bb6-8002-5260fdd612df', NULL, 'P-1', '{"area":"midface"}', NULL, NULL, NULL, '{"allowed":true,"basis":[{"day":"2026-11-21","occurred_at":"2026-11-21T17:10:29.590519Z","site_id":"site_01a1ff16-6b67-710a-8002-aed5e911d4f2","time_zone":"Europe/London","type":"moment"},{"effective_expiry":"2029-12-31","expiry":"2029-12-31","lot_id":"lot_01a1ff16-8497-75ae-8004-b95580c05329","type":"expiry"},{"available":4,"held":0,"lot_id":"lot_01a1ff16-8497-75ae-8004-b95580c05329","quarantined":0,"rejected":0,"type":"stock"},{"jurisdiction":"GB","product_id":"prd_01a1ff16-6fb0-729b-8002-23915c7c22c4","source":"illustrative","status":"authorised","type":"approval","verified_on":"2026-01-05"},{"authority":"CQC","check_id":"chk_01a1ff16-72fb-725e-8002-1eb53bf8328d","check_outcome":"verified","checked_at":"2026-11-21T17:10:23.739148Z","holder_id":"site_01a1ff16-6b67-710a-8002-aed5e911d4f2","holder_type":"site","id":"lic_01a1ff16-727e-7887-8002-79c61afe1813","jurisdiction":"GB","kind":"facility","number":"1-0000000001","product_classes":["*"],"recheck_days":365,"type":"licence","valid_from":"2026-01-01","valid_to":"2029-12-31"},{"authority":"GMC","check_id":"chk_01a1ff16-7698-7c18-8002-2f1c2f0e04f1","check_outcome":"verified","checked_at":"2026-11-21T17:10:24.664756Z","holder_id":"prac_01a1ff16-70f8-7bb6-8002-5260fdd612df","holder_type":"practitioner","id":"lic_01a1ff16-757b-7851-8002-cb4b7ccb711b","jurisdiction":"GB","kind":"professional_registration","number":"1234567","product_classes":["*"],"recheck_days":365,"type":"licence","valid_from":"2026-01-01","valid_to":"2029-12-31"}],"evaluated_at":"2026-11-21T17:10:29.590519Z","reasons":[]}', 'nia', '2026-11-21 17:10:29.590519', '2026-11-21 17:10:29.590519', NULL);

INSERT INTO public.decision_licences VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lic_01a1ff16-727e-7887-8002-79c61afe1813', 'adm_01a1ff16-89d6-784d-8002-fe4d5a286894', '2026-11-21');
INSERT INTO public.decision_licences VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lic_01a1ff16-757b-7851-8002-cb4b7ccb711b', 'adm_01a1ff16-89d6-784d-8002-fe4d5a286894', '2026-11-21');

INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'evt_01a1ff16-67ed-71ba-8002-90f7ae75bf34');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'evt_01a1ff16-6b67-710a-8003-9923a626f282');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'evt_01a1ff16-6bd4-7239-8003-2a990c123c0f');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'evt_01a1ff16-6bd4-7239-8003-2a990c123c0f');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'loc_01a1ff16-6d7e-7cfd-8002-00a3e1715235', 'evt_01a1ff16-6d7e-7cfd-8003-f30151c85ca4');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'evt_01a1ff16-6d7e-7cfd-8003-f30151c85ca4');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'loc_01a1ff16-6e29-7e4d-8002-95b014a49ca0', 'evt_01a1ff16-6e29-7e4d-8003-3b4546444215');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'evt_01a1ff16-6e29-7e4d-8003-3b4546444215');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'evt_01a1ff16-6fb0-729b-8003-2f2cf36878aa');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-7053-741c-8003-e499867ceade');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prac_01a1ff16-70f8-7bb6-8002-5260fdd612df', 'evt_01a1ff16-70f8-7bb6-8003-7e92c95d8466');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lic_01a1ff16-727e-7887-8002-79c61afe1813', 'evt_01a1ff16-727e-7887-8003-b8efe734eed8');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'evt_01a1ff16-727e-7887-8003-b8efe734eed8');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lic_01a1ff16-727e-7887-8002-79c61afe1813', 'evt_01a1ff16-72fb-725e-8003-b2a581f650c5');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'evt_01a1ff16-72fb-725e-8003-b2a581f650c5');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lic_01a1ff16-73eb-733f-8002-69ad5f35dc7a', 'evt_01a1ff16-73eb-733f-8003-fb147518ea4d');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-73eb-733f-8003-fb147518ea4d');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lic_01a1ff16-73eb-733f-8002-69ad5f35dc7a', 'evt_01a1ff16-7430-7f22-8003-4ab484bf0e2f');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-7430-7f22-8003-4ab484bf0e2f');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lic_01a1ff16-757b-7851-8002-cb4b7ccb711b', 'evt_01a1ff16-757b-7851-8003-5ae214066e48');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prac_01a1ff16-70f8-7bb6-8002-5260fdd612df', 'evt_01a1ff16-757b-7851-8003-5ae214066e48');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lic_01a1ff16-757b-7851-8002-cb4b7ccb711b', 'evt_01a1ff16-7698-7c18-8003-ea65bdc6fe6c');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prac_01a1ff16-70f8-7bb6-8002-5260fdd612df', 'evt_01a1ff16-7698-7c18-8003-ea65bdc6fe6c');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-76b3-76d4-8002-b33c3ec174f0', 'evt_01a1ff16-76b3-76d4-8003-07afcf1c07e7');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-76b3-76d4-8003-07afcf1c07e7');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-76b3-76d4-8004-ced3324f2828', 'evt_01a1ff16-76b3-76d4-8006-93268b421a7a');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'evt_01a1ff16-76b3-76d4-8006-93268b421a7a');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-76b3-76d4-8002-b33c3ec174f0', 'evt_01a1ff16-76b3-76d4-8006-93268b421a7a');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-76b3-76d4-8006-93268b421a7a');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'insp_01a1ff16-787e-76d9-8002-a0a76d14eb04', 'evt_01a1ff16-787e-76d9-8003-9daf7aca2e7b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-76b3-76d4-8004-ced3324f2828', 'evt_01a1ff16-787e-76d9-8003-9daf7aca2e7b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-76b3-76d4-8002-b33c3ec174f0', 'evt_01a1ff16-787e-76d9-8003-9daf7aca2e7b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-76b3-76d4-8004-ced3324f2828', 'evt_01a1ff16-79dc-7174-8003-26d886aba849');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rel_01a1ff16-79dc-7174-8002-ab3b1d810a46', 'evt_01a1ff16-79dc-7174-8003-26d886aba849');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7a77-7d33-8002-2ce24a82198a', 'evt_01a1ff16-7a77-7d33-8003-e3a24b1ae5f9');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-7a77-7d33-8003-e3a24b1ae5f9');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', 'evt_01a1ff16-7a77-7d33-8006-f810bb0e7f20');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'evt_01a1ff16-7a77-7d33-8006-f810bb0e7f20');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7a77-7d33-8002-2ce24a82198a', 'evt_01a1ff16-7a77-7d33-8006-f810bb0e7f20');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-7a77-7d33-8006-f810bb0e7f20');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'insp_01a1ff16-7b2d-7462-8002-7562463a3dc9', 'evt_01a1ff16-7b2d-7462-8003-8d2ba081fc04');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', 'evt_01a1ff16-7b2d-7462-8003-8d2ba081fc04');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7a77-7d33-8002-2ce24a82198a', 'evt_01a1ff16-7b2d-7462-8003-8d2ba081fc04');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'evt_01a1ff16-7bce-7093-8003-bf73a40e4c49');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', 'evt_01a1ff16-7bce-7093-8003-bf73a40e4c49');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'mov_01a1ff16-7bce-7093-8002-4f059c60ac9a', 'evt_01a1ff16-7bce-7093-8003-bf73a40e4c49');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7dac-7b4b-8002-b660dbee5100', 'evt_01a1ff16-7dac-7b4b-8003-3c9fde64b8ea');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-7dac-7b4b-8003-3c9fde64b8ea');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 'evt_01a1ff16-7dac-7b4b-8007-82760824cf4b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'evt_01a1ff16-7dac-7b4b-8007-82760824cf4b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7dac-7b4b-8002-b660dbee5100', 'evt_01a1ff16-7dac-7b4b-8007-82760824cf4b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-7dac-7b4b-8007-82760824cf4b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 'evt_01a1ff16-7dac-7b4b-800a-661c928ad824');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'evt_01a1ff16-7dac-7b4b-800a-661c928ad824');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7dac-7b4b-8002-b660dbee5100', 'evt_01a1ff16-7dac-7b4b-800a-661c928ad824');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-7dac-7b4b-800a-661c928ad824');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'insp_01a1ff16-7fc7-7239-8002-0968f13af0ab', 'evt_01a1ff16-7fc7-7239-8003-c99d16c36073');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 'evt_01a1ff16-7fc7-7239-8003-c99d16c36073');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7dac-7b4b-8002-b660dbee5100', 'evt_01a1ff16-7fc7-7239-8003-c99d16c36073');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7fff-7272-8002-e7c230caba1f', 'evt_01a1ff16-7fff-7272-8003-ca61621f24e3');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-7fff-7272-8003-ca61621f24e3');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 'evt_01a1ff16-7fff-7272-8007-c54c743dfa01');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'evt_01a1ff16-7fff-7272-8007-c54c743dfa01');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7fff-7272-8002-e7c230caba1f', 'evt_01a1ff16-7fff-7272-8007-c54c743dfa01');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-7fff-7272-8007-c54c743dfa01');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 'evt_01a1ff16-7fff-7272-800a-6db6c6903a8b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'evt_01a1ff16-7fff-7272-800a-6db6c6903a8b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7fff-7272-8002-e7c230caba1f', 'evt_01a1ff16-7fff-7272-800a-6db6c6903a8b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-7fff-7272-800a-6db6c6903a8b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'insp_01a1ff16-812f-7e5e-8002-434d7038d2b2', 'evt_01a1ff16-812f-7e5e-8003-de1cb96eaa1c');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 'evt_01a1ff16-812f-7e5e-8003-de1cb96eaa1c');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7fff-7272-8002-e7c230caba1f', 'evt_01a1ff16-812f-7e5e-8003-de1cb96eaa1c');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-8281-72c4-8002-d332310d1a1c', 'evt_01a1ff16-8281-72c4-8003-d0ec2c24cf47');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-8281-72c4-8003-d0ec2c24cf47');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8281-72c4-8004-82728e93f627', 'evt_01a1ff16-8281-72c4-8006-5b23f89d19fd');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'evt_01a1ff16-8281-72c4-8006-5b23f89d19fd');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-8281-72c4-8002-d332310d1a1c', 'evt_01a1ff16-8281-72c4-8006-5b23f89d19fd');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-8281-72c4-8006-5b23f89d19fd');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'insp_01a1ff16-83a0-7ddf-8002-047077a96e66', 'evt_01a1ff16-83a0-7ddf-8003-c6c9a1ac38a0');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8281-72c4-8004-82728e93f627', 'evt_01a1ff16-83a0-7ddf-8003-c6c9a1ac38a0');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-8281-72c4-8002-d332310d1a1c', 'evt_01a1ff16-83a0-7ddf-8003-c6c9a1ac38a0');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-8497-75ae-8002-e0a194c7c287', 'evt_01a1ff16-8497-75ae-8003-a101979932d2');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-8497-75ae-8003-a101979932d2');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'evt_01a1ff16-8497-75ae-8006-f5a3d01b81a0');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'evt_01a1ff16-8497-75ae-8006-f5a3d01b81a0');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-8497-75ae-8002-e0a194c7c287', 'evt_01a1ff16-8497-75ae-8006-f5a3d01b81a0');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'evt_01a1ff16-8497-75ae-8006-f5a3d01b81a0');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'insp_01a1ff16-878f-7010-8002-a9211259cff1', 'evt_01a1ff16-878f-7010-8003-f6797755d7aa');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'evt_01a1ff16-878f-7010-8003-f6797755d7aa');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-8497-75ae-8002-e0a194c7c287', 'evt_01a1ff16-878f-7010-8003-f6797755d7aa');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'evt_01a1ff16-8827-7fa5-8003-a37adfb48348');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rel_01a1ff16-8827-7fa5-8002-50c47e03e348', 'evt_01a1ff16-8827-7fa5-8003-a37adfb48348');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'adm_01a1ff16-89d6-784d-8002-fe4d5a286894', 'evt_01a1ff16-89d6-784d-8003-8454ea95165b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'evt_01a1ff16-89d6-784d-8003-8454ea95165b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prac_01a1ff16-70f8-7bb6-8002-5260fdd612df', 'evt_01a1ff16-89d6-784d-8003-8454ea95165b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'evt_01a1ff16-89d6-784d-8003-8454ea95165b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'adm_01a1ff16-89d6-784d-8002-fe4d5a286894', 'evt_01a1ff16-8a37-75ba-8003-453343052e6b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'evt_01a1ff16-8a37-75ba-8003-453343052e6b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prac_01a1ff16-70f8-7bb6-8002-5260fdd612df', 'evt_01a1ff16-8a37-75ba-8003-453343052e6b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'evt_01a1ff16-8a37-75ba-8003-453343052e6b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'hold_01a1ff16-8adc-7424-8002-8afd9342b6fb', 'evt_01a1ff16-8adc-7424-8003-4bf06107149b');
INSERT INTO public.event_subjects VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'evt_01a1ff16-8adc-7424-8003-4bf06107149b');

INSERT INTO public.events VALUES (1, 'evt_01a1ff16-67ed-71ba-8002-90f7ae75bf34', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-67ed-71ba-8000-f2729bbdb952', 'organisation_registered', 1, NULL, 'init', '2026-11-21 17:10:20.909108', '2026-11-21 17:10:20.909108', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a22696e6974227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d363765642d373162612d383030302d663237323962626462393532222c2264617461223a7b226964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c226e616d65223a224578616d706c6520436c696e696373222c22726567697374657265645f6174223a22323032362d31312d32315431373a31303a32302e3930393130385a227d2c226964223a226576745f30316131666631362d363765642d373162612d383030322d393066376165373562663334222c226b696e64223a226f7267616e69736174696f6e5f72656769737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32302e3930393130385a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32302e3930393130385a222c227375626a65637473223a5b226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635225d2c2276657273696f6e223a317d', '\x3d5127504b1af44a47b2da040984eccbf37f9a17a3747e9ff76608fd8d6033bf');
INSERT INTO public.events VALUES (2, 'evt_01a1ff16-6b67-710a-8003-9923a626f282', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-6b67-710a-8000-c3ad3c59c8ef', 'site_registered', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'admin', '2026-11-21 17:10:21.799065', '2026-11-21 17:10:21.799065', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d366236372d373130612d383030302d633361643363353963386566222c2264617461223a7b226964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c226a7572697364696374696f6e223a2247422d454e47222c226e616d65223a224861726c657920537472656574222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726567697374657265645f6174223a22323032362d31312d32315431373a31303a32312e3739393036355a222c2274696d655f7a6f6e65223a224575726f70652f4c6f6e646f6e222c2276657273696f6e223a317d2c226964223a226576745f30316131666631362d366236372d373130612d383030332d393932336136323666323832222c226b696e64223a22736974655f72656769737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32312e3739393036355a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32312e3739393036355a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632225d2c2276657273696f6e223a317d', '\x05eb5a2a60e4b688fe0e4943d1edf4b350e36a6c11b8fdc8f1dfa64e73f997b5');
INSERT INTO public.events VALUES (3, 'evt_01a1ff16-6bd4-7239-8003-2a990c123c0f', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-6bd4-7239-8000-ddafb26ef91f', 'location_registered', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'admin', '2026-11-21 17:10:21.908139', '2026-11-21 17:10:21.908139', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d366264342d373233392d383030302d646461666232366566393166222c2264617461223a7b226964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226d61785f6d63223a32353030302c226d696e5f6d63223a31353030302c226e616d65223a22476f6f647320696e222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f636c6173736573223a6e756c6c2c22707572706f7365223a2271756172616e74696e65222c22726567697374657265645f6174223a22323032362d31312d32315431373a31303a32312e3930383133395a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c2276657273696f6e223a317d2c226964223a226576745f30316131666631362d366264342d373233392d383030332d326139393063313233633066222c226b696e64223a226c6f636174696f6e5f72656769737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32312e3930383133395a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32312e3930383133395a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632225d2c2276657273696f6e223a317d', '\xc79fd35ad2d90264e0bf36eddf21fb5b0ed51eb4eeddd703b107f45df282ca4b');
INSERT INTO public.events VALUES (4, 'evt_01a1ff16-6d7e-7cfd-8003-f30151c85ca4', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-6d7e-7cfd-8000-8f71906e5b0a', 'location_registered', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'admin', '2026-11-21 17:10:22.334812', '2026-11-21 17:10:22.334812', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d366437652d376366642d383030302d386637313930366535623061222c2264617461223a7b226964223a226c6f635f30316131666631362d366437652d376366642d383030322d303061336531373135323335222c226d61785f6d63223a32353030302c226d696e5f6d63223a31353030302c226e616d65223a2252657475726e73222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f636c6173736573223a6e756c6c2c22707572706f7365223a2272657475726e73222c22726567697374657265645f6174223a22323032362d31312d32315431373a31303a32322e3333343831325a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c2276657273696f6e223a317d2c226964223a226576745f30316131666631362d366437652d376366642d383030332d663330313531633835636134222c226b696e64223a226c6f636174696f6e5f72656769737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32322e3333343831325a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32322e3333343831325a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f635f30316131666631362d366437652d376366642d383030322d303061336531373135323335222c22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632225d2c2276657273696f6e223a317d', '\xb7f4982be6f635075ff513d69e0902419abcf2900747ffcf5dffdbdd4be5d239');
INSERT INTO public.events VALUES (5, 'evt_01a1ff16-6e29-7e4d-8003-3b4546444215', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-6e29-7e4d-8000-9f56fe8e84a1', 'location_registered', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'admin', '2026-11-21 17:10:22.505894', '2026-11-21 17:10:22.505894', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d366532392d376534642d383030302d396635366665386538346131222c2264617461223a7b226964223a226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c226d61785f6d63223a32353030302c226d696e5f6d63223a31353030302c226e616d65223a22436162696e6574222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f636c6173736573223a6e756c6c2c22707572706f7365223a2273746f636b222c22726567697374657265645f6174223a22323032362d31312d32315431373a31303a32322e3530353839345a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c2276657273696f6e223a317d2c226964223a226576745f30316131666631362d366532392d376534642d383030332d336234353436343434323135222c226b696e64223a226c6f636174696f6e5f72656769737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32322e3530353839345a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32322e3530353839345a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632225d2c2276657273696f6e223a317d', '\x0c0b37e8c74b25ac852ad3bb0ac0fa43d6fec41de46b71b559ed563154b1a7d9');
INSERT INTO public.events VALUES (6, 'evt_01a1ff16-6fb0-729b-8003-2f2cf36878aa', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-6fb0-729b-8000-847e6a4d0c5f', 'product_registered', 1, NULL, 'admin', '2026-11-21 17:10:22.896163', '2026-11-21 17:10:22.896163', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d366662302d373239622d383030302d383437653661346430633566222c2264617461223a7b22617070726f76616c73223a5b7b226a7572697364696374696f6e223a224742222c22736f75726365223a22696c6c757374726174697665222c22737461747573223a22617574686f7269736564222c2276657269666965645f6f6e223a22323032362d30312d3035227d5d2c22636c617373223a226879627269645f66696c6c6572222c22646f5f6e6f745f667265657a65223a747275652c226774696e223a223039353231323334353637383939222c226964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22696e5f7573655f686f757273223a6e756c6c2c226d616e756661637475726572223a224578616d706c652041657374686574696373222c226e616d65223a224841726d6f6e794361222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f746563745f66726f6d5f6c69676874223a66616c73652c22726567697374657265645f6174223a22323032362d31312d32315431373a31303a32322e3839363136335a222c2272657175697265735f70726573637269626572223a66616c73652c2272657175697265735f747261696e696e67223a66616c73652c2273696e676c655f70617469656e74223a747275652c2273746162696c6974795f627564676574223a5b5d2c2273746f726167655f6d61785f6d63223a32353030302c2273746f726167655f6d696e5f6d63223a323030302c22756e69745f616d6f756e74223a22312e3235222c22756e69745f616d6f756e745f756e6974223a226d4c222c22756e69745f70726573656e746174696f6e223a2270726566696c6c656420737972696e6765222c22756e6974735f7065725f7061636b223a322c2276657273696f6e223a317d2c226964223a226576745f30316131666631362d366662302d373239622d383030332d326632636633363837386161222c226b696e64223a2270726f647563745f72656769737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32322e3839363136335a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32322e3839363136335a222c227375626a65637473223a5b227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334225d2c2276657273696f6e223a317d', '\xe7a99e60eb04bae9b64dc528d991e6947c72ab71341a133ec67c354c1d0f1355');
INSERT INTO public.events VALUES (7, 'evt_01a1ff16-7053-741c-8003-e499867ceade', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7053-741c-8000-db7b81c9ea34', 'supplier_registered', 1, NULL, 'admin', '2026-11-21 17:10:23.059257', '2026-11-21 17:10:23.059257', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373035332d373431632d383030302d646237623831633965613334222c2264617461223a7b22617070726f7665645f636c6173736573223a5b226879627269645f66696c6c6572225d2c22636f756e747279223a224742222c226964223a227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563222c226e616d65223a224578616d706c65204d65646963616c222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726567697374657265645f6174223a22323032362d31312d32315431373a31303a32332e3035393235375a222c2276657273696f6e223a317d2c226964223a226576745f30316131666631362d373035332d373431632d383030332d653439393836376365616465222c226b696e64223a22737570706c6965725f72656769737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32332e3035393235375a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32332e3035393235375a222c227375626a65637473223a5b227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\xdce655e59446d87d6315e96fe057cde5361694296f0ba6da83fe590ae00578a7');
INSERT INTO public.events VALUES (8, 'evt_01a1ff16-70f8-7bb6-8003-7e92c95d8466', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-70f8-7bb6-8000-264e4a646ab1', 'practitioner_registered', 1, NULL, 'admin', '2026-11-21 17:10:23.224732', '2026-11-21 17:10:23.224732', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373066382d376262362d383030302d323634653461363436616231222c2264617461223a7b226964223a22707261635f30316131666631362d373066382d376262362d383030322d353236306664643631326466222c226e616d65223a224472204e6961204578616d706c65222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f66657373696f6e223a22646f63746f72222c22726567697374657265645f6174223a22323032362d31312d32315431373a31303a32332e3232343733325a222c2276657273696f6e223a317d2c226964223a226576745f30316131666631362d373066382d376262362d383030332d376539326339356438343636222c226b696e64223a2270726163746974696f6e65725f72656769737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32332e3232343733325a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32332e3232343733325a222c227375626a65637473223a5b22707261635f30316131666631362d373066382d376262362d383030322d353236306664643631326466225d2c2276657273696f6e223a317d', '\x78e48f928966fee41116997c51b3a10249d6894ecc6a5af7a22e631a0cd9f6c5');
INSERT INTO public.events VALUES (9, 'evt_01a1ff16-727e-7887-8003-b8efe734eed8', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-727e-7887-8000-2967a9c9fd0e', 'licence_registered', 1, NULL, 'admin', '2026-11-21 17:10:23.614533', '2026-11-21 17:10:23.614533', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373237652d373838372d383030302d323936376139633966643065222c2264617461223a7b22617574686f72697479223a22435143222c22686f6c6465725f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c22686f6c6465725f74797065223a2273697465222c226964223a226c69635f30316131666631362d373237652d373838372d383030322d373963363161666531383133222c226a7572697364696374696f6e223a224742222c226b696e64223a22666163696c697479222c226e756d626572223a22312d30303030303030303031222c226e756d6265725f76616c696461746564223a66616c73652c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f636c6173736573223a5b222a225d2c22726567697374657265645f6174223a22323032362d31312d32315431373a31303a32332e3631343533335a222c2276616c69645f66726f6d223a22323032362d30312d3031222c2276616c69645f746f223a22323032392d31322d3331227d2c226964223a226576745f30316131666631362d373237652d373838372d383030332d623865666537333465656438222c226b696e64223a226c6963656e63655f72656769737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32332e3631343533335a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32332e3631343533335a222c227375626a65637473223a5b226c69635f30316131666631362d373237652d373838372d383030322d373963363161666531383133222c22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632225d2c2276657273696f6e223a317d', '\x4796df0342bc384b22628c7c7df4721116ade7fb9977a02c04c45e28d5fea74e');
INSERT INTO public.events VALUES (10, 'evt_01a1ff16-72fb-725e-8003-b2a581f650c5', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-72fb-725e-8000-1b5e35d526a5', 'licence_checked', 1, NULL, 'admin', '2026-11-21 17:10:23.739148', '2026-11-21 17:10:23.739148', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373266622d373235652d383030302d316235653335643532366135222c2264617461223a7b22636865636b65645f6174223a22323032362d31312d32315431373a31303a32332e3733393134385a222c22636865636b65645f6279223a2261646d696e222c226964223a2263686b5f30316131666631362d373266622d373235652d383030322d316562353362663833323864222c226c6963656e63655f6964223a226c69635f30316131666631362d373237652d373838372d383030322d373963363161666531383133222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c226f7574636f6d65223a227665726966696564222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32332e3733393134385a222c22736f75726365223a227075626c6963207265676973746572227d2c226964223a226576745f30316131666631362d373266622d373235652d383030332d623261353831663635306335222c226b696e64223a226c6963656e63655f636865636b6564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32332e3733393134385a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32332e3733393134385a222c227375626a65637473223a5b226c69635f30316131666631362d373237652d373838372d383030322d373963363161666531383133222c22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632225d2c2276657273696f6e223a317d', '\x656057a8efd231db6674425078f5e6bf022a4098624fe1432ad6615e0a2bd541');
INSERT INTO public.events VALUES (11, 'evt_01a1ff16-73eb-733f-8003-fb147518ea4d', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-73eb-733f-8000-8f448a61b66a', 'licence_registered', 1, NULL, 'admin', '2026-11-21 17:10:23.979203', '2026-11-21 17:10:23.979203', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373365622d373333662d383030302d386634343861363162363661222c2264617461223a7b22617574686f72697479223a224d485241222c22686f6c6465725f6964223a227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563222c22686f6c6465725f74797065223a22737570706c696572222c226964223a226c69635f30316131666631362d373365622d373333662d383030322d363961643566333564633761222c226a7572697364696374696f6e223a224742222c226b696e64223a2277686f6c6573616c65222c226e756d626572223a225744412d3030303030222c226e756d6265725f76616c696461746564223a66616c73652c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f636c6173736573223a5b222a225d2c22726567697374657265645f6174223a22323032362d31312d32315431373a31303a32332e3937393230335a222c2276616c69645f66726f6d223a22323032362d30312d3031222c2276616c69645f746f223a22323032392d31322d3331227d2c226964223a226576745f30316131666631362d373365622d373333662d383030332d666231343735313865613464222c226b696e64223a226c6963656e63655f72656769737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32332e3937393230335a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32332e3937393230335a222c227375626a65637473223a5b226c69635f30316131666631362d373365622d373333662d383030322d363961643566333564633761222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\xccb036f26e73f93831d80203342b47abd366c0f71c14fdfbeb01775c8822bd76');
INSERT INTO public.events VALUES (12, 'evt_01a1ff16-7430-7f22-8003-4ab484bf0e2f', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7430-7f22-8000-1a52bcee7d91', 'licence_checked', 1, NULL, 'admin', '2026-11-21 17:10:24.048946', '2026-11-21 17:10:24.048946', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373433302d376632322d383030302d316135326263656537643931222c2264617461223a7b22636865636b65645f6174223a22323032362d31312d32315431373a31303a32342e3034383934365a222c22636865636b65645f6279223a2261646d696e222c226964223a2263686b5f30316131666631362d373433302d376632322d383030322d666266326336363263623163222c226c6963656e63655f6964223a226c69635f30316131666631362d373365622d373333662d383030322d363961643566333564633761222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c226f7574636f6d65223a227665726966696564222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32342e3034383934365a222c22736f75726365223a227075626c6963207265676973746572227d2c226964223a226576745f30316131666631362d373433302d376632322d383030332d346162343834626630653266222c226b696e64223a226c6963656e63655f636865636b6564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32342e3034383934365a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32342e3034383934365a222c227375626a65637473223a5b226c69635f30316131666631362d373365622d373333662d383030322d363961643566333564633761222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x5b7bbfb67940958c935c3dff4da765b826aecd8f33f04bc89e1f9479c47f2e2b');
INSERT INTO public.events VALUES (13, 'evt_01a1ff16-757b-7851-8003-5ae214066e48', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-757b-7851-8000-889a55b7f935', 'licence_registered', 1, NULL, 'admin', '2026-11-21 17:10:24.37952', '2026-11-21 17:10:24.37952', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373537622d373835312d383030302d383839613535623766393335222c2264617461223a7b22617574686f72697479223a22474d43222c22686f6c6465725f6964223a22707261635f30316131666631362d373066382d376262362d383030322d353236306664643631326466222c22686f6c6465725f74797065223a2270726163746974696f6e6572222c226964223a226c69635f30316131666631362d373537622d373835312d383030322d636234623763636237313162222c226a7572697364696374696f6e223a224742222c226b696e64223a2270726f66657373696f6e616c5f726567697374726174696f6e222c226e756d626572223a2231323334353637222c226e756d6265725f76616c696461746564223a747275652c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f636c6173736573223a5b222a225d2c22726567697374657265645f6174223a22323032362d31312d32315431373a31303a32342e3337393532305a222c2276616c69645f66726f6d223a22323032362d30312d3031222c2276616c69645f746f223a22323032392d31322d3331227d2c226964223a226576745f30316131666631362d373537622d373835312d383030332d356165323134303636653438222c226b696e64223a226c6963656e63655f72656769737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32342e3337393532305a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32342e3337393532305a222c227375626a65637473223a5b226c69635f30316131666631362d373537622d373835312d383030322d636234623763636237313162222c22707261635f30316131666631362d373066382d376262362d383030322d353236306664643631326466225d2c2276657273696f6e223a317d', '\x479f499202fde81d9a4f397882380a1079674b230387a8d31fee28fca6d66105');
INSERT INTO public.events VALUES (14, 'evt_01a1ff16-7698-7c18-8003-ea65bdc6fe6c', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7698-7c18-8000-a4560d4bd00d', 'licence_checked', 1, NULL, 'admin', '2026-11-21 17:10:24.664756', '2026-11-21 17:10:24.664756', '\x7b226163746f72223a7b22726f6c6573223a5b2261646d696e225d2c227375626a656374223a2261646d696e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373639382d376331382d383030302d613435363064346264303064222c2264617461223a7b22636865636b65645f6174223a22323032362d31312d32315431373a31303a32342e3636343735365a222c22636865636b65645f6279223a2261646d696e222c226964223a2263686b5f30316131666631362d373639382d376331382d383030322d326631633266306530346631222c226c6963656e63655f6964223a226c69635f30316131666631362d373537622d373835312d383030322d636234623763636237313162222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c226f7574636f6d65223a227665726966696564222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32342e3636343735365a222c22736f75726365223a227075626c6963207265676973746572227d2c226964223a226576745f30316131666631362d373639382d376331382d383030332d656136356264633666653663222c226b696e64223a226c6963656e63655f636865636b6564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32342e3636343735365a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32342e3636343735365a222c227375626a65637473223a5b226c69635f30316131666631362d373537622d373835312d383030322d636234623763636237313162222c22707261635f30316131666631362d373066382d376262362d383030322d353236306664643631326466225d2c2276657273696f6e223a317d', '\xfce36392985435f1c5d33d3f1e1d90823d390216c9b0be2bd06e319d5b5dd8e7');
INSERT INTO public.events VALUES (15, 'evt_01a1ff16-76b3-76d4-8003-07afcf1c07e7', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-76b3-76d4-8000-464d3c343073', 'receipt_recorded', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:24.691427', '2026-11-21 17:10:24.691427', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373662332d373664342d383030302d343634643363333433303733222c2264617461223a7b226964223a227265635f30316131666631362d373662332d373664342d383030322d623333633365633137346630222c226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32342e3639313432375a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2272656365697665645f6279223a22706174222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32342e3639313432375a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c22737570706c6965725f6964223a227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563227d2c226964223a226576745f30316131666631362d373662332d373664342d383030332d303761666366316330376537222c226b696e64223a22726563656970745f7265636f72646564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32342e3639313432375a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32342e3639313432375a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b227265635f30316131666631362d373662332d373664342d383030322d623333633365633137346630222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x80ba66d10c0ed176b879842fcb9994bcd48ef7e750a42e81f34b011db1893a35');
INSERT INTO public.events VALUES (16, 'evt_01a1ff16-76b3-76d4-8006-93268b421a7a', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-76b3-76d4-8000-464d3c343073', 'stock_received', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:24.691427', '2026-11-21 17:10:24.691427', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373662332d373664342d383030302d343634643363333433303733222c2264617461223a7b226c696e65223a7b22666c616773223a5b5d2c226964223a2272636c5f30316131666631362d373662332d373664342d383030352d353034383839653061646433222c226964656e746966696572223a7b226c6576656c223a227061636b222c22736368656d65223a226774696e222c22756e697473223a322c2276616c7565223a223039353231323334353637383939227d2c226c696e65223a302c226c6f745f6964223a226c6f745f30316131666631362d373662332d373664342d383030342d636564333332346632383238222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227061636b73223a352c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6964223a227265635f30316131666631362d373662332d373664342d383030322d623333633365633137346630222c2273657269616c73223a5b5d2c22756e697473223a31307d2c226e65775f6c6f74223a7b22657870697279223a22323032392d31322d3331222c2266697273745f72656365697665645f6174223a22323032362d31312d32315431373a31303a32342e3639313432375a222c226964223a226c6f745f30316131666631362d373662332d373664342d383030342d636564333332346632383238222c226c6f74223a224f4c44455354222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334227d2c227061636b73223a5b5d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a22737570706c696572227d2c226c6f745f6964223a226c6f745f30316131666631362d373662332d373664342d383030342d636564333332346632383238222c22746f223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a31307d5d7d2c226964223a226576745f30316131666631362d373662332d373664342d383030362d393332363862343231613761222c226b696e64223a2273746f636b5f7265636569766564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32342e3639313432375a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32342e3639313432375a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f745f30316131666631362d373662332d373664342d383030342d636564333332346632383238222c227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c227265635f30316131666631362d373662332d373664342d383030322d623333633365633137346630222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x9ccf9b58c577f41fa10ecd26c1861d0d30234bef4ec5702d0c700db692c369b9');
INSERT INTO public.events VALUES (17, 'evt_01a1ff16-787e-76d9-8003-9daf7aca2e7b', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-787e-76d9-8000-ca7a2002b4d5', 'packaging_inspected', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:25.150428', '2026-11-21 17:10:25.150428', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373837652d373664392d383030302d636137613230303262346435222c2264617461223a7b22636865636b73223a5b7b22637269746572696f6e223a226f757465725f636172746f6e5f696e74616374222c22726573756c74223a2270617373227d2c7b22637269746572696f6e223a2274616d7065725f65766964656e63655f696e74616374222c22726573756c74223a2270617373227d2c7b22637269746572696f6e223a226c6162656c5f6c656769626c65222c22726573756c74223a2270617373227d5d2c2265766964656e6365223a5b5d2c226964223a22696e73705f30316131666631362d373837652d373664392d383030322d613061373664313465623034222c22696e73706563746f72223a22706174222c226c6f745f6964223a226c6f745f30316131666631362d373662332d373664342d383030342d636564333332346632383238222c226e6f745f6578616d696e6564223a5b226c616e67756167655f616e645f6c6561666c6574222c226c6f745f616e645f6578706972795f6d61746368222c22636f6c645f636861696e5f696e64696361746f72222c22756e69745f636f756e745f636f7272656374222c2261757468656e7469636974795f66656174757265225d2c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32352e3135303432385a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726563656970745f6964223a227265635f30316131666631362d373662332d373664342d383030322d623333633365633137346630222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32352e3135303432385a222c227369676e6174757265223a7b226d65616e696e67223a22696e73706563746564222c227369676e65645f6174223a22323032362d31312d32315431373a31303a32352e3135303432385a222c227369676e6572223a22706174227d2c22756e6974735f6661696c6564223a302c22756e6974735f706173736564223a387d2c226964223a226576745f30316131666631362d373837652d373664392d383030332d396461663761636132653762222c226b696e64223a227061636b6167696e675f696e73706563746564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32352e3135303432385a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32352e3135303432385a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b22696e73705f30316131666631362d373837652d373664392d383030322d613061373664313465623034222c226c6f745f30316131666631362d373662332d373664342d383030342d636564333332346632383238222c227265635f30316131666631362d373662332d373664342d383030322d623333633365633137346630225d2c2276657273696f6e223a317d', '\x6a79d50b9c09e11c0e3012417f15eb656be3c5188b2366193355bb15e78ea41d');
INSERT INTO public.events VALUES (18, 'evt_01a1ff16-79dc-7174-8003-26d886aba849', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-79dc-7174-8000-b02e7a494203', 'stock_released', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'quinn', '2026-11-21 17:10:25.500091', '2026-11-21 17:10:25.500091', '\x7b226163746f72223a7b22726f6c6573223a5b227175616c697479225d2c227375626a656374223a227175696e6e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d373964632d373137342d383030302d623032653761343934323033222c2264617461223a7b22616c6c6f636174696f6e73223a5b7b22696e7370656374696f6e5f6964223a22696e73705f30316131666631362d373837652d373664392d383030322d613061373664313465623034222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2272656c656173655f6964223a2272656c5f30316131666631362d373964632d373137342d383030322d616233623164383130613436222c22756e697473223a337d5d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c226c6f745f6964223a226c6f745f30316131666631362d373662332d373664342d383030342d636564333332346632383238222c22746f223a7b226b696e64223a22617661696c61626c65222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a337d5d2c2272656c65617365223a7b226465636973696f6e223a7b22616c6c6f776564223a747275652c226261736973223a5b7b226964223a226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c226d61785f6d63223a32353030302c226d696e5f6d63223a31353030302c2270726f647563745f636c6173736573223a6e756c6c2c22707572706f7365223a2273746f636b222c2274797065223a226c6f636174696f6e227d2c7b226566666563746976655f657870697279223a22323032392d31322d3331222c22657870697279223a22323032392d31322d3331222c226c6f745f6964223a226c6f745f30316131666631362d373662332d373664342d383030342d636564333332346632383238222c2274797065223a22657870697279227d2c7b226964223a22696e73705f30316131666631362d373837652d373664392d383030322d613061373664313465623034222c22696e73706563746f72223a22706174222c22726563656970745f6964223a227265635f30316131666631362d373662332d373664342d383030322d623333633365633137346630222c2274797065223a22696e7370656374696f6e222c22756e6974735f706173736564223a382c22756e6974735f72656c6561736564223a307d5d2c226576616c75617465645f6174223a22323032362d31312d32315431373a31303a32352e3530303039315a222c22726561736f6e73223a5b5d7d2c2266726f6d5f6c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226964223a2272656c5f30316131666631362d373964632d373137342d383030322d616233623164383130613436222c226c6f745f6964223a226c6f745f30316131666631362d373662332d373664342d383030342d636564333332346632383238222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32352e3530303039315a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726561736f6e223a226f6b222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32352e3530303039315a222c2272656c65617365645f6279223a227175696e6e222c2273657269616c73223a5b5d2c227369676e6174757265223a7b226d65616e696e67223a2272656c6561736564222c227369676e65645f6174223a22323032362d31312d32315431373a31303a32352e3530303039315a222c227369676e6572223a227175696e6e227d2c22746f5f6c6f636174696f6e5f6964223a226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c22756e697473223a337d7d2c226964223a226576745f30316131666631362d373964632d373137342d383030332d323664383836616261383439222c226b696e64223a2273746f636b5f72656c6561736564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32352e3530303039315a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32352e3530303039315a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f745f30316131666631362d373662332d373664342d383030342d636564333332346632383238222c2272656c5f30316131666631362d373964632d373137342d383030322d616233623164383130613436225d2c2276657273696f6e223a317d', '\x2f626b3fb24cd77f3e1f0f544c9384d879eced2fa25473240c0a89438b2aa7ab');
INSERT INTO public.events VALUES (19, 'evt_01a1ff16-7a77-7d33-8003-e3a24b1ae5f9', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7a77-7d33-8000-8a5ddac67395', 'receipt_recorded', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:25.655825', '2026-11-21 17:10:25.655825', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d376137372d376433332d383030302d386135646461633637333935222c2264617461223a7b226964223a227265635f30316131666631362d376137372d376433332d383030322d326365323461383231393861222c226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32352e3635353832355a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2272656365697665645f6279223a22706174222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32352e3635353832355a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c22737570706c6965725f6964223a227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563227d2c226964223a226576745f30316131666631362d376137372d376433332d383030332d653361323462316165356639222c226b696e64223a22726563656970745f7265636f72646564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32352e3635353832355a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32352e3635353832355a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b227265635f30316131666631362d376137372d376433332d383030322d326365323461383231393861222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x5ffa7fd0b8c0122368f1a7289c900bc57d69263f2e33fc1a038613e9808f429c');
INSERT INTO public.events VALUES (20, 'evt_01a1ff16-7a77-7d33-8006-f810bb0e7f20', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7a77-7d33-8000-8a5ddac67395', 'stock_received', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:25.655825', '2026-11-21 17:10:25.655825', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d376137372d376433332d383030302d386135646461633637333935222c2264617461223a7b226c696e65223a7b22666c616773223a5b5d2c226964223a2272636c5f30316131666631362d376137372d376433332d383030352d613434323130346661373036222c226964656e746966696572223a7b226c6576656c223a227061636b222c22736368656d65223a226774696e222c22756e697473223a322c2276616c7565223a223039353231323334353637383939227d2c226c696e65223a302c226c6f745f6964223a226c6f745f30316131666631362d376137372d376433332d383030342d616236626433646631346366222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227061636b73223a342c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6964223a227265635f30316131666631362d376137372d376433332d383030322d326365323461383231393861222c2273657269616c73223a5b5d2c22756e697473223a387d2c226e65775f6c6f74223a7b22657870697279223a22323032392d31322d3331222c2266697273745f72656365697665645f6174223a22323032362d31312d32315431373a31303a32352e3635353832355a222c226964223a226c6f745f30316131666631362d376137372d376433332d383030342d616236626433646631346366222c226c6f74223a224c454e54222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334227d2c227061636b73223a5b5d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a22737570706c696572227d2c226c6f745f6964223a226c6f745f30316131666631362d376137372d376433332d383030342d616236626433646631346366222c22746f223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a387d5d7d2c226964223a226576745f30316131666631362d376137372d376433332d383030362d663831306262306537663230222c226b696e64223a2273746f636b5f7265636569766564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32352e3635353832355a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32352e3635353832355a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f745f30316131666631362d376137372d376433332d383030342d616236626433646631346366222c227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c227265635f30316131666631362d376137372d376433332d383030322d326365323461383231393861222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x5e6d215010ffd0acb72e9eb84e4a505f8a6122fa1af322c4e038aae55a6d35da');
INSERT INTO public.events VALUES (21, 'evt_01a1ff16-7b2d-7462-8003-8d2ba081fc04', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7b2d-7462-8000-90481330a469', 'packaging_inspected', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:25.837274', '2026-11-21 17:10:25.837274', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d376232642d373436322d383030302d393034383133333061343639222c2264617461223a7b22636865636b73223a5b7b22637269746572696f6e223a226f757465725f636172746f6e5f696e74616374222c22726573756c74223a2270617373227d2c7b22637269746572696f6e223a2274616d7065725f65766964656e63655f696e74616374222c22726573756c74223a2270617373227d2c7b22637269746572696f6e223a226c6162656c5f6c656769626c65222c22726573756c74223a2270617373227d5d2c2265766964656e6365223a5b5d2c226964223a22696e73705f30316131666631362d376232642d373436322d383030322d373536323436336133646339222c22696e73706563746f72223a22706174222c226c6f745f6964223a226c6f745f30316131666631362d376137372d376433332d383030342d616236626433646631346366222c226e6f745f6578616d696e6564223a5b226c616e67756167655f616e645f6c6561666c6574222c226c6f745f616e645f6578706972795f6d61746368222c22636f6c645f636861696e5f696e64696361746f72222c22756e69745f636f756e745f636f7272656374222c2261757468656e7469636974795f66656174757265225d2c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32352e3833373237345a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726563656970745f6964223a227265635f30316131666631362d376137372d376433332d383030322d326365323461383231393861222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32352e3833373237345a222c227369676e6174757265223a7b226d65616e696e67223a22696e73706563746564222c227369676e65645f6174223a22323032362d31312d32315431373a31303a32352e3833373237345a222c227369676e6572223a22706174227d2c22756e6974735f6661696c6564223a302c22756e6974735f706173736564223a347d2c226964223a226576745f30316131666631362d376232642d373436322d383030332d386432626130383166633034222c226b696e64223a227061636b6167696e675f696e73706563746564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32352e3833373237345a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32352e3833373237345a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b22696e73705f30316131666631362d376232642d373436322d383030322d373536323436336133646339222c226c6f745f30316131666631362d376137372d376433332d383030342d616236626433646631346366222c227265635f30316131666631362d376137372d376433332d383030322d326365323461383231393861225d2c2276657273696f6e223a317d', '\xf17a7a1f62b87c0d9b81486f564d60dddf359338fc4ee36f6749a916b47a8482');
INSERT INTO public.events VALUES (22, 'evt_01a1ff16-7bce-7093-8003-bf73a40e4c49', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7bce-7093-8000-b34c74f871ba', 'stock_returned', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'quinn', '2026-11-21 17:10:25.998036', '2026-11-21 17:10:25.998036', '\x7b226163746f72223a7b22726f6c6573223a5b227175616c697479225d2c227375626a656374223a227175696e6e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d376263652d373039332d383030302d623334633734663837316261222c2264617461223a7b226d6f76656d656e74223a7b226465636973696f6e223a7b22616c6c6f776564223a747275652c226261736973223a5b7b22617661696c61626c65223a302c2268656c64223a302c226c6f745f6964223a226c6f745f30316131666631362d376137372d376433332d383030342d616236626433646631346366222c2271756172616e74696e6564223a382c2272656a6563746564223a302c2274797065223a2273746f636b227d5d2c226576616c75617465645f6174223a22323032362d31312d32315431373a31303a32352e3939383033365a222c22726561736f6e73223a5b5d7d2c2266726f6d5f6c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226964223a226d6f765f30316131666631362d376263652d373039332d383030322d346630353963363061633961222c226b696e64223a2272657475726e222c226c6f745f6964223a226c6f745f30316131666631362d376137372d376433332d383030342d616236626433646631346366222c226d6f7665645f6279223a227175696e6e222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32352e3939383033365a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726561736f6e223a2273656e74206261636b222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32352e3939383033365a222c2273657269616c73223a5b5d2c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227374617465223a2271756172616e74696e6564222c22756e697473223a327d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c226c6f745f6964223a226c6f745f30316131666631362d376137372d376433332d383030342d616236626433646631346366222c22746f223a7b226b696e64223a2272657475726e6564227d2c22756e697473223a327d5d7d2c226964223a226576745f30316131666631362d376263652d373039332d383030332d626637336134306534633439222c226b696e64223a2273746f636b5f72657475726e6564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32352e3939383033365a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32352e3939383033365a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226c6f745f30316131666631362d376137372d376433332d383030342d616236626433646631346366222c226d6f765f30316131666631362d376263652d373039332d383030322d346630353963363061633961225d2c2276657273696f6e223a317d', '\x9bd090315f39b0ec0fe01eb580963b6f27a7ebc793a1e86a47df0995f288094a');
INSERT INTO public.events VALUES (23, 'evt_01a1ff16-7dac-7b4b-8003-3c9fde64b8ea', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7dac-7b4b-8000-a7cb22e0f6c0', 'receipt_recorded', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:26.476706', '2026-11-21 17:10:26.476706', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d376461632d376234622d383030302d613763623232653066366330222c2264617461223a7b226964223a227265635f30316131666631362d376461632d376234622d383030322d623636306462656535313030222c226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32362e3437363730365a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2272656365697665645f6279223a22706174222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32362e3437363730365a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c22737570706c6965725f6964223a227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563227d2c226964223a226576745f30316131666631362d376461632d376234622d383030332d336339666465363462386561222c226b696e64223a22726563656970745f7265636f72646564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32362e3437363730365a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32362e3437363730365a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b227265635f30316131666631362d376461632d376234622d383030322d623636306462656535313030222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\xbba64d29da00dcf3519ff4f5a3bc6773132b56ad36c4f8e3f6f7e2f1f867749c');
INSERT INTO public.events VALUES (24, 'evt_01a1ff16-7dac-7b4b-8007-82760824cf4b', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7dac-7b4b-8000-a7cb22e0f6c0', 'stock_received', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:26.476706', '2026-11-21 17:10:26.476706', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d376461632d376234622d383030302d613763623232653066366330222c2264617461223a7b226c696e65223a7b22666c616773223a5b5d2c226964223a2272636c5f30316131666631362d376461632d376234622d383030352d353863623666306564666639222c226964656e746966696572223a7b226c6576656c223a227061636b222c22736368656d65223a226774696e222c22756e697473223a322c2276616c7565223a223039353231323334353637383939227d2c226c696e65223a302c226c6f745f6964223a226c6f745f30316131666631362d376461632d376234622d383030342d653937613966373662613330222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227061636b73223a312c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6964223a227265635f30316131666631362d376461632d376234622d383030322d623636306462656535313030222c2273657269616c73223a5b224e31225d2c22756e697473223a327d2c226e65775f6c6f74223a7b22657870697279223a22323032392d31322d3331222c2266697273745f72656365697665645f6174223a22323032362d31312d32315431373a31303a32362e3437363730365a222c226964223a226c6f745f30316131666631362d376461632d376234622d383030342d653937613966373662613330222c226c6f74223a224e554d4245524544222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334227d2c227061636b73223a5b7b226964223a227061636b5f30316131666631362d376461632d376234622d383030362d633432313739323136323233222c226c6f745f6964223a226c6f745f30316131666631362d376461632d376234622d383030342d653937613966373662613330222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6c696e655f6964223a2272636c5f30316131666631362d376461632d376234622d383030352d353863623666306564666639222c2273657269616c223a224e31227d5d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a22737570706c696572227d2c226c6f745f6964223a226c6f745f30316131666631362d376461632d376234622d383030342d653937613966373662613330222c227061636b5f6964223a227061636b5f30316131666631362d376461632d376234622d383030362d633432313739323136323233222c22746f223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a327d5d7d2c226964223a226576745f30316131666631362d376461632d376234622d383030372d383237363038323463663462222c226b696e64223a2273746f636b5f7265636569766564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32362e3437363730365a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32362e3437363730365a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f745f30316131666631362d376461632d376234622d383030342d653937613966373662613330222c227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c227265635f30316131666631362d376461632d376234622d383030322d623636306462656535313030222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x71b00ea00743734b22111a6386d23ee9618f056dc443d147df93f99ed0066c45');
INSERT INTO public.events VALUES (25, 'evt_01a1ff16-7dac-7b4b-800a-661c928ad824', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7dac-7b4b-8000-a7cb22e0f6c0', 'stock_received', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:26.476706', '2026-11-21 17:10:26.476706', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d376461632d376234622d383030302d613763623232653066366330222c2264617461223a7b226c696e65223a7b22666c616773223a5b5d2c226964223a2272636c5f30316131666631362d376461632d376234622d383030382d626461663330393331626637222c226964656e746966696572223a7b226c6576656c223a227061636b222c22736368656d65223a226774696e222c22756e697473223a322c2276616c7565223a223039353231323334353637383939227d2c226c696e65223a312c226c6f745f6964223a226c6f745f30316131666631362d376461632d376234622d383030342d653937613966373662613330222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227061636b73223a312c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6964223a227265635f30316131666631362d376461632d376234622d383030322d623636306462656535313030222c2273657269616c73223a5b224e32225d2c22756e697473223a327d2c227061636b73223a5b7b226964223a227061636b5f30316131666631362d376461632d376234622d383030392d316362393064346164343261222c226c6f745f6964223a226c6f745f30316131666631362d376461632d376234622d383030342d653937613966373662613330222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6c696e655f6964223a2272636c5f30316131666631362d376461632d376234622d383030382d626461663330393331626637222c2273657269616c223a224e32227d5d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a22737570706c696572227d2c226c6f745f6964223a226c6f745f30316131666631362d376461632d376234622d383030342d653937613966373662613330222c227061636b5f6964223a227061636b5f30316131666631362d376461632d376234622d383030392d316362393064346164343261222c22746f223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a327d5d7d2c226964223a226576745f30316131666631362d376461632d376234622d383030612d363631633932386164383234222c226b696e64223a2273746f636b5f7265636569766564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32362e3437363730365a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32362e3437363730365a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f745f30316131666631362d376461632d376234622d383030342d653937613966373662613330222c227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c227265635f30316131666631362d376461632d376234622d383030322d623636306462656535313030222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x9dc6e09a762091b6a5cd94440a2f8be8ce7ab7b6dc59acbd997ccd2e3e6331a4');
INSERT INTO public.events VALUES (26, 'evt_01a1ff16-7fc7-7239-8003-c99d16c36073', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7fc7-7239-8000-d6f729f156f5', 'packaging_inspected', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:27.015139', '2026-11-21 17:10:27.015139', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d376663372d373233392d383030302d643666373239663135366635222c2264617461223a7b22636865636b73223a5b7b22637269746572696f6e223a226f757465725f636172746f6e5f696e74616374222c22726573756c74223a2270617373227d2c7b22637269746572696f6e223a2274616d7065725f65766964656e63655f696e74616374222c22726573756c74223a2270617373227d2c7b22637269746572696f6e223a226c6162656c5f6c656769626c65222c22726573756c74223a2270617373227d5d2c2265766964656e6365223a5b5d2c226964223a22696e73705f30316131666631362d376663372d373233392d383030322d303936386631336166306162222c22696e73706563746f72223a22706174222c226c6f745f6964223a226c6f745f30316131666631362d376461632d376234622d383030342d653937613966373662613330222c226e6f745f6578616d696e6564223a5b226c616e67756167655f616e645f6c6561666c6574222c226c6f745f616e645f6578706972795f6d61746368222c22636f6c645f636861696e5f696e64696361746f72222c22756e69745f636f756e745f636f7272656374222c2261757468656e7469636974795f66656174757265225d2c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32372e3031353133395a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726563656970745f6964223a227265635f30316131666631362d376461632d376234622d383030322d623636306462656535313030222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32372e3031353133395a222c227369676e6174757265223a7b226d65616e696e67223a22696e73706563746564222c227369676e65645f6174223a22323032362d31312d32315431373a31303a32372e3031353133395a222c227369676e6572223a22706174227d2c22756e6974735f6661696c6564223a302c22756e6974735f706173736564223a347d2c226964223a226576745f30316131666631362d376663372d373233392d383030332d633939643136633336303733222c226b696e64223a227061636b6167696e675f696e73706563746564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32372e3031353133395a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32372e3031353133395a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b22696e73705f30316131666631362d376663372d373233392d383030322d303936386631336166306162222c226c6f745f30316131666631362d376461632d376234622d383030342d653937613966373662613330222c227265635f30316131666631362d376461632d376234622d383030322d623636306462656535313030225d2c2276657273696f6e223a317d', '\x002e12ee86ba29dc2a244d0e9d131e797cc2dc8b7911a7000468cdd85f6d66f2');
INSERT INTO public.events VALUES (27, 'evt_01a1ff16-7fff-7272-8003-ca61621f24e3', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7fff-7272-8000-5308b26cb48d', 'receipt_recorded', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:27.071153', '2026-11-21 17:10:27.071153', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d376666662d373237322d383030302d353330386232366362343864222c2264617461223a7b226964223a227265635f30316131666631362d376666662d373237322d383030322d653763323330636162613166222c226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32372e3037313135335a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2272656365697665645f6279223a22706174222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32372e3037313135335a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c22737570706c6965725f6964223a227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563227d2c226964223a226576745f30316131666631362d376666662d373237322d383030332d636136313632316632346533222c226b696e64223a22726563656970745f7265636f72646564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32372e3037313135335a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32372e3037313135335a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b227265635f30316131666631362d376666662d373237322d383030322d653763323330636162613166222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x0267745212b46103d2470fdfb4b2e853f2126d13a09f9157cbe9dabf3b1da5f6');
INSERT INTO public.events VALUES (28, 'evt_01a1ff16-7fff-7272-8007-c54c743dfa01', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7fff-7272-8000-5308b26cb48d', 'stock_received', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:27.071153', '2026-11-21 17:10:27.071153', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d376666662d373237322d383030302d353330386232366362343864222c2264617461223a7b226c696e65223a7b22666c616773223a5b5d2c226964223a2272636c5f30316131666631362d376666662d373237322d383030352d323435663765343031366461222c226964656e746966696572223a7b226c6576656c223a227061636b222c22736368656d65223a226774696e222c22756e697473223a322c2276616c7565223a223039353231323334353637383939227d2c226c696e65223a302c226c6f745f6964223a226c6f745f30316131666631362d376666662d373237322d383030342d633762303935353366316562222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227061636b73223a312c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6964223a227265635f30316131666631362d376666662d373237322d383030322d653763323330636162613166222c2273657269616c73223a5b225331225d2c22756e697473223a327d2c226e65775f6c6f74223a7b22657870697279223a22323032392d31322d3331222c2266697273745f72656365697665645f6174223a22323032362d31312d32315431373a31303a32372e3037313135335a222c226964223a226c6f745f30316131666631362d376666662d373237322d383030342d633762303935353366316562222c226c6f74223a22534f4d45222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334227d2c227061636b73223a5b7b226964223a227061636b5f30316131666631362d376666662d373237322d383030362d613265663665613961313932222c226c6f745f6964223a226c6f745f30316131666631362d376666662d373237322d383030342d633762303935353366316562222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6c696e655f6964223a2272636c5f30316131666631362d376666662d373237322d383030352d323435663765343031366461222c2273657269616c223a225331227d5d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a22737570706c696572227d2c226c6f745f6964223a226c6f745f30316131666631362d376666662d373237322d383030342d633762303935353366316562222c227061636b5f6964223a227061636b5f30316131666631362d376666662d373237322d383030362d613265663665613961313932222c22746f223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a327d5d7d2c226964223a226576745f30316131666631362d376666662d373237322d383030372d633534633734336466613031222c226b696e64223a2273746f636b5f7265636569766564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32372e3037313135335a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32372e3037313135335a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f745f30316131666631362d376666662d373237322d383030342d633762303935353366316562222c227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c227265635f30316131666631362d376666662d373237322d383030322d653763323330636162613166222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x0527d80a69ea5e820138a362f6ff5aca2719e8e64a4497d079e1099e47a3bcbf');
INSERT INTO public.events VALUES (29, 'evt_01a1ff16-7fff-7272-800a-6db6c6903a8b', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-7fff-7272-8000-5308b26cb48d', 'stock_received', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:27.071153', '2026-11-21 17:10:27.071153', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d376666662d373237322d383030302d353330386232366362343864222c2264617461223a7b226c696e65223a7b22666c616773223a5b5d2c226964223a2272636c5f30316131666631362d376666662d373237322d383030382d633766393061626434393337222c226964656e746966696572223a7b226c6576656c223a227061636b222c22736368656d65223a226774696e222c22756e697473223a322c2276616c7565223a223039353231323334353637383939227d2c226c696e65223a312c226c6f745f6964223a226c6f745f30316131666631362d376666662d373237322d383030342d633762303935353366316562222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227061636b73223a312c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6964223a227265635f30316131666631362d376666662d373237322d383030322d653763323330636162613166222c2273657269616c73223a5b225332225d2c22756e697473223a327d2c227061636b73223a5b7b226964223a227061636b5f30316131666631362d376666662d373237322d383030392d393765653833396264346134222c226c6f745f6964223a226c6f745f30316131666631362d376666662d373237322d383030342d633762303935353366316562222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6c696e655f6964223a2272636c5f30316131666631362d376666662d373237322d383030382d633766393061626434393337222c2273657269616c223a225332227d5d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a22737570706c696572227d2c226c6f745f6964223a226c6f745f30316131666631362d376666662d373237322d383030342d633762303935353366316562222c227061636b5f6964223a227061636b5f30316131666631362d376666662d373237322d383030392d393765653833396264346134222c22746f223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a327d5d7d2c226964223a226576745f30316131666631362d376666662d373237322d383030612d366462366336393033613862222c226b696e64223a2273746f636b5f7265636569766564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32372e3037313135335a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32372e3037313135335a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f745f30316131666631362d376666662d373237322d383030342d633762303935353366316562222c227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c227265635f30316131666631362d376666662d373237322d383030322d653763323330636162613166222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x0d96cd15bc7a09ebdba49e44a50bb76f9a66a95149718c39705d6228c95881ed');
INSERT INTO public.events VALUES (30, 'evt_01a1ff16-812f-7e5e-8003-de1cb96eaa1c', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-812f-7e5e-8000-35828c43def0', 'packaging_inspected', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:27.375898', '2026-11-21 17:10:27.375898', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d383132662d376535652d383030302d333538323863343364656630222c2264617461223a7b22636865636b73223a5b7b22637269746572696f6e223a226f757465725f636172746f6e5f696e74616374222c22726573756c74223a2270617373227d2c7b22637269746572696f6e223a2274616d7065725f65766964656e63655f696e74616374222c22726573756c74223a2270617373227d2c7b22637269746572696f6e223a226c6162656c5f6c656769626c65222c22726573756c74223a2270617373227d5d2c2265766964656e6365223a5b5d2c226964223a22696e73705f30316131666631362d383132662d376535652d383030322d343334643730333864326232222c22696e73706563746f72223a22706174222c226c6f745f6964223a226c6f745f30316131666631362d376666662d373237322d383030342d633762303935353366316562222c226e6f745f6578616d696e6564223a5b226c616e67756167655f616e645f6c6561666c6574222c226c6f745f616e645f6578706972795f6d61746368222c22636f6c645f636861696e5f696e64696361746f72222c22756e69745f636f756e745f636f7272656374222c2261757468656e7469636974795f66656174757265225d2c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32372e3337353839385a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726563656970745f6964223a227265635f30316131666631362d376666662d373237322d383030322d653763323330636162613166222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32372e3337353839385a222c227369676e6174757265223a7b226d65616e696e67223a22696e73706563746564222c227369676e65645f6174223a22323032362d31312d32315431373a31303a32372e3337353839385a222c227369676e6572223a22706174227d2c22756e6974735f6661696c6564223a302c22756e6974735f706173736564223a327d2c226964223a226576745f30316131666631362d383132662d376535652d383030332d646531636239366561613163222c226b696e64223a227061636b6167696e675f696e73706563746564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32372e3337353839385a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32372e3337353839385a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b22696e73705f30316131666631362d383132662d376535652d383030322d343334643730333864326232222c226c6f745f30316131666631362d376666662d373237322d383030342d633762303935353366316562222c227265635f30316131666631362d376666662d373237322d383030322d653763323330636162613166225d2c2276657273696f6e223a317d', '\x21fb6ac8715b5f3a6c5529ef0f230f5e54b4b5b388df660e6c6249227cd026ce');
INSERT INTO public.events VALUES (31, 'evt_01a1ff16-8281-72c4-8003-d0ec2c24cf47', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-8281-72c4-8000-4bd58486a49a', 'receipt_recorded', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:27.713173', '2026-11-21 17:10:27.713173', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d383238312d373263342d383030302d346264353834383661343961222c2264617461223a7b226964223a227265635f30316131666631362d383238312d373263342d383030322d643333323331306431613163222c226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32372e3731333137335a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2272656365697665645f6279223a22706174222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32372e3731333137335a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c22737570706c6965725f6964223a227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563227d2c226964223a226576745f30316131666631362d383238312d373263342d383030332d643065633263323463663437222c226b696e64223a22726563656970745f7265636f72646564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32372e3731333137335a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32372e3731333137335a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b227265635f30316131666631362d383238312d373263342d383030322d643333323331306431613163222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x64ed1a1fdb3e9ba9f483cad1cc1737c8251426c0c0d9bb8067e7ce3fb7d5bde2');
INSERT INTO public.events VALUES (32, 'evt_01a1ff16-8281-72c4-8006-5b23f89d19fd', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-8281-72c4-8000-4bd58486a49a', 'stock_received', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:27.713173', '2026-11-21 17:10:27.713173', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d383238312d373263342d383030302d346264353834383661343961222c2264617461223a7b226c696e65223a7b22666c616773223a5b5d2c226964223a2272636c5f30316131666631362d383238312d373263342d383030352d663531616432663664323839222c226964656e746966696572223a7b226c6576656c223a227061636b222c22736368656d65223a226774696e222c22756e697473223a322c2276616c7565223a223039353231323334353637383939227d2c226c696e65223a302c226c6f745f6964223a226c6f745f30316131666631362d383238312d373263342d383030342d383237323865393366363237222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227061636b73223a312c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6964223a227265635f30316131666631362d383238312d373263342d383030322d643333323331306431613163222c2273657269616c73223a5b5d2c22756e697473223a327d2c226e65775f6c6f74223a7b22657870697279223a22323032392d31322d3331222c2266697273745f72656365697665645f6174223a22323032362d31312d32315431373a31303a32372e3731333137335a222c226964223a226c6f745f30316131666631362d383238312d373263342d383030342d383237323865393366363237222c226c6f74223a22504152544c59222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334227d2c227061636b73223a5b5d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a22737570706c696572227d2c226c6f745f6964223a226c6f745f30316131666631362d383238312d373263342d383030342d383237323865393366363237222c22746f223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a327d5d7d2c226964223a226576745f30316131666631362d383238312d373263342d383030362d356232336638396431396664222c226b696e64223a2273746f636b5f7265636569766564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32372e3731333137335a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32372e3731333137335a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f745f30316131666631362d383238312d373263342d383030342d383237323865393366363237222c227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c227265635f30316131666631362d383238312d373263342d383030322d643333323331306431613163222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\xd64c6f126dc597caf989d95ffc3179a1d20c76d259aab02b200658e6565bc780');
INSERT INTO public.events VALUES (33, 'evt_01a1ff16-83a0-7ddf-8003-c6c9a1ac38a0', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-83a0-7ddf-8000-11b615036ad2', 'packaging_inspected', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:28.000867', '2026-11-21 17:10:28.000867', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d383361302d376464662d383030302d313162363135303336616432222c2264617461223a7b22636865636b73223a5b7b22637269746572696f6e223a226c6162656c5f6c656769626c65222c22726573756c74223a2270617373227d5d2c2265766964656e6365223a5b5d2c226964223a22696e73705f30316131666631362d383361302d376464662d383030322d303437303737613936653636222c22696e73706563746f72223a22706174222c226c6f745f6964223a226c6f745f30316131666631362d383238312d373263342d383030342d383237323865393366363237222c226e6f745f6578616d696e6564223a5b226f757465725f636172746f6e5f696e74616374222c2274616d7065725f65766964656e63655f696e74616374222c226c616e67756167655f616e645f6c6561666c6574222c226c6f745f616e645f6578706972795f6d61746368222c22636f6c645f636861696e5f696e64696361746f72222c22756e69745f636f756e745f636f7272656374222c2261757468656e7469636974795f66656174757265225d2c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32382e3030303836375a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726563656970745f6964223a227265635f30316131666631362d383238312d373263342d383030322d643333323331306431613163222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32382e3030303836375a222c227369676e6174757265223a7b226d65616e696e67223a22696e73706563746564222c227369676e65645f6174223a22323032362d31312d32315431373a31303a32382e3030303836375a222c227369676e6572223a22706174227d2c22756e6974735f6661696c6564223a302c22756e6974735f706173736564223a327d2c226964223a226576745f30316131666631362d383361302d376464662d383030332d633663396131616333386130222c226b696e64223a227061636b6167696e675f696e73706563746564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32382e3030303836375a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32382e3030303836375a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b22696e73705f30316131666631362d383361302d376464662d383030322d303437303737613936653636222c226c6f745f30316131666631362d383238312d373263342d383030342d383237323865393366363237222c227265635f30316131666631362d383238312d373263342d383030322d643333323331306431613163225d2c2276657273696f6e223a317d', '\x09b53b2c9e7ae7be108951254c5bce1e78f71a6564945b5a7c53b4e1041dc6ae');
INSERT INTO public.events VALUES (34, 'evt_01a1ff16-8497-75ae-8003-a101979932d2', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-8497-75ae-8000-24513e81756e', 'receipt_recorded', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:28.247355', '2026-11-21 17:10:28.247355', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d383439372d373561652d383030302d323435313365383137353665222c2264617461223a7b226964223a227265635f30316131666631362d383439372d373561652d383030322d653061313934633763323837222c226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32382e3234373335355a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2272656365697665645f6279223a22706174222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32382e3234373335355a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c22737570706c6965725f6964223a227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563227d2c226964223a226576745f30316131666631362d383439372d373561652d383030332d613130313937393933326432222c226b696e64223a22726563656970745f7265636f72646564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32382e3234373335355a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32382e3234373335355a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b227265635f30316131666631362d383439372d373561652d383030322d653061313934633763323837222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x317d6ab80385ff930c2489d3cac3ff1dc9cd48bcd3dabb5dc7adfa7fb941bb04');
INSERT INTO public.events VALUES (35, 'evt_01a1ff16-8497-75ae-8006-f5a3d01b81a0', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-8497-75ae-8000-24513e81756e', 'stock_received', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:28.247355', '2026-11-21 17:10:28.247355', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d383439372d373561652d383030302d323435313365383137353665222c2264617461223a7b226c696e65223a7b22666c616773223a5b5d2c226964223a2272636c5f30316131666631362d383439372d373561652d383030352d363261313532316438656562222c226964656e746966696572223a7b226c6576656c223a227061636b222c22736368656d65223a226774696e222c22756e697473223a322c2276616c7565223a223039353231323334353637383939227d2c226c696e65223a302c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227061636b73223a322c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22726563656970745f6964223a227265635f30316131666631362d383439372d373561652d383030322d653061313934633763323837222c2273657269616c73223a5b5d2c22756e697473223a347d2c226e65775f6c6f74223a7b22657870697279223a22323032392d31322d3331222c2266697273745f72656365697665645f6174223a22323032362d31312d32315431373a31303a32382e3234373335355a222c226964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c226c6f74223a22414c4c222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334227d2c227061636b73223a5b5d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a22737570706c696572227d2c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c22746f223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a347d5d7d2c226964223a226576745f30316131666631362d383439372d373561652d383030362d663561336430316238316130222c226b696e64223a2273746f636b5f7265636569766564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32382e3234373335355a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32382e3234373335355a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c227265635f30316131666631362d383439372d373561652d383030322d653061313934633763323837222c227375705f30316131666631362d373035332d373431632d383030322d373666383630353561383563225d2c2276657273696f6e223a317d', '\x2bafc4d6205b0ebff740d82594529a96e03d848e6e5ebe7d9ac7ada32062347b');
INSERT INTO public.events VALUES (36, 'evt_01a1ff16-878f-7010-8003-f6797755d7aa', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-878f-7010-8000-9c62e29ab885', 'packaging_inspected', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'pat', '2026-11-21 17:10:29.007004', '2026-11-21 17:10:29.007004', '\x7b226163746f72223a7b22726f6c6573223a5b22707572636861736572225d2c227375626a656374223a22706174227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d383738662d373031302d383030302d396336326532396162383835222c2264617461223a7b22636865636b73223a5b7b22637269746572696f6e223a226f757465725f636172746f6e5f696e74616374222c22726573756c74223a2270617373227d2c7b22637269746572696f6e223a2274616d7065725f65766964656e63655f696e74616374222c22726573756c74223a2270617373227d2c7b22637269746572696f6e223a226c6162656c5f6c656769626c65222c22726573756c74223a2270617373227d5d2c2265766964656e6365223a5b5d2c226964223a22696e73705f30316131666631362d383738662d373031302d383030322d613932313132353963666631222c22696e73706563746f72223a22706174222c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c226e6f745f6578616d696e6564223a5b226c616e67756167655f616e645f6c6561666c6574222c226c6f745f616e645f6578706972795f6d61746368222c22636f6c645f636861696e5f696e64696361746f72222c22756e69745f636f756e745f636f7272656374222c2261757468656e7469636974795f66656174757265225d2c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32392e3030373030345a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726563656970745f6964223a227265635f30316131666631362d383439372d373561652d383030322d653061313934633763323837222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32392e3030373030345a222c227369676e6174757265223a7b226d65616e696e67223a22696e73706563746564222c227369676e65645f6174223a22323032362d31312d32315431373a31303a32392e3030373030345a222c227369676e6572223a22706174227d2c22756e6974735f6661696c6564223a302c22756e6974735f706173736564223a347d2c226964223a226576745f30316131666631362d383738662d373031302d383030332d663637393737353564376161222c226b696e64223a227061636b6167696e675f696e73706563746564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32392e3030373030345a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32392e3030373030345a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b22696e73705f30316131666631362d383738662d373031302d383030322d613932313132353963666631222c226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c227265635f30316131666631362d383439372d373561652d383030322d653061313934633763323837225d2c2276657273696f6e223a317d', '\x5151e47e51ef254b294f1c7ce5db556669f9958a899e26e79b825bcf6d713033');
INSERT INTO public.events VALUES (37, 'evt_01a1ff16-8827-7fa5-8003-a37adfb48348', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-8827-7fa5-8000-3e851def461f', 'stock_released', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'quinn', '2026-11-21 17:10:29.159978', '2026-11-21 17:10:29.159978', '\x7b226163746f72223a7b22726f6c6573223a5b227175616c697479225d2c227375626a656374223a227175696e6e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d383832372d376661352d383030302d336538353164656634363166222c2264617461223a7b22616c6c6f636174696f6e73223a5b7b22696e7370656374696f6e5f6964223a22696e73705f30316131666631362d383738662d373031302d383030322d613932313132353963666631222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2272656c656173655f6964223a2272656c5f30316131666631362d383832372d376661352d383030322d353063343765303365333438222c22756e697473223a347d5d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c22746f223a7b226b696e64223a22617661696c61626c65222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a347d5d2c2272656c65617365223a7b226465636973696f6e223a7b22616c6c6f776564223a747275652c226261736973223a5b7b226964223a226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c226d61785f6d63223a32353030302c226d696e5f6d63223a31353030302c2270726f647563745f636c6173736573223a6e756c6c2c22707572706f7365223a2273746f636b222c2274797065223a226c6f636174696f6e227d2c7b226566666563746976655f657870697279223a22323032392d31322d3331222c22657870697279223a22323032392d31322d3331222c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c2274797065223a22657870697279227d2c7b226964223a22696e73705f30316131666631362d383738662d373031302d383030322d613932313132353963666631222c22696e73706563746f72223a22706174222c22726563656970745f6964223a227265635f30316131666631362d383439372d373561652d383030322d653061313934633763323837222c2274797065223a22696e7370656374696f6e222c22756e6974735f706173736564223a342c22756e6974735f72656c6561736564223a307d5d2c226576616c75617465645f6174223a22323032362d31312d32315431373a31303a32392e3135393937385a222c22726561736f6e73223a5b5d7d2c2266726f6d5f6c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226964223a2272656c5f30316131666631362d383832372d376661352d383030322d353063343765303365333438222c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32392e3135393937385a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726561736f6e223a226f6b222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32392e3135393937385a222c2272656c65617365645f6279223a227175696e6e222c2273657269616c73223a5b5d2c227369676e6174757265223a7b226d65616e696e67223a2272656c6561736564222c227369676e65645f6174223a22323032362d31312d32315431373a31303a32392e3135393937385a222c227369676e6572223a227175696e6e227d2c22746f5f6c6f636174696f6e5f6964223a226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c22756e697473223a347d7d2c226964223a226576745f30316131666631362d383832372d376661352d383030332d613337616466623438333438222c226b696e64223a2273746f636b5f72656c6561736564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32392e3135393937385a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32392e3135393937385a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c2272656c5f30316131666631362d383832372d376661352d383030322d353063343765303365333438225d2c2276657273696f6e223a317d', '\x87c9cd68c6b4858500a78cdd839b29cb90a1edc175c58521ef6ac4a3ed629d8b');
INSERT INTO public.events VALUES (38, 'evt_01a1ff16-89d6-784d-8003-8454ea95165b', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-89d6-784d-8000-1a7f87e24b66', 'stock_administered', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'nia', '2026-11-21 17:10:29.590519', '2026-11-21 17:10:29.590519', '\x7b226163746f72223a7b22726f6c6573223a5b2270726163746974696f6e6572225d2c227375626a656374223a226e6961227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d383964362d373834642d383030302d316137663837653234623636222c2264617461223a7b2261646d696e697374726174696f6e223a7b226465636973696f6e223a7b22616c6c6f776564223a747275652c226261736973223a5b7b22646179223a22323032362d31312d3231222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32392e3539303531395a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c2274696d655f7a6f6e65223a224575726f70652f4c6f6e646f6e222c2274797065223a226d6f6d656e74227d2c7b226566666563746976655f657870697279223a22323032392d31322d3331222c22657870697279223a22323032392d31322d3331222c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c2274797065223a22657870697279227d2c7b22617661696c61626c65223a342c2268656c64223a302c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c2271756172616e74696e6564223a302c2272656a6563746564223a302c2274797065223a2273746f636b227d2c7b226a7572697364696374696f6e223a224742222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c22736f75726365223a22696c6c757374726174697665222c22737461747573223a22617574686f7269736564222c2274797065223a22617070726f76616c222c2276657269666965645f6f6e223a22323032362d30312d3035227d2c7b22617574686f72697479223a22435143222c22636865636b5f6964223a2263686b5f30316131666631362d373266622d373235652d383030322d316562353362663833323864222c22636865636b5f6f7574636f6d65223a227665726966696564222c22636865636b65645f6174223a22323032362d31312d32315431373a31303a32332e3733393134385a222c22686f6c6465725f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c22686f6c6465725f74797065223a2273697465222c226964223a226c69635f30316131666631362d373237652d373838372d383030322d373963363161666531383133222c226a7572697364696374696f6e223a224742222c226b696e64223a22666163696c697479222c226e756d626572223a22312d30303030303030303031222c2270726f647563745f636c6173736573223a5b222a225d2c227265636865636b5f64617973223a3336352c2274797065223a226c6963656e6365222c2276616c69645f66726f6d223a22323032362d30312d3031222c2276616c69645f746f223a22323032392d31322d3331227d2c7b22617574686f72697479223a22474d43222c22636865636b5f6964223a2263686b5f30316131666631362d373639382d376331382d383030322d326631633266306530346631222c22636865636b5f6f7574636f6d65223a227665726966696564222c22636865636b65645f6174223a22323032362d31312d32315431373a31303a32342e3636343735365a222c22686f6c6465725f6964223a22707261635f30316131666631362d373066382d376262362d383030322d353236306664643631326466222c22686f6c6465725f74797065223a2270726163746974696f6e6572222c226964223a226c69635f30316131666631362d373537622d373835312d383030322d636234623763636237313162222c226a7572697364696374696f6e223a224742222c226b696e64223a2270726f66657373696f6e616c5f726567697374726174696f6e222c226e756d626572223a2231323334353637222c2270726f647563745f636c6173736573223a5b222a225d2c227265636865636b5f64617973223a3336352c2274797065223a226c6963656e6365222c2276616c69645f66726f6d223a22323032362d30312d3031222c2276616c69645f746f223a22323032392d31322d3331227d5d2c226576616c75617465645f6174223a22323032362d31312d32315431373a31303a32392e3539303531395a222c22726561736f6e73223a5b5d7d2c226964223a2261646d5f30316131666631362d383964362d373834642d383030322d666534643561323836383934222c226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32392e3539303531395a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c2270617469656e745f726566223a22502d31222c2270726163746974696f6e65725f6964223a22707261635f30316131666631362d373066382d376262362d383030322d353236306664643631326466222c2270726f647563745f6964223a227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32392e3539303531395a222c227265636f726465645f6279223a226e6961222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c2274726561746d656e74223a7b2261726561223a226d696466616365227d2c22756e697473223a317d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a22617661696c61626c65222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c22746f223a7b226b696e64223a2270617469656e74227d2c22756e697473223a317d5d7d2c226964223a226576745f30316131666631362d383964362d373834642d383030332d383435346561393531363562222c226b696e64223a2273746f636b5f61646d696e69737465726564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32392e3539303531395a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32392e3539303531395a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b2261646d5f30316131666631362d383964362d373834642d383030322d666534643561323836383934222c226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c22707261635f30316131666631362d373066382d376262362d383030322d353236306664643631326466222c227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334225d2c2276657273696f6e223a317d', '\x5f91a5fa429239de1cf61db6be95419ba2c8db88b9fc4b3e3f68c666a1b1eca0');
INSERT INTO public.events VALUES (39, 'evt_01a1ff16-8a37-75ba-8003-453343052e6b', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-8a37-75ba-8000-c49440baf0e3', 'administration_voided', 1, 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'quinn', '2026-11-21 17:10:29.687358', '2026-11-21 17:10:29.687358', '\x7b226163746f72223a7b22726f6c6573223a5b227175616c697479225d2c227375626a656374223a227175696e6e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d386133372d373562612d383030302d633439343430626166306533222c2264617461223a7b22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a2270617469656e74227d2c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c22746f223a7b226b696e64223a2271756172616e74696e6564222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a317d5d2c22766f6964223a7b2261646d696e697374726174696f6e5f6964223a2261646d5f30316131666631362d383964362d373834642d383030322d666534643561323836383934222c226964223a22766f69645f30316131666631362d386133372d373562612d383030322d663531393635613066643735222c226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366264342d373233392d383030322d346330633664323961636135222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32392e3638373335385a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726561736f6e223a2277726f6e672070617469656e74222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32392e3638373335385a222c2272657475726e65645f746f5f73746f636b223a747275652c22766f696465645f6279223a227175696e6e227d7d2c226964223a226576745f30316131666631362d386133372d373562612d383030332d343533333433303532653662222c226b696e64223a2261646d696e697374726174696f6e5f766f69646564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32392e3638373335385a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32392e3638373335385a222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227375626a65637473223a5b2261646d5f30316131666631362d383964362d373834642d383030322d666534643561323836383934222c226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c22707261635f30316131666631362d373066382d376262362d383030322d353236306664643631326466222c227072645f30316131666631362d366662302d373239622d383030322d323339313563376332326334225d2c2276657273696f6e223a317d', '\xf5b62a9d02571c9469d81996ceeb835b509ebed03e1604e4348082aede67639b');
INSERT INTO public.events VALUES (40, 'evt_01a1ff16-8adc-7424-8003-4bf06107149b', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'cmd_01a1ff16-8adc-7424-8000-114e4497e753', 'hold_opened', 1, NULL, 'quinn', '2026-11-21 17:10:29.852259', '2026-11-21 17:10:29.852259', '\x7b226163746f72223a7b22726f6c6573223a5b227175616c697479225d2c227375626a656374223a227175696e6e227d2c22636f6d6d616e645f6964223a22636d645f30316131666631362d386164632d373432342d383030302d313134653434393765373533222c2264617461223a7b22686f6c64223a7b2263617573655f74797065223a226d616e75616c222c226964223a22686f6c645f30316131666631362d386164632d373432342d383030322d386166643933343262366662222c226f70656e65645f6174223a22323032362d31312d32315431373a31303a32392e3835323235395a222c226f70656e65645f6279223a227175696e6e222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c22726561736f6e223a22636865636b222c2273636f70655f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c2273636f70655f74797065223a226c6f74227d2c22706f7374696e6773223a5b7b2266726f6d223a7b226b696e64223a22617661696c61626c65222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c226c6f745f6964223a226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239222c22746f223a7b226b696e64223a2268656c64222c22706c616365223a7b226c6f636174696f6e5f6964223a226c6f635f30316131666631362d366532392d376534642d383030322d393562303134613439636130222c22736974655f6964223a22736974655f30316131666631362d366236372d373130612d383030322d616564356539313164346632222c227573655f6279223a22323032392d31322d3331227d7d2c22756e697473223a337d5d7d2c226964223a226576745f30316131666631362d386164632d373432342d383030332d346266303631303731343962222c226b696e64223a22686f6c645f6f70656e6564222c226f636375727265645f6174223a22323032362d31312d32315431373a31303a32392e3835323235395a222c226f7267616e69736174696f6e5f6964223a226f72675f30316131666631362d363765632d373466352d383030302d306438303138313863383635222c227265636f726465645f6174223a22323032362d31312d32315431373a31303a32392e3835323235395a222c227375626a65637473223a5b22686f6c645f30316131666631362d386164632d373432342d383030322d386166643933343262366662222c226c6f745f30316131666631362d383439372d373561652d383030342d623935353830633035333239225d2c2276657273696f6e223a317d', '\xd44c7f7e6678ee2f90ea602e9063329e673bec2e743b5c329391be63d50823e1');

INSERT INTO public.holds VALUES ('hold_01a1ff16-8adc-7424-8002-8afd9342b6fb', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'check', 'manual', NULL, 'quinn', '2026-11-21 17:10:29.852259', NULL, NULL, NULL);

INSERT INTO public.inspections VALUES ('insp_01a1ff16-787e-76d9-8002-a0a76d14eb04', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-76b3-76d4-8002-b33c3ec174f0', 'lot_01a1ff16-76b3-76d4-8004-ced3324f2828', '[{"criterion":"outer_carton_intact","result":"pass"},{"criterion":"tamper_evidence_intact","result":"pass"},{"criterion":"label_legible","result":"pass"}]', '["language_and_leaflet","lot_and_expiry_match","cold_chain_indicator","unit_count_correct","authenticity_feature"]', 8, 0, '[]', 'pat', '{"meaning":"inspected","signed_at":"2026-11-21T17:10:25.150428Z","signer":"pat"}', '2026-11-21 17:10:25.150428', '2026-11-21 17:10:25.150428');
INSERT INTO public.inspections VALUES ('insp_01a1ff16-7b2d-7462-8002-7562463a3dc9', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7a77-7d33-8002-2ce24a82198a', 'lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', '[{"criterion":"outer_carton_intact","result":"pass"},{"criterion":"tamper_evidence_intact","result":"pass"},{"criterion":"label_legible","result":"pass"}]', '["language_and_leaflet","lot_and_expiry_match","cold_chain_indicator","unit_count_correct","authenticity_feature"]', 4, 0, '[]', 'pat', '{"meaning":"inspected","signed_at":"2026-11-21T17:10:25.837274Z","signer":"pat"}', '2026-11-21 17:10:25.837274', '2026-11-21 17:10:25.837274');
INSERT INTO public.inspections VALUES ('insp_01a1ff16-7fc7-7239-8002-0968f13af0ab', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7dac-7b4b-8002-b660dbee5100', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', '[{"criterion":"outer_carton_intact","result":"pass"},{"criterion":"tamper_evidence_intact","result":"pass"},{"criterion":"label_legible","result":"pass"}]', '["language_and_leaflet","lot_and_expiry_match","cold_chain_indicator","unit_count_correct","authenticity_feature"]', 4, 0, '[]', 'pat', '{"meaning":"inspected","signed_at":"2026-11-21T17:10:27.015139Z","signer":"pat"}', '2026-11-21 17:10:27.015139', '2026-11-21 17:10:27.015139');
INSERT INTO public.inspections VALUES ('insp_01a1ff16-812f-7e5e-8002-434d7038d2b2', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7fff-7272-8002-e7c230caba1f', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', '[{"criterion":"outer_carton_intact","result":"pass"},{"criterion":"tamper_evidence_intact","result":"pass"},{"criterion":"label_legible","result":"pass"}]', '["language_and_leaflet","lot_and_expiry_match","cold_chain_indicator","unit_count_correct","authenticity_feature"]', 2, 0, '[]', 'pat', '{"meaning":"inspected","signed_at":"2026-11-21T17:10:27.375898Z","signer":"pat"}', '2026-11-21 17:10:27.375898', '2026-11-21 17:10:27.375898');
INSERT INTO public.inspections VALUES ('insp_01a1ff16-83a0-7ddf-8002-047077a96e66', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-8281-72c4-8002-d332310d1a1c', 'lot_01a1ff16-8281-72c4-8004-82728e93f627', '[{"criterion":"label_legible","result":"pass"}]', '["outer_carton_intact","tamper_evidence_intact","language_and_leaflet","lot_and_expiry_match","cold_chain_indicator","unit_count_correct","authenticity_feature"]', 2, 0, '[]', 'pat', '{"meaning":"inspected","signed_at":"2026-11-21T17:10:28.000867Z","signer":"pat"}', '2026-11-21 17:10:28.000867', '2026-11-21 17:10:28.000867');
INSERT INTO public.inspections VALUES ('insp_01a1ff16-878f-7010-8002-a9211259cff1', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-8497-75ae-8002-e0a194c7c287', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', '[{"criterion":"outer_carton_intact","result":"pass"},{"criterion":"tamper_evidence_intact","result":"pass"},{"criterion":"label_legible","result":"pass"}]', '["language_and_leaflet","lot_and_expiry_match","cold_chain_indicator","unit_count_correct","authenticity_feature"]', 4, 0, '[]', 'pat', '{"meaning":"inspected","signed_at":"2026-11-21T17:10:29.007004Z","signer":"pat"}', '2026-11-21 17:10:29.007004', '2026-11-21 17:10:29.007004');

INSERT INTO public.licence_checks VALUES ('chk_01a1ff16-72fb-725e-8002-1eb53bf8328d', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lic_01a1ff16-727e-7887-8002-79c61afe1813', 'verified', 'public register', '2026-11-21 17:10:23.739148', NULL, NULL, NULL, 'admin', '2026-11-21 17:10:23.739148');
INSERT INTO public.licence_checks VALUES ('chk_01a1ff16-7430-7f22-8002-fbf2c662cb1c', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lic_01a1ff16-73eb-733f-8002-69ad5f35dc7a', 'verified', 'public register', '2026-11-21 17:10:24.048946', NULL, NULL, NULL, 'admin', '2026-11-21 17:10:24.048946');
INSERT INTO public.licence_checks VALUES ('chk_01a1ff16-7698-7c18-8002-2f1c2f0e04f1', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lic_01a1ff16-757b-7851-8002-cb4b7ccb711b', 'verified', 'public register', '2026-11-21 17:10:24.664756', NULL, NULL, NULL, 'admin', '2026-11-21 17:10:24.664756');

INSERT INTO public.licences VALUES ('lic_01a1ff16-727e-7887-8002-79c61afe1813', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'site', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'facility', 'CQC', '1-0000000001', false, 'GB', '["*"]', '2026-01-01', '2029-12-31', '2026-11-21 17:10:23.614533');
INSERT INTO public.licences VALUES ('lic_01a1ff16-73eb-733f-8002-69ad5f35dc7a', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'supplier', 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'wholesale', 'MHRA', 'WDA-00000', false, 'GB', '["*"]', '2026-01-01', '2029-12-31', '2026-11-21 17:10:23.979203');
INSERT INTO public.licences VALUES ('lic_01a1ff16-757b-7851-8002-cb4b7ccb711b', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'practitioner', 'prac_01a1ff16-70f8-7bb6-8002-5260fdd612df', 'professional_registration', 'GMC', '1234567', true, 'GB', '["*"]', '2026-01-01', '2029-12-31', '2026-11-21 17:10:24.37952');

INSERT INTO public.locations VALUES ('loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'Goods in', 'quarantine', 15000, 25000, NULL, '2026-11-21 17:10:21.908139', 1, NULL);
INSERT INTO public.locations VALUES ('loc_01a1ff16-6d7e-7cfd-8002-00a3e1715235', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'Returns', 'returns', 15000, 25000, NULL, '2026-11-21 17:10:22.334812', 1, NULL);
INSERT INTO public.locations VALUES ('loc_01a1ff16-6e29-7e4d-8002-95b014a49ca0', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'Cabinet', 'stock', 15000, 25000, NULL, '2026-11-21 17:10:22.505894', 1, NULL);

INSERT INTO public.lots VALUES ('lot_01a1ff16-76b3-76d4-8004-ced3324f2828', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'OLDEST', '2029-12-31', NULL, '2026-11-21 17:10:24.691427');
INSERT INTO public.lots VALUES ('lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'LENT', '2029-12-31', NULL, '2026-11-21 17:10:25.655825');
INSERT INTO public.lots VALUES ('lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'NUMBERED', '2029-12-31', NULL, '2026-11-21 17:10:26.476706');
INSERT INTO public.lots VALUES ('lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'SOME', '2029-12-31', NULL, '2026-11-21 17:10:27.071153');
INSERT INTO public.lots VALUES ('lot_01a1ff16-8281-72c4-8004-82728e93f627', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'PARTLY', '2029-12-31', NULL, '2026-11-21 17:10:27.713173');
INSERT INTO public.lots VALUES ('lot_01a1ff16-8497-75ae-8004-b95580c05329', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'ALL', '2029-12-31', NULL, '2026-11-21 17:10:28.247355');

INSERT INTO public.movements VALUES ('mov_01a1ff16-7bce-7093-8002-4f059c60ac9a', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'return', 'lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', NULL, 2, NULL, 'quarantined', '[]', 'sent back', 'quinn', '{"allowed":true,"basis":[{"available":0,"held":0,"lot_id":"lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf","quarantined":8,"rejected":0,"type":"stock"}],"evaluated_at":"2026-11-21T17:10:25.998036Z","reasons":[]}', '2026-11-21 17:10:25.998036', '2026-11-21 17:10:25.998036');

INSERT INTO public.organisations VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'Example Clinics', '2026-11-21 17:10:20.909108');

INSERT INTO public.pack_balances VALUES ('pack_01a1ff16-7dac-7b4b-8006-c42179216223', 'acct_0e3b6522-039c-8d2e-90f0-31b7a5332073', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 2);
INSERT INTO public.pack_balances VALUES ('pack_01a1ff16-7dac-7b4b-8006-c42179216223', 'acct_c1d45c7d-19be-8922-b101-0043eeae8bfa', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', -2);
INSERT INTO public.pack_balances VALUES ('pack_01a1ff16-7dac-7b4b-8009-1cb90d4ad42a', 'acct_0e3b6522-039c-8d2e-90f0-31b7a5332073', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 2);
INSERT INTO public.pack_balances VALUES ('pack_01a1ff16-7dac-7b4b-8009-1cb90d4ad42a', 'acct_c1d45c7d-19be-8922-b101-0043eeae8bfa', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', -2);
INSERT INTO public.pack_balances VALUES ('pack_01a1ff16-7fff-7272-8006-a2ef6ea9a192', 'acct_4055b560-3606-862a-84b9-9ebd1cb1823b', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', -2);
INSERT INTO public.pack_balances VALUES ('pack_01a1ff16-7fff-7272-8006-a2ef6ea9a192', 'acct_fdb994fc-d3f7-8a7c-a2d5-d93cf50d9083', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 2);
INSERT INTO public.pack_balances VALUES ('pack_01a1ff16-7fff-7272-8009-97ee839bd4a4', 'acct_4055b560-3606-862a-84b9-9ebd1cb1823b', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', -2);
INSERT INTO public.pack_balances VALUES ('pack_01a1ff16-7fff-7272-8009-97ee839bd4a4', 'acct_fdb994fc-d3f7-8a7c-a2d5-d93cf50d9083', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 2);

INSERT INTO public.packs VALUES ('pack_01a1ff16-7dac-7b4b-8006-c42179216223', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 'N1', 'rcl_01a1ff16-7dac-7b4b-8005-58cb6f0edff9');
INSERT INTO public.packs VALUES ('pack_01a1ff16-7dac-7b4b-8009-1cb90d4ad42a', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 'N2', 'rcl_01a1ff16-7dac-7b4b-8008-bdaf30931bf7');
INSERT INTO public.packs VALUES ('pack_01a1ff16-7fff-7272-8006-a2ef6ea9a192', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 'S1', 'rcl_01a1ff16-7fff-7272-8005-245f7e4016da');
INSERT INTO public.packs VALUES ('pack_01a1ff16-7fff-7272-8009-97ee839bd4a4', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 'S2', 'rcl_01a1ff16-7fff-7272-8008-c7f90abd4937');

INSERT INTO public.postings VALUES ('evt_01a1ff16-76b3-76d4-8006-93268b421a7a', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-76b3-76d4-8004-ced3324f2828', 'acct_b735865d-b855-88d9-aaa7-c2c57c6f4109', 'acct_adc9bbe7-6f43-806f-9acd-8cb9d2b98c97', NULL, 10);
INSERT INTO public.postings VALUES ('evt_01a1ff16-79dc-7174-8003-26d886aba849', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-76b3-76d4-8004-ced3324f2828', 'acct_adc9bbe7-6f43-806f-9acd-8cb9d2b98c97', 'acct_359848b2-3b24-8331-b308-0419ac475009', NULL, 3);
INSERT INTO public.postings VALUES ('evt_01a1ff16-7a77-7d33-8006-f810bb0e7f20', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', 'acct_b54af0fe-0764-8d52-a045-c7cc3b478f97', 'acct_64d682dd-c0aa-8660-b966-ced22b0a6400', NULL, 8);
INSERT INTO public.postings VALUES ('evt_01a1ff16-7bce-7093-8003-bf73a40e4c49', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', 'acct_64d682dd-c0aa-8660-b966-ced22b0a6400', 'acct_028bec9f-d1ec-8936-b182-dfe4dbb9d61f', NULL, 2);
INSERT INTO public.postings VALUES ('evt_01a1ff16-7dac-7b4b-8007-82760824cf4b', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 'acct_c1d45c7d-19be-8922-b101-0043eeae8bfa', 'acct_0e3b6522-039c-8d2e-90f0-31b7a5332073', 'pack_01a1ff16-7dac-7b4b-8006-c42179216223', 2);
INSERT INTO public.postings VALUES ('evt_01a1ff16-7dac-7b4b-800a-661c928ad824', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 'acct_c1d45c7d-19be-8922-b101-0043eeae8bfa', 'acct_0e3b6522-039c-8d2e-90f0-31b7a5332073', 'pack_01a1ff16-7dac-7b4b-8009-1cb90d4ad42a', 2);
INSERT INTO public.postings VALUES ('evt_01a1ff16-7fff-7272-8007-c54c743dfa01', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 'acct_4055b560-3606-862a-84b9-9ebd1cb1823b', 'acct_fdb994fc-d3f7-8a7c-a2d5-d93cf50d9083', 'pack_01a1ff16-7fff-7272-8006-a2ef6ea9a192', 2);
INSERT INTO public.postings VALUES ('evt_01a1ff16-7fff-7272-800a-6db6c6903a8b', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 'acct_4055b560-3606-862a-84b9-9ebd1cb1823b', 'acct_fdb994fc-d3f7-8a7c-a2d5-d93cf50d9083', 'pack_01a1ff16-7fff-7272-8009-97ee839bd4a4', 2);
INSERT INTO public.postings VALUES ('evt_01a1ff16-8281-72c4-8006-5b23f89d19fd', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8281-72c4-8004-82728e93f627', 'acct_f6c87504-d12b-8c58-b860-aa01c2cdea8f', 'acct_098474b3-01a0-8e3f-bed8-f7250edc8936', NULL, 2);
INSERT INTO public.postings VALUES ('evt_01a1ff16-8497-75ae-8006-f5a3d01b81a0', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'acct_9e4a5733-3b8f-879a-9573-9c42af755af5', 'acct_b76cc856-2344-8279-add0-4d90aba23c5a', NULL, 4);
INSERT INTO public.postings VALUES ('evt_01a1ff16-8827-7fa5-8003-a37adfb48348', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'acct_b76cc856-2344-8279-add0-4d90aba23c5a', 'acct_9c03b662-e772-8319-8f96-a04c8ee07b6c', NULL, 4);
INSERT INTO public.postings VALUES ('evt_01a1ff16-89d6-784d-8003-8454ea95165b', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'acct_9c03b662-e772-8319-8f96-a04c8ee07b6c', 'acct_37112367-bd70-8bac-b488-612f3c584cf5', NULL, 1);
INSERT INTO public.postings VALUES ('evt_01a1ff16-8a37-75ba-8003-453343052e6b', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'acct_37112367-bd70-8bac-b488-612f3c584cf5', 'acct_b76cc856-2344-8279-add0-4d90aba23c5a', NULL, 1);
INSERT INTO public.postings VALUES ('evt_01a1ff16-8adc-7424-8003-4bf06107149b', 0, 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'acct_9c03b662-e772-8319-8f96-a04c8ee07b6c', 'acct_7a873965-d3f5-81e6-ad0f-e8f9ac7d94fb', NULL, 3);

INSERT INTO public.practitioners VALUES ('prac_01a1ff16-70f8-7bb6-8002-5260fdd612df', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'Dr Nia Example', 'doctor', NULL, '2026-11-21 17:10:23.224732', 1, NULL);

INSERT INTO public.product_identifiers VALUES ('org_01a1ff16-67ec-74f5-8000-0d801818c865', 'gtin', '09521234567899', 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'pack', 2);

INSERT INTO public.products VALUES ('prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', '09521234567899', 'HArmonyCa', 'Example Aesthetics', 'hybrid_filler', 2, 'prefilled syringe', '1.25', 'mL', 2000, 25000, true, false, NULL, true, false, false, '[{"jurisdiction":"GB","source":"illustrative","status":"authorised","verified_on":"2026-01-05"}]', '[]', '2026-11-21 17:10:22.896163', 1, NULL, '[]');

INSERT INTO public.receipt_lines VALUES ('rcl_01a1ff16-76b3-76d4-8005-504889e0add3', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-76b3-76d4-8002-b33c3ec174f0', 0, 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-76b3-76d4-8004-ced3324f2828', 5, 10, '[]', '[]', NULL, NULL, NULL, NULL, '{"level":"pack","scheme":"gtin","units":2,"value":"09521234567899"}');
INSERT INTO public.receipt_lines VALUES ('rcl_01a1ff16-7a77-7d33-8005-a442104fa706', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7a77-7d33-8002-2ce24a82198a', 0, 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-7a77-7d33-8004-ab6bd3df14cf', 4, 8, '[]', '[]', NULL, NULL, NULL, NULL, '{"level":"pack","scheme":"gtin","units":2,"value":"09521234567899"}');
INSERT INTO public.receipt_lines VALUES ('rcl_01a1ff16-7dac-7b4b-8005-58cb6f0edff9', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7dac-7b4b-8002-b660dbee5100', 0, 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 1, 2, '["N1"]', '[]', NULL, NULL, NULL, NULL, '{"level":"pack","scheme":"gtin","units":2,"value":"09521234567899"}');
INSERT INTO public.receipt_lines VALUES ('rcl_01a1ff16-7dac-7b4b-8008-bdaf30931bf7', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7dac-7b4b-8002-b660dbee5100', 1, 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-7dac-7b4b-8004-e97a9f76ba30', 1, 2, '["N2"]', '[]', NULL, NULL, NULL, NULL, '{"level":"pack","scheme":"gtin","units":2,"value":"09521234567899"}');
INSERT INTO public.receipt_lines VALUES ('rcl_01a1ff16-7fff-7272-8005-245f7e4016da', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7fff-7272-8002-e7c230caba1f', 0, 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 1, 2, '["S1"]', '[]', NULL, NULL, NULL, NULL, '{"level":"pack","scheme":"gtin","units":2,"value":"09521234567899"}');
INSERT INTO public.receipt_lines VALUES ('rcl_01a1ff16-7fff-7272-8008-c7f90abd4937', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-7fff-7272-8002-e7c230caba1f', 1, 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-7fff-7272-8004-c7b09553f1eb', 1, 2, '["S2"]', '[]', NULL, NULL, NULL, NULL, '{"level":"pack","scheme":"gtin","units":2,"value":"09521234567899"}');
INSERT INTO public.receipt_lines VALUES ('rcl_01a1ff16-8281-72c4-8005-f51ad2f6d289', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-8281-72c4-8002-d332310d1a1c', 0, 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-8281-72c4-8004-82728e93f627', 1, 2, '[]', '[]', NULL, NULL, NULL, NULL, '{"level":"pack","scheme":"gtin","units":2,"value":"09521234567899"}');
INSERT INTO public.receipt_lines VALUES ('rcl_01a1ff16-8497-75ae-8005-62a1521d8eeb', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'rec_01a1ff16-8497-75ae-8002-e0a194c7c287', 0, 'prd_01a1ff16-6fb0-729b-8002-23915c7c22c4', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 2, 4, '[]', '[]', NULL, NULL, NULL, NULL, '{"level":"pack","scheme":"gtin","units":2,"value":"09521234567899"}');

INSERT INTO public.receipts VALUES ('rec_01a1ff16-76b3-76d4-8002-b33c3ec174f0', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', NULL, 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', NULL, 'pat', '2026-11-21 17:10:24.691427', '2026-11-21 17:10:24.691427', NULL, NULL, NULL);
INSERT INTO public.receipts VALUES ('rec_01a1ff16-7a77-7d33-8002-2ce24a82198a', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', NULL, 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', NULL, 'pat', '2026-11-21 17:10:25.655825', '2026-11-21 17:10:25.655825', NULL, NULL, NULL);
INSERT INTO public.receipts VALUES ('rec_01a1ff16-7dac-7b4b-8002-b660dbee5100', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', NULL, 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', NULL, 'pat', '2026-11-21 17:10:26.476706', '2026-11-21 17:10:26.476706', NULL, NULL, NULL);
INSERT INTO public.receipts VALUES ('rec_01a1ff16-7fff-7272-8002-e7c230caba1f', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', NULL, 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', NULL, 'pat', '2026-11-21 17:10:27.071153', '2026-11-21 17:10:27.071153', NULL, NULL, NULL);
INSERT INTO public.receipts VALUES ('rec_01a1ff16-8281-72c4-8002-d332310d1a1c', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', NULL, 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', NULL, 'pat', '2026-11-21 17:10:27.713173', '2026-11-21 17:10:27.713173', NULL, NULL, NULL);
INSERT INTO public.receipts VALUES ('rec_01a1ff16-8497-75ae-8002-e0a194c7c287', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', NULL, 'sup_01a1ff16-7053-741c-8002-76f86055a85c', 'site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', NULL, 'pat', '2026-11-21 17:10:28.247355', '2026-11-21 17:10:28.247355', NULL, NULL, NULL);

INSERT INTO public.release_allocations VALUES ('rel_01a1ff16-79dc-7174-8002-ab3b1d810a46', 'insp_01a1ff16-787e-76d9-8002-a0a76d14eb04', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 3);
INSERT INTO public.release_allocations VALUES ('rel_01a1ff16-8827-7fa5-8002-50c47e03e348', 'insp_01a1ff16-878f-7010-8002-a9211259cff1', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 4);

INSERT INTO public.releases VALUES ('rel_01a1ff16-79dc-7174-8002-ab3b1d810a46', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-76b3-76d4-8004-ced3324f2828', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'loc_01a1ff16-6e29-7e4d-8002-95b014a49ca0', 3, '[]', 'ok', 'quinn', '{"meaning":"released","signed_at":"2026-11-21T17:10:25.500091Z","signer":"quinn"}', '{"allowed":true,"basis":[{"id":"loc_01a1ff16-6e29-7e4d-8002-95b014a49ca0","max_mc":25000,"min_mc":15000,"product_classes":null,"purpose":"stock","type":"location"},{"effective_expiry":"2029-12-31","expiry":"2029-12-31","lot_id":"lot_01a1ff16-76b3-76d4-8004-ced3324f2828","type":"expiry"},{"id":"insp_01a1ff16-787e-76d9-8002-a0a76d14eb04","inspector":"pat","receipt_id":"rec_01a1ff16-76b3-76d4-8002-b33c3ec174f0","type":"inspection","units_passed":8,"units_released":0}],"evaluated_at":"2026-11-21T17:10:25.500091Z","reasons":[]}', '2026-11-21 17:10:25.500091', '2026-11-21 17:10:25.500091');
INSERT INTO public.releases VALUES ('rel_01a1ff16-8827-7fa5-8002-50c47e03e348', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'lot_01a1ff16-8497-75ae-8004-b95580c05329', 'loc_01a1ff16-6bd4-7239-8002-4c0c6d29aca5', 'loc_01a1ff16-6e29-7e4d-8002-95b014a49ca0', 4, '[]', 'ok', 'quinn', '{"meaning":"released","signed_at":"2026-11-21T17:10:29.159978Z","signer":"quinn"}', '{"allowed":true,"basis":[{"id":"loc_01a1ff16-6e29-7e4d-8002-95b014a49ca0","max_mc":25000,"min_mc":15000,"product_classes":null,"purpose":"stock","type":"location"},{"effective_expiry":"2029-12-31","expiry":"2029-12-31","lot_id":"lot_01a1ff16-8497-75ae-8004-b95580c05329","type":"expiry"},{"id":"insp_01a1ff16-878f-7010-8002-a9211259cff1","inspector":"pat","receipt_id":"rec_01a1ff16-8497-75ae-8002-e0a194c7c287","type":"inspection","units_passed":4,"units_released":0}],"evaluated_at":"2026-11-21T17:10:29.159978Z","reasons":[]}', '2026-11-21 17:10:29.159978', '2026-11-21 17:10:29.159978');

INSERT INTO public.sites VALUES ('site_01a1ff16-6b67-710a-8002-aed5e911d4f2', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'Harley Street', 'GB-ENG', 'Europe/London', '2026-11-21 17:10:21.799065', 1, NULL);

INSERT INTO public.suppliers VALUES ('sup_01a1ff16-7053-741c-8002-76f86055a85c', 'org_01a1ff16-67ec-74f5-8000-0d801818c865', 'Example Medical', 'GB', NULL, '["hybrid_filler"]', '2026-11-21 17:10:23.059257', 1, NULL);

SELECT pg_catalog.setval('public.events_position_seq', 40, true);

ALTER TABLE ONLY public.__diesel_schema_migrations
    ADD CONSTRAINT __diesel_schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.administration_voids
    ADD CONSTRAINT administration_voids_administration_id_key UNIQUE (administration_id);

ALTER TABLE ONLY public.administration_voids
    ADD CONSTRAINT administration_voids_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.administrations
    ADD CONSTRAINT administrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.decision_licences
    ADD CONSTRAINT decision_licences_pkey PRIMARY KEY (licence_id, subject_id);

ALTER TABLE ONLY public.deviations
    ADD CONSTRAINT deviations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.event_subjects
    ADD CONSTRAINT event_subjects_pkey PRIMARY KEY (organisation_id, subject, event_id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_id_key UNIQUE (id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_pkey PRIMARY KEY (organisation_id, sha256);

ALTER TABLE ONLY public.hold_accounts
    ADD CONSTRAINT hold_accounts_pkey PRIMARY KEY (hold_id, account_id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (organisation_id, subject, idempotency_key);

ALTER TABLE ONLY public.inspections
    ADD CONSTRAINT inspections_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.licence_checks
    ADD CONSTRAINT licence_checks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.licences
    ADD CONSTRAINT licences_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.locations
    ADD CONSTRAINT locations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lots
    ADD CONSTRAINT lots_organisation_id_product_id_lot_expiry_key UNIQUE (organisation_id, product_id, lot, expiry);

ALTER TABLE ONLY public.lots
    ADD CONSTRAINT lots_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.movements
    ADD CONSTRAINT movements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.organisations
    ADD CONSTRAINT organisations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pack_balances
    ADD CONSTRAINT pack_balances_pkey PRIMARY KEY (pack_id, account_id);

ALTER TABLE ONLY public.packs
    ADD CONSTRAINT packs_organisation_id_product_id_serial_key UNIQUE (organisation_id, product_id, serial);

ALTER TABLE ONLY public.packs
    ADD CONSTRAINT packs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_pkey PRIMARY KEY (organisation_id, version);

ALTER TABLE ONLY public.postings
    ADD CONSTRAINT postings_pkey PRIMARY KEY (event_id, line);

ALTER TABLE ONLY public.practitioners
    ADD CONSTRAINT practitioners_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.product_identifiers
    ADD CONSTRAINT product_identifiers_pkey PRIMARY KEY (organisation_id, scheme, value);

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_organisation_id_gtin_key UNIQUE (organisation_id, gtin);

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.receipt_lines
    ADD CONSTRAINT receipt_lines_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.release_allocations
    ADD CONSTRAINT release_allocations_pkey PRIMARY KEY (release_id, inspection_id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.suppliers
    ADD CONSTRAINT suppliers_pkey PRIMARY KEY (id);

CREATE INDEX accounts_by_lot ON public.accounts USING btree (lot_id, id);

CREATE INDEX accounts_by_place ON public.accounts USING btree (organisation_id, site_id, use_by, id);

CREATE INDEX administrations_by_lot ON public.administrations USING btree (lot_id, id);

CREATE INDEX administrations_by_organisation ON public.administrations USING btree (organisation_id, id);

CREATE INDEX administrations_by_patient ON public.administrations USING btree (organisation_id, patient_ref, id);

CREATE INDEX administrations_by_practitioner ON public.administrations USING btree (practitioner_id, id);

CREATE INDEX administrations_by_serial ON public.administrations USING btree (product_id, serial);

CREATE INDEX decision_licences_by_organisation ON public.decision_licences USING btree (organisation_id, licence_id, occurred_on);

CREATE INDEX deviations_by_organisation ON public.deviations USING btree (organisation_id, id);

CREATE INDEX events_by_kind ON public.events USING btree (organisation_id, kind, "position");

CREATE INDEX events_by_organisation ON public.events USING btree (organisation_id, "position");

CREATE INDEX hold_accounts_by_account ON public.hold_accounts USING btree (organisation_id, account_id);

CREATE INDEX holds_by_organisation ON public.holds USING btree (organisation_id, id);

CREATE INDEX holds_by_scope ON public.holds USING btree (organisation_id, scope_id);

CREATE INDEX inspections_by_lot ON public.inspections USING btree (lot_id, id);

CREATE INDEX inspections_by_organisation ON public.inspections USING btree (organisation_id, id);

CREATE INDEX licence_checks_by_licence ON public.licence_checks USING btree (licence_id, checked_at);

CREATE INDEX licences_by_holder ON public.licences USING btree (organisation_id, holder_id, id);

CREATE INDEX licences_by_organisation ON public.licences USING btree (organisation_id, id);

CREATE INDEX locations_by_organisation ON public.locations USING btree (organisation_id, id);

CREATE INDEX locations_by_site ON public.locations USING btree (site_id, id);

CREATE INDEX lots_by_organisation ON public.lots USING btree (organisation_id, id);

CREATE INDEX movements_by_lot ON public.movements USING btree (lot_id, id);

CREATE INDEX movements_by_organisation ON public.movements USING btree (organisation_id, id);

CREATE INDEX order_lines_by_order ON public.order_lines USING btree (order_id, line);

CREATE INDEX orders_by_organisation ON public.orders USING btree (organisation_id, id);

CREATE INDEX orders_by_status ON public.orders USING btree (organisation_id, status, expected_on);

CREATE INDEX pack_balances_by_account ON public.pack_balances USING btree (account_id, pack_id);

CREATE INDEX packs_by_lot ON public.packs USING btree (lot_id, id);

CREATE INDEX practitioners_by_organisation ON public.practitioners USING btree (organisation_id, id);

CREATE INDEX product_identifiers_by_product ON public.product_identifiers USING btree (product_id);

CREATE INDEX receipt_lines_by_lot ON public.receipt_lines USING btree (lot_id, receipt_id);

CREATE INDEX receipt_lines_by_receipt ON public.receipt_lines USING btree (receipt_id, line);

CREATE INDEX receipts_by_order ON public.receipts USING btree (order_id, id);

CREATE INDEX receipts_by_organisation ON public.receipts USING btree (organisation_id, id);

CREATE INDEX release_allocations_by_inspection ON public.release_allocations USING btree (inspection_id);

CREATE INDEX releases_by_lot ON public.releases USING btree (lot_id, id);

CREATE INDEX sites_by_organisation ON public.sites USING btree (organisation_id, id);

CREATE INDEX suppliers_by_organisation ON public.suppliers USING btree (organisation_id, id);

CREATE TRIGGER administration_voids_refuse_change BEFORE DELETE OR UPDATE ON public.administration_voids FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER administration_voids_refuse_truncate BEFORE TRUNCATE ON public.administration_voids FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER administrations_refuse_change BEFORE DELETE OR UPDATE ON public.administrations FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER administrations_refuse_truncate BEFORE TRUNCATE ON public.administrations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER decision_licences_refuse_change BEFORE DELETE OR UPDATE ON public.decision_licences FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER decision_licences_refuse_truncate BEFORE TRUNCATE ON public.decision_licences FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER event_subjects_refuse_change BEFORE DELETE OR UPDATE ON public.event_subjects FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER event_subjects_refuse_truncate BEFORE TRUNCATE ON public.event_subjects FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER events_refuse_change BEFORE DELETE OR UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER events_refuse_truncate BEFORE TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER evidence_refuse_change BEFORE DELETE OR UPDATE ON public.evidence FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER evidence_refuse_truncate BEFORE TRUNCATE ON public.evidence FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER hold_accounts_refuse_change BEFORE DELETE OR UPDATE ON public.hold_accounts FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER hold_accounts_refuse_truncate BEFORE TRUNCATE ON public.hold_accounts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER inspections_refuse_change BEFORE DELETE OR UPDATE ON public.inspections FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER inspections_refuse_truncate BEFORE TRUNCATE ON public.inspections FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER licence_checks_refuse_change BEFORE DELETE OR UPDATE ON public.licence_checks FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER licence_checks_refuse_truncate BEFORE TRUNCATE ON public.licence_checks FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER movements_refuse_change BEFORE DELETE OR UPDATE ON public.movements FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER movements_refuse_truncate BEFORE TRUNCATE ON public.movements FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER packs_refuse_delete BEFORE DELETE ON public.packs FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER packs_refuse_truncate BEFORE TRUNCATE ON public.packs FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER packs_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, serial ON public.packs FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER policies_refuse_change BEFORE DELETE OR UPDATE ON public.policies FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER policies_refuse_truncate BEFORE TRUNCATE ON public.policies FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER postings_refuse_change BEFORE DELETE OR UPDATE ON public.postings FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER postings_refuse_truncate BEFORE TRUNCATE ON public.postings FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER receipt_lines_refuse_change BEFORE DELETE OR UPDATE ON public.receipt_lines FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER receipt_lines_refuse_truncate BEFORE TRUNCATE ON public.receipt_lines FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER receipts_refuse_change BEFORE DELETE OR UPDATE ON public.receipts FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER receipts_refuse_truncate BEFORE TRUNCATE ON public.receipts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER release_allocations_refuse_change BEFORE DELETE OR UPDATE ON public.release_allocations FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER release_allocations_refuse_truncate BEFORE TRUNCATE ON public.release_allocations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER releases_refuse_change BEFORE DELETE OR UPDATE ON public.releases FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER releases_refuse_truncate BEFORE TRUNCATE ON public.releases FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.locations(id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.sites(id);

ALTER TABLE ONLY public.administration_voids
    ADD CONSTRAINT administration_voids_administration_id_fkey FOREIGN KEY (administration_id) REFERENCES public.administrations(id);

ALTER TABLE ONLY public.administration_voids
    ADD CONSTRAINT administration_voids_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.locations(id);

ALTER TABLE ONLY public.administration_voids
    ADD CONSTRAINT administration_voids_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.administrations
    ADD CONSTRAINT administrations_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.locations(id);

ALTER TABLE ONLY public.administrations
    ADD CONSTRAINT administrations_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.administrations
    ADD CONSTRAINT administrations_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.administrations
    ADD CONSTRAINT administrations_practitioner_id_fkey FOREIGN KEY (practitioner_id) REFERENCES public.practitioners(id);

ALTER TABLE ONLY public.administrations
    ADD CONSTRAINT administrations_prescriber_id_fkey FOREIGN KEY (prescriber_id) REFERENCES public.practitioners(id);

ALTER TABLE ONLY public.administrations
    ADD CONSTRAINT administrations_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.products(id);

ALTER TABLE ONLY public.administrations
    ADD CONSTRAINT administrations_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.sites(id);

ALTER TABLE ONLY public.decision_licences
    ADD CONSTRAINT decision_licences_licence_id_fkey FOREIGN KEY (licence_id) REFERENCES public.licences(id);

ALTER TABLE ONLY public.decision_licences
    ADD CONSTRAINT decision_licences_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.deviations
    ADD CONSTRAINT deviations_administration_id_fkey FOREIGN KEY (administration_id) REFERENCES public.administrations(id);

ALTER TABLE ONLY public.deviations
    ADD CONSTRAINT deviations_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.deviations
    ADD CONSTRAINT deviations_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.sites(id);

ALTER TABLE ONLY public.event_subjects
    ADD CONSTRAINT event_subjects_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.hold_accounts
    ADD CONSTRAINT hold_accounts_hold_id_fkey FOREIGN KEY (hold_id) REFERENCES public.holds(id);

ALTER TABLE ONLY public.hold_accounts
    ADD CONSTRAINT hold_accounts_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.inspections
    ADD CONSTRAINT inspections_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.inspections
    ADD CONSTRAINT inspections_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.inspections
    ADD CONSTRAINT inspections_receipt_id_fkey FOREIGN KEY (receipt_id) REFERENCES public.receipts(id);

ALTER TABLE ONLY public.licence_checks
    ADD CONSTRAINT licence_checks_licence_id_fkey FOREIGN KEY (licence_id) REFERENCES public.licences(id);

ALTER TABLE ONLY public.licence_checks
    ADD CONSTRAINT licence_checks_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.licences
    ADD CONSTRAINT licences_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.locations
    ADD CONSTRAINT locations_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.locations
    ADD CONSTRAINT locations_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.sites(id);

ALTER TABLE ONLY public.lots
    ADD CONSTRAINT lots_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.lots
    ADD CONSTRAINT lots_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.products(id);

ALTER TABLE ONLY public.movements
    ADD CONSTRAINT movements_from_location_id_fkey FOREIGN KEY (from_location_id) REFERENCES public.locations(id);

ALTER TABLE ONLY public.movements
    ADD CONSTRAINT movements_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.movements
    ADD CONSTRAINT movements_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.movements
    ADD CONSTRAINT movements_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.sites(id);

ALTER TABLE ONLY public.movements
    ADD CONSTRAINT movements_to_location_id_fkey FOREIGN KEY (to_location_id) REFERENCES public.locations(id);

ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.products(id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.sites(id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES public.suppliers(id);

ALTER TABLE ONLY public.pack_balances
    ADD CONSTRAINT pack_balances_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.pack_balances
    ADD CONSTRAINT pack_balances_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.pack_balances
    ADD CONSTRAINT pack_balances_pack_id_fkey FOREIGN KEY (pack_id) REFERENCES public.packs(id);

ALTER TABLE ONLY public.packs
    ADD CONSTRAINT packs_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.packs
    ADD CONSTRAINT packs_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.packs
    ADD CONSTRAINT packs_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.products(id);

ALTER TABLE ONLY public.packs
    ADD CONSTRAINT packs_receipt_line_id_fkey FOREIGN KEY (receipt_line_id) REFERENCES public.receipt_lines(id);

ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.postings
    ADD CONSTRAINT postings_from_account_fkey FOREIGN KEY (from_account) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.postings
    ADD CONSTRAINT postings_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.postings
    ADD CONSTRAINT postings_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.postings
    ADD CONSTRAINT postings_to_account_fkey FOREIGN KEY (to_account) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.practitioners
    ADD CONSTRAINT practitioners_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.product_identifiers
    ADD CONSTRAINT product_identifiers_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.product_identifiers
    ADD CONSTRAINT product_identifiers_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.products(id);

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.receipt_lines
    ADD CONSTRAINT receipt_lines_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.receipt_lines
    ADD CONSTRAINT receipt_lines_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.receipt_lines
    ADD CONSTRAINT receipt_lines_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.products(id);

ALTER TABLE ONLY public.receipt_lines
    ADD CONSTRAINT receipt_lines_receipt_id_fkey FOREIGN KEY (receipt_id) REFERENCES public.receipts(id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.locations(id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.sites(id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES public.suppliers(id);

ALTER TABLE ONLY public.release_allocations
    ADD CONSTRAINT release_allocations_inspection_id_fkey FOREIGN KEY (inspection_id) REFERENCES public.inspections(id);

ALTER TABLE ONLY public.release_allocations
    ADD CONSTRAINT release_allocations_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.release_allocations
    ADD CONSTRAINT release_allocations_release_id_fkey FOREIGN KEY (release_id) REFERENCES public.releases(id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_from_location_id_fkey FOREIGN KEY (from_location_id) REFERENCES public.locations(id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_to_location_id_fkey FOREIGN KEY (to_location_id) REFERENCES public.locations(id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

ALTER TABLE ONLY public.suppliers
    ADD CONSTRAINT suppliers_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id);

