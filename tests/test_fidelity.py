"""Fidelity is worked out from the names that were used."""

from pathlib import Path

import pytest

from harness import fidelity
from harness.study import Encoder, Experiment, Study

ROLES = {"embedded": "made_claims", "substitute": "scifact", "original": "scifact"}


@pytest.mark.parametrize(
    ("used", "made", "expected"),
    [
        ("scifact", False, "original"),  # the paper's own data, whatever the run called itself
        ("made_claims", True, "embedded"),
        ("nfcorpus", False, "substitute"),
    ],
)
def test_data(used, made, expected):
    assert fidelity.of(ROLES, used, made) == expected


def test_a_role_without_an_original_is_never_original():
    assert fidelity.of({"substitute": "scifact"}, "scifact", False) == "substitute"
    assert fidelity.of({"substitute": "scifact", "original": None}, "scifact", False) == "substitute"


def study(models):
    experiment = Experiment(seeds=[0], metrics=["ndcg@10"], collections={}, models=models, variants={})
    return Study(name="s", folder=Path("s"), experiment=experiment, variants=[])


def test_encoder():
    asked = {
        "pooling": "mean",
        "max_length": 64,
        "dtype": "float32",
        "normalise": True,
        "query_prompt": "",
        "document_prompt": "",
    }
    encoder = Encoder(model="bert", **asked)
    chosen = study({"bert": {"embedded": "minilm", "substitute": "minilm", "original": "bert_base"}})
    assert fidelity.of_encoder(chosen, encoder, "original") == "original"
    assert fidelity.of_encoder(chosen, encoder, "substitute") == "substitute"
    assert fidelity.of_encoder(chosen, encoder, "embedded") == "substitute"
    assert fidelity.of_encoder(chosen, None, "original") == "none"
    own = study({"bert": {"embedded": "minilm", "original": "minilm"}})
    assert fidelity.of_encoder(own, encoder, "embedded") == "original"


def test_the_weakest_part_counts_and_no_part_at_all_does_not():
    assert fidelity.weakest("original", "substitute") == "substitute"
    assert fidelity.weakest("embedded", "original") == "embedded"
    assert fidelity.weakest("original", "none") == "original"
    assert fidelity.weakest("none") == "none"
