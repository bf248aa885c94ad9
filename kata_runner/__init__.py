"""kata: a practice runner for AI and ML engineers."""

__version__ = "0.1.0"
