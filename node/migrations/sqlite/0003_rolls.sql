-- Entries that are listed across cases by what they are (rolls), in the order in which they came here.
CREATE TABLE rolled (
    position INTEGER PRIMARY KEY,
    author INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    roll INTEGER NOT NULL,
    -- The case it stands in, if in one.
    id BLOB,
    UNIQUE (author, epoch, sequence)
) STRICT;
CREATE INDEX rolled_by_roll ON rolled (roll, position);
CREATE INDEX rolled_by_author ON rolled (roll, author, position);

-- Sketches of what cases say, by the county they are about: to find the same matter told elsewhere. Made behind the
-- folds, and made again where they are lost.
CREATE TABLE sketch (
    place INTEGER NOT NULL,
    -- The case's row.
    row INTEGER NOT NULL,
    id BLOB NOT NULL,
    -- The first two digits of its category; 0 where it has none.
    category INTEGER NOT NULL,
    sketch BLOB NOT NULL,
    PRIMARY KEY (place, row)
) WITHOUT ROWID, STRICT;
-- Up to which row of the cases that is done.
CREATE TABLE sketched (row INTEGER NOT NULL) STRICT;
INSERT INTO sketched (row) VALUES (0);
