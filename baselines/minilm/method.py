"""The encoder as it is: inner product of its frozen vectors."""

from harness.rankings.dense import Settings, rank

__all__ = ["Settings", "rank"]
