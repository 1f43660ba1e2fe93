-- What one office holds, in PostgreSQL. Numbers are 64-bit, times are milliseconds since 1970 UTC, digests are 32 bytes.
--
-- Words from outside are kept as bytes: PostgreSQL's text takes no NUL, and a title with one must not stop the office.
--
-- Every table but those that say otherwise holds the province its rows belong to, and every unique key holds that
-- column: the tables can be laid out over provinces, on one machine as partitions and on several as shards (ADR 0028).
-- The province is the first two digits of a division's code; the root's own is 0.

-- Whose this database is: one process at a time writes to it, and each taking over is counted. On the first machine alone.
CREATE TABLE tenure (
    one smallint PRIMARY KEY CHECK (one = 1),
    -- The wire version of what is stored here.
    wire integer NOT NULL,
    number bigint NOT NULL
);
INSERT INTO tenure (one, wire, number) VALUES (1, 1, 0);

-- How many rows there are, and how many transactions there were, kept in step by the transaction that adds them: a
-- commit whose answer was lost is found again by its number. On the first machine alone.
CREATE TABLE held (
    one smallint PRIMARY KEY CHECK (one = 1),
    commits bigint NOT NULL,
    entries bigint NOT NULL,
    cases bigint NOT NULL,
    sketched bigint NOT NULL
);
INSERT INTO held (one, commits, entries, cases, sketched) VALUES (1, 0, 0, 0, 0);

-- Journals. A row without a key is only a short number for a name that other rows mention.
CREATE TABLE journal (
    author bigint NOT NULL,
    size bigint NOT NULL DEFAULT 0,
    stored_at bigint,
    admitted_author bigint,
    admitted_sequence bigint,
    local integer NOT NULL,
    algorithm integer,
    province smallint NOT NULL,
    whole boolean NOT NULL DEFAULT false,
    epoch bytea NOT NULL,
    key bytea,
    admitted_epoch bytea,
    frontier bytea NOT NULL DEFAULT '',
    checkpoint bytea,
    PRIMARY KEY (province, local),
    UNIQUE (province, author, epoch)
);
-- For the highest number alone: without it every batch that brings new journals would read all that are known.
CREATE INDEX journal_by_local ON journal (local);

-- Signed notes that cover single entries; many entries share one.
CREATE TABLE covering_checkpoint (
    local integer NOT NULL,
    province smallint NOT NULL,
    digest bytea NOT NULL,
    note bytea NOT NULL,
    PRIMARY KEY (province, local),
    UNIQUE (province, digest)
);

-- Entries, by journal and sequence. No other index: this table is the budget of a hop.
CREATE TABLE entry (
    sequence bigint NOT NULL,
    journal integer NOT NULL,
    checkpoint integer,
    province smallint NOT NULL,
    header bytea NOT NULL,
    body bytea,
    path bytea,
    sealed bytea,
    PRIMARY KEY (province, journal, sequence)
) PARTITION BY LIST (province);
CREATE TABLE entry_other PARTITION OF entry DEFAULT;

CREATE TABLE tile (
    number bigint NOT NULL,
    journal integer NOT NULL,
    province smallint NOT NULL,
    level smallint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (province, journal, level, number)
);

CREATE TABLE run (
    position bigint NOT NULL,
    first bigint NOT NULL,
    size bigint NOT NULL,
    bytes bigint NOT NULL,
    stored_at bigint NOT NULL,
    journal integer NOT NULL,
    province smallint NOT NULL,
    checkpoint bytea NOT NULL,
    PRIMARY KEY (province, position)
);
CREATE INDEX run_by_position ON run (position);

-- Entries to be passed down; the province is the neighbour's.
CREATE TABLE parcel (
    position bigint NOT NULL,
    neighbour bigint NOT NULL,
    sequence bigint NOT NULL,
    journal integer NOT NULL,
    journal_province smallint NOT NULL,
    province smallint NOT NULL,
    PRIMARY KEY (province, neighbour, journal_province, journal, sequence)
);
CREATE INDEX parcel_by_neighbour ON parcel (neighbour, position);
-- For the highest position alone. As a plain column it would be taken for the list of a neighbour who gets little, and
-- all that is listed for others would be read.
CREATE INDEX parcel_by_position ON parcel ((position + 0));

-- Where the fold of a case lies. By the case's id, because nothing else is known of one that is asked for.
CREATE TABLE case_home (
    row bigint NOT NULL,
    province smallint NOT NULL,
    id bytea NOT NULL,
    PRIMARY KEY (id)
);

-- Folds. Rows are never removed, so they are numbered without gaps.
CREATE TABLE folded_case (
    row bigint NOT NULL,
    holder bigint,
    opened_at bigint NOT NULL,
    due_on integer,
    province smallint NOT NULL,
    state smallint,
    open boolean NOT NULL,
    waiting boolean NOT NULL,
    parked boolean NOT NULL,
    contested boolean NOT NULL,
    id bytea NOT NULL,
    number text,
    organ bytea,
    title bytea NOT NULL,
    facts bytea NOT NULL,
    PRIMARY KEY (province, row)
) PARTITION BY LIST (province);
CREATE TABLE folded_case_other PARTITION OF folded_case DEFAULT;
CREATE INDEX case_by_row ON folded_case (row);
CREATE INDEX case_by_number ON folded_case (number) WHERE number IS NOT NULL;
-- What is still to be done, by whom: work lists, and what each division holds.
CREATE INDEX case_open ON folded_case (holder, state, due_on) WHERE open;
CREATE INDEX case_waiting ON folded_case (row) WHERE waiting;
CREATE INDEX case_parked ON folded_case (row) WHERE parked;
CREATE INDEX case_contested ON folded_case (row) WHERE contested;

-- Ledgers in their present life; direction 0 is out, 1 is in. The province is the neighbour's.
CREATE TABLE ledger (
    peer bigint NOT NULL,
    sender bigint NOT NULL,
    receiver bigint NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    proved_number bigint,
    proved_at bigint NOT NULL,
    province smallint NOT NULL,
    direction smallint NOT NULL,
    epoch bytea NOT NULL,
    digest bytea NOT NULL,
    proved_signature bytea,
    PRIMARY KEY (province, peer, direction)
);

-- Passages. A run has first and count; picked sequences are 8 bytes each, in order. The province is that of whichever
-- end is not the root.
CREATE TABLE passage (
    sender bigint NOT NULL,
    receiver bigint NOT NULL,
    number bigint NOT NULL,
    sent_at bigint NOT NULL,
    first bigint,
    count bigint,
    position bigint NOT NULL,
    stored_at bigint,
    journal integer NOT NULL,
    journal_province smallint NOT NULL,
    province smallint NOT NULL,
    epoch bytea NOT NULL,
    digest bytea NOT NULL,
    picked bytea,
    PRIMARY KEY (province, sender, receiver, epoch, number)
);

-- Who else signed the head of a journal: the newest signature of each.
CREATE TABLE cosignature (
    author bigint NOT NULL,
    by_author bigint NOT NULL,
    size bigint NOT NULL,
    at bigint NOT NULL,
    province smallint NOT NULL,
    epoch bytea NOT NULL,
    by_epoch bytea NOT NULL,
    root bytea NOT NULL,
    line bytea NOT NULL,
    PRIMARY KEY (province, author, epoch, by_author, by_epoch)
);

-- Heads of journals that this office watches as a witness and holds no entries of.
CREATE TABLE head (
    author bigint NOT NULL,
    size bigint NOT NULL,
    seen_at bigint NOT NULL,
    province smallint NOT NULL,
    epoch bytea NOT NULL,
    root bytea NOT NULL,
    note bytea NOT NULL,
    PRIMARY KEY (province, author, epoch)
);

-- Questions and objections that offices put on record about journals, in the order they came here. The province is
-- that of who raised it.
CREATE TABLE raised (
    position bigint NOT NULL,
    by_author bigint NOT NULL,
    sequence bigint NOT NULL,
    kind bigint NOT NULL,
    author bigint NOT NULL,
    place bigint NOT NULL,
    raised_at bigint NOT NULL,
    province smallint NOT NULL,
    by_epoch bytea NOT NULL,
    epoch bytea NOT NULL,
    gist bytea NOT NULL,
    PRIMARY KEY (province, by_author, by_epoch, sequence)
);
CREATE INDEX raised_by_position ON raised (position);
CREATE INDEX raised_by_gist ON raised (gist);

-- The keys by which organs are handed case keys, as their offices announced them. Public keys alone.
CREATE TABLE sealing_key (
    author bigint NOT NULL,
    sequence bigint NOT NULL,
    generation bigint NOT NULL,
    province smallint NOT NULL,
    epoch bytea NOT NULL,
    organ bytea NOT NULL,
    key bytea NOT NULL,
    PRIMARY KEY (province, author, epoch, sequence)
);

-- Sealed reports, in the order they came here; without a key id while the ciphertext is still owed.
CREATE TABLE report (
    position bigint NOT NULL,
    author bigint NOT NULL,
    sequence bigint NOT NULL,
    recorded_at bigint NOT NULL,
    province smallint NOT NULL,
    epoch bytea NOT NULL,
    leaf bytea NOT NULL,
    id bytea NOT NULL,
    key bytea,
    PRIMARY KEY (province, author, epoch, sequence)
);
CREATE INDEX report_by_position ON report (position);

-- This office's counts of what it addressed; the province is the addressee's.
CREATE TABLE counter (
    division bigint NOT NULL,
    number bigint NOT NULL,
    province smallint NOT NULL,
    last bytea NOT NULL,
    PRIMARY KEY (province, division)
);

-- Blocks of case numbers this office has drawn. On the first machine alone.
CREATE TABLE block (number bigint PRIMARY KEY);

-- Rules that offices issued, as their entries brought them. The text is what names one: its digest stands on cases.
CREATE TABLE issued_rules (
    author bigint NOT NULL,
    sequence bigint NOT NULL,
    -- 1 a rule pack, 2 a calendar.
    form bigint NOT NULL,
    province smallint NOT NULL,
    epoch bytea NOT NULL,
    file bytea NOT NULL,
    text bytea NOT NULL,
    PRIMARY KEY (province, author, epoch, sequence)
);

-- Entries that are listed across cases by what they are (rolls), in the order in which they came here.
CREATE TABLE rolled (
    position bigint NOT NULL,
    author bigint NOT NULL,
    sequence bigint NOT NULL,
    roll bigint NOT NULL,
    province smallint NOT NULL,
    epoch bytea NOT NULL,
    -- The case it stands in, if in one.
    id bytea,
    PRIMARY KEY (province, author, epoch, sequence)
);
-- For the highest position alone, as with parcels.
CREATE INDEX rolled_by_position ON rolled ((position + 0));
CREATE INDEX rolled_by_roll ON rolled (roll, position);
CREATE INDEX rolled_by_author ON rolled (roll, author, position);

-- Sketches of what cases say, by the county they are about: to find the same matter told elsewhere. Made behind the
-- folds, and made again where they are lost.
CREATE TABLE sketch (
    place bigint NOT NULL,
    -- The case's row.
    row bigint NOT NULL,
    province smallint NOT NULL,
    -- The first two digits of its category; 0 where it has none.
    category smallint NOT NULL,
    id bytea NOT NULL,
    sketch bytea NOT NULL,
    PRIMARY KEY (province, place, row)
);

-- What was counted of one division, with all below it, in a day (grain 0) or a month (1), kept in step with the folds by
-- the transaction that changes them. A cell of nothing may stay.
CREATE TABLE cell (
    division bigint NOT NULL,
    part bigint NOT NULL,
    whole bigint NOT NULL,
    -- Days since 1970-01-01: the day, or the first of the month.
    begins integer NOT NULL,
    facet integer NOT NULL,
    province smallint NOT NULL,
    figure smallint NOT NULL,
    grain smallint NOT NULL,
    PRIMARY KEY (province, division, grain, begins, figure, facet)
) WITH (fillfactor = 70);

-- Which cases were counted: what is behind a number. The province is the office's.
CREATE TABLE counted (
    office bigint NOT NULL,
    part bigint NOT NULL,
    whole bigint NOT NULL,
    day integer NOT NULL,
    facet integer NOT NULL,
    province smallint NOT NULL,
    figure smallint NOT NULL,
    id bytea NOT NULL,
    PRIMARY KEY (province, office, figure, day, facet, id)
);
