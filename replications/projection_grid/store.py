"""Trained heads, each kept once under a digest of all that made it: a grid may grow without training its old cells again.

Of its epochs those are kept that a variant asks for.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from harness.errors import InputError
from harness.studies.inputs import Inputs
from harness.studies.method import Failed
from harness.studies.trained import link
from harness.text import replacing
from harness.vectors import heads, machine
from harness.vectors.cache import Vectors

from . import losses, schedule, training

if TYPE_CHECKING:
    from .recipe import Settings

MEMORY = 0.6  # the share of free memory that training may take
Member = tuple["Settings", Inputs]


def trained(members: list[Member], seed: int) -> list[Path]:
    """Return where each member's head is kept, after training those of which not all epochs are that the members ask for."""
    keys, asked = [key_of(settings, inputs, seed) for settings, inputs in members], defaultdict[str, set[int]](set)
    for key, (settings, _) in zip(keys, members, strict=True):
        asked[key].add(settings.checkpoint)
    missing = {key: member for key, member in zip(keys, members, strict=True) if not asked[key] <= kept(path_of(member[1], key))}
    packs: dict[str, list[str]] = defaultdict(list)
    for key, (settings, inputs) in missing.items():
        shared = [getattr(settings, name) for name in training.SHARED]
        packs[json.dumps([shared, inputs.variant.train_on, inputs.encoder.model_dump()])].append(key)
    for pack in packs.values():
        device = machine.chosen().device
        chosen = [missing[key] for key in pack]
        for start, end in _cuts(chosen, device):
            _train(dict(zip(pack[start:end], chosen[start:end], strict=True)), asked, seed, device)
    return [path_of(inputs, key) for key, (_, inputs) in zip(keys, members, strict=True)]


def _cuts(members: list[Member], device: str) -> Iterator[tuple[int, int]]:
    """Cut a pack into as many heads at once as wanted, or as the free memory allows."""
    settings, inputs = members[0]
    wanted = min(len(members), inputs.config.train.heads or machine.chosen().heads or len(members))
    width = _width(inputs)
    rows = 3 * settings.batch
    each = heads.bytes_of(training.widths(settings, width), rows)
    if settings.predictor:
        each += heads.bytes_of([settings.output_dim, settings.hidden_factor * settings.output_dim, settings.output_dim], rows)
    size = heads.at_once(wanted, each, device, MEMORY)
    if size < wanted:
        print(f"fit: memory for {size} heads at once, not {wanted}: training goes on with {size}", file=sys.stderr)
    for start in range(0, len(members), size):
        yield start, min(start + size, len(members))


def _width(inputs: Inputs) -> int:
    return int(inputs.documents(inputs.training()[0].document_texts[:1]).shape[1])


def _train(pack: dict[str, Member], asked: dict[str, set[int]], seed: int, device: str) -> None:
    members = list(pack.values())
    epochs = [asked[key] | kept(path_of(inputs, key)) for key, (_, inputs) in pack.items()]  # other jobs may have asked for others
    weights: list[dict[str, Tensor]] = [{} for _ in members]

    def keep(head: int, epoch: int, tensors: list[Tensor]) -> None:
        if epoch in epochs[head]:
            weights[head] |= {f"{epoch}.{i}": tensor for i, tensor in enumerate(tensors)}

    cells, features = [settings for settings, _ in members], features_of(members[0][1])
    failed = training.train(cells, [seed] * len(cells), features, device, keep)
    for (key, (_, inputs)), tensors, step in zip(pack.items(), weights, failed, strict=True):
        if step >= 0:
            print(f"fit: {inputs.variant.name}: the loss was not finite at step {step}; this head is failed", file=sys.stderr)
        with replacing(path_of(inputs, key)) as temporary:
            save_file(tensors, temporary, metadata={"failed_at": str(step)})


def features_of(inputs: Inputs) -> training.Features:
    """Return the cached features of a variant's training triples."""
    (source,) = inputs.training()
    documents, queries = inputs.documents(source.document_texts), inputs.queries(source.queries)
    place = {name: len(queries) + i for i, name in enumerate(source.document_ids)}
    asked = {name: i for i, name in enumerate(source.query_ids)}
    rows = [(asked[query], place[positive], place[negative]) for query, positive, negative in source.triples]
    return training.Features(torch.from_numpy(np.concatenate([queries, documents])), torch.tensor(rows))


def key_of(settings: Settings, inputs: Inputs, seed: int) -> str:
    """Digest all that decides a head: settings but for those that do not bear on training, seed, encoder, triples, code."""
    (source,) = inputs.training()
    code = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in (heads, losses, schedule, training)]
    unused = {"checkpoint", "tune"} | ({"margin"} if not settings.lambda_contrastive else set())
    parts = [settings.model_dump(exclude=unused), seed, inputs.encoder_key, inputs.encoder.normalise, source.digest, code]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]


def path_of(inputs: Inputs, key: str) -> Path:
    """Return where the head of that key is kept."""
    return (inputs.config.root / inputs.config.cache / "heads" / f"{key}.safetensors").resolve()


def kept(path: Path) -> set[int]:
    """Return the epochs of a head whose weights are kept."""
    if not path.exists():
        return set()
    with safe_open(path, framework="pt") as opened:
        return {int(name.partition(".")[0]) for name in opened.keys()}  # noqa: SIM118 - not a dict


def note(folder: Path, variant: str, path: Path) -> None:
    """Let a link say which head is a variant's."""
    link(folder, f"{variant}.head", path)


def load(inputs: Inputs, checkpoint: int) -> Callable[[Vectors], Vectors]:
    """Return the variant's head at a checkpoint as a map of vectors; raise Failed if its training broke off."""
    path = (inputs.fitted / f"{inputs.variant.name}.head").resolve()
    if not path.exists():
        raise InputError(f"{path}: this head is gone from the cache; remove {inputs.fitted} and run again")
    with safe_open(path, framework="pt") as opened:
        step = int(opened.metadata()["failed_at"])
        if step >= 0:
            raise Failed(f"training broke off at step {step}: the loss was not finite")
        count = sum(name.startswith(f"{checkpoint}.") for name in opened.keys())  # noqa: SIM118 - not a dict
        tensors = [opened.get_tensor(f"{checkpoint}.{i}") for i in range(count)]

    def apply(vectors: Vectors) -> Vectors:
        if vectors.shape[1] != tensors[0].shape[0]:
            raise InputError(f"{path}: a head for {tensors[0].shape[0]} dimensions, but the vectors have {vectors.shape[1]}")
        with torch.inference_mode():
            states = torch.from_numpy(vectors)
            for layer in range(0, count, 2):
                weight, bias = tensors[layer : layer + 2]
                states = torch.addmm(bias, functional.gelu(states) if layer else states, weight)
            outputs: Vectors = states.numpy()
        return outputs

    return apply
