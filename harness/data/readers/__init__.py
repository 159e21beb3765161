"""Readers: from files on disk to the content of a collection; each layout is a function."""
