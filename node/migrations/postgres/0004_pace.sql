-- How a case moves, worked out with its fold: what surveys look for, so that no fold is read for it. Rows of before are
-- filled while the office serves; until then unserved is null.
ALTER TABLE folded_case
    ADD COLUMN idle_since integer,
    ADD COLUMN unserved boolean,
    ADD COLUMN unexecuted boolean,
    ADD COLUMN reopened bigint,
    ADD COLUMN hops bigint;
CREATE INDEX case_idle ON folded_case (idle_since, id, holder) WHERE idle_since IS NOT NULL;
CREATE INDEX case_unserved ON folded_case (opened_at, id, holder) WHERE unserved;
CREATE INDEX case_unexecuted ON folded_case (opened_at, id, holder) WHERE unexecuted;
-- All that is asked of open cases in one place, so that none is visited to see whether it is hard.
CREATE INDEX case_hard ON folded_case (opened_at, id, reopened, hops, holder, number) WHERE hops IS NOT NULL;
CREATE INDEX case_unpaced ON folded_case (row) WHERE unserved IS NULL;
