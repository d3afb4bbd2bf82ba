-- A mis-keyed licence or check counts for nothing any more; it stays, and this points at it.
CREATE TABLE licence_reversals (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    subject_id TEXT COLLATE "C" NOT NULL UNIQUE,
    licence_id TEXT COLLATE "C" NOT NULL REFERENCES licences (id),
    check_id TEXT COLLATE "C" REFERENCES licence_checks (id),
    reason TEXT COLLATE "C" NOT NULL,
    reversed_by TEXT COLLATE "C" NOT NULL,
    reversed_at TIMESTAMP NOT NULL
);
CREATE INDEX licence_reversals_by_licence ON licence_reversals (organisation_id, licence_id);

-- Somebody has seen what a licence that was lost had touched until then.
CREATE TABLE licence_acknowledgements (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    licence_id TEXT COLLATE "C" NOT NULL REFERENCES licences (id),
    note TEXT COLLATE "C" NOT NULL,
    acknowledged_by TEXT COLLATE "C" NOT NULL,
    acknowledged_at TIMESTAMP NOT NULL
);
CREATE INDEX licence_acknowledgements_by_licence ON licence_acknowledgements (organisation_id, licence_id, id);

-- Which check of a licence governed a decision, where and when: all of it is in the decision, which says more than was kept.
CREATE TABLE decision_licences_by_check (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    licence_id TEXT COLLATE "C" NOT NULL REFERENCES licences (id),
    subject_id TEXT COLLATE "C" NOT NULL,
    check_id TEXT COLLATE "C" REFERENCES licence_checks (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    occurred_on DATE NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (licence_id, subject_id)
);
INSERT INTO decision_licences_by_check
SELECT earlier.organisation_id, earlier.licence_id, earlier.subject_id,
    (SELECT MIN(fact ->> 'check_id') FROM jsonb_array_elements(administrations.decision::jsonb -> 'basis') AS fact
        WHERE fact ->> 'type' = 'licence' AND fact ->> 'id' = earlier.licence_id),
    administrations.site_id, earlier.occurred_on, administrations.occurred_at, administrations.recorded_at
FROM decision_licences AS earlier JOIN administrations ON administrations.id = earlier.subject_id;
INSERT INTO decision_licences_by_check
SELECT earlier.organisation_id, earlier.licence_id, earlier.subject_id,
    (SELECT MIN(fact ->> 'check_id') FROM jsonb_array_elements(orders.decision::jsonb -> 'basis') AS fact
        WHERE fact ->> 'type' = 'licence' AND fact ->> 'id' = earlier.licence_id),
    orders.site_id, earlier.occurred_on, orders.placed_at, orders.placed_at
FROM decision_licences AS earlier JOIN orders ON orders.id = earlier.subject_id;
DROP TABLE decision_licences;
ALTER TABLE decision_licences_by_check RENAME TO decision_licences;
CREATE INDEX decision_licences_by_organisation ON decision_licences (organisation_id, licence_id, occurred_on);
CREATE INDEX licence_checks_by_outcome ON licence_checks (organisation_id, outcome);

-- What is known of a product's authorisations, by the day on which somebody looked: the oldest are looked at again.
CREATE TABLE product_approvals (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    jurisdiction TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    verified_on DATE NOT NULL,
    PRIMARY KEY (product_id, jurisdiction)
);
INSERT INTO product_approvals
SELECT products.organisation_id, products.id, approval ->> 'jurisdiction', approval ->> 'status',
    CAST(approval ->> 'verified_on' AS DATE)
FROM products, jsonb_array_elements(products.approvals::jsonb) AS approval;
CREATE INDEX product_approvals_by_day ON product_approvals (organisation_id, status, verified_on, product_id);

-- What an auditor reads is only ever added to.
CREATE TRIGGER licence_reversals_refuse_change BEFORE UPDATE OR DELETE ON licence_reversals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER licence_reversals_refuse_truncate BEFORE TRUNCATE ON licence_reversals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER licence_acknowledgements_refuse_change BEFORE UPDATE OR DELETE ON licence_acknowledgements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER licence_acknowledgements_refuse_truncate BEFORE TRUNCATE ON licence_acknowledgements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_licences_refuse_change BEFORE UPDATE OR DELETE ON decision_licences FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_licences_refuse_truncate BEFORE TRUNCATE ON decision_licences FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
