"""Frozen encoders, their cache, and measures of vectors."""
