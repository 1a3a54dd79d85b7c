"""In-bench tests of the runtime, and the jobs that they run. Not shipped."""
