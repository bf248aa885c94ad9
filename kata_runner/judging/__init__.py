"""A submission in, a verdict out."""
