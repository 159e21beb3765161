"""The jobs of a run, worked out from the study folders alone: nothing heavy is imported here."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from harness.collection import find
from harness.config import Config
from harness.errors import InputError, closest
from harness.study import Study, Variant, folders, has_fit


@dataclass(frozen=True)
class EncodeJob:
    """One frozen encoder with all the poolings and all the (collection, prompts) that the run asks of it."""

    name: str
    model: str
    max_length: int
    dtype: str
    poolings: tuple[str, ...]
    texts: tuple[tuple[str, str, str], ...]  # (collection, query prompt, document prompt)


@dataclass(frozen=True)
class Job:
    """One group of variants of a study under one seed: fitted, ranked and scored together."""

    study: str
    group: str
    seed: int
    variants: tuple[Variant, ...]
    encoders: tuple[str, ...]
    fits: bool


def role(roles: dict[str, dict[str, str | None]], name: str, fidelity: str) -> str | None:
    """Return what stands for a role at this fidelity; None where the study runs nothing there."""
    return roles[name].get(fidelity)


def runnable(study: Study, variant: Variant, fidelity: str) -> list[str]:
    """Return the collection roles that a variant runs on at this fidelity; none if its model is null there."""
    assert study.experiment
    if variant.encoder and role(study.experiment.models, variant.encoder.model, fidelity) is None:
        return []
    return [name for name in variant.collections if role(study.experiment.collections, name, fidelity)]


def encoder_name(study: Study, variant: Variant, fidelity: str) -> str | None:
    """Return the encode job that a variant's vectors come from, or None if it needs none."""
    if not (variant.encoder and study.experiment):
        return None
    model = role(study.experiment.models, variant.encoder.model, fidelity)
    return f"{model}-{variant.encoder.max_length}-{variant.encoder.dtype}"


def encode_jobs(studies: list[Study], config: Config) -> list[EncodeJob]:
    """Merge what all variants ask of the same weights, length and precision into one job, poolings together."""
    poolings: dict[tuple[str, str, int, str], set[str]] = defaultdict(set)
    texts: dict[tuple[str, str, int, str], set[tuple[str, str, str]]] = defaultdict(set)
    for study in studies:
        for variant in study.variants:
            name = encoder_name(study, variant, config.fidelity)
            if not (name and variant.encoder and study.experiment):
                continue
            for collection in runnable(study, variant, config.fidelity):
                e = variant.encoder
                key = (name, str(role(study.experiment.models, e.model, config.fidelity)), e.max_length, e.dtype)
                poolings[key].add(e.pooling)
                actual = str(role(study.experiment.collections, collection, config.fidelity))
                texts[key].add((actual, e.query_prompt, e.document_prompt))
    return [EncodeJob(*key, tuple(sorted(poolings[key])), tuple(sorted(texts[key]))) for key in sorted(poolings)]


def jobs(studies: list[Study], config: Config) -> list[Job]:
    """Group the variants that have something to run at this fidelity into jobs, in the order of the files."""
    known = folders(config.root)
    found: list[Job] = []
    for study in studies:
        groups: dict[tuple[str, int], list[Variant]] = defaultdict(list)
        for variant in study.variants:
            if runnable(study, variant, config.fidelity):
                for seed in variant.seeds:
                    groups[variant.group, seed].append(variant)
        for (group, seed), members in groups.items():
            encoders = {encoder_name(study, v, config.fidelity) for v in members} - {None}
            fits = any(has_fit(known[v.method]) for v in members)
            found.append(Job(study.name, group, seed, tuple(members), tuple(sorted(map(str, encoders))), fits))
    return found


def fingerprint(study: Study, job: Job, config: Config) -> str:
    """Digest all that should make a job run again: settings, method code, collections' definitions, depth."""
    assert study.experiment
    known, defined = folders(config.root), find(config.root)
    parts = [variant.model_dump_json() for variant in job.variants]
    parts += [_content(known[method] / "method.py") for method in sorted({v.method for v in job.variants})]
    for variant in job.variants:
        for name in runnable(study, variant, config.fidelity):
            actual = str(role(study.experiment.collections, name, config.fidelity))
            if actual not in defined:
                raise InputError(f"{study.folder}/experiment.yaml: collections.{name}: no '{actual}'{closest(actual, defined)}")
            parts += [name, _content(defined[actual])]
    models = {v.encoder.model: study.experiment.models[v.encoder.model] for v in job.variants if v.encoder}
    return hashlib.sha256(json.dumps([parts, models, config.depth], sort_keys=True).encode()).hexdigest()[:16]


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def materials(studies: list[Study], config: Config) -> list[str]:
    """Name every collection and model that the run needs, for the fetch stage."""
    collections, models = set(), set()
    for study in studies:
        for variant in study.variants:
            assert study.experiment
            roles = runnable(study, variant, config.fidelity)
            collections |= {str(role(study.experiment.collections, name, config.fidelity)) for name in roles}
            if variant.encoder and roles:
                models.add(str(role(study.experiment.models, variant.encoder.model, config.fidelity)))
    return [*(f"collection {name}" for name in sorted(collections)), *(f"model {name}" for name in sorted(models))]


def code(*patterns: str) -> str:
    """Digest the harness files that a stage's result depends on: a change of them must run the stage again.

    Training is left out on purpose: a method's own code and settings decide it (`fingerprint`).
    """
    here = Path(__file__).parent
    paths = sorted({path for pattern in patterns for path in here.glob(pattern)})
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]
