"""A model folder as sentence-transformers saves it, read whole: its modules, prompts and limits. What is not known is refused by name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import InputError, brief
from harness.text import read_text

POOLINGS = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")  # older folders join several in this order
OLDER = {"cls_token": "cls", "max_tokens": "max", "mean_tokens": "mean", "weightedmean_tokens": "weightedmean"}
OLDER |= {"mean_sqrt_len_tokens": "mean_sqrt_len_tokens", "lasttoken": "lasttoken"}  # behind "pooling_mode_"
BEHIND = ("Dense", "LayerNorm", "Normalize", "Dropout")  # what may stand behind the pooling
SETTINGS = tuple(f"sentence_{kind}_config.json" for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"))
KNOWN: dict[str, tuple[Any, ...]] = {  # what the settings of a Transformer may say beside max_seq_length and do_lower_case
    "transformer_task": ("feature-extraction",),
    "module_output_name": ("token_embeddings",),
    "modality_config": ({"text": {"method": "forward", "method_output_name": "last_hidden_state"}},),
    "processing_kwargs": ({}, None),
}
FAST = ("unpad_inputs",)  # for speed alone
TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model")
OURS = "sentence_transformers."
# Their positions are counted from behind the padding token, so that fewer are left.
SHIFTED = ("roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer", "data2vec-text", "xmod")
ROLES: dict[str, tuple[str, ...]] = {"query": (), "document": ("passage", "corpus")}  # what else a role's prompt may be called


@dataclass(frozen=True)
class Module:
    """One module: its kind (the class's name), its folder inside the model's ('' is the model's own) and its settings."""

    kind: str
    path: str
    settings: dict[str, Any]

    def value(self, key: str, known: tuple[Any, ...], where: Path) -> Any:
        """Return a setting, the first of `known` where it is not written; raise InputError for a value that is not known."""
        found = self.settings.get(key, known[0])
        if found not in known:
            raise InputError(f"{where / self.path}: {key}: {brief(found)} is not supported; known: {', '.join(map(str, known))}")
        return found


def optional(path: Path) -> dict[str, Any]:
    """Read a JSON object; {} where the file is not there. Raise InputError for anything else."""
    if not path.exists():
        return {}
    found = _json(path)
    if not isinstance(found, dict):
        raise InputError(f"{path}: a JSON object is needed, {{...}}")
    return found


def _json(path: Path) -> Any:
    try:
        return json.loads(read_text(path))
    except ValueError as error:
        raise InputError(f"{path}: malformed JSON: {error}") from None


def modules(folder: Path) -> list[Module]:
    """Return the modules in their order; a folder without modules.json is a transformer alone.

    Raise InputError for a module that is not known, that needs code of its own, or that stands where it cannot.
    """
    path = folder / "modules.json"
    if not path.exists():
        return [Module("Transformer", "", {})]
    written = _json(path)
    if not isinstance(written, list) or not all(isinstance(one, dict) and {"path", "type"} <= one.keys() for one in written):
        raise InputError(f"{path}: a list of modules, each with 'path' and 'type', is needed")
    found = [_module(folder, path, place, str(one["type"]), str(one["path"])) for place, one in enumerate(written)]
    if len(found) < 2:
        raise InputError(f"{path}: it names no Pooling, so no text has a vector")
    return found


def _module(folder: Path, path: Path, place: int, written: str, inside: str) -> Module:
    kind = written.rsplit(".", 1)[-1]
    if not written.startswith(OURS):
        raise InputError(f"{path}: module {place}: {brief(written)} needs code of its own, which is never run")
    if inside and not (folder / inside).resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{path}: module {place}: path {brief(inside)} leaves the model's folder")
    known = ("Transformer",) if place == 0 else ("Pooling",) if place == 1 else BEHIND
    if kind not in known:
        raise InputError(f"{path}: module {place}: {kind} is not supported there; known: {', '.join(known)}")
    return Module(kind, inside, {} if place == 0 else optional(folder / inside / "config.json"))


def poolings(folder: Path, module: Module) -> list[str]:
    """Return the poolings that a Pooling module joins; raise InputError for one that is not known."""
    where = folder / module.path / "config.json"
    if "pooling_mode" in module.settings:
        written = module.settings["pooling_mode"]
        found = [str(one) for one in (written if isinstance(written, list | tuple) else [written])]
        if unknown := [one for one in found if one not in POOLINGS]:
            raise InputError(f"{where}: pooling_mode: {brief(unknown[0])} is not supported; known: {', '.join(POOLINGS)}")
        return found
    asked = [key.removeprefix("pooling_mode_") for key, on in module.settings.items() if key.startswith("pooling_mode_") and on]
    if unknown := [key for key in asked if key not in OLDER]:
        raise InputError(f"{where}: pooling_mode_{unknown[0]} is not supported")
    named = [OLDER[key] for key in asked]
    return [one for one in POOLINGS if one in named] or ["mean"]


def positions(folder: Path) -> int | None:
    """Return how many tokens the transformer has positions for; None where its config states no limit."""
    written = optional(folder / "config.json")
    end = written.get("max_position_embeddings") or written.get("n_positions")
    if not isinstance(end, int) or isinstance(end, bool) or written.get("position_biased_input") is False:
        return None
    if written.get("position_embedding_type") not in (None, "absolute"):
        return None
    shifted = written.get("model_type") in SHIFTED
    return end - int(written.get("pad_token_id") or 0) - 1 if shifted else end


def prompts(folder: Path) -> dict[str, str]:
    """Return role ('query', 'document') → the text that the library's encode_query and encode_document put in front.

    Raise InputError where nothing is saved for a role, but another prompt may be meant for it: which, nobody can tell.
    """
    path = folder / "config_sentence_transformers.json"
    written = optional(path)
    saved = {str(name): str(text or "") for name, text in (written.get("prompts") or {}).items()}
    default = written.get("default_prompt_name")
    if default is not None and default not in saved:
        raise InputError(f"{path}: default_prompt_name: {brief(default)} is none of the prompts: {', '.join(saved) or 'there are none'}")
    found = {role: saved.get(role, "") for role in ROLES}
    for role, others in ROLES.items():
        meant = [name for name in (*others, default) if name not in (None, *ROLES) and saved.get(str(name))]
        if meant and not found[role]:
            said = f"nothing is saved for '{role}', and the library puts nothing in front; '{meant[0]}' may be meant"
            raise InputError(f"{path}: prompts: {said}; write {role}_prompt in experiment.yaml, or '{role}' here")
    return found


def prompt(folder: Path, role: str, written: str | None) -> str:
    """Return what stands before each text of a role, 'query' or 'document': what experiment.yaml writes, for null what is saved."""
    return prompts(folder)[role] if written is None else written


def similarity(folder: Path) -> str:
    """Return the saved similarity, cosine where none is saved; raise InputError for one that a ranking here cannot take."""
    path = folder / "config_sentence_transformers.json"
    found = optional(path).get("similarity_fn_name") or "cosine"
    if found not in ("cosine", "dot"):
        raise InputError(f"{path}: similarity_fn_name: {brief(str(found))} is not supported; known: cosine, dot")
    return str(found)


def settings(folder: Path) -> dict[str, Any]:
    """Return the settings of the Transformer module; raise InputError, by name, for one that is not known."""
    path = next((folder / name for name in SETTINGS if (folder / name).is_file()), folder / SETTINGS[0])
    written = optional(path)
    for key, value in written.items():
        if key not in (*KNOWN, *FAST, "max_seq_length", "do_lower_case") or (key in KNOWN and value not in KNOWN[key]):
            raise InputError(f"{path}: {key}: {brief(value)} is not supported")
    return written


def lower_case(folder: Path) -> bool:
    """Say whether texts are put into lower case before the tokenizer sees them."""
    return bool(settings(folder).get("do_lower_case"))


def longest(folder: Path) -> int | None:
    """Return the tokens after which the saved model cuts a text; None where nothing says."""
    written = settings(folder)
    said = [written.get("max_seq_length") or optional(folder / "tokenizer_config.json").get("model_max_length"), positions(folder)]
    known = [int(one) for one in said if isinstance(one, int | float) and not isinstance(one, bool) and one < 1e6]
    return min(known, default=None)


def length(folder: Path, written: int | str, where: str) -> int:
    """Return the tokens after which a text is cut: as written, or for 'saved' the model's own; `where` opens the message."""
    if isinstance(written, int):
        refuse_too_long(folder, written, where)
        return written
    if (own := longest(folder)) is None:
        raise InputError(f"{where}: saved, but nothing in {folder} says after how many tokens the model cuts a text; write a number")
    return own


def refuse_unloadable(folder: Path) -> None:
    """Raise InputError, by name, for a folder that no encoder is loaded from: parts missing, adapters, code of its own."""
    if not (folder / "config.json").is_file():
        raise InputError(f"{folder}: no config.json; a model folder has config.json, model.safetensors and a tokenizer")
    for name in ("config.json", "tokenizer_config.json"):
        if "auto_map" in optional(folder / name):
            raise InputError(f"{folder / name}: auto_map: the model needs code of its own, which is never run")
    if not any((folder / name).is_file() for name in ("model.safetensors", "model.safetensors.index.json")):
        raise InputError(f"{folder}: no model.safetensors; weights in other formats may run code when they are opened, and are not")
    if not any((folder / name).is_file() for name in TOKENIZERS):
        raise InputError(f"{folder}: no tokenizer; one of {', '.join(TOKENIZERS)} is needed")
    if (folder / "adapter_config.json").exists():
        raise InputError(f"{folder / 'adapter_config.json'}: adapters are not supported; merge it into the weights")


def refuse_left_out(folder: Path, poolings: list[str], whole: str) -> None:
    """Raise InputError where a pooling other than `whole` would leave out a module that was saved behind the pooling."""
    kept = [one for one in modules(folder)[2:] if one.kind in ("Dense", "LayerNorm")]
    if kept and (plain := [name for name in poolings if name != whole]):
        told = f"{kept[0].path} ({kept[0].kind}) stands behind the pooling, and pooling: {plain[0]} would leave it out"
        raise InputError(f"{folder / 'modules.json'}: {told}; write pooling: {whole}")


def refuse_too_long(folder: Path, max_length: int, where: str) -> None:
    """Raise InputError where a text may be longer than the transformer has positions for; `where` opens the message."""
    end = positions(folder)
    if end is not None and max_length > end:
        raise InputError(f"{where}: {max_length} tokens, but {folder / 'config.json'} has positions for {end}; write {end} or less")
