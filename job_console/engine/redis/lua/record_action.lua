-- Appends one entry to the audit trail. Stands behind trail.lua.
-- KEYS: the trail; jobs by the last thing done to them.
-- ARGV: most entries of each; the job; remember | forget | leave; then the entry's fields.
return write_down(KEYS[1], KEYS[2], tonumber(ARGV[1]), ARGV[2], ARGV[3], { unpack(ARGV, 4) })
