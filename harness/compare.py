"""The compare stage: every cell of a grid against a baseline, and what picking the best cell on the test set is worth."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import scipy  # its parts are loaded where they are first used

from harness.config import Config, Judgement
from harness.errors import InputError, fitting, stage
from harness.rankings.scores import Floats, Measured
from harness.studies import study
from harness.studies.command import parse
from harness.studies.experiment import Comparison
from harness.studies.study import Study
from harness.text import read_json, write_sealed, write_text
from harness.verdicts import contrast, join
from harness.verdicts.gate import gates
from harness.verdicts.grid import Cells, against
from harness.verdicts.join import Scores
from harness.verdicts.resample import holm, stream

COLUMNS = [
    "variant",
    "collection",
    "metric",
    "mean",
    "seed_sd",
    "seeds",
    "gap",
    "low",
    "high",
    "p",
    "holm",
    "seeds_agree",
    "detectable",
]
SPLITS = 200  # random halves of the queries


def selection(cells: Sequence[Floats], rng: np.random.Generator) -> dict[str, float]:
    """Return the best cell's mean over all queries, and its expected mean where it is chosen on other queries.

    `cells` holds (cells, queries) for each collection; a cell's value is its mean over collections. The queries of each
    collection are split into random halves: the best cell of one half is looked up on the other.
    """
    overall = np.mean([one.mean(axis=1) for one in cells], axis=0)
    chosen, held_out = [], []
    for _ in range(SPLITS):
        halves = []
        for one in cells:
            order = rng.permutation(one.shape[1])
            middle = len(order) // 2
            halves.append((one[:, order[:middle]].mean(axis=1), one[:, order[middle:]].mean(axis=1)))
        first, second = (np.mean([half[i] for half in halves], axis=0) for i in (0, 1))
        for here, there in ((first, second), (second, first)):
            best = int(np.argmax(here))
            chosen.append(here[best])
            held_out.append(there[best])
    nested, apparent = float(np.mean(held_out)), float(np.mean(chosen))
    return {"best": float(overall.max()), "held_out": nested, "optimism": apparent - nested}


def stability(by_seed: Floats) -> float | None:
    """Return the mean Kendall tau-b of the cells' order between pairs of seeds, (cells, seeds); None for one seed."""
    found = [scipy.stats.kendalltau(by_seed[:, a], by_seed[:, b]).statistic for a, b in combinations(range(by_seed.shape[1]), 2)]
    return float(np.mean(found)) if found else None


def gather(chosen: Study, comparison: Comparison, scores: Scores, where: str) -> tuple[list[str], list[Cells], list[Measured]]:
    """Return the names of the compared cells that were run, and their scores; raise InputError where they do not fit."""
    declared = [v.name for v in chosen.variants]
    fits = fitting(comparison.variants, declared, f"{where}: variants", "variant")
    named = [name for name in fits if name != comparison.baseline]
    collections = [c for c in comparison.collections if (chosen.name, comparison.baseline, c, comparison.metric) in scores.table]
    keys = {name: [(chosen.name, name, c, comparison.metric) for c in collections] for name in named}
    run = [name for name in named if collections and all(key in scores.table for key in keys[name])]
    found, every = [], []
    for place, collection in enumerate(collections if run else []):
        baseline = scores.table[chosen.name, comparison.baseline, collection, comparison.metric]
        members = [scores.table[keys[name][place]] for name in run]
        if baseline.by_query is None or any(m.queries != baseline.queries or m.seeds != members[0].seeds for m in members):
            raise InputError(f"{where}: on {collection} the cells and the baseline do not share queries and seeds")
        values = np.stack([m.by_query for m in members if m.by_query is not None])
        # Of a trained baseline the cells' own seeds, where it has them: they share what the seed draws.
        shared = [place for place, seed in enumerate(baseline.seeds) if seed in members[0].seeds]
        alike = shared if len(shared) == len(members[0].seeds) else list(range(len(baseline.seeds)))
        trained = tuple(m.stochastic for m in members)
        found.append(Cells(collection, values, baseline.by_query[:, alike], baseline.clusters, trained, baseline.stochastic))
        every += members
    return run, found, every


def compare(chosen: Study, name: str, comparison: Comparison, scores: Scores, config: Config) -> dict[str, Any] | None:
    """Return the rows (COLUMNS) and the summary of one comparison; None where none of its cells was run.

    Where the baseline misses the public record of its encoder, nothing is compared: the summary says by how much.
    """
    rules = config.judgement
    where = f"{chosen.folder}/experiment.yaml: compare.{name}"
    run, collections, members = gather(chosen, comparison, scores, where)
    if not run:
        return None
    bases = [scores.table[chosen.name, comparison.baseline, c.collection, comparison.metric] for c in collections]
    found = gates(chosen, comparison.baseline, bases, config)
    gate = [{**asdict(one), "met": one.met} for one in found]
    if not all(one.met for one in found):
        return {"name": name, "title": comparison.title, "rows": [], "summary": {"gate": gate, "baseline": comparison.baseline}}
    found_rows = [row for cells in collections for row in against(cells, rules, name, len(members))]
    tested = [row for row in found_rows if row["p"] is not None]
    adjusted = iter(holm([row["p"] for row in tested]))
    unseen = {"floors": [row.pop("floor") for row in found_rows], "lacking": [row.pop("lacking") for row in found_rows]}
    rows: list[dict[str, Any]] = []
    for member, row in zip(members, found_rows, strict=True):
        sd = float(member.means.std(ddof=1)) if len(member.seeds) > 1 else None
        plain = {"variant": member.key[1], "collection": member.key[2], "metric": member.key[3], "seeds": len(member.seeds)}
        p = None if row["p"] is None else next(adjusted)
        rows.append({**plain, "mean": float(member.means.mean()), "seed_sd": sd, **row, "holm": p})
    spread = [float(base.means.std(ddof=1)) for base in bases if len(base.seeds) > 1]
    reach = beyond_reach(unseen["floors"], unseen["lacking"], rules)
    told = {"gate": gate, "baseline_sd": spread, "reach": reach, **summary(comparison, name, run, collections, rows, rules)}
    return {"name": name, "title": comparison.title, "rows": rows, "summary": told}


def beyond_reach(floors: list[float], lacking: list[str], rules: Judgement) -> str:
    """Say which tests of a comparison could have shown nothing, whatever came out; empty where all could."""
    said = []
    if reason := next(filter(None, lacking), ""):
        said.append(f"{sum(map(bool, lacking))} of {len(lacking)} not tested: {reason}")
    if min(floors) * len(floors) >= rules.alpha:
        said.append(
            f"no result could pass: so few queries, or clusters, give no p below {min(floors):.2g}, times {len(floors)} tests"
        )
    return "; ".join(said)


def summary(
    comparison: Comparison, name: str, run: list[str], cells: list[Cells], rows: list[dict[str, Any]], rules: Judgement
) -> dict[str, Any]:
    """Say where the whole grid, the default recipe and the best cell stand, on the mean over collections."""
    overall = np.mean([c.values.mean(axis=(1, 2)) for c in cells], axis=0)
    by_seed = np.mean([c.values.mean(axis=1) for c in cells], axis=0)
    order = np.argsort(-overall, kind="stable")
    clear = [row for row in rows if row["holm"] is not None and row["holm"] < rules.alpha]
    default = comparison.default if comparison.default in run else None
    found: dict[str, Any] = {
        "metric": comparison.metric,
        "collections": [c.collection for c in cells],
        "cells": len(run),
        "seeds": by_seed.shape[1],
        "baseline": comparison.baseline,
        "baseline_mean": float(np.mean([c.baseline.mean() for c in cells])),
        "quartiles": [float(q) for q in np.quantile(overall, [0, 0.25, 0.5, 0.75, 1])],
        "best_cell": run[order[0]],
        "worst_cell": run[order[-1]],
        "default": default,
        "default_mean": float(overall[run.index(default)]) if default else None,
        "default_rank": int(np.flatnonzero(order == run.index(default))[0]) + 1 if default else None,
        "rank_stability": stability(by_seed),
        "above": sum(row["gap"] > 0 for row in clear),
        "below": sum(row["gap"] < 0 for row in clear),
        "tests": sum(row["p"] is not None for row in rows),
    }
    return found | selection([c.values.mean(axis=2) for c in cells], stream(rules.seed, name, "halves"))


def main() -> None:
    """`python -m harness.compare --study S`: compare the grids of one study, and its contrasts, at this fidelity."""
    arguments, config = parse(main.__doc__ or "", "study")
    chosen = study.one(config, arguments.study)
    assert chosen.experiment
    scores = join.load([chosen.name], config)
    done = [compare(chosen, name, c, scores, config) for name, c in chosen.experiment.compare.items()]
    write(config, chosen, [one for one in done if one])
    told = [
        {"name": name, "title": entry.title, **entry.model_dump(include={"metrics", "less", "baseline"}), "rows": rows}
        for name, entry in chosen.experiment.contrasts.items()
        if (rows := contrast.rows(chosen, name, entry, scores, config.judgement))
    ]
    write_sealed(config.folder / chosen.name / "contrasts.json", json.dumps(told, indent=1) + "\n")


def write(config: Config, chosen: Study, done: list[dict[str, Any]]) -> None:
    """Write `comparisons.json` with the summaries, and every row of each comparison to a CSV file beside it."""
    folder = config.folder / chosen.name
    for one in done:
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", extrasaction="raise")
        writer.writeheader()
        writer.writerows({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()} for row in one["rows"])
        write_text(folder / f"compare_{one['name']}.csv", text.getvalue())
    listed = set(chosen.experiment.variants) if chosen.experiment else set()
    summaries = []
    for one in done:
        told = {"name": one["name"], "title": one["title"], **one["summary"]}
        # What experiment.yaml lists one by one is shown one by one; the cells of a grid are shown whole.
        summaries.append({**told, "rows": [row for row in one["rows"] if row["variant"] in listed]})
    write_sealed(folder / "comparisons.json", json.dumps(summaries, indent=1) + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """Read the summaries; raise InputError if the stage has not written them."""
    return read_json(path, "compare")


if __name__ == "__main__":
    stage(main)
