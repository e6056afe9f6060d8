"""A bus's shelf as the program of schema 1 left it: one settled application, one that waits, one letter."""

import hashlib
from pathlib import Path

import pysqlite3.dbapi2 as sqlite

from sync.journal import GENESIS, next_entry
from tests.support.makers import instant, make_id

SCHEMA_1 = """
CREATE TABLE outbox (serial INTEGER NOT NULL, env_id BLOB NOT NULL, kind VARCHAR NOT NULL, deadline DATE,
  kept_ms INTEGER NOT NULL, state VARCHAR NOT NULL, journal_seq INTEGER NOT NULL, box_receipt BLOB NOT NULL,
  hall_receipt BLOB, proof BLOB, filing_no VARCHAR NOT NULL, refusal_code INTEGER, refusal_sentence VARCHAR NOT NULL,
  settled_ms INTEGER, purged BOOLEAN NOT NULL, PRIMARY KEY (serial), UNIQUE (env_id));
CREATE INDEX ix_outbox_state ON outbox (state);
CREATE TABLE journal (seq INTEGER NOT NULL, prev BLOB NOT NULL, kind VARCHAR NOT NULL, object_hash BLOB NOT NULL,
  wall_us INTEGER NOT NULL, monotonic_ms INTEGER NOT NULL, boot INTEGER NOT NULL, hash BLOB NOT NULL,
  PRIMARY KEY (seq));
CREATE TABLE letter (serial INTEGER NOT NULL, letter_id BLOB NOT NULL, kind VARCHAR NOT NULL, body BLOB NOT NULL,
  arrived_ms INTEGER NOT NULL, read BOOLEAN NOT NULL, PRIMARY KEY (serial), UNIQUE (letter_id));
CREATE INDEX ix_letter_kind ON letter (kind);
CREATE TABLE note (name VARCHAR NOT NULL, value BLOB NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (name));
CREATE TABLE item (env_id BLOB NOT NULL, item INTEGER NOT NULL, role INTEGER NOT NULL, length INTEGER NOT NULL,
  done INTEGER NOT NULL, PRIMARY KEY (env_id, item), FOREIGN KEY(env_id) REFERENCES outbox (env_id));
PRAGMA user_version = 1;
"""


def make_old_shelf(folder: Path) -> None:
    """Write mail.db of schema 1 into a folder."""
    connection = sqlite.connect(folder / "mail.db")
    connection.executescript(SCHEMA_1)
    head = GENESIS
    for n, state in enumerate(("complete", "kept"), start=1):
        entry = next_entry(head, "accepted", hashlib.sha256(bytes([n])).digest(), instant())
        head = (entry.seq, entry.hash)
        wall_us = int(entry.wall.timestamp() * 1_000_000)
        connection.execute(
            "INSERT INTO journal VALUES (?,?,?,?,?,?,?,?)",
            (
                entry.seq,
                entry.prev,
                entry.kind,
                entry.object_hash,
                wall_us,
                entry.monotonic_ms,
                entry.boot,
                entry.hash,
            ),
        )
        connection.execute(
            "INSERT INTO outbox VALUES (?,?,'application','2026-12-08',0,?,?,x'00',NULL,NULL,'',NULL,'',?,?)",
            (n, make_id(n), state, entry.seq, 1000 if state == "complete" else None, n == 1),
        )
        connection.execute("INSERT INTO item VALUES (?,0,0,100,0)", (make_id(n),))
    connection.execute("INSERT INTO letter VALUES (1,?,'correction',x'0102',0,1)", (make_id(9),))
    connection.commit()
    connection.close()
