"""Contrastive training on role probes (A2): a linear head on frozen vectors, or the whole encoder; courses are cross-fitted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.errors import InputError

from .probes import TRAINED_WORDING
from .recipe import Contrast

Vectors = NDArray[np.float32]
Embed = Callable[[list[str]], torch.Tensor]  # texts -> (n, d) unit vectors
VERSION = 1  # raise it when a change here changes what is trained


@dataclass(frozen=True)
class Row:
    """One training example: texts, and what tells its negatives apart."""

    query: str
    relevant: str
    wrong: str
    role: str
    course: str


def rows(collection: Collection, fold: str, unseen: frozenset[str]) -> list[Row]:
    """Return the examples of all courses outside a fold: first wordings, both roles among those seen. Raise InputError for none."""
    labels, text = collection.labels, dict(zip(collection.document_ids, collection.document_texts, strict=True))
    query_text = dict(zip(collection.query_ids, collection.queries, strict=True))
    found = [
        Row(query_text[query], text[right], text[wrong], labels["role"][query], labels["cluster"][query])
        for query, right, wrong in collection.triples
        if labels["fold"][query] != fold
        and labels["wording"][query] == TRAINED_WORDING
        and not {labels["role"][query], labels["wrong_role"][query]} & unseen
    ]
    if not found:
        raise InputError(f"{collection.name}: no probe is left to train on outside fold {fold}, without the roles {', '.join(sorted(unseen))}")
    return found


def loss(queries: torch.Tensor, relevant: torch.Tensor, other: torch.Tensor | None, roles: list[str], tau: float) -> torch.Tensor:
    """Return the mean cross-entropy of the relevant passage against its negatives; all are (batch, d) unit vectors.

    Negatives: `other`, one each, or without it the batch's other positives (van den Oord et al. 2018, eq. 4). A passage of the very
    role that is asked for answers another course's query as well, and is no negative.
    """
    if other is not None:
        scores = torch.stack([(queries * relevant).sum(1), (queries * other).sum(1)], dim=1)
        return torch.nn.functional.cross_entropy(scores / tau, torch.zeros(len(queries), dtype=torch.long, device=queries.device))
    same = torch.tensor([[one == two for two in roles] for one in roles], device=queries.device)
    same.fill_diagonal_(False)
    scores = (queries @ relevant.T / tau).masked_fill(same, -math.inf)
    return torch.nn.functional.cross_entropy(scores, torch.arange(len(queries), device=queries.device))


def batches(examples: list[Row], settings: Contrast, chance: np.random.Generator) -> Iterator[tuple[list[Row], list[str] | None]]:
    """Yield shuffled batches with the texts of their negatives: the wrong passage, or one of another course and role."""
    for _ in range(settings.epochs):
        order = chance.permutation(len(examples))
        for start in range(0, len(order), settings.batch):
            batch = [examples[i] for i in order[start : start + settings.batch]]
            if settings.negatives == "hard":
                yield batch, [row.wrong for row in batch]
            elif settings.negatives == "random":
                yield batch, [_other(row, examples, chance) for row in batch]
            elif len(batch) > 1:
                yield batch, None


def _other(row: Row, examples: list[Row], chance: np.random.Generator) -> str:
    while True:  # rows() holds more than one course and role, or the first draw would never end
        drawn = examples[int(chance.integers(len(examples)))]
        if drawn.course != row.course and drawn.role != row.role:
            return drawn.relevant


def train(embed: Embed, parameters: list[torch.nn.Parameter], examples: list[Row], settings: Contrast, seed: int) -> None:
    """Train in place by AdamW at a constant rate; raise InputError for random negatives where there is one course or role alone."""
    if settings.negatives == "random" and min(len({row.course for row in examples}), len({row.role for row in examples})) < 2:
        raise InputError("negatives: random needs two courses and two roles to train on")
    torch.manual_seed(seed)
    optimizer = torch.optim.AdamW(parameters, lr=settings.learning_rate)
    for batch, negatives in batches(examples, settings, np.random.default_rng(seed)):
        asked, relevant = embed([row.query for row in batch]), embed([row.relevant for row in batch])
        value = loss(asked, relevant, embed(negatives) if negatives else None, [row.role for row in batch], settings.temperature)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        optimizer.step()


def head(vectors: dict[str, Vectors], examples: list[Row], settings: Contrast, seed: int) -> Vectors:
    """Return a (d, d) map trained from the identity on frozen unit vectors by text."""
    width = len(next(iter(vectors.values())))
    weight = torch.nn.Parameter(torch.eye(width))

    def embed(texts: list[str]) -> torch.Tensor:
        return torch.nn.functional.normalize(torch.from_numpy(np.stack([vectors[text] for text in texts])) @ weight, dim=1)

    train(embed, [weight], examples, settings, seed)
    found: Vectors = weight.detach().numpy()
    return found


def encoder(base: Path, examples: list[Row], settings: Contrast, seed: int, target: Path) -> None:
    """Train a whole encoder with mean pooling and save it as a sentence-transformers folder."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    local = {"local_files_only": True, "trust_remote_code": False}
    transformer = Transformer(str(base), model_kwargs=local, processor_kwargs=local, config_kwargs=local)
    transformer.max_seq_length = settings.max_length
    device = "cuda" if torch.cuda.is_available() else "cpu"
    pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
    model = SentenceTransformer(modules=[transformer, pooling, Normalize()], device=device)
    model.train()

    def embed(texts: list[str]) -> torch.Tensor:
        features = {key: value.to(device) for key, value in model.preprocess(texts).items() if isinstance(value, torch.Tensor)}
        found: torch.Tensor = model(features)["sentence_embedding"]
        return found

    train(embed, list(model.parameters()), examples, settings, seed)
    model.save(str(target), create_model_card=False, safe_serialization=True)
