"""Claims joined to scores, tested and put into words."""
