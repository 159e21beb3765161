"""What a method may ask of the harness: collections, frozen vectors, model folders, its own fitted folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from harness.config import Config
from harness.data import loading
from harness.data.collection import Collection
from harness.errors import InputError
from harness.studies import models
from harness.studies.experiment import Encoder, Variant
from harness.studies.plan import role
from harness.studies.study import Study
from harness.vectors import large, modules, rounding, stream
from harness.vectors.cache import Cache, Vectors
from harness.vectors.encoder import caches, normalised

Ranking = dict[str, list[tuple[str, float]]]  # query id → [(document id, score)], best first


@dataclass(frozen=True)
class Inputs:
    """The materials of one variant; `fitted` is the folder that the method's `fit` wrote."""

    config: Config
    study: Study
    variant: Variant
    fitted: Path

    def collection(self, name: str) -> Collection:
        """Load the collection that stands for a role of experiment.yaml at this fidelity."""
        assert self.study.experiment
        actual = role(self.study.experiment.data, name, self.config.fidelity)
        if actual is None:
            raise InputError(f"{self.study.folder}/experiment.yaml: collections.{name}: nothing at {self.config.fidelity}")
        return _collection(actual, self.config)

    def model(self, name: str) -> Path:
        """Return the verified folder of the model that stands for a role at this fidelity."""
        assert self.study.experiment
        actual = role(self.study.experiment.models, name, self.config.fidelity)
        if actual is None:
            raise InputError(f"{self.study.folder}/experiment.yaml: models.{name}: nothing at {self.config.fidelity}")
        return models.model_folder(actual, self.config)

    @property
    def base(self) -> Path:
        """The verified folder of the variant's own `model`; raise InputError where experiment.yaml gives none."""
        if self.variant.model is None:
            raise InputError(f"{self.study.folder}/experiment.yaml: variants.{self.variant.name}: the key 'model' is missing")
        return self.model(self.variant.model)

    def training(self) -> list[Collection]:
        """Load the collections that the variant is trained on, in the order of its `train_on`."""
        return [self.collection(name) for name in self.variant.train_on]

    def queries(self, texts: list[str]) -> Vectors:
        """Return the frozen encoder's vectors of queries, (n, d) float32."""
        prompt = self._prompt("query", self.encoder.query_prompt)
        return self._vectors([prompt + text for text in texts])

    def documents(self, texts: list[str]) -> Vectors:
        """Return the frozen encoder's vectors of documents, (n, d) float32."""
        prompt = self._prompt("document", self.encoder.document_prompt)
        return self._vectors([prompt + text for text in texts])

    def search(self, found: Collection, queries: Vectors, scorer: str, move: Callable[[Vectors], Vectors]) -> Ranking:
        """Rank the passages of a large collection for (n, d) queries, exactly, after `move` has mapped their vectors."""
        assert found.passages
        judged = {document for grades in found.qrels.values() for document in grades}
        unseen, other = set(judged), ""
        best = stream.Best(queries, self.config.depth, scorer)
        prompt = self._prompt("document", self.encoder.document_prompt)
        for names, vectors in large.chunks(self._cache.folder, found.passages, prompt, stream.ROWS):
            rows = self._moved(vectors)
            best.add(names, move(normalised(rows) if self.encoder.normalise else rows))
            unseen.difference_update(names)
            other = other or next((name for name in names if name not in judged), "")
        if unseen:
            share = f"{len(unseen)} of {len(judged)} judged ids are not in {found.passages.path}, it has ids such as '{other}'"
            none = f"which none of the {found.passages.count} is"
            raise InputError(f"{found.name}: the qrels judge the passage '{min(unseen)}', {none}: {share}")
        return best.run(found.query_ids)

    @property
    def encoder(self) -> Encoder:
        """The variant's encoder settings; raise InputError where experiment.yaml gives none."""
        if self.variant.encoder is None:
            raise InputError(f"{self.study.folder}/experiment.yaml: variants.{self.variant.name}: the key 'encoder' is missing")
        return self.variant.encoder

    @property
    def encoder_key(self) -> str:
        """The name of the cache that the frozen vectors come from: a digest of weights, tokenizer, pooling, length, precision."""
        return self._cache.folder.name + (f"-{self.config.perturb}" if self.config.perturb else "")

    @cached_property
    def _cache(self) -> Cache:
        e = self.encoder
        return _opened(self.model(e.model), e.pooling, e.max_length, e.dtype, self.config.model_dump_json(), self.config.root)

    def _prompt(self, role: str, written: str | None) -> str:
        return written if written is not None else modules.prompt(self.model(self.encoder.model), role, None)

    def _vectors(self, texts: list[str]) -> Vectors:
        vectors = self._moved(self._cache.get(texts))
        return normalised(vectors) if self.encoder.normalise else vectors

    def _moved(self, vectors: Vectors) -> Vectors:
        return rounding.moved(vectors, self.config.perturb) if self.config.perturb else vectors


@lru_cache(maxsize=2)
def _opened(folder: Path, pooling: str, max_length: int | str, dtype: str, settings: str, root: Path) -> Cache:
    config = Config.model_validate_json(settings)
    length = modules.length(folder, max_length, "max_length")
    return caches(folder, [pooling], length, dtype, config)[pooling]


@lru_cache(maxsize=4)
def _loaded(name: str, settings: str, root: Path) -> Collection:
    return loading.load(name, Config.model_validate_json(settings))


def _collection(name: str, config: Config) -> Collection:
    return _loaded(name, config.model_dump_json(), config.root)
