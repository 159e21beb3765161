"""The model that a card speaks of: a definition that is there, a folder that is linked, or a Hub repository that is pinned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.cards import front, hub_cache
from harness.cards.record import REPO, Card
from harness.config import Config
from harness.data import asset, definition, hub
from harness.data.verify import digest_of
from harness.errors import InputError, closest
from harness.studies import encoders
from harness.studies.experiment import Encoder
from harness.text import write_text
from harness.vectors import modules

WEIGHTS = "weights"  # the folder of the study that a local model is linked into
LARGEST = 1_000_000  # bytes of a JSON file with settings; a tokenizer's is larger, and says nothing of how vectors are compared


@dataclass(frozen=True)
class Model:
    """The model of a study: its definition's name, what the source used, whether vectors are scaled to length 1, and what is known of it."""

    name: str
    identity: str
    normalise: bool
    everywhere: bool  # at hand at fidelity embedded: linked, or in an installed package
    told: str


def resolve(card: Card, word: str | Path | None, study: str, folder: Path, config: Config, endpoint: str = hub.HUB) -> Model:
    """Return the model, its definition written into `folder` where there is none yet.

    `word`: the name of a definition, org/name on the Hub, a model's folder, or None for what the card names. Raise
    InputError for a model that is not there, not loadable without code of its own, gated, or of another revision.
    """
    known = asset.definitions(config, "models")
    word = word if word is not None else _named(card, known)
    local = Path(word).expanduser()
    if str(word) in known:
        return _existing(card, str(word), known[str(word)], config)
    if local.is_dir():
        return _linked(card, local.resolve(), f"{study}_model", folder)
    if not re.fullmatch(REPO, str(word), re.ASCII):
        raise InputError(f"--model: '{word}' is no folder, no model here, and no org/name of the Hub{closest(str(word), known)}")
    return _pinned(card, str(word), f"{study}_model", folder, config, endpoint)


def _named(card: Card, known: dict[str, Path]) -> str:
    """Return the definition of the model that a card names, else its name on the Hub; raise InputError where it names none."""
    if card.model is None:
        raise InputError(f"{card.source}: it does not say which model its values are of; write --model NAME, ORG/NAME or a folder")
    return next((name for name, path in known.items() if _identity(path) == card.model), card.model)


def _identity(path: Path) -> object:
    try:
        return definition.read_mapping(path).get("identity")
    except InputError:  # somebody else's, and broken: who uses it is told
        return None


def _used(card: Card, own: str) -> str:
    """Return what the source used: the model that it names, else the one that was given; a bare name may leave out the organisation."""
    return own if card.model is None or own.rpartition("/")[2] == card.model else card.model


def _existing(card: Card, name: str, path: Path, config: Config) -> Model:
    raw = definition.read_mapping(path)
    if "build" in raw:
        raise InputError(f"--model: '{name}' is trained by the project itself ({path}); no card speaks of it")
    pinned = hub_cache.commit(raw)
    _refuse_other(card, pinned, f"{path} pins", "pin that revision: python -m harness.pin --repo ... --revision")
    identity = str(raw.get("identity") or name)
    told = f"models/{name}.yaml, {raw.get('origin')}"
    if card.model_revision and not pinned:
        told += f"; the source names revision {card.model_revision}, which that definition neither shows nor denies"
    at_hand = bool({"shipped", "package"} & (raw.get("sources") or {}).keys())
    return Model(name, _used(card, identity), _normalise(_settings(path, raw, config)), at_hand, told)


def _linked(card: Card, local: Path, name: str, folder: Path) -> Model:
    """Link the files of a local model that an encoder needs, and pin them as they are."""
    there = sorted(path for path in local.rglob("*") if path.is_file() and not any(p.startswith(".") for p in path.relative_to(local).parts))
    listed = [{"type": "file", "path": path.relative_to(local).as_posix(), "size": path.stat().st_size} for path in there]
    entries = [hub.Entry.model_validate(one) for one in listed]
    needed = hub.chosen(entries, f"--model: {local}")
    e = Encoder(model="model", pooling="saved", max_length="saved", dtype="float32", normalise=_normalise(local), query_prompt=None, document_prompt=None)
    encoders.refuse(local, e, "--model")
    for file, pins in needed.items():
        state = (local / file).stat()
        pins["sha256"] = digest_of(local / file, state.st_size, state.st_mtime_ns)
        link = folder / WEIGHTS / file
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(local / file)
    cached, commit = hub_cache.named(local)
    _refuse_other(card, commit, f"the folder {local.name} is", "give the snapshot of that revision")
    identity = card.model or cached or local.name
    shown = f"{cached} at {commit}, as the Hub's cache on this machine has it" if cached else f"the folder {local.name} on this machine, as its files are"
    raw = {
        "title": f"the folder {local.name}" + (f", given as {identity}" if identity != local.name else ""),
        "identity": identity,
        "licence": front.licence(local / "README.md") or "not stated in the folder",
        "origin": shown,
        "get": f"link the folder that holds these files as {WEIGHTS}/ of the study",
        "sources": {"shipped": WEIGHTS},
        "files": needed,
    }
    _write(folder / "models" / f"{name}.yaml", raw)
    told = f"{shown}, pinned by their sha256"
    if card.model_revision and not commit:
        told += f"; the source names revision {card.model_revision}, which a folder neither shows nor denies"
    return Model(name, identity, e.normalise, True, told)


def _pinned(card: Card, repo: str, name: str, folder: Path, config: Config, endpoint: str) -> Model:
    """Pin a repository of the Hub at the commit that the card names, else at where main stands."""
    raw = {"identity": repo, **hub.define(repo, card.model_revision or "main", endpoint)}
    _refuse_other(card, hub_cache.commit(raw), f"the Hub's {repo} is", "write the model's own revision")
    path = folder / "models" / f"{name}.yaml"
    write_text(path, hub.written(raw))
    asset.read_asset(path, raw)
    told = raw["origin"] + ("" if card.model_revision else ", where main stands today; the source names no revision")
    return Model(name, _used(card, repo), _normalise(_settings(path, raw, config)), False, told)


def _refuse_other(card: Card, commit: str | None, holder: str, advice: str) -> None:
    """Raise InputError where the card's values are of another commit of the model."""
    if commit and re.fullmatch(hub_cache.COMMIT, card.model_revision or "") and commit != card.model_revision:
        raise InputError(f"{card.source}: its values are of the model's revision {card.model_revision}, but {holder} {commit}; {advice}")


def _settings(path: Path, raw: dict[str, Any], config: Config) -> Path:
    """Return a folder with the settings that a model was saved with, got where they are not here; raise InputError where they cannot be had."""
    small = [name for name, pins in (raw.get("files") or {}).items() if name.endswith(".json") and (pins.get("bytes") or 0) < LARGEST]
    online = config.model_copy(update={"fidelity": "original"})
    try:
        found = asset.files(path, online, small or None)
    except asset.Missing as error:
        raise InputError(f"--model: how its vectors are compared stands in its settings, which are not here: {error}") from None
    return found["config.json"].parent if "config.json" in found else path.parent


def _normalise(folder: Path) -> bool:
    """Say whether vectors are scaled to length 1: where the model is saved with cosine similarity; remote code is refused here."""
    for name in ("config.json", "tokenizer_config.json"):
        if "auto_map" in modules.optional(folder / name):
            raise InputError(f"{folder / name}: auto_map: the model needs code of its own, which is never run; take a model that transformers itself holds")
    return modules.similarity(folder) == "cosine"


def _write(path: Path, raw: dict[str, Any]) -> None:
    import yaml

    asset.read_asset(path, raw)
    write_text(path, yaml.safe_dump(raw, sort_keys=False, default_flow_style=None, width=10**6, allow_unicode=True))
