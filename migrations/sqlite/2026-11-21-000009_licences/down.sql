DROP TABLE product_approvals;
DROP INDEX licence_checks_by_outcome;
CREATE TABLE decision_licences_by_day (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    licence_id TEXT NOT NULL REFERENCES licences (id),
    subject_id TEXT NOT NULL,
    occurred_on DATE NOT NULL,
    PRIMARY KEY (licence_id, subject_id)
);
INSERT INTO decision_licences_by_day SELECT organisation_id, licence_id, subject_id, occurred_on FROM decision_licences;
DROP TABLE decision_licences;
ALTER TABLE decision_licences_by_day RENAME TO decision_licences;
CREATE INDEX decision_licences_by_organisation ON decision_licences (organisation_id, licence_id, occurred_on);
DROP TABLE licence_acknowledgements;
DROP TABLE licence_reversals;
CREATE TRIGGER decision_licences_refuse_update BEFORE UPDATE ON decision_licences BEGIN SELECT RAISE(ABORT, 'decision_licences is append-only'); END;
CREATE TRIGGER decision_licences_refuse_delete BEFORE DELETE ON decision_licences BEGIN SELECT RAISE(ABORT, 'decision_licences is append-only'); END;
