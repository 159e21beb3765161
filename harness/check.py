"""The check stage: today's scores against the accepted ones, upwards as well as downwards. Papers play no part."""

from __future__ import annotations

import csv
import io
import platform
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness import join, study
from harness.command import parse
from harness.config import Config
from harness.errors import InputError, stage
from harness.plan import runnable
from harness.study import Study, folders, has_fit
from harness.text import read_yaml

Key = tuple[str, str, str, str]  # variant, seed, collection, metric
HEAD = ["variant", "seed", "collection", "metric", "value"]
PACKAGES = ("bm25s", "numpy", "ranx", "scikit-learn", "tokenizers", "torch", "transformers")  # that may move a score


def reference_path(one: Study, config: Config) -> Path:
    """Return where a study keeps its accepted scores of this fidelity."""
    return one.folder / "reference" / f"{config.fidelity}.csv"


def read_reference(path: Path) -> dict[Key, float]:
    """Read accepted scores; raise InputError for a malformed row, with its line."""
    found: dict[Key, float] = {}
    with path.open(encoding="utf-8", newline="") as opened:
        for line, r in enumerate(csv.DictReader(opened), start=2):
            try:
                key = (r["variant"], r["seed"], r["collection"], r["metric"])
                value = float(r["value"])
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(f"{path}:{line}: not a row of {', '.join(HEAD)}: {error}") from None
            if key in found:
                raise InputError(f"{path}:{line}: {'/'.join(key)} stands twice")
            found[key] = value
    return found


def today(one: Study, config: Config) -> dict[Key, float]:
    """Return the aggregate scores of the variants and seeds that experiment.yaml names now."""
    frame = join.read([place / "scores.parquet" for place in join.jobs(one, config)])
    if frame is None:
        return {}
    whole = frame[frame["query_id"].isna()]
    rows = zip(whole["variant"], whole["seed"], whole["collection"], whole["metric"], whole["value"], strict=True)
    return {(v, str(s), c, m): float(value) for v, s, c, m, value in rows}


def absent(one: Study, found: dict[Key, float], config: Config) -> list[str]:
    """Return one line for each variant, seed and collection that should have run and has no score at all."""
    scored = {key[:3] for key in found}
    wanted = [(v.name, str(s), c) for v in one.variants for s in v.seeds for c in runnable(one, v, config.fidelity)]
    return [f"{'/'.join(key)}: not scored at fidelity {config.fidelity}" for key in wanted if key not in scored]


def as_csv(scores: dict[Key, float]) -> str:
    """Return scores as the text of a reference file, in a fixed order."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows([*key, f"{value:.9g}"] for key, value in sorted(scores.items()))
    return text.getvalue()


def differences(accepted: dict[Key, float], found: dict[Key, float], tolerance: Callable[[Key], float]) -> list[str]:
    """Return one line for each score that moved, is gone or is new; a NaN is never within tolerance.

    `tolerance` of a score is absolute up to 1 and relative beyond, since participation ratios run into hundreds.
    """
    lines = []
    for key in sorted(accepted.keys() | found.keys()):
        name = "/".join(key)
        if key not in found:
            lines.append(f"{name}: absent today, {accepted[key]:.6f} accepted")
        elif key not in accepted:
            lines.append(f"{name}: {found[key]:.6f} today, nothing accepted")
        elif not abs(found[key] - accepted[key]) <= tolerance(key) * max(1.0, abs(accepted[key])):
            lines.append(f"{name}: {found[key]:.6f} today, {accepted[key]:.6f} accepted ({found[key] - accepted[key]:+.6f})")
    return lines


def environment() -> dict[str, str]:
    """Return what else may move a score: versions and the kind of machine."""
    return {name: _version(name) for name in PACKAGES} | {"python": platform.python_version(), "machine": _machine()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _machine() -> str:
    """Return system and processor; Linux says the model in /proc/cpuinfo only."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return f"{platform.system()} {platform.machine()} {model}".strip()


def moved(path: Path) -> list[str]:
    """Return how the environment differs from the one that made the reference at `path`."""
    record = path.with_suffix(".yaml")
    if not record.exists():
        return [f"{record.name} is missing: what made the reference is not known"]
    then, now = read_yaml(record)["environment"], environment()
    changed = [f"{key} {then.get(key)} -> {now[key]}" for key in now if then.get(key) != now[key]]
    return [f"environment: {', '.join(changed)}"] if changed else []


def tolerances(one: Study, path: Path, config: Config) -> Callable[[Key], float]:
    """Return how far each score may move: what is trained may move further in another environment than the reference's."""
    known = folders(config.root)
    trained = {v.name for v in one.variants if has_fit(known[v.method])} if moved(path) else set()
    return lambda key: config.check.trained if key[0] in trained else config.check.tolerance


def check(one: Study, config: Config) -> list[str]:
    """Return what is wrong with one study; absent counts as failure, on either side."""
    path, found = reference_path(one, config), today(one, config)
    lines = absent(one, found, config)
    if path.exists():
        return lines + differences(read_reference(path), found, tolerances(one, path, config))
    if found:
        lines.append(f"no accepted scores at {path.relative_to(config.root)}; look at them, then: make accept STUDY={one.name}")
    return lines


def main() -> int:
    """`python -m harness.check`: compare the selected studies with their references; exit 1 on any difference."""
    _, config = parse(main.__doc__ or "")
    failures, compared = 0, 0
    for one in study.select(config):
        lines, path = check(one, config), reference_path(one, config)
        failures, compared = failures + len(lines), compared + len(today(one, config))
        if path.exists():
            lines += moved(path)  # told, not counted: another machine may agree
        print("".join(f"{one.name}: {line}\n" for line in lines), end="")
    if not compared:
        print(f"check: no score at fidelity {config.fidelity}; nothing was run, and absent is not equal")
        return 1
    print(f"check: {compared} scores at fidelity {config.fidelity}, {failures} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    stage(main)
