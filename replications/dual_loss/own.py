"""The same table for your own syllabi: `python -m replications.dual_loss.own --folder SYLLABI --labels LABELS.csv`.

The folder holds .md, .txt or .pdf files; the CSV has the columns file, credit_hours, instructors, tas (names separated by ';',
EMPTY where the syllabus does not say) and, if you like, institution. What cannot be read is named and skipped; a label that its
syllabus does not state is named, and its questions are not asked. `--show` lists what was read, and what in it matched.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from textwrap import shorten

import numpy as np
from numpy.typing import NDArray

from harness import config
from harness.config import Config
from harness.data import asset
from harness.data.collection import Collection
from harness.data.loading import load
from harness.errors import InputError, closest, stage
from harness.rankings.ranking import rank_all
from harness.studies import models
from harness.text import read_yaml
from harness.vectors import modules
from harness.vectors.encoder import SAVED, FrozenEncoder, normalised

from . import asked, endpoint, files, measures, questions, shown, table
from .names import NONE

HERE = Path(__file__).parent
LONGEST = 256  # tokens, where a model says nothing
Vectors = NDArray[np.float64]
Apart = tuple[str, str, str]  # syllabus, column, label

NOTE = (
    "The printed questions are not at hand (no --mirror). The ten asked in their place stand in the project's own pairs and not in the "
    "released ones: for a model trained on the released pairs every question here is unseen, and no leakage can be told."
)


def known_sentences(settings: Config) -> list[str]:
    """Return the sentences of the released pairs where they are at hand, else of the project's."""
    return load("pairs" if settings.mirror else "made_pairs", settings).texts


def asked_of(syllabi: Collection, chunking: str, settings: Config, apart: list[Apart]) -> Collection:
    """Ask the printed questions where the released pairs are at hand, else the project's, and the paraphrases.

    Labels that are stated nowhere go to `apart`; raise InputError where no question is left.
    """
    kind, sentences = "printed" if settings.mirror else "taught", known_sentences(settings)
    cutting = read_yaml(HERE / "collections" / f"syllabi_{chunking}.yaml")["settings"]
    both = {"seen": questions.seen(kind, sentences), "unseen": questions.unseen(sentences)}
    found = Collection(name="own", split="test", made=False, **asked.content(syllabi, both, cutting, apart))
    if not found.query_ids:
        raise InputError(f"--labels: {answers_found(found, apart)}\nCheck that each row stands beside the right file")
    return found


def answers_found(collection: Collection, apart: list[Apart]) -> str:
    """Say how many of the labels that are answers stand in their syllabi, and which do not."""
    labels = collection.labels
    asked_for = [query for query in collection.query_ids if labels["answer"][query] != NONE]
    found = len({(labels["cluster"][query], labels["category"][query]) for query in asked_for})
    said = f"{found} of {found + len(apart)} answers found"
    if not apart:
        return said
    missing = "".join(f"\n- {name}: {column}: '{shorten(answer, 80, placeholder=' ...')}'" for name, column, answer in apart)
    return f"{said}; accuracy is over those found. Not found, as names and credits are written, and not asked about:{missing}"


def scored(collection: Collection, model: str, settings: Config) -> tuple[measures.Run, list[measures.Measure]]:
    """Rank by a model: 'minilm', or a sentence-transformers folder with its own modules, prompts, length and similarity."""
    written = read_yaml(HERE / "experiment.yaml")["variants"]["minilm"]
    documents, queries = vectors(folder_of(model, settings), collection, settings)
    run = rank_all(collection, written["top"], lambda query, chosen: documents[chosen] @ queries[query])
    return run, measures.of_chunks(collection, run, written["top"])


def vectors(folder: Path, collection: Collection, settings: Config) -> tuple[Vectors, Vectors]:
    """Return the vectors of documents and of queries, (n, d) each, by all that the model's folder says; of unit length for a cosine."""
    encoder = FrozenEncoder(folder, modules.longest(folder) or LONGEST, "float32", settings.encode.threads)
    prompts, cosine = modules.prompts(folder), modules.similarity(folder) == "cosine"
    found = []
    for role, texts in (("document", collection.document_texts), ("query", collection.queries)):
        rows = encoder.encode([prompts[role] + text for text in texts], [SAVED])[SAVED]
        found.append((normalised(rows) if cosine else rows).astype(np.float64))
    return found[0], found[1]


def folder_of(model: str, settings: Config) -> Path:
    """Return the folder of a model that has a name here, or the folder given; raise InputError where it is neither."""
    known = asset.definitions(settings, "models")
    if model in known:
        return models.model_folder(model, settings)
    if not Path(model).is_dir():
        raise InputError(f"--model: '{model}' is no folder and no model's name{closest(model, known)}; names: {', '.join(known)}")
    return Path(model)


def main() -> None:
    """Print the table, and what was skipped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--model", action="append", help="minilm (default) or a sentence-transformers folder; may be given again")
    parser.add_argument("--chunking", choices=["fixed", "structured"], default="fixed")
    parser.add_argument("--mirror", help="a folder with dual_loss/, for the printed questions")
    parser.add_argument("--show", action="store_true", help="list for each question the chunks read, and what matched in them")
    parser.add_argument("--endpoint", type=Path, help="settings of an OpenAI-compatible endpoint that answers, too")
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        raise InputError(f"--folder: {arguments.folder} is no folder")
    settings = config.load(overrides={"mirror": arguments.mirror, "fidelity": "substitute" if arguments.mirror else None})
    skipped: list[str] = []
    syllabi = files.gathered(arguments.folder, files.labels(arguments.labels), skipped)
    apart: list[Apart] = []
    collection = asked_of(syllabi, arguments.chunking, settings, apart)
    asks = (
        endpoint.Endpoint(endpoint.read(arguments.endpoint), settings.root / settings.cache / "answers")
        if arguments.endpoint
        else None
    )
    rows = []
    for model in arguments.model or ["minilm"]:
        run, found = scored(collection, model, settings)
        if asks:
            found += endpoint_measures(collection, run, asks, skipped)
        if arguments.show:
            print(f"## What was read: {model}\n\n{shown.listing(collection, run)}\n")
        rows += [(model, "own", metric, query, value) for metric, query, value in found]
    print(answers_found(collection, apart) + "\n")
    if not settings.mirror:
        print(NOTE + "\n")
    print(
        table.of_measures(rows, collection.labels, known_sentences(settings), settings.judgement, leakage=bool(settings.mirror))
    )
    for line in skipped:
        print(f"skipped: {line}", file=sys.stderr)


def endpoint_measures(
    collection: Collection, run: measures.Run, asks: endpoint.Endpoint, skipped: list[str]
) -> list[measures.Measure]:
    """Let the endpoint answer the questions that stand in the pairs; the unanswered ones are named, not counted."""
    written = read_yaml(HERE / "experiment.yaml")["variants"]["minilm"]
    found: list[measures.Measure] = []
    for query, excerpts, category, gold in measures.excerpts(collection, run, written["top"]):
        question = collection.queries[collection.query_ids.index(query)]
        try:
            words = asks.answer(question, excerpts)
        except endpoint.Unanswered as error:
            skipped.append(f"{query}: {error}")
        except endpoint.Stopped as error:
            skipped.append(f"{query} and what follows: {error}")
            break
        else:
            found.append((f"endpoint_{category}", query, float(measures.supported(words, category, gold))))
    return found


if __name__ == "__main__":
    stage(main)
