"""Runs in the child process: forks a worker per check."""

OUTPUT_MARK = "\x1ekata check "  # stands in the output where a check begins, before its name
