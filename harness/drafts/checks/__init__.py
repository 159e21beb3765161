"""Checks: pure functions from tables and sentences to findings, one family a module."""
