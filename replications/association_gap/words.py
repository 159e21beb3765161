"""Words of a taxonomy: does the order of eigenvectors, the space they span, and who lies beside whom follow it? (A5, A6)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.collection import Collection
from harness.errors import InputError
from harness.studies.inputs import Inputs
from harness.studies.method import Failed, Ranked
from harness.text import read_text
from harness.vectors.encoder import normalised

from . import tree
from .recipe import Clusters, Shuffle, Words

Floats = NDArray[np.float64]
Measure = tuple[str, str | None, float]
TABLE = "embeddings.word_embeddings.weight"  # of BERT and MPNet alike


@dataclass(frozen=True)
class Taxonomy:
    """Words with their paths and branches; all that hangs on the taxonomy alone."""

    words: list[str]
    given: tree.Paths
    branch: NDArray[np.intp]
    settings: Words

    @cached_property
    def own(self) -> Floats:
        """The leading eigenvectors of the tree kernel, (n, K)."""
        return tree.leading(tree.kernel(self.given, self.settings.decay), self.settings.leading)

    @cached_property
    def splits(self) -> tuple[Any, int]:
        """How the taxonomy parts the words at every depth."""
        return tree.splits(self.given)


def of(collection: Collection, settings: Words) -> Taxonomy:
    """Return a collection's taxonomy; raise InputError for a word without a path."""
    words = collection.document_ids
    branch = np.unique([collection.labels["branch"][word] for word in words], return_inverse=True)[1]
    return Taxonomy(words, tree.paths(words, collection.labels["path"]), branch, settings)


def rank(collection: Collection, settings: Words, seed: int, inputs: Inputs) -> Ranked:
    """Measure one way of placing the words, or what is left of it where words are drawn anew over the vectors; nothing is ranked."""
    taxonomy = of(collection, settings)
    if settings.vectors == "tree":
        return Ranked({}, None, [("rank_correlation", None, coarse_first(taxonomy, taxonomy.own))])
    unit = table(inputs.base, taxonomy.words) if settings.vectors == "table" else inputs.documents(collection.document_texts)
    vectors = normalised(unit).astype(np.float64)
    vectors -= vectors.mean(axis=0)
    leading = tree.leading(vectors @ vectors.T, settings.leading)
    near, cluster = neighbours(vectors, settings.neighbours), clusters(vectors, settings.clusters)
    if settings.shuffle is None:
        return Ranked({}, None, [*whole(taxonomy, leading), *by_cluster(taxonomy, cluster), *by_word(taxonomy, agreement(taxonomy.branch, near))])
    strata = strata_of(collection, settings.shuffle)
    return Ranked({}, None, drawn(taxonomy, leading, near, cluster, settings.shuffle, strata, np.random.default_rng(seed)))


def table(folder: Path, words: list[str]) -> NDArray[np.float32]:
    """Return the rows of a model's input table, (n, d); raise Failed, naming and counting them, for words that are no one entry of its vocabulary."""
    from safetensors import safe_open

    if not (folder / "vocab.txt").is_file():
        raise Failed(f"{folder}: no vocab.txt: its input table cannot be looked up by word")
    place = {word: i for i, word in enumerate(read_text(folder / "vocab.txt").split("\n"))}
    if outside := [word for word in words if word not in place]:
        named = ", ".join(outside[:10]) + (", ..." if len(outside) > 10 else "")
        raise Failed(
            f"{len(outside)} of {len(words)} words are no one entry of the vocabulary in {folder / 'vocab.txt'}: {named}; "
            "take them out of the list of words, or use the encoder's vectors, which any word has"
        )
    with safe_open(folder / "model.safetensors", framework="numpy") as opened:
        if TABLE not in opened.keys():  # noqa: SIM118 - no mapping
            raise Failed(f"{folder / 'model.safetensors'}: no tensor '{TABLE}'")
        found: NDArray[np.float32] = opened.get_tensor(TABLE)[[place[word] for word in words]]
    return found


def coarse_first(taxonomy: Taxonomy, leading: Floats) -> float:
    """Return Spearman's correlation of an eigenvector's number with the depth at which it splits the words."""
    from scipy.stats import spearmanr

    return float(spearmanr(np.arange(leading.shape[1]), tree.levels(leading, taxonomy.splits)).statistic)


def whole(taxonomy: Taxonomy, leading: Floats) -> list[Measure]:
    """Give the rank correlation, the alignment with the tree kernel at K, and the area of alignment over chance up to K."""
    aligned = tree.alignment(leading, taxonomy.own)
    return [
        ("rank_correlation", None, coarse_first(taxonomy, leading)),
        ("alignment", None, float(aligned[-1])),
        ("alignment_area", None, tree.area(aligned, len(taxonomy.words))),
    ]


def neighbours(vectors: Floats, count: int) -> NDArray[np.intp]:
    """Return (n, count): the places of each word's nearest others by cosine of (n, d) centred vectors; raise InputError for too few words."""
    if count >= len(vectors):
        raise InputError(f"neighbours: {count} are asked for, but there are {len(vectors)} words; write at most {len(vectors) - 1}")
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :count]


def agreement(branch: NDArray[np.intp], near: NDArray[np.intp]) -> Floats:
    """Return (n,): the share of each word's neighbours that are of its own branch."""
    found: Floats = (branch[near] == branch[:, None]).mean(axis=1)
    return found


def clusters(vectors: Floats, settings: Clusters) -> NDArray[np.intp]:
    """Return each word's cluster by k-means; raise InputError for fewer words than clusters."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    if len(vectors) < settings.count:
        raise InputError(f"clusters.count: {settings.count} clusters, but there are {len(vectors)} words; write at most {len(vectors)}")
    with threadpool_limits(1):  # sums in one order, whatever the machine
        found: NDArray[np.intp] = KMeans(settings.count, n_init=settings.restarts, random_state=settings.seed).fit_predict(vectors)
    return found


def by_cluster(taxonomy: Taxonomy, cluster: NDArray[np.intp]) -> list[Measure]:
    """Give how far clusters are branches: mutual information adjusted for chance (Vinh, Epps and Bailey 2010)."""
    from sklearn.metrics import adjusted_mutual_info_score

    return [("cluster_agreement", None, float(adjusted_mutual_info_score(taxonomy.branch, cluster)))]


def by_word(taxonomy: Taxonomy, found: Floats) -> list[Measure]:
    """Give the agreement of every word."""
    return [("knn_agreement", word, float(value)) for word, value in zip(taxonomy.words, found, strict=True)]


def strata_of(collection: Collection, shuffle: Shuffle) -> NDArray[np.intp]:
    """Return for each word the number of the group within which it is drawn anew."""
    if shuffle.within == "all":
        return np.zeros(len(collection.document_ids), dtype=np.intp)
    of_word = collection.labels[shuffle.within]
    return np.unique([of_word[word] for word in collection.document_ids], return_inverse=True)[1]


def permuted(strata: NDArray[np.intp], chance: np.random.Generator) -> NDArray[np.intp]:
    """Return places dealt anew within each stratum."""
    found = np.arange(len(strata))
    for group in np.unique(strata):
        members = np.flatnonzero(strata == group)
        found[members] = chance.permutation(members)
    return found


def drawn(
    taxonomy: Taxonomy, leading: Floats, near: NDArray[np.intp], cluster: NDArray[np.intp], shuffle: Shuffle, strata: NDArray[np.intp],
    chance: np.random.Generator,
) -> list[Measure]:  # fmt: skip
    """Give the shuffle's quantile of every measure of the whole, and each word's mean agreement, over the draws.

    A draw within branches leaves branches where they are, and gives no agreement with them.
    """
    values: dict[str, list[float]] = {}
    agreed = np.zeros(len(taxonomy.words))
    for _ in range(shuffle.draws):
        order = permuted(strata, chance)  # word i gets the vector of word order[i]
        found = whole(taxonomy, leading[order])
        if shuffle.within != "branch":
            back = np.argsort(order)
            found += by_cluster(taxonomy, cluster[order])
            agreed += agreement(taxonomy.branch, back[near[order]])
        for name, _, value in found:
            values.setdefault(name, []).append(value)
    measured: list[Measure] = [(name, None, float(np.quantile(each, shuffle.quantile))) for name, each in values.items()]
    return measured + (by_word(taxonomy, agreed / shuffle.draws) if shuffle.within != "branch" else [])
