"""Processor against GPU, in one run: encoding, the heads of a grid, and both trainings, each in a process of its own, with its peak memory.

    python -m benchmarks.devices [--mirror DIR] [--texts 512] [--cells 336] [--steps 4]

Printed, a Markdown table: what a second does on each, the GPU's over the processor's, and the most memory that was held (of the GPU, what torch
took there; of the processor, the whole process). Where torch finds no GPU its column says so. This was never run on a GPU: the figures of
that column are still to come, and so is the target of 30 times for heads.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
Work = tuple[Callable[[], object], float]  # what is timed, after one call to warm up, and how many units it does


def encoding(asked: argparse.Namespace, settings: Any) -> Work:
    """Texts of the courses through all-MiniLM-L6-v2 in float32."""
    from harness.data import loading
    from harness.studies import models
    from harness.vectors.encoder import FrozenEncoder

    found = loading.load("courses_train" if asked.mirror else "made_courses_train", settings).document_texts
    texts = (found * (asked.texts // len(found) + 1))[: asked.texts]
    encoder = FrozenEncoder(models.model_folder("minilm", settings), 256, "float32", 0)
    return lambda: encoder.encode(texts, ["mean"]), len(texts)


def heads(asked: argparse.Namespace, settings: Any) -> Work:
    """Steps of heads of 384-768-512: the whole grid on a GPU, as many as suit a processor else."""
    import torch

    from benchmarks import grid_cost
    from harness.vectors import machine

    choice = machine.chosen()
    count = asked.cells if choice.heads is None else min(asked.cells, 2 * choice.heads)
    features = grid_cost.training.Features(torch.randn(1000, 384), torch.randint(0, 1000, (16 * asked.steps, 3)))
    cells = grid_cost.cells(count, 1)
    return lambda: grid_cost.together(cells, features, choice.heads or count, choice.device), count * asked.steps


def course(asked: argparse.Namespace, settings: Any) -> Work:
    """Steps of the course recommender's training on all-MiniLM-L6-v2."""
    import random

    import torch

    from benchmarks import course_training as benchmark

    made, found, base = benchmark.ready(settings, asked.mirror)
    encoder = benchmark.model.make(base, made, 0).train()
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=made.recipe.learning_rate, fused=True)
    source, chance = benchmark.synonyms.source("project"), random.Random(0)

    def work() -> None:
        for _ in range(asked.steps):
            rows = chance.sample(range(len(found.texts)), made.recipe.batch)
            texts = benchmark.training.views(found, rows, made.recipe, source, chance)
            benchmark.step(encoder, optimizer, texts, torch.tensor(found.labels)[rows].repeat(2), made.recipe, None)

    return work, asked.steps


def dual(asked: argparse.Namespace, settings: Any) -> Work:
    """Pairs of the dual loss's training, as its trainer takes them."""
    import tempfile

    from benchmarks import dual_training as benchmark

    recipe, base, pairs = benchmark.ready(settings, asked.mirror, "dual", 1, 32 * asked.steps)

    def work() -> None:
        with tempfile.TemporaryDirectory() as name:
            made = benchmark.training.model_of(base, recipe.max_length, recipe.buckets)
            data = benchmark.training.data_of(pairs, {}, recipe)
            benchmark.training.trainer_of(made, data, recipe, 0, Path(name)).train()

    return work, len(pairs)


TASKS = {"encode, texts": encoding, "heads, steps": heads, "course recommender, steps": course, "dual loss, pairs": dual}


def measured(task: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Do a task in this process; return units a second and the most memory held, in MB."""
    import torch

    from harness import config
    from harness.vectors import machine

    settings = config.load(ROOT, {"mirror": asked.mirror, "fidelity": "substitute" if asked.mirror else "embedded"})
    choice = machine.chosen()
    gpu = choice.device == "cuda"
    work, units = TASKS[task](asked, settings)
    work()
    if gpu:
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    started = time.perf_counter()
    work()
    if gpu:
        torch.cuda.synchronize()
    spent = time.perf_counter() - started
    peak = torch.cuda.max_memory_allocated() / 1e6 if gpu else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {"rate": units / spent, "peak_mb": peak, "on": choice.told()}


def apart(task: str, asked: argparse.Namespace, gpu: bool) -> dict[str, Any]:
    """Do a task in a process of its own, which sees a GPU or none."""
    given = [f"--{name}={getattr(asked, name)}" for name in ("texts", "cells", "steps")] + (
        [f"--mirror={asked.mirror}"] if asked.mirror else []
    )
    hidden = {} if gpu else {"CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "benchmarks.devices", "--one", task, *given]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **hidden}, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{task}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def row(task: str, on_cpu: dict[str, Any], on_gpu: dict[str, Any] | None, why: str) -> str:
    """Return a row of the table; `why` stands where there is no GPU."""
    cpu = f"{on_cpu['rate']:,.1f} | {on_cpu['peak_mb']:,.0f}"
    if on_gpu is None:
        return f"| {task} a second | {cpu} | skipped: {why} | | |"
    return (
        f"| {task} a second | {cpu} | {on_gpu['rate']:,.1f} | {on_gpu['peak_mb']:,.0f} | {on_gpu['rate'] / on_cpu['rate']:.1f} |"
    )


def main() -> None:
    """Print the table, and what each column was computed on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror")
    for name, value in (("texts", 512), ("cells", 336), ("steps", 4)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--one", choices=TASKS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.one, asked)))
        return
    import torch

    there, used = torch.cuda.is_available(), set()
    print("| | processor | its peak, MB | GPU | its peak, MB | times |\n|---|---|---|---|---|---|")
    for task in TASKS:
        found = apart(task, asked, gpu=False)
        on_gpu = apart(task, asked, gpu=True) if there else None
        used |= {one["on"] for one in (found, on_gpu) if one}
        print(row(task, found, on_gpu, "torch finds no GPU"), flush=True)
    print("\ncomputed on: " + "; ".join(sorted(used)))


if __name__ == "__main__":
    main()
