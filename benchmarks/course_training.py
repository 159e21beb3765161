"""What a step of the course recommender's training costs, against a plain loop of the released recipe on the same batches.

`python benchmarks/course_training.py [--mirror MIRROR] [--steps 8] [--threads 1]`: all-MiniLM-L6-v2 and its head, both ways step by
step in turn, in one process; printed are medians of a step's seconds, of the clock and of the processor, and the last losses. Plain: every text
padded to 64 tokens, both views apart, float32, AdamW in a loop. Ours: no padding, bfloat16 products, fused AdamW.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402 - the path comes first

from harness import config  # noqa: E402
from harness.data import loading  # noqa: E402
from harness.studies import models, study  # noqa: E402
from replications.course_recommender import courses, loss, model, synonyms, training  # noqa: E402
from replications.course_recommender.recipe import Recipe, Settings  # noqa: E402


def padded(encoder: Any, texts: list[str], length: int) -> torch.Tensor:
    """Embed the two views apart, every text padded to `length` tokens."""
    views = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    found = []
    for view in views:
        tokens = encoder.tokenizer(view, padding="max_length", truncation=True, max_length=length, return_tensors="pt")
        found.append(encoder({key: value.to(encoder.device) for key, value in tokens.items()})["sentence_embedding"])
    return torch.cat(found)


def step(encoder: Any, optimizer: Any, texts: list[str], labels: torch.Tensor, recipe: Recipe, length: int | None) -> list[float]:
    """Take one step, plainly where a `length` to pad to is given; return clock seconds, processor seconds and the loss."""
    clock, processor = time.perf_counter(), time.process_time()
    labels = labels.to(encoder.device)
    with torch.autocast(encoder.device.type, torch.bfloat16, enabled=length is None):
        vectors = padded(encoder, texts, length) if length else model.embed(encoder, texts, recipe.packed).float()
    vectors = torch.nn.functional.normalize(vectors, dim=1)
    value = loss.nt_xent(vectors, labels, recipe.tau, recipe.positives) + recipe.isotropy_weight * loss.isotropy(vectors)
    optimizer.zero_grad()
    value.backward()
    torch.nn.utils.clip_grad_norm_(encoder.parameters(), recipe.clip)
    optimizer.step()
    return [time.perf_counter() - clock, time.process_time() - processor, value.item()]


def ready(chosen: config.Config, mirror: str | None) -> tuple[Settings, courses.Courses, Path]:
    """Return what is trained, on which courses, and from which base."""
    known = study.folders(chosen.root)
    variants = {one.name: one for one in study.load(known["course_recommender"], known, chosen.fidelity).variants}
    settings = Settings.model_validate(variants["minilm_tau_0.05"].settings)
    assert settings.recipe
    read = loading.load("courses_train" if mirror else "made_courses_train", chosen)
    return settings, courses.read(read, settings.recipe, settings.split), models.model_folder("minilm", chosen)


def main() -> None:
    """Print the medians of both ways and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    chosen = config.load(overrides={"mirror": asked.mirror, "fidelity": "substitute" if asked.mirror else "embedded"})
    settings, found, base = ready(chosen, asked.mirror)
    recipe = settings.recipe
    assert recipe
    ways: dict[str, Any] = {}
    for name, fused in (("plain", False), ("ours", True)):
        encoder = model.make(base, settings, 0).train()
        optimizer = torch.optim.AdamW(encoder.parameters(), lr=recipe.learning_rate, fused=fused, foreach=False)
        ways[name] = encoder, optimizer, settings.max_length if name == "plain" else None
    chance, source = random.Random(0), synonyms.source("project")
    rows: dict[str, list[list[float]]] = {name: [] for name in ways}
    for _ in range(asked.steps + 1):  # the first one warms up
        batch = chance.sample(range(len(found.texts)), recipe.batch)
        texts, labels = training.views(found, batch, recipe, source, chance), torch.tensor(found.labels)[batch].repeat(2)
        for name, (encoder, optimizer, length) in ways.items():
            rows[name].append(step(encoder, optimizer, texts, labels, recipe, length))
    medians = {name: [statistics.median(column) for column in zip(*timed[1:], strict=True)] for name, timed in rows.items()}
    for name, (clock, processor, _) in medians.items():
        print(f"{name}: {clock:.3f} s of the clock, {processor:.3f} s of the processor a step; last loss {rows[name][-1][2]:.3f}")
    print(
        f"ratio: {medians['plain'][0] / medians['ours'][0]:.2f} clock, {medians['plain'][1] / medians['ours'][1]:.2f} processor"
    )


if __name__ == "__main__":
    main()
