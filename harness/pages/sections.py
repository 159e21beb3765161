"""What the pages say of comparisons and of readings, in the words of a reader."""

from __future__ import annotations

from typing import Any

from harness.rankings.trec_eval import SAME
from harness.studies.fidelity import Parts

Row = dict[str, str]


def comparison_cells(one: dict[str, Any]) -> dict[str, Any]:
    """Return what the pages say of one comparison, in the words of a reader."""
    gate = {
        f"gate: {g['where']} on {g['collection']}": f"{g['value']:.4f}, recorded {g['printed']}: {'met' if g['met'] else 'missed'}"
        for g in one["gate"]
    }
    if not all(g["met"] for g in one["gate"]):
        refused = f"nothing is compared: {one['baseline']} is not the encoder that its name says"
        return {"title": one["title"], "lines": [*gate.items(), ("verdict", refused)], "rows": []}
    low, first, middle, third, high = one["quartiles"]
    tau, spread = one["rank_stability"], ", ".join(f"{sd:.4f}" for sd in one["baseline_sd"])
    lines = {
        "cells": f"{one['cells']} cells, {one['seeds']} seeds, {one['metric']}, mean over {', '.join(one['collections'])}",
        f"baseline {one['baseline']}": f"{one['baseline_mean']:.4f}" + (f", sd over its seeds {spread}" if spread else ""),
        "all cells: min, quartiles, max": f"{low:.4f} {first:.4f} {middle:.4f} {third:.4f} {high:.4f}",
        f"default recipe {one['default']}": f"{one['default_mean']:.4f}, rank {one['default_rank']}" if one["default"] else "",
        f"best cell {one['best_cell']}": f"{one['best']:.4f}",
        "best cell, chosen on other queries": f"{one['held_out']:.4f} (optimism of choosing on the test set {one['optimism']:.4f})",
        "order of cells between seeds, Kendall tau": "one seed" if tau is None else f"{tau:.2f}",
        "clear of the baseline after Holm": f"{one['above']} above, {one['below']} below, of {one['tests']} tests",
        "not to be seen": one["reach"],
    }
    return {
        "title": one["title"],
        "lines": [
            *(gate or {"gate": "no public record of this encoder on these data"}).items(),
            *((name, value) for name, value in lines.items() if value),
        ],
        "rows": [compared_cells(row) for row in one["rows"]],
    }


def compared_cells(row: dict[str, Any]) -> Row:
    """Return the cells of one compared variant."""
    interval = "" if row["low"] is None else f"{row['low']:+.4f} to {row['high']:+.4f}"
    numbers = {"mean": f"{row['mean']:.4f}", "gap": f"{row['gap']:+.4f}", "interval": interval, "p": _p(row["holm"])}
    return {**{key: str(row[key]) for key in ("variant", "collection", "seeds")}, **numbers}


def _p(value: float | None) -> str:
    """Write a p after Holm; nothing where there was no test."""
    return "" if value is None else "below 0.001" if value < 0.001 else f"{value:.3f}"


def forensic_cells(one: dict[str, Any]) -> dict[str, Any]:
    """Return what the pages say of one family of readings: the best of them, and what each gives."""
    shares = ", ".join(f"{count / one['run']:.0%} {word}" for word, count in sorted(one["outcomes"].items()))
    told = f"{one['run']} of {one['readings']} readings run ({shares}), {len(one['printed'])} printed values"
    fidelity = str(Parts(**one["fidelity"]))
    rows = []
    for row in (row for row in one["best"] if row["given"]):
        reading = ", ".join(f"{axis} {value}" for axis, value in row["reading"].items())
        given = f"{len(row['given'])} of {row['cells']}" + (f": {', '.join(row['given'])}" if row["given"] else "")
        rows.append({"reading": reading, "given": given, "chance": f"{row['chance']:.2g}", "outcome": row["outcome"]})
    none = "" if rows else "; no reading gives any of them"
    return {"title": one["title"], "told": f"{told}; {fidelity}{none}", "rows": rows}


def contrast_cells(one: dict[str, Any]) -> dict[str, Any]:
    """Return what the pages say of one contrast."""
    words = {
        "more": "gains more",
        "less": "gains less",
        "not shown": "no difference shown",
        "one training": "one training, no test",
        "too few seeds": "too few seeds, no test",
    }
    rows = []
    for row in one["rows"]:
        numbers = {key: f"{row[key]:+.3f}" for key in ("gain", "gain_less", "difference")}
        interval = "" if row["low"] is None else f"{row['low']:+.3f} to {row['high']:+.3f}"
        detectable = "none" if row["detectable"] is None else f"{row['detectable']:.3f}"
        plain = {key: str(row[key]) for key in ("variant", "collection", "seeds", "clusters")}
        tested = {"interval": interval, "p": _p(row["holm"]), "outcome": words[row["outcome"]], "detectable": detectable}
        rows.append({**plain, **numbers, **tested})
    told = f"gain over {one['baseline']} on {', '.join(one['metrics'])}, less its gain on {', '.join(one['less'])}"
    return {"title": one["title"], "told": told, "rows": rows}


def engines_told(rows: list[dict[str, Any]]) -> str:
    """Say in a line how ranx and trec_eval compare on all runs of a study; empty where none was compared."""
    apart = [row["rmse"] for row in rows if row["between"] == "engines"]
    if not apart:
        return ""
    queries = sum(row["queries"] for row in rows if row["between"] == "engines")
    told = f"ranx and trec_eval compared on {len(apart)} runs, {queries} queries"
    return f"{told}: equal on every query." if max(apart) < SAME else f"{told}: RMSE by query up to {max(apart):.2g}."


def agreement_cells(one: dict[str, Any]) -> Row:
    """Return the cells of one row of what the agree stage compared; empty where a measure does not apply."""
    numbers = {key: "" if one[key] is None else f"{one[key] if abs(one[key]) >= 5e-4 else 0:.3f}" for key in ("tau", "tau_ap", "rbo", "rmse", "delta_ri")}
    low, high = one["effect_low"], one["effect_high"]
    effect = "" if low is None else f"{low:.2f} to {high:.2f}"
    words = {"seeds": f"{one['seeds']} seeds", "released": "ours and the released run"}
    plain = {key: str(one[key]) for key in ("variant", "collection", "metric", "queries", "baseline")}
    return {**plain, **numbers, "between": words[one["between"]], "effect": effect}
