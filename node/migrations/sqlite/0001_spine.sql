-- What one office holds. Numbers are 64-bit, times are milliseconds since 1970 UTC, digests are 32 bytes.
-- Every table is STRICT, so that a value of a wrong type is refused when it is written.

-- The wire version of what is stored here; databases of version 0, which was never released, have none.
PRAGMA user_version = 1;

-- Journals. A row without a key is only a short number for a name that other rows mention.
CREATE TABLE journal (
    local INTEGER PRIMARY KEY,
    author INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    algorithm INTEGER,
    key BLOB,
    admitted_author INTEGER,
    admitted_epoch BLOB,
    admitted_sequence INTEGER,
    whole INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0,
    frontier BLOB NOT NULL DEFAULT x'',
    checkpoint BLOB,
    stored_at INTEGER,
    UNIQUE (author, epoch)
) STRICT;

-- Signed notes that cover single entries; many entries share one.
CREATE TABLE covering_checkpoint (
    local INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    note BLOB NOT NULL
) STRICT;

-- Entries. A place is the journal's number times 2^40 and the sequence in it, so that the table is one
-- tree in the order of reading. No other index: this table is the budget of a hop.
CREATE TABLE entry (
    place INTEGER PRIMARY KEY,
    header BLOB NOT NULL,
    body BLOB,
    checkpoint INTEGER,
    path BLOB,
    sealed BLOB
) STRICT;

-- How many rows the table of entries has, kept in step by the transaction that adds them.
CREATE TABLE held (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    entries INTEGER NOT NULL
) STRICT;

INSERT INTO held (one, entries) VALUES (1, 0);

CREATE TABLE tile (
    journal INTEGER NOT NULL,
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (journal, level, number)
) WITHOUT ROWID, STRICT;

CREATE TABLE run (
    position INTEGER PRIMARY KEY,
    journal INTEGER NOT NULL,
    first INTEGER NOT NULL,
    size INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    checkpoint BLOB NOT NULL
) STRICT;

-- Entries to be passed down. The second index ends in the position by itself.
CREATE TABLE parcel (
    position INTEGER PRIMARY KEY,
    neighbour INTEGER NOT NULL,
    journal INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    UNIQUE (neighbour, journal, sequence)
) STRICT;

CREATE INDEX parcel_by_neighbour ON parcel (neighbour);

-- Folds. Rows are never removed, so places are without gaps and the last one is their number.
CREATE TABLE folded_case (
    place INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    number TEXT,
    state INTEGER,
    holder INTEGER,
    organ TEXT,
    title TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    due_on INTEGER,
    open INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    parked INTEGER NOT NULL,
    contested INTEGER NOT NULL,
    facts BLOB NOT NULL
) STRICT;

CREATE INDEX case_by_number ON folded_case (number) WHERE number IS NOT NULL;
-- What is still to be done, by whom: work lists, and what each division holds.
CREATE INDEX case_open ON folded_case (holder, state, due_on) WHERE open = 1;
CREATE INDEX case_waiting ON folded_case (waiting) WHERE waiting = 1;
CREATE INDEX case_parked ON folded_case (parked) WHERE parked = 1;
CREATE INDEX case_contested ON folded_case (contested) WHERE contested = 1;

-- Ledgers in their present life; direction 0 is out, 1 is in.
CREATE TABLE ledger (
    peer INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    receiver INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    number INTEGER NOT NULL,
    digest BLOB NOT NULL,
    position INTEGER NOT NULL,
    proved_number INTEGER,
    proved_signature BLOB,
    proved_at INTEGER NOT NULL,
    PRIMARY KEY (peer, direction)
) WITHOUT ROWID, STRICT;

-- Passages. A run has first and count; picked sequences are 8 bytes each, in order.
CREATE TABLE passage (
    sender INTEGER NOT NULL,
    receiver INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    number INTEGER NOT NULL,
    digest BLOB NOT NULL,
    sent_at INTEGER NOT NULL,
    journal INTEGER NOT NULL,
    first INTEGER,
    count INTEGER,
    picked BLOB,
    position INTEGER NOT NULL,
    stored_at INTEGER,
    PRIMARY KEY (sender, receiver, epoch, number)
) WITHOUT ROWID, STRICT;

-- Who else signed the head of a journal: the newest signature of each.
CREATE TABLE cosignature (
    author INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    by_author INTEGER NOT NULL,
    by_epoch BLOB NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    at INTEGER NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (author, epoch, by_author, by_epoch)
) WITHOUT ROWID, STRICT;

-- Heads of journals that this office watches as a witness and holds no entries of.
CREATE TABLE head (
    author INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note BLOB NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (author, epoch)
) WITHOUT ROWID, STRICT;

-- Questions and objections that offices put on record about journals, in the order they came here.
CREATE TABLE raised (
    position INTEGER PRIMARY KEY,
    by_author INTEGER NOT NULL,
    by_epoch BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    author INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    place INTEGER NOT NULL,
    gist BLOB NOT NULL,
    raised_at INTEGER NOT NULL,
    UNIQUE (by_author, by_epoch, sequence)
) STRICT;

CREATE INDEX raised_by_gist ON raised (gist);

-- The keys by which organs are handed case keys, as their offices announced them. Public keys alone.
CREATE TABLE sealing_key (
    author INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    organ TEXT NOT NULL,
    generation INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (author, epoch, sequence)
) WITHOUT ROWID, STRICT;

-- Sealed reports, in the order they came here; without a key id while the ciphertext is still owed.
CREATE TABLE report (
    position INTEGER PRIMARY KEY,
    author INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    leaf BLOB NOT NULL,
    id BLOB NOT NULL,
    key BLOB,
    recorded_at INTEGER NOT NULL,
    UNIQUE (author, epoch, sequence)
) STRICT;

CREATE TABLE counter (
    division INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    last BLOB NOT NULL
) STRICT;

CREATE TABLE block (number INTEGER PRIMARY KEY) STRICT;
