"""The same table for your own syllabi: `python -m replications.dual_loss.own --folder SYLLABI --labels LABELS.csv`.

The folder holds .md, .txt or .pdf files; the CSV has the columns file, credit_hours, instructors, tas (names separated by ';',
EMPTY where the syllabus does not say) and, if you like, institution. What cannot be read is named and skipped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from harness import config
from harness.config import Config
from harness.data import asset
from harness.data.collection import Collection
from harness.data.loading import load
from harness.errors import InputError, stage
from harness.rankings.ranking import rank_all
from harness.studies import models
from harness.text import read_yaml
from harness.vectors.encoder import FrozenEncoder, normalised

from . import asked, endpoint, files, measures, questions, table

HERE = Path(__file__).parent


NOTE = (
    "The printed questions are not at hand (no --mirror). The ten asked in their place stand in the project's own pairs and not in the "
    "released ones: for a model trained on the released pairs every question here is unseen, and no leakage can be told."
)


def known_sentences(settings: Config) -> list[str]:
    """Return the sentences of the released pairs where they are at hand, else of the project's."""
    return load("pairs" if settings.mirror else "made_pairs", settings).texts


def asked_of(syllabi: Collection, chunking: str, settings: Config) -> Collection:
    """Ask the printed questions where the released pairs are at hand, else the project's, and the paraphrases."""
    kind, sentences = "printed" if settings.mirror else "taught", known_sentences(settings)
    cutting = read_yaml(HERE / "collections" / f"syllabi_{chunking}.yaml")["settings"]
    both = {"seen": questions.seen(kind, sentences), "unseen": questions.unseen(sentences)}
    return Collection(name="own", split="test", made=False, **asked.content(syllabi, both, cutting))


def scored(collection: Collection, model: str, settings: Config) -> tuple[measures.Run, list[measures.Measure]]:
    """Rank by a model: 'minilm', or a sentence-transformers folder with mean pooling."""
    folder = models.model_folder(model, settings) if model in asset.definitions(settings.root, "models") else Path(model)
    refuse_pooling(folder)
    written = read_yaml(HERE / "experiment.yaml")["variants"]["minilm"]
    encoder = FrozenEncoder(folder, written["max_length"], "float32", settings.encode.threads)
    documents, queries = (
        normalised(encoder.encode(texts, ["mean"])["mean"]).astype("float64")
        for texts in (collection.document_texts, collection.queries)
    )
    run = rank_all(collection, written["top"], lambda query, chosen: documents[chosen] @ queries[query])
    return run, measures.of_chunks(collection, run, written["top"])


def refuse_pooling(folder: Path) -> None:
    """Raise InputError for a sentence-transformers folder that does not pool by the mean: it would be measured wrongly."""
    for path in sorted(folder.glob("*Pooling/config.json")):
        found = read_yaml(path)  # JSON is YAML
        modes = {key for key, value in found.items() if key.startswith("pooling_mode_") and value is True}
        if modes - {"pooling_mode_mean_tokens"} or found.get("pooling_mode", "mean") != "mean":
            said = ", ".join(sorted(modes)) or found["pooling_mode"]
            raise InputError(f"--model {folder}: {path.name} says {said}; only mean pooling is measured here")


def main() -> None:
    """Print the table, and what was skipped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--model", action="append", help="minilm (default) or a sentence-transformers folder; may be given again")
    parser.add_argument("--chunking", choices=["fixed", "structured"], default="fixed")
    parser.add_argument("--mirror", help="a folder with dual_loss/, for the printed questions")
    parser.add_argument("--endpoint", type=Path, help="settings of an OpenAI-compatible endpoint that answers, too")
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        raise InputError(f"--folder: {arguments.folder} is no folder")
    settings = config.load(overrides={"mirror": arguments.mirror, "fidelity": "substitute" if arguments.mirror else None})
    skipped: list[str] = []
    syllabi = files.gathered(arguments.folder, files.labels(arguments.labels), skipped)
    collection = asked_of(syllabi, arguments.chunking, settings)
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
        rows += [(model, "own", metric, query, value) for metric, query, value in found]
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
