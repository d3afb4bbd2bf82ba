-- Where units under an account's hold were moved to: it covers what is there too.
CREATE TABLE hold_accounts (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    hold_id TEXT NOT NULL REFERENCES holds (id),
    account_id TEXT NOT NULL,
    PRIMARY KEY (hold_id, account_id)
);
CREATE INDEX hold_accounts_by_account ON hold_accounts (organisation_id, account_id);

-- What an auditor reads is only ever added to.
CREATE TRIGGER hold_accounts_refuse_update BEFORE UPDATE ON hold_accounts BEGIN SELECT RAISE(ABORT, 'hold_accounts is append-only'); END;
CREATE TRIGGER hold_accounts_refuse_delete BEFORE DELETE ON hold_accounts BEGIN SELECT RAISE(ABORT, 'hold_accounts is append-only'); END;
