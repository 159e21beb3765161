"""What a run computed of one variant, by task, in the words that cards and result files use; what is not known stays None."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from harness.cards import hub_cache
from harness.config import Config
from harness.data import asset, definition
from harness.errors import InputError, closest
from harness.rankings import metrics, scores
from harness.studies import fidelity
from harness.studies.experiment import Variant
from harness.studies.plan import role
from harness.studies.study import Study

FORMS = ("ndcg", "mrr", "map", "recall", "precision", "hit_rate")  # that MTEB's results have


@dataclass(frozen=True)
class Task:
    """One collection's values: `name` as records know it, `hub_id` of its data set, `values` by MTEB's name of the metric."""

    name: str
    hub_id: str | None
    split: str
    values: dict[str, float]


@dataclass(frozen=True)
class Computed:
    """The values of one variant, each the mean over its seeds; `model` is None for what is no model as it was saved."""

    study: str
    variant: str
    model: str | None
    revision: str | None
    fidelity: str
    tasks: list[Task]

    @property
    def title(self) -> str:
        """What the values are of: the model, else the study and its variant."""
        return self.model or f"{self.study}/{self.variant}"


def of(chosen: Study, wanted: str | None, config: Config) -> Computed:
    """Return what was computed of one variant; raise InputError where nothing was, or several variants could be meant."""
    frame = scores.of(chosen, config)
    if chosen.experiment is None or frame is None or not len(frame):
        raise InputError(f"{chosen.name}: no scores at fidelity {config.fidelity}; run `make tables STUDIES={chosen.name} FIDELITY={config.fidelity}` first")
    whole = scores.Table(frame, set()).whole()
    variants = {variant.name: variant for variant in chosen.planned if any(variant.name == key[0] for key in whole)}
    if wanted is None and len(variants) == 1:
        wanted = next(iter(variants))
    if wanted not in variants:
        said = "several variants were run" if wanted is None else f"no scores of '{wanted}'"
        raise InputError(f"--variant: {said}{closest(wanted or '', variants)}")
    found = []
    for name in dict.fromkeys(key[1] for key in whole if key[0] == wanted):
        values = {_mteb(metric): float(seeds.mean()) for (one, on, metric), seeds in whole.items() if (one, on) == (wanted, name) and _mteb(metric)}
        if values:
            found.append(_task(chosen, name, values, config))
    if not found:
        raise InputError(f"{chosen.name}: {wanted} has no score of a ranking that MTEB's forms have ({', '.join(FORMS)} at a cut-off)")
    model, revision = _model(chosen, variants[wanted], config)
    return Computed(chosen.name, wanted, model, revision, config.fidelity, found)


def _mteb(metric: str) -> str:
    """Return MTEB's name of a metric, '' for one that its forms do not have."""
    parts = metrics.split(metric)
    return f"{parts.measure}_at_{parts.cutoff}" if parts and parts.measure in FORMS and parts.level == 1 else ""


def _task(chosen: Study, name: str, values: dict[str, float], config: Config) -> Task:
    assert chosen.experiment
    used = str(role(chosen.experiment.collections, name, config.fidelity))
    raw = definition.read_mapping(asset.definitions(config, "collections")[used])
    names = [str(one) for one in raw.get("tasks") or []]
    return Task(names[0] if names else used, next((one for one in names if "/" in one), None), str(raw["split"]), values)


def _model(chosen: Study, variant: Variant, config: Config) -> tuple[str | None, str | None]:
    """Return model and revision where a variant is a model exactly as it was saved, and the very one that the source used."""
    e = variant.encoder
    if e is None or (e.pooling, e.max_length, e.query_prompt, e.document_prompt) != ("saved", "saved", None, None) or chosen.experiment is None:
        return None, None
    written = chosen.experiment.models[e.model]
    used = str(written.at(config.fidelity))
    if fidelity.materials(config).of("models", written, used) != "original":
        return None, None
    raw: dict[str, Any] = definition.read_mapping(asset.definitions(config, "models")[used])
    return raw.get("identity"), hub_cache.commit(raw)


def percent(value: float) -> float:
    """Return a fraction in per cent, to the same digits: a product of floats would add noise to them."""
    return float(Decimal(repr(value)).scaleb(2))
