-- Legal holds: what a held view matches is not erased.

ALTER TABLE view ADD COLUMN hold_zone TEXT; -- in which its dates are read as long as it is held; NULL: it is not
