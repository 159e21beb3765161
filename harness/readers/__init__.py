"""Readers: from files on disk to the content of a collection, one layout a module."""
