"""The check stage: today's scores against the accepted ones, upwards as well as downwards. Papers play no part."""

from __future__ import annotations

import csv
import io
import platform
from importlib.metadata import version
from pathlib import Path

from harness import study
from harness.command import parse
from harness.config import Config
from harness.errors import stage
from harness.study import Study
from harness.text import read_yaml

Key = tuple[str, str, str, str]  # variant, seed, collection, metric
HEAD = ["variant", "seed", "collection", "metric", "value"]


def reference_path(one: Study, config: Config) -> Path:
    """Return where a study keeps its accepted scores of this fidelity."""
    return one.folder / "reference" / f"{config.fidelity}.csv"


def read_reference(path: Path) -> dict[Key, float]:
    """Read accepted scores."""
    with path.open(encoding="utf-8", newline="") as opened:
        return {(r["variant"], r["seed"], r["collection"], r["metric"]): float(r["value"]) for r in csv.DictReader(opened)}


def today(one: Study, config: Config) -> dict[Key, float]:
    """Read the aggregate scores of the study's current variants and seeds."""
    import pandas as pd

    found: dict[Key, float] = {}
    current = {(variant.name, seed) for variant in one.variants for seed in variant.seeds}
    for path in sorted((config.folder / one.name).glob("*/*/scores.parquet")):
        frame = pd.read_parquet(path)
        for row in frame[frame["query_id"].isna()].itertuples():
            if (row.variant, row.seed) in current:
                found[str(row.variant), str(row.seed), str(row.collection), str(row.metric)] = float(row.value)
    return found


def as_csv(scores: dict[Key, float]) -> str:
    """Return scores as the text of a reference file, in a fixed order."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows([*key, f"{value:.9g}"] for key, value in sorted(scores.items()))
    return text.getvalue()


def differences(accepted: dict[Key, float], found: dict[Key, float], tolerance: float) -> list[str]:
    """Return one line for each score that moved, is gone or is new; a NaN is never within tolerance."""
    lines = []
    for key in sorted(accepted.keys() | found.keys()):
        name = "/".join(key)
        if key not in found:
            lines.append(f"{name}: absent today, {accepted[key]:.6f} accepted")
        elif key not in accepted:
            lines.append(f"{name}: {found[key]:.6f} today, nothing accepted")
        elif not abs(found[key] - accepted[key]) <= tolerance * max(1.0, abs(accepted[key])):
            lines.append(f"{name}: {found[key]:.6f} today, {accepted[key]:.6f} accepted ({found[key] - accepted[key]:+.6f})")
    return lines


def environment() -> dict[str, str]:
    """Return what else may move a score: versions and the kind of machine."""
    packages = ("torch", "transformers", "numpy", "ranx", "bm25s", "scikit-learn")
    return {name: version(name) for name in packages} | {"python": platform.python_version(), "machine": platform.machine()}


def check(one: Study, config: Config) -> list[str]:
    """Return what is wrong with one study; absent counts as failure, on either side."""
    path = reference_path(one, config)
    found = today(one, config)
    if not path.exists():
        return (
            [f"no accepted scores at {path.relative_to(config.root)}; look at the run, then: make accept STUDY={one.name}"]
            if found
            else []
        )
    lines = differences(read_reference(path), found, config.check.tolerance)
    if lines and path.with_suffix(".yaml").exists():
        accepted = read_yaml(path.with_suffix(".yaml"))["environment"]
        now = environment()
        changed = [f"{k} {accepted.get(k)} -> {now[k]}" for k in now if accepted.get(k) != now[k]]
        lines += [f"the environment differs too: {', '.join(changed)}"] if changed else []
    return lines


def main() -> int:
    """`python -m harness.check`: compare the selected studies with their references; exit 1 on any difference."""
    _, config = parse(main.__doc__ or "")
    failures = 0
    compared = 0
    for one in study.select(config):
        lines = check(one, config)
        failures += len(lines)
        compared += len(today(one, config))
        print("\n".join(f"{one.name}: {line}" for line in lines), end="\n" if lines else "")
    if not compared:
        print(f"nothing was run at fidelity {config.fidelity}: there is nothing to check")
        return 1
    print(f"check: {compared} scores at fidelity {config.fidelity}, {failures} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    stage(main)
