-- Drawn anew whenever a session begins to write: a server that stands by and shows another does not follow the one that
-- takes writing, or has not come to where it began.
ALTER TABLE tenure ADD COLUMN line bigint NOT NULL DEFAULT 0;
