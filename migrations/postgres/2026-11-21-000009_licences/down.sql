DROP TABLE product_approvals;
DROP INDEX licence_checks_by_outcome;
CREATE TABLE decision_licences_by_day (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    licence_id TEXT COLLATE "C" NOT NULL REFERENCES licences (id),
    subject_id TEXT COLLATE "C" NOT NULL,
    occurred_on DATE NOT NULL,
    PRIMARY KEY (licence_id, subject_id)
);
INSERT INTO decision_licences_by_day SELECT organisation_id, licence_id, subject_id, occurred_on FROM decision_licences;
DROP TABLE decision_licences;
ALTER TABLE decision_licences_by_day RENAME TO decision_licences;
CREATE INDEX decision_licences_by_organisation ON decision_licences (organisation_id, licence_id, occurred_on);
DROP TABLE licence_acknowledgements;
DROP TABLE licence_reversals;
CREATE TRIGGER decision_licences_refuse_change BEFORE UPDATE OR DELETE ON decision_licences FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_licences_refuse_truncate BEFORE TRUNCATE ON decision_licences FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
