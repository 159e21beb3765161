"""Chunks of several subjects as an encoder sees them: as it is, or trained so that chunks of one subject lie together."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from harness.data.collection import Collection
from harness.errors import InputError
from harness.studies import trained
from harness.studies.inputs import Inputs
from harness.studies.method import Failed, Ranked
from harness.studies.plan import runnable

from . import cloud, measures, pairs
from .recipe import Settings

__all__ = ["Settings", "fit", "rank"]
TOLD = ("chunks", "pairs", "same_subject", "false_negatives", "loss_first", "loss_last")  # of training.json
GAINS = {"silhouette_subject": "gain_subject", "silhouette_unit": "gain_unit", "gap": "gain_gap", "gap_unit": "gain_gap_unit"}
NAMED = 5  # words outside the vocabulary that are named; all are counted


def fit(settings: Settings, seed: int, inputs: Inputs, folder: Path) -> None:
    """Train one variant unless it is kept, and encode what it is measured on; a training that breaks off leaves `<variant>.failed`."""
    if settings.recipe is None:
        return
    found = inputs.training()
    if len(found) != 1 or settings.vectors is None:
        raise InputError(f"variants.{inputs.variant.name}: a recipe takes vectors (an encoder), and train_on with one collection ({len(found)} are given)")
    from . import training

    chunks = pairs.read(found[0])
    given = [chunks.texts, chunks.subjects, settings.vectors.pooling, settings.recipe.model_dump(mode="json"), seed]
    kept = trained.place(inputs.config, inputs.base, training.VERSION, given)
    broken = folder / f"{inputs.variant.name}.failed"
    broken.unlink(missing_ok=True)
    try:
        if not kept.is_dir():
            training.train(inputs.base, chunks, settings.vectors, settings.recipe, seed, kept)
        trained.link(folder, inputs.variant.name, kept)
        for name in runnable(inputs.study, inputs.variant, inputs.config.fidelity):  # here, where the libraries are loaded already
            cloud.encoded(kept, inputs.collection(name).document_texts, settings.vectors, inputs.config)
    except training.Diverged as reason:
        broken.write_text(str(reason), encoding="utf-8")


def rank(collection: Collection, settings: Settings, seed: int, inputs: Inputs) -> Ranked:
    """Measure a cloud of chunks, or the cosine of each pair that the collection lists; nothing is ranked.

    Raise Failed for a training that broke off, and InputError for a variant that is neither TF-IDF nor an encoder.
    """
    ids, texts = collection.document_ids, collection.document_texts
    if (settings.words is None) == (settings.vectors is None):
        raise InputError(f"variants.{inputs.variant.name}: either words (TF-IDF) or vectors (an encoder) is expected, the other one null")
    if settings.words:
        return Ranked({}, None, _measured(collection, cloud.lexical(texts, settings.words, ids), settings))
    assert settings.vectors
    found = cloud.encoded(_folder(settings, inputs), texts, settings.vectors, inputs.config)
    own = _measured(collection, cloud.cosines(found), settings)
    if settings.recipe:
        base = cloud.encoded(inputs.base, texts, settings.vectors, inputs.config)
        own += _gains(own, _measured(collection, cloud.cosines(base), settings)) + _trained(collection, inputs)
    elif not collection.pairs:
        own.append(("unknown_words", None, float(_unknown(inputs, texts, collection.name))))
    return Ranked({}, None if collection.pairs else found, own)


def _folder(settings: Settings, inputs: Inputs) -> Path:
    if settings.recipe is None:
        return inputs.base
    broken = inputs.fitted / f"{inputs.variant.name}.failed"
    if broken.is_file():
        raise Failed(broken.read_text(encoding="utf-8"))
    return inputs.fitted / inputs.variant.name


def _measured(collection: Collection, cosines: cloud.Matrix, settings: Settings) -> list[measures.Measure]:
    if collection.pairs:
        place = {name: i for i, name in enumerate(collection.document_ids)}
        return [(f"cosine[{one},{other}]", None, float(cosines[place[one], place[other]])) for one, other, _ in collection.pairs]
    return measures.of(cosines, collection.document_ids, collection.labels, settings.neighbours)


def _gains(own: list[measures.Measure], base: list[measures.Measure]) -> list[measures.Measure]:
    """Return what training adds to some measures of each chunk: the trained encoder's value less its base's."""
    before = {(metric, one): value for metric, one, value in base}
    return [(GAINS[metric], one, value - before[metric, one]) for metric, one, value in own if metric in GAINS]


def _trained(collection: Collection, inputs: Inputs) -> list[measures.Measure]:
    """Return what the training read, and for each chunk whether it, or another one of its module, was trained on."""
    told = json.loads((inputs.fitted / inputs.variant.name / "training.json").read_text(encoding="utf-8"))
    found: list[measures.Measure] = [(f"trained_{name}", None, float(told[name])) for name in TOLD if name in told]
    if collection.pairs:
        return found
    (learnt,) = inputs.training()
    modules, module = set(learnt.labels["module"].values()), collection.labels["module"]
    for one in collection.document_ids:
        found += [("seen", one, float(one in learnt.documents)), ("module_seen", one, float(module[one] in modules))]
    return found


def _unknown(inputs: Inputs, texts: list[str], name: str) -> int:
    found = cloud.unknown(inputs.base, texts)
    if found:
        shown = ", ".join(repr(word) for word in list(dict.fromkeys(found))[:NAMED])
        print(f"{inputs.variant.name} on {name}: {len(found)} words are outside the model's vocabulary, such as {shown}", file=sys.stderr)
    return len(found)
