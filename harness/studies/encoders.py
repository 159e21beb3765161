"""Encoder settings of experiment.yaml held against the model's folder, before anything is encoded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.config import Config
from harness.errors import InputError
from harness.studies import models
from harness.studies.experiment import Encoder
from harness.studies.plan import role, runnable
from harness.studies.study import Study
from harness.vectors import modules
from harness.vectors.encoder import SAVED


def problems(studies: list[Study], config: Config) -> Iterator[str]:
    """Yield what is wrong with the encoder of each variant that runs at this fidelity, once for variants that share it.

    Models that the project builds are not there yet, and are checked when they are loaded.
    """
    built = models.recipes(config)
    for one in studies:
        seen: set[Encoder] = set()
        for variant in one.planned:
            e = variant.encoder
            if e is None or e in seen or not runnable(one, variant, config.fidelity):
                continue
            assert one.experiment
            seen.add(e)
            name = str(role(one.experiment.models, e.model, config.fidelity))
            if name in built:
                continue
            try:
                refuse(models.model_folder(name, config), e, f"{one.folder}/experiment.yaml: variants.{variant.name}.encoder")
            except InputError as error:
                yield str(error)


def refuse(folder: Path, e: Encoder, where: str) -> None:
    """Raise InputError where the settings do not fit the model's folder; `where` opens the message."""
    modules.refuse_unloadable(folder)
    modules.length(folder, e.max_length, f"{where}.max_length")
    modules.refuse_left_out(folder, [e.pooling], SAVED)
    modules.settings(folder)
    for kind, written in (("query", e.query_prompt), ("document", e.document_prompt)):
        modules.prompt(folder, kind, written)
    if e.pooling == SAVED:
        normal = e.normalise or modules.modules(folder)[-1].kind == "Normalize"
        if modules.similarity(folder) == "cosine" and not normal:
            raise InputError(f"{where}.normalise: the model is saved with cosine similarity; write true")
        if modules.similarity(folder) == "dot" and e.normalise:
            raise InputError(f"{where}.normalise: the model is saved with the inner product of its vectors as they are; write false")
