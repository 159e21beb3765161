"""Drafts: from the source of a paper (LaTeX, HTML, Markdown, CSV) to findings that need nothing else, and to a ledger to complete."""
