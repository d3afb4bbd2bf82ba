-- What a lot's text is matched by, and what it has in common with texts that it is easily taken for; src/values/lots.rs
-- says how both are made. Texts are of GS1's character set 82, so that small letters are all that a key needs.
ALTER TABLE lots ADD COLUMN lot_key TEXT NOT NULL DEFAULT '';
ALTER TABLE lots ADD COLUMN likeness TEXT NOT NULL DEFAULT '';
UPDATE lots SET lot_key = lower(lot COLLATE "C");

-- Character by character: a zero that leads the text or a number in it is left out.
WITH RECURSIVE walk (id, rest, made) AS (
    SELECT id, replace(replace(replace(lot_key, 'o', '0'), 'i', '1'), 'l', '1'), '' FROM lots
    UNION ALL
    SELECT id, substr(rest, 2), made || CASE
        WHEN substr(rest, 1, 1) = '0'
            AND substr(made, length(made), 1) NOT IN ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')
            AND ((made = '' AND length(rest) > 1)
                OR substr(rest, 2, 1) IN ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'))
        THEN '' ELSE substr(rest, 1, 1) END
    FROM walk WHERE rest <> ''
)
UPDATE lots SET likeness = walk.made FROM walk WHERE walk.id = lots.id AND walk.rest = '';

CREATE INDEX lots_by_key ON lots (organisation_id, lot_key, id);
CREATE INDEX lots_by_likeness ON lots (organisation_id, product_id, likeness, id);
