-- The database of progress. This script makes a new one, and brings one of an older version up to date: what is
-- there already is left alone. Raise SCHEMA_VERSION in store.py with every change.
--
-- Times are microseconds since 1970 in UTC; a day is one on the learner's calendar, YYYY-MM-DD.

-- --- version 1, written by 0.1.0, also counted attempts as they arrived ----------------------------------------------

DROP TRIGGER IF EXISTS attempt_gap;
DROP TRIGGER IF EXISTS attempt_judged;
DROP TRIGGER IF EXISTS mark_counted;
DROP VIEW IF EXISTS solved;
DROP TABLE IF EXISTS standing;
DROP TABLE IF EXISTS calendar;
DROP TABLE IF EXISTS migration;

-- --- what happened ---------------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- The content of a file, compressed by zlib.
CREATE TABLE IF NOT EXISTS blob (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, data BLOB NOT NULL);

-- The files of a submission; attempts with the same code share it.
CREATE TABLE IF NOT EXISTS snapshot (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE);

CREATE TABLE IF NOT EXISTS snapshot_file (
    snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
    name TEXT NOT NULL,
    blob_id INTEGER NOT NULL REFERENCES blob (id),
    PRIMARY KEY (snapshot_id, name)
) WITHOUT ROWID;

-- outcome is NULL where code was only kept, for `reason`. snapshot_id is NULL where 0.1.0 repaired a damaged file and
-- could not read the code.
CREATE TABLE IF NOT EXISTS attempt (
    id INTEGER PRIMARY KEY,
    kata_id TEXT NOT NULL CHECK (typeof(kata_id) = 'text'),
    number INTEGER NOT NULL CHECK (typeof(number) = 'integer' AND number > 0),
    at_us INTEGER NOT NULL CHECK (typeof(at_us) = 'integer'),
    day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    outcome TEXT CHECK (outcome IN ('passed', 'failed', 'todo', 'broke', 'rule')),
    reason TEXT NOT NULL DEFAULT '',
    n_passed INTEGER NOT NULL DEFAULT 0 CHECK (typeof(n_passed) = 'integer'),
    n_checks INTEGER NOT NULL DEFAULT 0 CHECK (typeof(n_checks) = 'integer'),
    duration_us INTEGER NOT NULL DEFAULT 0 CHECK (typeof(duration_us) = 'integer'),
    borrowed TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL,
    snapshot_id INTEGER REFERENCES snapshot (id),
    UNIQUE (kata_id, number)
);

CREATE TABLE IF NOT EXISTS mark (
    id INTEGER PRIMARY KEY,
    kata_id TEXT NOT NULL CHECK (typeof(kata_id) = 'text'),
    kind TEXT NOT NULL CHECK (kind IN ('hint', 'gave_up', 'skip', 'unskip')),
    level INTEGER NOT NULL CHECK (typeof(level) = 'integer'),
    at_us INTEGER NOT NULL CHECK (typeof(at_us) = 'integer'),
    day TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS star (
    kata_id TEXT NOT NULL CHECK (typeof(kata_id) = 'text'),
    kind TEXT NOT NULL CHECK (kind IN ('typed', 'tested')),
    at_us INTEGER NOT NULL CHECK (typeof(at_us) = 'integer'),
    day TEXT NOT NULL,
    PRIMARY KEY (kata_id, kind)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS attempt_at ON attempt (kata_id, at_us);
CREATE INDEX IF NOT EXISTS attempt_passed ON attempt (kata_id, day) WHERE outcome = 'passed';
CREATE INDEX IF NOT EXISTS mark_of_kata ON mark (kata_id, kind);

-- --- none of it is ever changed or deleted ---------------------------------------------------------------------------
-- The triggers before INSERT stop INSERT OR REPLACE, which deletes without firing the triggers before DELETE.

CREATE TRIGGER IF NOT EXISTS blob_no_update BEFORE UPDATE ON blob
BEGIN SELECT RAISE(ABORT, 'blob is append-only'); END;
CREATE TRIGGER IF NOT EXISTS blob_no_delete BEFORE DELETE ON blob
BEGIN SELECT RAISE(ABORT, 'blob is append-only'); END;
CREATE TRIGGER IF NOT EXISTS blob_no_replace BEFORE INSERT ON blob
WHEN EXISTS (SELECT 1 FROM blob WHERE id = NEW.id OR sha256 = NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'blob is append-only'); END;

CREATE TRIGGER IF NOT EXISTS snapshot_no_update BEFORE UPDATE ON snapshot
BEGIN SELECT RAISE(ABORT, 'snapshot is append-only'); END;
CREATE TRIGGER IF NOT EXISTS snapshot_no_delete BEFORE DELETE ON snapshot
BEGIN SELECT RAISE(ABORT, 'snapshot is append-only'); END;
CREATE TRIGGER IF NOT EXISTS snapshot_no_replace BEFORE INSERT ON snapshot
WHEN EXISTS (SELECT 1 FROM snapshot WHERE id = NEW.id OR digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'snapshot is append-only'); END;

CREATE TRIGGER IF NOT EXISTS snapshot_file_no_update BEFORE UPDATE ON snapshot_file
BEGIN SELECT RAISE(ABORT, 'snapshot_file is append-only'); END;
CREATE TRIGGER IF NOT EXISTS snapshot_file_no_delete BEFORE DELETE ON snapshot_file
BEGIN SELECT RAISE(ABORT, 'snapshot_file is append-only'); END;
CREATE TRIGGER IF NOT EXISTS snapshot_file_no_replace BEFORE INSERT ON snapshot_file
WHEN EXISTS (SELECT 1 FROM snapshot_file WHERE snapshot_id = NEW.snapshot_id AND name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'snapshot_file is append-only'); END;

CREATE TRIGGER IF NOT EXISTS attempt_no_update BEFORE UPDATE ON attempt
BEGIN SELECT RAISE(ABORT, 'attempt is append-only'); END;
CREATE TRIGGER IF NOT EXISTS attempt_no_delete BEFORE DELETE ON attempt
BEGIN SELECT RAISE(ABORT, 'attempt is append-only'); END;
CREATE TRIGGER IF NOT EXISTS attempt_no_replace BEFORE INSERT ON attempt
WHEN EXISTS (SELECT 1 FROM attempt WHERE id = NEW.id OR (kata_id = NEW.kata_id AND number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'attempt is append-only'); END;

CREATE TRIGGER IF NOT EXISTS mark_no_update BEFORE UPDATE ON mark
BEGIN SELECT RAISE(ABORT, 'mark is append-only'); END;
CREATE TRIGGER IF NOT EXISTS mark_no_delete BEFORE DELETE ON mark
BEGIN SELECT RAISE(ABORT, 'mark is append-only'); END;
CREATE TRIGGER IF NOT EXISTS mark_no_replace BEFORE INSERT ON mark
WHEN EXISTS (SELECT 1 FROM mark WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'mark is append-only'); END;

CREATE TRIGGER IF NOT EXISTS star_no_update BEFORE UPDATE ON star
BEGIN SELECT RAISE(ABORT, 'star is append-only'); END;
CREATE TRIGGER IF NOT EXISTS star_no_delete BEFORE DELETE ON star
BEGIN SELECT RAISE(ABORT, 'star is append-only'); END;
CREATE TRIGGER IF NOT EXISTS star_no_replace BEFORE INSERT ON star
WHEN EXISTS (SELECT 1 FROM star WHERE kata_id = NEW.kata_id AND kind = NEW.kind)
BEGIN SELECT RAISE(ABORT, 'star is append-only'); END;

-- --- what follows from it --------------------------------------------------------------------------------------------

CREATE VIEW solved AS
SELECT kata_id, min(day) AS solved_day, max(day) AS passed_day, count(DISTINCT day) AS n_passed_days
FROM attempt WHERE outcome = 'passed' GROUP BY kata_id;

-- No gap counts for more than ten minutes. The row before has the id before: ids count up, and no row is deleted.
DROP VIEW IF EXISTS tried;
CREATE VIEW tried AS
SELECT this.kata_id, count(DISTINCT CASE WHEN this.outcome IS NOT NULL THEN this.digest END) AS n_attempts,
    total(max(0, min(600000000, this.at_us - before.at_us))) AS spent_us
FROM attempt AS this LEFT JOIN attempt AS before ON before.id = this.id - 1
GROUP BY this.kata_id;

DROP VIEW IF EXISTS marked;
CREATE VIEW marked AS
SELECT kata_id, max(CASE kind WHEN 'hint' THEN level ELSE 0 END) AS hints, max(kind = 'gave_up') AS gave_up
FROM mark GROUP BY kata_id;

DROP VIEW IF EXISTS skipped;
CREATE VIEW skipped AS
SELECT kata_id, at_us AS skipped_at_us FROM (
    SELECT kata_id, kind, at_us, row_number() OVER (PARTITION BY kata_id ORDER BY at_us DESC, id DESC) AS age
    FROM mark WHERE kind IN ('skip', 'unskip')
) WHERE age = 1 AND kind = 'skip';

-- All that is known of each kata with an attempt or a mark.
DROP VIEW IF EXISTS kata_state;
CREATE VIEW kata_state AS
SELECT kata_id, n_attempts, solved_day, passed_day, n_passed_days, hints, gave_up, skipped_at_us, spent_us,
    stars
FROM (SELECT kata_id FROM attempt UNION SELECT kata_id FROM mark UNION SELECT kata_id FROM star)
LEFT JOIN tried USING (kata_id)
LEFT JOIN solved USING (kata_id)
LEFT JOIN marked USING (kata_id)
LEFT JOIN skipped USING (kata_id)
LEFT JOIN (SELECT kata_id, group_concat(kind, ' ') AS stars FROM star GROUP BY kata_id) USING (kata_id);
