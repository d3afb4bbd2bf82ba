DROP TABLE claim_lines;
DROP TABLE claims;
