-- Where units under an account's hold were moved to: it covers what is there too.
CREATE TABLE hold_accounts (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    hold_id TEXT COLLATE "C" NOT NULL REFERENCES holds (id),
    account_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (hold_id, account_id)
);
CREATE INDEX hold_accounts_by_account ON hold_accounts (organisation_id, account_id);

-- What an auditor reads is only ever added to.
CREATE TRIGGER hold_accounts_refuse_change BEFORE UPDATE OR DELETE ON hold_accounts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER hold_accounts_refuse_truncate BEFORE TRUNCATE ON hold_accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
