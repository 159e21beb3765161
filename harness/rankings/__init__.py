"""Runs, ranking metrics and the scores that come of them."""
