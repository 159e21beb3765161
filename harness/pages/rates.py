"""The workbench's own error rates, as its self-test measured them: for the page, the README and the terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.pages import escape
from harness.text import read_sealed, read_text

Row = Mapping[str, Any]


def folder(root: Path) -> Path:
    """Where the self-test keeps what it measured: committed, generated, never edited."""
    return root / "paper_tables" / "selftest"


def summary(found: Sequence[Row]) -> list[dict[str, str]]:
    """Return a row a check: how many cells, the lowest and the highest rate, what they should be, and how many are out of it."""
    rows = []
    for check in dict.fromkeys(str(row["check"]) for row in found):
        mine = [row for row in found if row["check"] == check]
        measured = [float(row["measured"]) for row in mine]
        nominal = {str(row["nominal"] or "") for row in mine}
        out = sum(str(row["ok"]) != "True" for row in mine)
        rows.append({
            "check": check, "cells": str(len(mine)), "lowest": f"{min(measured):.3f}", "highest": f"{max(measured):.3f}",
            "nominal": nominal.pop() if len(nominal) == 1 else "", "out": str(out or ""),
        })  # fmt: skip
    return rows


def shown(root: Path) -> dict[str, Any] | None:
    """Return what the page shows, None where the self-test was never run here."""
    path = folder(root) / "rates.csv"
    if not path.is_file():
        return None
    found = list(csv.DictReader(io.StringIO(read_sealed(path, "selftest"), newline="")))
    picture = escape.picture(read_text(folder(root) / "rates.svg"))
    return {"rows": summary(found), "total": len(found), "svg": picture}
