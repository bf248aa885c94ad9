"""The `kata` command: argv in, exit code out."""
