"""What a drafted ledger leaves open: `TODO` where a person must say something. Such a claim is listed, and never judged."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

TODO = "TODO"
WORDS = ("definition", "quantity", "title", "locator", "place")  # keys for which any word will do
STAND_INS = {"status": "measured", "kind": "qualitative", "source": "primary"}  # to check the rest of an entry with
SHOWN = 12  # ids named one by one


def open_keys(entry: Any, before: str = "") -> list[str]:
    """Return the keys of an entry, at any depth, that still say TODO."""
    if isinstance(entry, dict):
        return [key for name, value in entry.items() for key in open_keys(value, f"{before}{name}.")]
    if isinstance(entry, list):
        return [key for value in entry for key in open_keys(value, before)]
    return [before.rstrip(".")] if isinstance(entry, str) and entry.strip() == TODO else []


def finished(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry without what is open, so that what is written can be checked."""
    kept = {key: STAND_INS.get(key, value) if value == TODO else value for key, value in entry.items()}
    return {
        key: value for key, value in kept.items() if key in STAND_INS or not open_keys(value) or (key in WORDS and value == TODO)
    }


def checkable(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an open claim in a form that can be checked: what depends on an open key is left out."""
    kept = finished(entry)
    if entry.get("kind") == "difference" and "arithmetic" not in kept:
        kept["kind"] = "absolute"
    if entry.get("kind") in ("ordering", "best_of") and "order" not in kept:
        kept["kind"] = "qualitative"
    if not any(kept.get(key) for key in ("decidable_at", "untested", "out_of_reach", "fact")):
        kept["untested"] = TODO
    return kept


def waiting(targets: dict[str, list[str]], opened: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the claims that rest on open ones, each with what it waits for; `targets`: the ids that each claim names."""
    found: dict[str, list[str]] = {}
    while True:
        new = {
            claim: [f"waits for {name}" for name in names if name in opened or name in found]
            for claim, names in targets.items()
            if claim not in found and any(name in opened or name in found for name in names)
        }
        if not new:
            return found
        found |= new


def told(study: str, opened: dict[str, list[str]]) -> list[str]:
    """Return a line for each set of open keys, with the ids of the claims that lack them."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for claim, lacking in opened.items():
        groups[tuple(dict.fromkeys(lacking))].append(claim)
    lines = []
    for keys, claims in groups.items():
        names = ", ".join(claims[:SHOWN]) + (f" and {len(claims) - SHOWN} more" if len(claims) > SHOWN else "")
        lines.append(f"{study}: TODO {', '.join(keys)}: {names}")
    return lines
