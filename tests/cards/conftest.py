"""A made-up model and a made-up task: a folder that looks like an encoder's, and a folder in BEIR's layout."""

import json
from pathlib import Path

import pytest

DOCUMENTS = {"d0": "Cats sleep all day.", "d1": "Dogs bark at night.", "d2": "The moon orbits the earth."}
QUERIES = {"q1": "what do cats do", "q2": "what circles the earth"}


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def pets(tmp_path):
    """Two queries over three documents, split test."""
    folder = tmp_path / "pets"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(lines({"_id": name, "title": "", "text": text} for name, text in DOCUMENTS.items()))
    (folder / "queries.jsonl").write_text(lines({"_id": name, "text": text} for name, text in QUERIES.items()))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td0\t1\nq2\td2\t1\n")
    return folder


@pytest.fixture
def encoder(tmp_path):
    """The files of a saved encoder; the weights are never opened here."""
    folder = tmp_path / "tiny"
    (folder / "1_Pooling").mkdir(parents=True)
    written = {
        "config.json": {"model_type": "bert", "max_position_embeddings": 64},
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True},
        "tokenizer.json": {},
        "config_sentence_transformers.json": {"similarity_fn_name": "cosine"},
    }
    for name, content in written.items():
        (folder / name).write_text(json.dumps(content))
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def write(path: Path, content: object) -> Path:
    """Write JSON, or text as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path
