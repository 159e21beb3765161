"""What benchmarks.scaling measures: for each part its sizes, and how one size of it is invented."""

from __future__ import annotations

import io
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
Ready = Callable[[], object]
METRICS = ("mrr@10", "hit_rate@1", "ndcg@10", "recall@5", "ndcg@5")
METHOD = ROOT / "tests" / "workspace" / "baselines" / "letters" / "method.py"
COLLECTION = '''"""Documents and queries of one number each, made for a measurement."""


def build(settings):
    n = settings["queries"]
    documents, queries = [f"d{i}" for i in range(200)], [f"q{i}" for i in range(n)]
    return {
        "document_ids": documents, "titles": [""] * 200, "texts": documents, "query_ids": queries, "queries": queries,
        "qrels": {query: {f"d{i % 200}": 1} for i, query in enumerate(queries)}, "labels": {},
    }
'''


@dataclass(frozen=True)
class Part:
    """One curve: what its size counts, the sizes, what is written for one size, and what is then measured.

    `starts`: the work is done by a process that it starts, whose memory counts.
    """

    axis: str
    title: str
    sizes: tuple[int, ...]
    write: Callable[[int, Path], object]
    ready: Callable[[int, Path], Ready]
    starts: bool = False


def study(folder: Path, variants: int, queries: int, claims: bool, groups: bool = False, compare: bool = False) -> None:
    """Write a project of one study: `variants` of one method on one collection, and a table of five claims for each."""
    shutil.copy(ROOT / "config.yaml", folder)
    made, collections = folder / "replications" / "made", folder / "collections"
    for place in (made, collections, folder / "baselines"):
        place.mkdir(parents=True)
    shutil.copy(METHOD, made)
    (collections / "made.py").write_text(COLLECTION)
    (collections / "made.yaml").write_text(
        f"title: made\nreader: made\nbuild: made.py\nsettings: {{queries: {queries}}}\nsplit: test\nlicence: the project's own\n"
        f"counts: {{documents: 200, queries: {queries}, qrels: {queries}}}\n"
    )
    names = [f"v{i}" for i in range(variants)]
    (made / "experiment.yaml").write_text(
        f"seeds: [0]\nmetrics: [{', '.join(METRICS)}]\ncollections:\n  made: {{embedded: made, substitute: made, original: made}}\n"
        "variants:\n" + "".join(f"  {name}: {{weight: {i + 1}.0{'' if groups else ', group: main'}}}\n" for i, name in enumerate(names))
        + ("" if not compare else "compare:\n  all: {title: all, variants: [v*], baseline: v0, default: null, metric: mrr@10, collections: [made]}\n")
    )  # fmt: skip
    chance = random.Random(0)
    tables = [names[start : start + 100] for start in range(0, variants if claims else 0, 100)]
    margin = 'margin: {value: 0.01, reason: "made"}'
    lines = ['title: "Made"', 'locator: "made"', "tables:" if tables else "claims: []"]
    for number, rows in enumerate(tables):
        lines += [
            f"- place: Table {number + 1}",
            "  collection: made",
            "  decidable_at: embedded",
            f"  {margin}",
            f"  columns: [{', '.join(METRICS)}]",
            "  rows:",
        ]
        values = {name: [f"{chance.uniform(0.2, 0.8):.4f}" for _ in METRICS] for name in rows}
        lines += [f"    {name}: {json.dumps(printed)}" for name, printed in values.items()]
    (made / "claims.yaml").write_text("\n".join(lines) + "\n")


def scored(folder: Path, queries: int) -> None:
    """Write invented scores of all variants as the score stage does."""
    from harness import config, score
    from harness.studies import prints
    from harness.studies.jobs import find_job, job_folder

    settings, chance, rows = config.load(folder), random.Random(1), []
    chosen, job = find_job(settings, "made", "main", "0")
    for variant in job.variants:
        for metric in METRICS:
            values = [round(chance.random(), 3) for _ in range(queries)]
            place = ("made", variant.name, 0, "made", metric)
            of = [(None, sum(values) / queries), *((f"q{i}", value) for i, value in enumerate(values))]
            rows += [(*place, query, value, None, "embedded", "none", "none") for query, value in of]
    score.write(job_folder(settings, job) / "scores.parquet", rows, prints.of(chosen, job, settings)["score"])


def stage(name: str, folder: Path, *options: str) -> None:
    """Run a stage in this process, as its command would."""
    import importlib

    module = importlib.import_module(f"harness.{name}")
    sys.argv = [name, "--root", str(folder), *options]
    with redirect_stdout(io.StringIO()):
        module.main()


OPTIONS = {"audit": ("--output", "results/embedded/findings.csv"), "judge": ("--study", "made"), "compare": ("--study", "made"), "table": ("--study", "made")}


def run(names: tuple[str, ...], size: int, folder: Path) -> Ready:
    """Get ready to run stages, one after the other."""
    return lambda: [stage(name, folder, *OPTIONS.get(name, ())) for name in names]


def claims(before: tuple[str, ...], size: int, folder: Path, queries: int = 10) -> None:
    """Write a study of `size` claims, its scores, and what the stages `before` make of it."""
    from harness.text import write_sealed

    study(folder, size // len(METRICS), queries, claims=True)
    scored(folder, queries)
    write_sealed(folder / "results" / "embedded" / "made" / "agreement.json", "[]\n")  # of rankings, of which there are none
    for name in before:
        stage(name, folder, *OPTIONS[name])


def judged_queries(size: int, folder: Path) -> None:
    """Write what it takes to judge 50 claims on `size` queries."""
    claims(("audit",), 50, folder, size)


def ranked(size: int, folder: Path) -> None:
    """Write a run file of `size` queries with 100 documents each."""
    import numpy as np

    from harness.rankings import runs

    study(folder, 1, size, claims=False)
    collection, chance = _collection(folder), np.random.default_rng(0)
    run = {
        q: [(f"d{d}", float(s)) for d, s in zip(chance.permutation(200)[:100], chance.random(100), strict=True)]
        for q in collection.query_ids
    }
    runs.write(folder / "run.trec.gz", run, collection, "made")


def scored_queries(size: int, folder: Path) -> Ready:
    """Get ready to evaluate a run file."""
    from harness.rankings import metrics, runs

    collection, path = _collection(folder), folder / "run.trec.gz"
    metrics.keep_compiled()
    metrics.evaluate({"q0": [("d0", 1.0)]}, {"q0": {"d0": 1}}, list(METRICS))  # compiled once
    return lambda: metrics.evaluate(runs.read(path, collection), collection.qrels, list(METRICS))


def _collection(folder: Path) -> Any:
    from harness import config
    from harness.data import loading

    return loading.load("made", config.load(folder))


def compared(size: int, folder: Path) -> None:
    """Write what it takes to compare `size` cells with a baseline on 100 queries."""
    study(folder, size + 1, 100, claims=False, compare=True)
    scored(folder, 100)


def nothing(size: int, folder: Path) -> None:
    """Write nothing."""


def trained(size: int, folder: Path) -> Ready:
    """Get ready to train `size` heads of 384-768-64 for 5 steps of 16 triples, as many at once as suit a processor."""
    import torch

    from benchmarks import grid_cost

    features = grid_cost.training.Features(torch.randn(500, 384), torch.randint(0, 500, (80, 3)))
    cells = [one.model_copy(update={"output_dim": 64}) for one in grid_cost.cells(size, 1)]

    def work() -> None:
        for start in range(0, size, 8):  # what the grid's store does: heads that are done are kept on disk, not in memory
            grid_cost.together(cells[start : start + 8], features, 8, "cpu")

    return work


def planned(size: int, folder: Path) -> None:
    """Write a study of `size` jobs: a rank and a score job for each of half as many groups."""
    study(folder, size // 2, 3, claims=False, groups=True)


def planning(size: int, folder: Path) -> Ready:
    """Get ready for Snakemake's plan."""
    command = [sys.executable, "-m", "snakemake", "-n", "--quiet", "all", "-s", str(ROOT / "Snakefile"), "--cores", "2"]
    command += ["--workflow-profile", str(ROOT / "profiles" / "default")]
    return lambda: subprocess.run(command, cwd=folder, check=True, capture_output=True)


def vectors(size: int, folder: Path) -> None:
    """Write `size` vectors of 384 numbers, 100,000 to a part at most."""
    import numpy as np
    from safetensors.numpy import save_file

    from harness.vectors import large

    passages = _passages(size)
    block = np.random.default_rng(7).standard_normal((size // passages.parts, 384), dtype=np.float32)
    block /= np.linalg.norm(block, axis=1, keepdims=True)
    for part in range(passages.parts):
        start, end = passages.bounds(part)
        path = large.part_file(folder, passages, "", part)
        path.parent.mkdir(parents=True, exist_ok=True)
        names = "\n".join(f"d{i}" for i in range(start, end))
        # Other directions in each part, for less than drawing them anew.
        turned = np.roll(block[: end - start], part, axis=1) * np.where(np.arange(384) % (part + 2), 1, -1).astype(np.float32)
        save_file({"vectors": turned, "names": np.frombuffer(names.encode(), dtype=np.uint8)}, path)


def _passages(size: int) -> Any:
    from harness.data.passages import Passages

    return Passages(Path("made.tsv"), None, size, max(1, size // 100_000), "made")


def searching(size: int, folder: Path) -> Ready:
    """Get ready for the exact search of 20 queries, 1,000 passages each."""
    import numpy as np

    from harness.vectors import large, stream

    queries = np.random.default_rng(1).standard_normal((20, 384), dtype=np.float32)

    def work() -> Any:
        best = stream.Best(queries, 1000, "inner")
        for names, found in large.chunks(folder, _passages(size), "", stream.ROWS):
            best.add(names, found)
        return best

    return work


CLAIMS, QUERIES, CELLS = (5, 500, 5_000, 16_000, 50_000), (10, 300, 3_000, 10_000, 30_000), (8, 48, 480, 1_600, 4_800)
PARTS = {
    "audit": Part("claims", "audit, claims", CLAIMS, partial(claims, ()), partial(run, ("audit",))),
    "judge": Part("claims", "judge, claims", CLAIMS, partial(claims, ("audit",)), partial(run, ("judge",))),
    "page": Part("claims", "tables and page, claims", CLAIMS, partial(claims, ("audit", "judge")), partial(run, ("table", "render"))),
    "score": Part("queries", "score, queries", QUERIES, ranked, scored_queries),
    "judge_queries": Part("queries", "judge 50 claims, queries", QUERIES, judged_queries, partial(run, ("judge",))),
    "train": Part("cells", "train 5 steps, heads", (8, 48, 160, 480, 1_600, 4_800), nothing, trained),
    "compare": Part("cells", "compare, cells", CELLS, compared, partial(run, ("compare",))),
    "plan": Part("jobs", "Snakemake's plan, jobs", (4, 50, 500, 1_600, 5_000), planned, planning, starts=True),
    "search": Part("passages", "search, passages on disk", (1_000, 10_000, 100_000, 1_000_000, 10_000_000), vectors, searching),
}  # fmt: skip

if __name__ == "__main__":
    PARTS[sys.argv[1]].write(int(sys.argv[2]), Path(sys.argv[3]))
