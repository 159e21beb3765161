"""The jobs of a run, worked out from the study folders alone: nothing heavy is imported here."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness.config import Config
from harness.data.asset import definitions
from harness.data.loading import find
from harness.errors import InputError, closest
from harness.studies.experiment import Roles, Variant
from harness.studies.models import digest as built_digest
from harness.studies.models import read as read_recipe
from harness.studies.models import recipes
from harness.studies.study import Study, folders, has_fit
from harness.text import read_yaml


@dataclass(frozen=True)
class EncodeJob:
    """One frozen encoder over one collection, or a part of a large one, with all the poolings and prompts that the run asks of it."""

    name: str
    model: str
    max_length: int | str  # "saved": the model's own
    dtype: str
    poolings: tuple[str, ...]
    collection: str
    prompts: tuple[tuple[str | None, str | None], ...]  # (query prompt, document prompt), None for what the model was saved with
    part: int | None  # of a collection that is encoded in parts
    builds: tuple[str, ...]  # the model, if the project builds it


@dataclass(frozen=True)
class Job:
    """One group of variants of a study under one seed: fitted, ranked and scored together."""

    study: str
    group: str
    seed: int
    variants: tuple[Variant, ...]
    encoders: tuple[str, ...]
    builds: tuple[str, ...]  # the models of its own that the project must have built first
    fits: bool


@dataclass(frozen=True)
class Known:
    """All that a run may name, looked up once: study folders, definitions of collections and models, and those that are built."""

    folders: dict[str, Path]
    collections: dict[str, Path]
    models: dict[str, Path]
    built: dict[str, Path]


def known_of(config: Config) -> Known:
    """Look up all that a run may name."""
    return Known(folders(config), find(config), definitions(config, "models"), recipes(config))


def role(roles: Roles, name: str, fidelity: str) -> str | None:
    """Return what stands for a role at this fidelity; None where the study runs nothing there."""
    return roles[name].at(fidelity)


def runnable(study: Study, variant: Variant, fidelity: str) -> list[str]:
    """Return the collection roles that a variant is ranked on at this fidelity; none if it lacks a model or training data."""
    assert study.experiment
    needed = [role(study.experiment.models, name, fidelity) for name in variant.models]
    if None in needed + [role(study.experiment.training, name, fidelity) for name in variant.train_on]:
        return []
    return [name for name in variant.collections if role(study.experiment.collections, name, fidelity)]


def used(study: Study, variant: Variant, fidelity: str) -> tuple[list[str], list[str]]:
    """Return the models and the collections, trained on included, that a variant uses at this fidelity."""
    assert study.experiment
    roles = runnable(study, variant, fidelity)
    if not roles:
        return [], []
    models = [role(study.experiment.models, name, fidelity) for name in variant.models]
    collections = [role(study.experiment.data, name, fidelity) for name in roles + variant.train_on]
    return list(map(str, models)), list(map(str, collections))


def encoder_names(study: Study, variant: Variant, config: Config, defined: dict[str, Path]) -> list[str]:
    """Return the encode jobs that a variant's vectors come from, one for each collection or part; none if it needs none."""
    if not variant.encoder:
        return []
    models, collections = used(study, variant, config.fidelity)
    base = f"{models[0]}-{variant.encoder.max_length}-{variant.encoder.dtype}" if models else ""
    return [f"{base}.{name}" + ("" if part is None else f".{part}") for name in collections for part in parts(name, defined)]


def parts(collection: str, defined: dict[str, Path]) -> list[int | None]:
    """Return the parts that a collection is encoded in; one None where it is encoded whole."""
    passages = _raw(defined[collection]).get("passages") if collection in defined else None
    return list(range(passages["parts"])) if passages else [None]


def _raw(path: Path) -> dict[str, Any]:
    return _defined(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _defined(path: Path, _changed: int) -> dict[str, Any]:
    """Read a collection's definition once, for it is asked for by every variant of a grid."""
    found: dict[str, Any] = read_yaml(path)
    return found


def encode_jobs(studies: list[Study], config: Config) -> list[EncodeJob]:
    """Merge what all variants ask of the same weights, length, precision and collection into one job, poolings together."""
    found: dict[str, EncodeJob] = {}
    known = known_of(config)
    for study in studies:
        for variant in study.planned:
            if not (e := variant.encoder):
                continue
            models, collections = used(study, variant, config.fidelity)
            names = encoder_names(study, variant, config, known.collections)
            pieces = [(collection, part) for collection in collections for part in parts(collection, known.collections)]
            for name, (collection, part) in zip(names, pieces, strict=True):
                builds = tuple({models[0]} & known.built.keys())
                before = found.get(name) or EncodeJob(name, models[0], e.max_length, e.dtype, (), collection, (), part, builds)
                poolings = tuple(sorted({*before.poolings, e.pooling}))
                prompts = tuple(sorted({*before.prompts, (e.query_prompt, e.document_prompt)}, key=str))
                found[name] = replace(before, poolings=poolings, prompts=prompts)
    return [found[name] for name in sorted(found)]


def jobs(studies: list[Study], config: Config) -> list[Job]:
    """Group the variants that have something to run at this fidelity into jobs, in the order of the files."""
    known = known_of(config)
    found: list[Job] = []
    for study in studies:
        groups: dict[tuple[str, int], list[Variant]] = defaultdict(list)
        for variant in study.planned:
            if runnable(study, variant, config.fidelity):
                for seed in variant.seeds:
                    groups[variant.group, seed].append(variant)
        for (group, seed), members in groups.items():
            encoders = {name for v in members for name in encoder_names(study, v, config, known.collections)}
            fits = any(has_fit(known.folders[v.method]) for v in members)
            models = {model for v in members for model in used(study, v, config.fidelity)[0]} & known.built.keys()
            found.append(Job(study.name, group, seed, tuple(members), tuple(sorted(encoders)), tuple(sorted(models)), fits))
    return found


def fingerprint(study: Study, job: Job, config: Config, known: Known | None = None) -> str:
    """Digest all that should make a job run again: settings, method code, collections' definitions, depth."""
    assert study.experiment
    known = known or known_of(config)
    defined = known.collections
    parts = [variant.model_dump_json() for variant in job.variants]
    for method in sorted({v.method for v in job.variants}):
        parts += [_content(path) for path in sorted(known.folders[method].glob("*.py")) if not path.name.startswith("test_")]
        parts += [_content(path) for path in sorted(known.folders[method].glob("*.txt"))]
    for variant in job.variants:
        for name in runnable(study, variant, config.fidelity) + variant.train_on:
            actual = str(role(study.experiment.data, name, config.fidelity))
            if actual not in defined:
                raise InputError(f"{study.folder}/experiment.yaml: collections.{name}: no '{actual}'{closest(actual, defined)}")
            parts += [name, *definition(actual, defined)]
    models = {name: study.experiment.models[name] for v in job.variants for name in v.models}
    named = sorted({str(role(models, name, config.fidelity)) for name in models} & known.models.keys())
    built = [built_digest(name, config) for name in job.builds]
    weights = [_content(known.models[name]) for name in named]
    content = json.dumps([parts, {name: one.model_dump() for name, one in models.items()}, weights, built, depth(study, config), config.perturb], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def encoded(job: EncodeJob, config: Config, known: Known | None = None) -> str:
    """Digest all that should make an encode job run again: the job, and the definitions of collection and model with the digests they pin."""
    known = known or known_of(config)
    content = definition(job.collection, known.collections) if job.collection in known.collections else []
    content += [_content(known.models[job.model])] if job.model in known.models else []
    return hashlib.sha256("\0".join([str(job), *content]).encode()).hexdigest()[:16]


def definition(name: str, known: dict[str, Path]) -> list[str]:
    """Return the content of a collection's definition, of the code that makes it, and of those it is put together from."""
    path = known[name]
    raw = _raw(path)
    code = path.with_name(str(raw.get("build"))) if raw.get("build") else None
    found = [_content(path), *([_content(code)] if code and code.is_file() else [])]
    return found + [part for source in raw.get("from") or [] if source in known for part in definition(source, known)]


def depth(study: Study, config: Config) -> int:
    """Return how many documents a run of this study keeps for each query."""
    return (study.experiment and study.experiment.depth) or config.depth


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def materials(studies: list[Study], config: Config) -> list[str]:
    """Name every collection and model that the run needs, for the fetch stage."""
    built = recipes(config)
    collections: set[str] = set()
    models: set[str] = set()
    for study in studies:
        for variant in study.planned:
            needed = used(study, variant, config.fidelity)
            models |= set(needed[0])
            collections |= set(needed[1])
    collections |= {read_recipe(built[name]).collection for name in models & built.keys()}
    models -= built.keys()
    return [*(f"collection {name}" for name in sorted(collections)), *(f"model {name}" for name in sorted(models))]
