-- A database as 0.1.0 wrote it: what happened, with the counts that its triggers kept.
BEGIN TRANSACTION;
CREATE TABLE attempt (
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
INSERT INTO "attempt" VALUES(1,'p1',1,1772452800000000,'2026-03-02','failed','',1,2,250000,'','dbb5c601545e220d8f0c5cf12e54ec42ea4dc27877dabda8ef5289c532ca6634',1);
INSERT INTO "attempt" VALUES(2,'p1',2,1772453040000000,'2026-03-02','passed','',2,2,250000,'p21','8a3211114f7bff98012aa979e4be3802581ca1487b2c3976e15e2a0295ee7e07',2);
INSERT INTO "attempt" VALUES(3,'p1',3,1772539440000000,'2026-03-03','passed','',2,2,250000,'','4f38dfc93199058fd40f0c1c649f8561de422af8bbcc90c052e3584de17c5c16',3);
INSERT INTO "attempt" VALUES(4,'p2',1,1772539500000000,'2026-03-03',NULL,'reset',0,0,0,'','2137e09687ab722a5059455c55d9f61497978f565fd6b1d67ad4e2f65f678bc8',4);
INSERT INTO "attempt" VALUES(5,'p2',2,1772539560000000,'2026-03-03','broke','',0,2,250000,'','8dbb616d98c32d771d47399e3871eadd609cf6a24cc46023fb687081c7dd95f3',5);
CREATE TABLE blob (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, data BLOB NOT NULL);
INSERT INTO "blob" VALUES(1,'b640e840b19d378660b32fb51ae18d67dccb4a8596a29e7bd72c1b2ae5928f41',X'789C4BCB2C2A2EE10200088A0233');
INSERT INTO "blob" VALUES(2,'55c97802b397ef4da0d8e2ecf4a8fa33c1f4755da0eacec54c62cacbbcfd9713',X'789C2BCA4CCF28E1020008850229');
INSERT INTO "blob" VALUES(3,'4540489feedfe4068817b8f84b51a1b8eac3accee59af1b1a0e433fc8943d22c',X'789C4B4A2D29492DE202000B440291');
INSERT INTO "blob" VALUES(4,'06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8',X'789C63F80F0001010100');
INSERT INTO "blob" VALUES(5,'33e623c53d058beb8a114d77d3daf2a01fecf43dc046b127be206c37fcdf5362',X'789CCB48CC495348C9CF4BE50200143B036C');
CREATE TABLE calendar (
                day TEXT PRIMARY KEY,
                n_attempts INTEGER NOT NULL DEFAULT 0,
                n_passed INTEGER NOT NULL DEFAULT 0,
                n_solved INTEGER NOT NULL DEFAULT 0
            ) WITHOUT ROWID;
INSERT INTO "calendar" VALUES('2026-03-02',2,1,1);
INSERT INTO "calendar" VALUES('2026-03-03',2,1,0);
CREATE TABLE mark (
                id INTEGER PRIMARY KEY,
                kata_id TEXT NOT NULL CHECK (typeof(kata_id) = 'text'),
                kind TEXT NOT NULL CHECK (kind IN ('hint', 'gave_up', 'skip', 'unskip')),
                level INTEGER NOT NULL CHECK (typeof(level) = 'integer'),
                at_us INTEGER NOT NULL CHECK (typeof(at_us) = 'integer'),
                day TEXT NOT NULL
            );
INSERT INTO "mark" VALUES(1,'p2','hint',2,1772539560000000,'2026-03-03');
INSERT INTO "mark" VALUES(2,'p2','gave_up',0,1772539560000000,'2026-03-03');
INSERT INTO "mark" VALUES(3,'p3','skip',0,1772539560000000,'2026-03-03');
INSERT INTO "mark" VALUES(4,'p4','skip',0,1772539560000000,'2026-03-03');
INSERT INTO "mark" VALUES(5,'p4','unskip',0,1772539620000000,'2026-03-03');
CREATE TABLE migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, at_us INTEGER NOT NULL);
INSERT INTO "migration" VALUES(1,'attempts, marks, settings, and what is counted of them',1772452800000000);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "setting" VALUES('current','p2');
INSERT INTO "setting" VALUES('track','roadmap');
CREATE TABLE snapshot (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE);
INSERT INTO "snapshot" VALUES(1,'dbb5c601545e220d8f0c5cf12e54ec42ea4dc27877dabda8ef5289c532ca6634');
INSERT INTO "snapshot" VALUES(2,'8a3211114f7bff98012aa979e4be3802581ca1487b2c3976e15e2a0295ee7e07');
INSERT INTO "snapshot" VALUES(3,'4f38dfc93199058fd40f0c1c649f8561de422af8bbcc90c052e3584de17c5c16');
INSERT INTO "snapshot" VALUES(4,'2137e09687ab722a5059455c55d9f61497978f565fd6b1d67ad4e2f65f678bc8');
INSERT INTO "snapshot" VALUES(5,'8dbb616d98c32d771d47399e3871eadd609cf6a24cc46023fb687081c7dd95f3');
CREATE TABLE snapshot_file (
                snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
                name TEXT NOT NULL,
                blob_id INTEGER NOT NULL REFERENCES blob (id),
                PRIMARY KEY (snapshot_id, name)
            ) WITHOUT ROWID;
INSERT INTO "snapshot_file" VALUES(1,'norm.py',1);
INSERT INTO "snapshot_file" VALUES(2,'norm.py',2);
INSERT INTO "snapshot_file" VALUES(3,'norm.py',3);
INSERT INTO "snapshot_file" VALUES(3,'sub/é.txt',4);
INSERT INTO "snapshot_file" VALUES(4,'norm.py',5);
INSERT INTO "snapshot_file" VALUES(5,'norm.py',2);
CREATE TABLE standing (
                kata_id TEXT PRIMARY KEY,
                n_attempts INTEGER NOT NULL DEFAULT 0,
                last_id INTEGER, last_at_us INTEGER, last_outcome TEXT,
                n_passed INTEGER NOT NULL DEFAULT 0, n_checks INTEGER NOT NULL DEFAULT 0,
                solved_id INTEGER, solved_at_us INTEGER, solved_day TEXT,
                is_borrowed INTEGER NOT NULL DEFAULT 0,
                passed_id INTEGER, passed_day TEXT,
                n_passed_days INTEGER NOT NULL DEFAULT 0,
                hints INTEGER NOT NULL DEFAULT 0,
                gave_up INTEGER NOT NULL DEFAULT 0,
                skipped_at_us INTEGER,
                spent_us INTEGER NOT NULL DEFAULT 0
            ) WITHOUT ROWID;
INSERT INTO "standing" VALUES('p1',3,3,1772539440000000,'passed',2,2,2,1772453040000000,'2026-03-02',1,3,'2026-03-03',2,0,0,NULL,840000000);
INSERT INTO "standing" VALUES('p2',1,5,1772539560000000,'broke',0,2,NULL,NULL,NULL,0,NULL,NULL,0,2,1,NULL,120000000);
INSERT INTO "standing" VALUES('p3',0,NULL,NULL,NULL,0,0,NULL,NULL,NULL,0,NULL,NULL,0,0,0,1772539560000000,0);
INSERT INTO "standing" VALUES('p4',0,NULL,NULL,NULL,0,0,NULL,NULL,NULL,0,NULL,NULL,0,0,0,NULL,0);
CREATE TRIGGER blob_no_update BEFORE UPDATE ON blob BEGIN SELECT RAISE(ABORT, 'blob is append-only'); END;
CREATE TRIGGER blob_no_delete BEFORE DELETE ON blob BEGIN SELECT RAISE(ABORT, 'blob is append-only'); END;
CREATE TRIGGER blob_no_replace BEFORE INSERT ON blob WHEN EXISTS (SELECT 1 FROM blob WHERE id = NEW.id OR sha256 = NEW.sha256) BEGIN SELECT RAISE(ABORT, 'blob is append-only'); END;
CREATE TRIGGER snapshot_no_update BEFORE UPDATE ON snapshot BEGIN SELECT RAISE(ABORT, 'snapshot is append-only'); END;
CREATE TRIGGER snapshot_no_delete BEFORE DELETE ON snapshot BEGIN SELECT RAISE(ABORT, 'snapshot is append-only'); END;
CREATE TRIGGER snapshot_no_replace BEFORE INSERT ON snapshot WHEN EXISTS (SELECT 1 FROM snapshot WHERE id = NEW.id OR digest = NEW.digest) BEGIN SELECT RAISE(ABORT, 'snapshot is append-only'); END;
CREATE TRIGGER snapshot_file_no_update BEFORE UPDATE ON snapshot_file BEGIN SELECT RAISE(ABORT, 'snapshot_file is append-only'); END;
CREATE TRIGGER snapshot_file_no_delete BEFORE DELETE ON snapshot_file BEGIN SELECT RAISE(ABORT, 'snapshot_file is append-only'); END;
CREATE TRIGGER snapshot_file_no_replace BEFORE INSERT ON snapshot_file WHEN EXISTS (SELECT 1 FROM snapshot_file WHERE snapshot_id = NEW.snapshot_id AND name = NEW.name) BEGIN SELECT RAISE(ABORT, 'snapshot_file is append-only'); END;
CREATE TRIGGER attempt_no_update BEFORE UPDATE ON attempt BEGIN SELECT RAISE(ABORT, 'attempt is append-only'); END;
CREATE TRIGGER attempt_no_delete BEFORE DELETE ON attempt BEGIN SELECT RAISE(ABORT, 'attempt is append-only'); END;
CREATE TRIGGER attempt_no_replace BEFORE INSERT ON attempt WHEN EXISTS (SELECT 1 FROM attempt WHERE id = NEW.id OR (kata_id = NEW.kata_id AND number = NEW.number)) BEGIN SELECT RAISE(ABORT, 'attempt is append-only'); END;
CREATE TRIGGER mark_no_update BEFORE UPDATE ON mark BEGIN SELECT RAISE(ABORT, 'mark is append-only'); END;
CREATE TRIGGER mark_no_delete BEFORE DELETE ON mark BEGIN SELECT RAISE(ABORT, 'mark is append-only'); END;
CREATE TRIGGER mark_no_replace BEFORE INSERT ON mark WHEN EXISTS (SELECT 1 FROM mark WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'mark is append-only'); END;
CREATE VIEW solved AS SELECT kata_id, solved_at_us FROM standing WHERE solved_id IS NOT NULL;
CREATE TRIGGER attempt_gap AFTER INSERT ON attempt BEGIN
                INSERT INTO standing (kata_id) SELECT NEW.kata_id
                    WHERE NOT EXISTS (SELECT 1 FROM standing WHERE kata_id = NEW.kata_id);
                UPDATE standing SET spent_us = spent_us + coalesce(max(0, min(600000000,
                    NEW.at_us - (SELECT at_us FROM attempt WHERE id < NEW.id ORDER BY id DESC LIMIT 1))), 0)
                    WHERE kata_id = NEW.kata_id;
                INSERT INTO calendar (day) SELECT NEW.day
                    WHERE NOT EXISTS (SELECT 1 FROM calendar WHERE day = NEW.day);
            END;
CREATE TRIGGER attempt_judged AFTER INSERT ON attempt WHEN NEW.outcome IS NOT NULL BEGIN
                INSERT INTO standing (kata_id) SELECT NEW.kata_id
                    WHERE NOT EXISTS (SELECT 1 FROM standing WHERE kata_id = NEW.kata_id);
                INSERT INTO calendar (day) SELECT NEW.day
                    WHERE NOT EXISTS (SELECT 1 FROM calendar WHERE day = NEW.day);
                UPDATE standing SET n_attempts = n_attempts + 1, last_id = NEW.id, last_at_us = NEW.at_us,
                    last_outcome = NEW.outcome, n_passed = NEW.n_passed, n_checks = NEW.n_checks
                    WHERE kata_id = NEW.kata_id;
                UPDATE standing SET solved_id = NEW.id, solved_at_us = NEW.at_us, solved_day = NEW.day,
                    is_borrowed = NEW.borrowed <> ''
                    WHERE kata_id = NEW.kata_id AND NEW.outcome = 'passed' AND solved_id IS NULL;
                UPDATE standing SET passed_id = NEW.id, passed_day = NEW.day,
                    n_passed_days = n_passed_days + (passed_day IS NOT NEW.day)
                    WHERE kata_id = NEW.kata_id AND NEW.outcome = 'passed';
                UPDATE calendar SET n_attempts = n_attempts + 1, n_passed = n_passed + (NEW.outcome = 'passed'),
                    n_solved = n_solved + (SELECT solved_id IS NEW.id FROM standing WHERE kata_id = NEW.kata_id)
                    WHERE day = NEW.day;
            END;
CREATE TRIGGER mark_counted AFTER INSERT ON mark BEGIN
                INSERT INTO standing (kata_id) SELECT NEW.kata_id
                    WHERE NOT EXISTS (SELECT 1 FROM standing WHERE kata_id = NEW.kata_id);
                UPDATE standing SET
                    hints = max(hints, CASE NEW.kind WHEN 'hint' THEN NEW.level ELSE 0 END),
                    gave_up = max(gave_up, NEW.kind = 'gave_up'),
                    skipped_at_us = CASE NEW.kind WHEN 'skip' THEN NEW.at_us WHEN 'unskip' THEN NULL
                        ELSE skipped_at_us END
                    WHERE kata_id = NEW.kata_id;
            END;
COMMIT;
PRAGMA user_version = 1;
