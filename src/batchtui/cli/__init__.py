"""The command line: one module per verb; one owns stdout, one owns stderr and the exit codes."""
