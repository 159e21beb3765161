"""Layouts of what models are trained on: triples of a query, a passage that answers it and one that does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from harness.data.readers.content import Content, fields, json_lines, texts_by_id
from harness.data.readers.meeting import refuse_strangers
from harness.errors import InputError

Files = dict[str, Path]
Triple = tuple[str, str, str]


def triples(files: Files, settings: dict[str, Any], folder: Path) -> Content:
    """Ids of triples in a separated file, texts in others (`queries`, a list of `passages` as JSON lines).

    Of those whose negative's id fits the pattern `negatives`, `take` are kept: the first of every query, then the second of
    every query, and so on. Raise InputError for a triple that names a missing text, and if there are fewer than `take`.
    """
    by_query: dict[str, list[Triple]] = {}
    for _, (query, positive, negative) in fields(files[settings["triples"]], "\t", 3):
        if fnmatchcase(negative, settings["negatives"]):
            by_query.setdefault(query, []).append((query, positive, negative))
    rounds = (triple for column in zip_longest(*by_query.values()) for triple in column if triple)
    kept = taken(rounds, settings["take"], settings["triples"])
    queries = texts_by_id(files[settings["queries"]])
    wanted = {name for triple in kept for name in triple[1:]}
    passages = {
        entry["_id"]: entry["text"]
        for file in settings["passages"]
        for entry in json_lines(files[file], "_id", "text")
        if entry["_id"] in wanted
    }
    return trained_on(kept, queries, passages, f"{files[settings['triples']]}: ")


def written(files: Files, settings: dict[str, Any], folder: Path) -> Content:
    """Triples written out, as in MS MARCO's triples.train.small: query, positive and negative text in three columns.

    Texts that are equal are one query or one passage. `take` triples are kept, the first of the file.
    """
    queries: dict[str, str] = {}
    passages: dict[str, str] = {}
    kept: list[Triple] = []
    for _, (query, positive, negative) in islice(fields(files[settings["file"]], "\t", 3), settings["take"]):
        names = [_numbered(texts, text, letter) for texts, text, letter in ((queries, query, "q"), (passages, positive, "p"), (passages, negative, "p"))]
        kept.append((names[0], names[1], names[2]))
    asked, told = ({name: text for text, name in texts.items()} for texts in (queries, passages))
    return trained_on(taken(iter(kept), settings["take"], settings["file"]), asked, told)


def _numbered(texts: dict[str, str], text: str, letter: str) -> str:
    """Return the name of a text, given when it is first seen."""
    return texts.setdefault(text, f"{letter}{len(texts)}")


def answers(files: Files, settings: dict[str, Any], folder: Path) -> Content:
    """MS MARCO question answering (v1.1 as parquet): the first selected passage against the first unselected one of its row.

    If all are selected, the negative is another passage of the row; rows without a selected passage, or with one passage
    alone, are skipped. `take` triples are kept.
    """
    from pyarrow import parquet

    kept: list[Triple] = []
    queries: dict[str, str] = {}
    passages: dict[str, str] = {}
    for number, row in enumerate(parquet.read_table(files[settings["file"]]).to_pylist()):
        texts, selected = row["passages"]["passage_text"], row["passages"]["is_selected"]
        if len(kept) == settings["take"] or 1 not in selected or len(texts) < 2:
            continue
        positive = selected.index(1)
        negative = selected.index(0) if 0 in selected else (1 if positive == 0 else 0)
        names = (f"q{number}", f"p{number}.{positive}", f"p{number}.{negative}")
        kept.append(names)
        queries[names[0]] = row["query"]
        passages |= {names[1]: texts[positive], names[2]: texts[negative]}
    return trained_on(taken(iter(kept), settings["take"], settings["file"]), queries, passages)


def taken(triples: Iterator[Triple], count: int, source: str) -> list[Triple]:
    """Return the first `count` triples; raise InputError if there are fewer."""
    kept = list(islice(triples, count))
    if len(kept) < count:
        raise InputError(f"{source}: {len(kept)} triples, but take: {count}")
    return kept


def trained_on(kept: list[Triple], queries: dict[str, str], passages: dict[str, str], where: str = "") -> Content:
    """Put a training collection together; each triple's positive is its query's judgement. `where` begins a message."""
    asked = list(dict.fromkeys(query for query, _, _ in kept))
    named = list(dict.fromkeys(name for _, *both in kept for name in both))
    for part, texts, kind in ((0, queries, "query"), (1, passages, "passage"), (2, passages, "passage")):
        _refuse_missing(kept, texts, part, kind, where)
    qrels: dict[str, dict[str, int]] = {}
    for query, positive, _ in kept:
        qrels.setdefault(query, {})[positive] = 1
    return {
        "document_ids": named,
        "titles": [""] * len(named),
        "texts": [passages[name] for name in named],
        "query_ids": asked,
        "queries": [queries[query].strip() for query in asked],
        "qrels": qrels,
        "triples": kept,
    }


def _refuse_missing(kept: list[Triple], texts: Iterable[str], part: int, kind: str, where: str) -> None:
    first: dict[str, int] = {}
    for number, triple in enumerate(kept):
        first.setdefault(triple[part], number)

    def start(name: str) -> str:
        number = first[name]
        return f"{where}triple {number + 1} ({' '.join(kept[number])}): there is no text of the {kind} '{name}'"

    refuse_strangers(start, kind, first, texts, "the texts that are here")
