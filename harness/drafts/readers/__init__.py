"""Readers: each turns one file format into the plain shape of `harness.drafts.shape`; parsing is left to kept libraries."""
