-- A logger that goes with a transport box: what it measures while nothing is in there is about nothing.
ALTER TABLE sensors ADD COLUMN travels INTEGER NOT NULL DEFAULT 0 CHECK (travels IN (0, 1));

-- A transfer that names its logger is two movements: into the box, and out of it. The second names the first.
ALTER TABLE movements ADD COLUMN departure_id TEXT REFERENCES movements (id);
