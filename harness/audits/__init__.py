"""The audits: pure functions from ledgers to findings, one family a module."""

from harness.audits import anchoring, arithmetic, bounds, collision, consistency, granularity, interval, leakage, prose

# Those that need the ledgers alone; leakage also needs a way to read data.
FROM_LEDGERS = (granularity, arithmetic, bounds, collision, prose, consistency, interval, anchoring)

__all__ = ["FROM_LEDGERS", "leakage"]
