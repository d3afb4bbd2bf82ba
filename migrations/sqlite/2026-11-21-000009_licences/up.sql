-- A mis-keyed licence or check counts for nothing any more; it stays, and this points at it.
CREATE TABLE licence_reversals (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    subject_id TEXT NOT NULL UNIQUE,
    licence_id TEXT NOT NULL REFERENCES licences (id),
    check_id TEXT REFERENCES licence_checks (id),
    reason TEXT NOT NULL,
    reversed_by TEXT NOT NULL,
    reversed_at TIMESTAMP NOT NULL
);
CREATE INDEX licence_reversals_by_licence ON licence_reversals (organisation_id, licence_id);

-- Somebody has seen what a licence that was lost had touched until then.
CREATE TABLE licence_acknowledgements (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    licence_id TEXT NOT NULL REFERENCES licences (id),
    note TEXT NOT NULL,
    acknowledged_by TEXT NOT NULL,
    acknowledged_at TIMESTAMP NOT NULL
);
CREATE INDEX licence_acknowledgements_by_licence ON licence_acknowledgements (organisation_id, licence_id, id);

-- Which check of a licence governed a decision, where and when: all of it is in the decision, which says more than was kept.
CREATE TABLE decision_licences_by_check (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    licence_id TEXT NOT NULL REFERENCES licences (id),
    subject_id TEXT NOT NULL,
    check_id TEXT REFERENCES licence_checks (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    occurred_on DATE NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (licence_id, subject_id)
);
INSERT INTO decision_licences_by_check
SELECT earlier.organisation_id, earlier.licence_id, earlier.subject_id,
    (SELECT MIN(json_extract(fact.value, '$.check_id')) FROM json_each(administrations.decision, '$.basis') AS fact
        WHERE json_extract(fact.value, '$.type') = 'licence' AND json_extract(fact.value, '$.id') = earlier.licence_id),
    administrations.site_id, earlier.occurred_on, administrations.occurred_at, administrations.recorded_at
FROM decision_licences AS earlier JOIN administrations ON administrations.id = earlier.subject_id;
INSERT INTO decision_licences_by_check
SELECT earlier.organisation_id, earlier.licence_id, earlier.subject_id,
    (SELECT MIN(json_extract(fact.value, '$.check_id')) FROM json_each(orders.decision, '$.basis') AS fact
        WHERE json_extract(fact.value, '$.type') = 'licence' AND json_extract(fact.value, '$.id') = earlier.licence_id),
    orders.site_id, earlier.occurred_on, orders.placed_at, orders.placed_at
FROM decision_licences AS earlier JOIN orders ON orders.id = earlier.subject_id;
DROP TABLE decision_licences;
ALTER TABLE decision_licences_by_check RENAME TO decision_licences;
CREATE INDEX decision_licences_by_organisation ON decision_licences (organisation_id, licence_id, occurred_on);
CREATE INDEX licence_checks_by_outcome ON licence_checks (organisation_id, outcome);

-- What is known of a product's authorisations, by the day on which somebody looked: the oldest are looked at again.
CREATE TABLE product_approvals (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    jurisdiction TEXT NOT NULL,
    status TEXT NOT NULL,
    verified_on DATE NOT NULL,
    PRIMARY KEY (product_id, jurisdiction)
);
INSERT INTO product_approvals
SELECT products.organisation_id, products.id, json_extract(approval.value, '$.jurisdiction'),
    json_extract(approval.value, '$.status'), json_extract(approval.value, '$.verified_on')
FROM products, json_each(products.approvals) AS approval;
CREATE INDEX product_approvals_by_day ON product_approvals (organisation_id, status, verified_on, product_id);

-- What an auditor reads is only ever added to.
CREATE TRIGGER licence_reversals_refuse_update BEFORE UPDATE ON licence_reversals BEGIN SELECT RAISE(ABORT, 'licence_reversals is append-only'); END;
CREATE TRIGGER licence_reversals_refuse_delete BEFORE DELETE ON licence_reversals BEGIN SELECT RAISE(ABORT, 'licence_reversals is append-only'); END;
CREATE TRIGGER licence_acknowledgements_refuse_update BEFORE UPDATE ON licence_acknowledgements BEGIN SELECT RAISE(ABORT, 'licence_acknowledgements is append-only'); END;
CREATE TRIGGER licence_acknowledgements_refuse_delete BEFORE DELETE ON licence_acknowledgements BEGIN SELECT RAISE(ABORT, 'licence_acknowledgements is append-only'); END;
CREATE TRIGGER decision_licences_refuse_update BEFORE UPDATE ON decision_licences BEGIN SELECT RAISE(ABORT, 'decision_licences is append-only'); END;
CREATE TRIGGER decision_licences_refuse_delete BEFORE DELETE ON decision_licences BEGIN SELECT RAISE(ABORT, 'decision_licences is append-only'); END;
