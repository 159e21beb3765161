"""The same table for your own syllabi: `python -m replications.dual_loss.own --folder SYLLABI --labels LABELS.csv`.

The folder holds .md, .txt or .pdf files; the CSV has the columns file, credit_hours, instructors, tas (names separated by ';',
EMPTY where the syllabus does not say) and, if you like, institution. What cannot be read is named and skipped.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from harness import asset, config
from harness.collection import Collection, load
from harness.config import Config
from harness.encoder import FrozenEncoder, normalised
from harness.errors import InputError, stage
from harness.ranking import rank_all
from harness.text import read_yaml

from . import asked, endpoint, measures, questions, table
from .answers import CATEGORIES, NONE, states

HERE = Path(__file__).parent
LARGEST = 20_000_000  # bytes: a syllabus is text, and what is larger is something else
ENDINGS = (".md", ".txt", ".pdf")


def read(path: Path) -> str:
    """Return a syllabus's text; raise InputError that says why there is none."""
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path}: 0 bytes")
    if size > LARGEST:
        raise InputError(f"{path}: {size / 1e6:.0f} MB, more than the {LARGEST / 1e6:.0f} MB that a syllabus may have")
    try:
        text = _pdf(path) if path.suffix.lower() == ".pdf" else path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    if not text.strip():
        raise InputError(f"{path}: no text in it" + (" (a scan?)" if path.suffix.lower() == ".pdf" else ""))
    return text


def _pdf(path: Path) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return "\n\n".join(page.extract_text() or "" for page in PdfReader(path).pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError) as error:  # a damaged file shows in many ways
        raise InputError(f"{path}: no readable PDF ({type(error).__name__}: {error})") from None


def labels(path: Path) -> dict[str, dict[str, str]]:
    """Return the CSV's rows by file name; raise InputError for a missing column, or a file that has two rows."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    found: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows, start=2):
        for column in ("file", *CATEGORIES.values()):
            if not (row.get(column) or "").strip():
                raise InputError(
                    f"{path}:{number}: the column '{column}' is missing or empty; write {NONE} where there is no answer"
                )
        if row["file"] in found:
            raise InputError(f"{path}:{number}: '{row['file']}' has a row already")
        found[row["file"]] = row
    return found


def gathered(folder: Path, labelled: dict[str, dict[str, str]], skipped: list[str]) -> Collection:
    """Return the usable syllabi as a collection; what is not usable is appended to `skipped`, each with its reason."""
    texts: dict[str, str] = {}
    skipped += [f"{name}: labelled, but not in {folder}" for name in labelled if not (folder / name).is_file()]
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS):
        try:
            if path.name not in labelled:
                raise InputError(f"{path}: no row in the labels")
            text = read(path)
            for category, column in CATEGORIES.items():
                answer = labelled[path.name][column]
                if answer != NONE and not states(text, category, answer):
                    raise InputError(f"{path}: {column}: '{answer}' is nowhere in the text")
            texts[path.name] = text
        except InputError as error:
            skipped.append(str(error))
    if not texts:
        raise InputError(f"{folder}: no usable syllabus:\n" + "\n".join(f"  - {line}" for line in skipped))
    named = {column: {name: labelled[name][column] for name in texts} for column in CATEGORIES.values()}
    named["institution"] = {name: labelled[name].get("institution") or "not given" for name in texts}
    ids = list(texts)
    empty: dict[str, object] = {"query_ids": [], "queries": [], "qrels": {}, "candidates": None, "made": False}
    return Collection(
        name="own", split="test", document_ids=ids, titles=[""] * len(ids), texts=list(texts.values()), labels=named, **empty
    )  # type: ignore[arg-type]


def asked_of(syllabi: Collection, chunking: str, settings: Config) -> Collection:
    """Ask the printed questions where the released pairs are at hand, else the project's, and the paraphrases."""
    name, kind = ("pairs", "printed") if settings.mirror else ("made_pairs", "taught")
    sentences = load(name, settings).texts
    cutting = read_yaml(HERE / "collections" / f"syllabi_{chunking}.yaml")["settings"]
    both = {"seen": questions.seen(kind, sentences), "unseen": questions.unseen(sentences)}
    return Collection(name="own", split="test", made=False, **asked.content(syllabi, both, cutting))


def scored(collection: Collection, model: str, settings: Config) -> tuple[measures.Run, list[measures.Measure]]:
    """Rank by a model: 'minilm', or a sentence-transformers folder with mean pooling."""
    folder = asset.model_folder(model, settings) if model in asset.definitions(settings.root, "models") else Path(model)
    written = read_yaml(HERE / "experiment.yaml")["variants"]["minilm"]
    encoder = FrozenEncoder(folder, written["max_length"], "float32", settings.encode.threads)
    documents, queries = (
        normalised(encoder.encode(texts, ["mean"], written["batch"])["mean"]).astype("float64")
        for texts in (collection.document_texts, collection.queries)
    )
    run = rank_all(collection, written["top"], lambda query, chosen: documents[chosen] @ queries[query])
    found = measures.accuracy(collection, run, written["top"]) + measures.roles(collection, run)
    return run, found + measures.answered(collection, run, written["top"])


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
    syllabi = gathered(arguments.folder, labels(arguments.labels), skipped)
    collection = asked_of(syllabi, arguments.chunking, settings)
    rows = []
    for model in arguments.model or ["minilm"]:
        run, found = scored(collection, model, settings)
        if arguments.endpoint:
            asks = endpoint.Endpoint(endpoint.read(arguments.endpoint), settings.root / settings.cache / "answers")
            found += endpoint_measures(collection, run, asks, skipped)
        rows += [(model, "own", metric, query, value) for metric, query, value in found]
    print(table.of_measures(rows, collection.labels["cluster"], settings.judgement))
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
