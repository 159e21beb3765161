"""Templates of LaTeX: delimiters that it leaves alone, and nothing printed that was not escaped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from harness.pages import escape, paper_tables

TEMPLATES = Path(__file__).parent / "templates"
LONGEST = 120  # characters of a printed sentence that the LaTeX table shows; the page shows all
STRONG = ("contradicted", "inconsistent as printed")  # set bold: they say that something printed is wrong


def short(text: str) -> str:
    """Cut a printed sentence after LONGEST characters."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "\u2026"


def environment() -> Environment:
    """Delimiters that LaTeX leaves alone; every value passes the filter, for autoescape knows HTML only."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False, trim_blocks=True,  # noqa: S701
        block_start_string="<%", block_end_string="%>", variable_start_string="<<", variable_end_string=">>",
        comment_start_string="<#", comment_end_string="#>", finalize=_refuse_raw,
    )  # fmt: skip
    filters: dict[str, Callable[..., Any]] = {
        "latex": escape.latex, "breakable": escape.breakable, "path": escape.Escaped, "shortened": paper_tables.shortened, "short": short,
    }  # fmt: skip
    made.filters |= filters
    return made


def _refuse_raw(value: object) -> object:
    """Let through only what a filter has escaped, so that a forgotten filter fails instead of breaking a page."""
    if not isinstance(value, escape.Escaped):
        raise TypeError(f"a template prints {value!r} without the latex filter")
    return value
