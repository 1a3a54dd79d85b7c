"""In-bench tests of the bridge, and the jobs and records that they use. Not shipped."""
