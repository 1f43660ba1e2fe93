-- Rules that offices issued, as their entries brought them: packs and calendars that bind from here on. The text is what
-- names one: its digest stands on cases and due dates.
CREATE TABLE issued_rules (
    author INTEGER NOT NULL,
    epoch BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    -- 1 a rule pack, 2 a calendar.
    form INTEGER NOT NULL,
    file TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (author, epoch, sequence)
) WITHOUT ROWID, STRICT;
