-- The number a case had where it was kept before, where it is called by another here.
ALTER TABLE folded_case ADD COLUMN former text;
CREATE INDEX case_by_former ON folded_case (former) WHERE former IS NOT NULL;
