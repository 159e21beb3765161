"""The Hub's own account of a model repository: the commit at which a branch stands, its files, and those that an encoder needs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import requests
import yaml
from pydantic import AliasChoices, AliasPath, BaseModel, Field, TypeAdapter, ValidationError

from harness.errors import InputError

HUB = "https://huggingface.co"
TIMEOUT = 30.0  # seconds without a byte
PAGES = 100  # of 1000 files: a server that repeats its first page comes to an end
TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model")
BESIDE = ("merges.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
MODULES = re.compile(r"modules\.json|config_sentence_transformers\.json|sentence_[\w-]+_config\.json|\d+_\w+/(config\.json|model\.safetensors)")
HEAD = """# Written by harness/pin.py. Where sha256 is null, the git revision in the address pins the content: a download is checked
# against the digest that the Hub states for the file (its git blob id), a mirror copy by its size alone.
"""
Answer = TypeVar("Answer")


class Entry(BaseModel):
    """One file or directory of a commit; a sha256 is stated only of files kept in LFS."""

    type: str
    path: str
    bytes: int = Field(ge=0, strict=True, validation_alias=AliasChoices(AliasPath("lfs", "size"), "size"))
    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$", validation_alias=AliasPath("lfs", "oid"))


class Commit(BaseModel):
    """The commit at which a branch stands, and the licence that its model card names."""

    sha: str = Field(pattern="^[0-9a-f]{40}$")
    licence: str | list[str] | None = Field(None, validation_alias=AliasPath("cardData", "license"))


def fetched(address: str, absent: str) -> bytes:
    """Return what stands at an address of the Hub; raise InputError, with `absent` for what it does not show."""
    return _reply(address, absent).content


def ask(address: str, kind: type[Answer], absent: str) -> tuple[Answer, str]:
    """Return the Hub's answer and the query of its next page; raise InputError, with `absent` for what it does not show."""
    reply = _reply(address, absent)
    try:
        return TypeAdapter(kind).validate_json(reply.content), urlsplit(reply.links.get("next", {}).get("url", "")).query
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the whole"
        raise InputError(f"--endpoint: {address}: not the Hub's answer: {where}: {error.errors()[0]['msg']}") from None


def _reply(address: str, absent: str) -> requests.Response:
    token = os.environ.get("HF_TOKEN", "").strip()
    try:
        reply = requests.get(address, headers={"Authorization": f"Bearer {token}"} if token else {}, timeout=TIMEOUT)
    except (requests.RequestException, ValueError) as error:  # its kind alone: its words may hold the token
        raise InputError(f"--endpoint: {address}: no whole answer in {TIMEOUT:g} s ({type(error).__name__})") from None
    if reply.status_code in (401, 403, 404):
        raise InputError(f"{absent} (status {reply.status_code} from {address}); what is private needs HF_TOKEN")
    if not reply.ok:
        raise InputError(f"--endpoint: {address}: status {reply.status_code}; try again later")
    return reply


def card(repo: str, revision: str, endpoint: str) -> tuple[str, str]:
    """Return the commit at which `revision` stands and the text of its model card; raise InputError for a repository without one."""
    home, absent = endpoint.rstrip("/"), f"MODEL={repo}: no such folder, and the Hub shows no '{repo}' at '{revision}'"
    commit, _ = ask(f"{home}/api/models/{repo}/revision/{quote(revision, safe='')}", Commit, absent)
    return commit.sha, fetched(f"{home}/{repo}/raw/{commit.sha}/README.md", f"MODEL={repo}: it has no model card").decode("utf-8", "replace")


def listed(address: str, absent: str) -> list[Entry]:
    """Return all files of a commit, page by page, never leaving `address` for another server."""
    found, query = ask(f"{address}?recursive=true", list[Entry], absent)
    for _ in range(PAGES):
        if not query:
            return found
        page, query = ask(f"{address}?{query}", list[Entry], absent)
        found += page
    raise InputError(f"--endpoint: {address}: more than {PAGES} pages of files")


def chosen(found: Iterable[Entry], where: str) -> dict[str, dict[str, Any]]:
    """Return size and sha256 of the files that an encoder's folder needs; raise InputError, opened by `where`, for what cannot be one."""
    found = list(found)
    for path in (entry.path for entry in found):
        if {"", ".", ".."} & set(re.split(r"[/\\]", path)):
            raise InputError(f"{where} lists a file outside its folder: {path!r}; nothing is written")
    files = {entry.path: entry.model_dump(include={"bytes", "sha256"}) for entry in found if entry.type == "file"}
    if "model.safetensors" not in files:
        pickled = "; its pytorch_model.bin is a pickle, which is not loaded" if "pytorch_model.bin" in files else ""
        raise InputError(f"{where} has no model.safetensors{pickled}; another --revision (refs/pr/1?) may have it")
    if "config.json" not in files or not files.keys() & set(TOKENIZERS):
        raise InputError(f"{where} is no encoder: it lacks config.json, or all of {', '.join(TOKENIZERS)}")
    if "adapter_config.json" in files:
        raise InputError(f"{where} has adapter_config.json: adapters are not supported; merge it into the weights")
    behind = sorted(name for name in files if MODULES.fullmatch(name)) if "modules.json" in files else []
    for name in files:  # a head whose weights are a pickle alone
        folder = name.split("/")[0]
        is_pickle = name.endswith("/pytorch_model.bin") and f"{folder}/config.json" in behind
        if is_pickle and f"{folder}/model.safetensors" not in files:
            raise InputError(f"{where}: {name} is a pickle, which is not loaded, and has no model.safetensors beside it")
    return {name: files[name] for name in ("config.json", "model.safetensors", *TOKENIZERS, *BESIDE, *behind) if name in files}


def define(repo: str, revision: str, endpoint: str) -> dict[str, Any]:
    """Return the definition of the commit at which `revision` stands; raise InputError for what the Hub lacks."""
    api, absent = f"{endpoint.rstrip('/')}/api/models/{repo}", f"--repo, --revision: the Hub shows no '{repo}' at '{revision}'"
    commit, _ = ask(f"{api}/revision/{quote(revision, safe='')}", Commit, absent)
    files, folder = chosen(listed(f"{api}/tree/{commit.sha}", absent), f"--repo: '{repo}'"), repo.split("/")[1]
    size = f"about {sum(file['bytes'] for file in files.values()) / 1e6:.0f} MB"
    return {
        "licence": ", ".join(
            [commit.licence] if isinstance(commit.licence, str) else commit.licence or ["not stated on the Hub"]
        ),
        "origin": f"{repo} at {commit.sha}",
        "get": f"download these files of that revision into <mirror>/{folder}/, or allow downloads ({size})",
        "sources": {"mirror": folder, "download": f"{HUB}/{repo}/resolve/{commit.sha}"},
        "files": files,
    }


def written(definition: dict[str, Any]) -> str:
    """Return a definition as the text of its file."""
    return HEAD + yaml.safe_dump(definition, sort_keys=False, default_flow_style=None, width=10**6, allow_unicode=True)
