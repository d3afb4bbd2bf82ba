-- What a receipt brought and what was opened for an administration are led to by an index.
CREATE INDEX packs_by_receipt_line ON packs (receipt_line_id, id);
CREATE INDEX deviations_by_administration ON deviations (administration_id);
