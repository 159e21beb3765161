"""Training as released: two views of every course, AdamW, linear warm-up and decay, clipping; the last step is kept."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from harness.studies.trained import keep
from harness.text import write_text

from . import augment, loss, synonyms
from .courses import Courses
from .model import embed, make
from .recipe import Recipe, Settings

VERSION = 1  # raise it when a change of training or augmentation changes what is trained


class Diverged(Exception):
    """Raised where the loss is not finite: the step and the settings."""


def train(base: Path, courses: Courses, settings: Settings, source: str, seed: int, target: Path) -> None:
    """Train and save a sentence-transformers folder, whole or not at all; raise Diverged where the loss is not finite."""
    assert settings.recipe
    torch.manual_seed(seed)
    model = make(base, settings, seed)
    log = steps(model, courses, settings.recipe, synonyms.source(source), seed)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    model.save(str(unfinished), create_model_card=False, safe_serialization=True)
    told = {**courses.counts, **log, "synonyms": source, "seed": seed, "settings": settings.model_dump(mode="json")}
    write_text(unfinished / "training.json", json.dumps(told, indent=1) + "\n")
    keep(unfinished, target)


def steps(model: SentenceTransformer, courses: Courses, recipe: Recipe, source: synonyms.Source, seed: int) -> dict[str, float]:
    """Train in place; return the number of steps and the means of both loss terms over the last epoch."""
    chance = random.Random(seed)
    total = recipe.epochs * math.ceil(len(courses.texts) / recipe.batch)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, math.floor(recipe.warm_up * total), total))
    labels, step, terms = torch.tensor(courses.labels, device=model.device), 0, []
    model.train()
    for _ in range(recipe.epochs):
        terms = []
        for rows in batches(len(courses.texts), recipe.batch, chance):
            with torch.autocast(model.device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16"):
                found = embed(model, views(courses, rows, recipe, source, chance), recipe.packed)
            vectors = torch.nn.functional.normalize(found.float(), dim=1)  # bfloat16 rows are not of unit length
            apart = loss.nt_xent(vectors, labels[rows].repeat(2), recipe.tau, recipe.positives), loss.isotropy(vectors)
            value = apart[0] + recipe.isotropy_weight * apart[1]
            step += 1
            if not math.isfinite(value.item()):
                raise Diverged(f"the loss is {value.item()} at step {step} of {total}; {recipe.model_dump()}")
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            if not math.isfinite(norm.item()):
                raise Diverged(f"the gradient's norm is {norm.item()} at step {step} of {total}; {recipe.model_dump()}")
            optimizer.step()
            schedule.step()
            terms.append([term.item() for term in apart])
    means = [math.fsum(column) / len(terms) for column in zip(*terms, strict=True)]
    return {"steps": step, "contrastive": means[0], "isotropy": means[1]}


def rate(step: int, warm: int, total: int) -> float:
    """Return the share of the learning rate at a step: up linearly for `warm` steps, then down linearly to 0."""
    return step / warm if step < warm else max(0.0, (total - step) / max(1, total - warm))


def batches(courses: int, size: int, chance: random.Random) -> Iterator[list[int]]:
    """Cut a shuffled list of courses into batches; the last, partial one is kept."""
    order = chance.sample(range(courses), courses)
    yield from (order[start : start + size] for start in range(0, courses, size))


def views(courses: Courses, rows: list[int], recipe: Recipe, source: synonyms.Source, chance: random.Random) -> list[str]:
    """Return the first views of the rows, then their second ones; a statement stands unaltered as the first view."""
    one = [courses.statements[i] or augment.altered(courses.texts[i], recipe.views[0], source, chance) for i in rows]
    return one + [augment.altered(courses.texts[i], recipe.views[1], source, chance) for i in rows]
