"""The katas as they stand on disk."""
