"""`bench job-console VERB …`: the operator console's command line, from within a bench."""

from job_console.console.cli import cli

commands = [cli]
