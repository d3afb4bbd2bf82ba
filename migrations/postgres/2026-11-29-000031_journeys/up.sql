-- A logger that goes with a transport box: what it measures while nothing is in there is about nothing.
ALTER TABLE sensors ADD COLUMN travels BOOLEAN NOT NULL DEFAULT FALSE;

-- A transfer that names its logger is two movements: into the box, and out of it. The second names the first.
ALTER TABLE movements ADD COLUMN departure_id TEXT COLLATE "C" REFERENCES movements (id);
