"""Runs in the child process: forks a worker per check."""
