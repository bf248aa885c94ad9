"""Tests of pipeline.py; pytest runs each function whose name begins with test_."""
