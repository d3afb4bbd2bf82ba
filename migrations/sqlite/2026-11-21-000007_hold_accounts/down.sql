DROP TABLE hold_accounts;
