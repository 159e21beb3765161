"""Exact top-k over a large synthetic collection, in parts, within bounded memory.

    python benchmarks/large_search.py [--vectors 1000000] [--width 384] [--queries 100] [--depth 1000] [--parts 20]

The vectors are drawn part by part from a seed, written as the encode stage writes them and searched as the rank stage
does. Printed, one JSON object: vectors, seconds to search, seconds of processor time (what a busy machine cannot stretch), peak memory of the search in GB, and whether the ranking of a
sample of queries equals brute force over the same files, read one part at a time.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness.data.passages import Passages  # noqa: E402
from harness.vectors import large, stream  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("vectors", 1_000_000), ("width", 384), ("queries", 100), ("depth", 1000), ("parts", 20), ("checked", 5)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--scratch", default=tempfile.gettempdir())
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.scratch) as folder:
        passages = Passages(Path("made.tsv"), None, given.vectors, given.parts, "made")
        for part in range(given.parts):
            write(Path(folder), passages, part, given.width)
        queries = unit(np.random.default_rng(1).standard_normal((given.queries, given.width)))
        started, worked = time.perf_counter(), time.process_time()
        best = stream.Best(queries, given.depth, "inner")
        for names, vectors in large.chunks(Path(folder), passages, "", stream.ROWS):
            best.add(names, vectors)
        seconds, cpu = time.perf_counter() - started, time.process_time() - worked
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        run = best.run([str(i) for i in range(given.queries)])
        same = all(run[str(i)] == brute(Path(folder), passages, queries[i], given.depth) for i in range(given.checked))
    line = {"vectors": given.vectors, "width": given.width, "queries": given.queries, "seconds": round(seconds, 1)}
    line |= {"cpu": round(cpu, 1), "peak_gb": round(peak, 2)}
    print(json.dumps({**line, "checked": given.checked, "equals_brute_force": same}))


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def write(folder, passages, part, width):
    """Every tenth vector repeats the one before, so that there are ties."""
    start, end = passages.bounds(part)
    vectors = unit(np.random.default_rng([7, part]).standard_normal((end - start, width)))
    vectors[1::10] = vectors[0::10][: len(vectors[1::10])]
    names = "\n".join(f"d{i}" for i in range(start, end))
    path = large.part_file(folder, passages, "", part)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"vectors": vectors, "names": np.frombuffer(names.encode(), dtype=np.uint8)}, path)


def brute(folder, passages, query, depth):
    scores, names = [], []
    for found, vectors in large.chunks(folder, passages, "", 10**9):
        scores.append((vectors.astype(np.float64) @ query.astype(np.float64)).astype(np.float32))
        names += found
    pairs = sorted(zip(np.concatenate(scores).tolist(), names, strict=True), reverse=True)[:depth]
    return [(name, score) for score, name in pairs]


if __name__ == "__main__":
    main()
