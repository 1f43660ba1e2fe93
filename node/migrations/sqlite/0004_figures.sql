-- What was counted of one division, with all below it, in a day (grain 0) or a month (1), kept in step with the folds by
-- the transaction that changes them. A cell of nothing may stay.
CREATE TABLE cell (
    division INTEGER NOT NULL,
    grain INTEGER NOT NULL,
    -- Days since 1970-01-01: the day, or the first of the month.
    begins INTEGER NOT NULL,
    figure INTEGER NOT NULL,
    facet INTEGER NOT NULL,
    part INTEGER NOT NULL,
    whole INTEGER NOT NULL,
    PRIMARY KEY (division, grain, begins, figure, facet)
) WITHOUT ROWID, STRICT;

-- Which cases were counted: what is behind a number.
CREATE TABLE counted (
    office INTEGER NOT NULL,
    figure INTEGER NOT NULL,
    day INTEGER NOT NULL,
    facet INTEGER NOT NULL,
    id BLOB NOT NULL,
    part INTEGER NOT NULL,
    whole INTEGER NOT NULL,
    PRIMARY KEY (office, figure, day, facet, id)
) WITHOUT ROWID, STRICT;

-- When a run was stored here: figures can be asked for as of an hour that has passed. Of older runs it is not known.
ALTER TABLE run ADD COLUMN stored_at INTEGER NOT NULL DEFAULT 0;
