"""One module a kind of picture: pure functions from plain data to a matplotlib Figure."""
