"""Fidelity is worked out from the names that were used."""

from pathlib import Path

import pytest

from harness.studies import fidelity
from harness.studies.experiment import Encoder, Experiment, Variant
from harness.studies.study import Study

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


def test_a_stand_in_is_never_original():
    roles = {"substitute": "scifact", "original": "scifact"}
    assert fidelity.of(roles, "scifact", False, stand_in=True) == "substitute"
    assert fidelity.of(roles, "scifact", True, stand_in=True) == "embedded"


def study(models, training=None):
    experiment = Experiment(seeds=[0], metrics=["ndcg@10"], collections={}, models=models, training=training or {})
    return Study(name="s", folder=Path("s"), experiment=experiment, variants=[])


def variant(**uses):
    return Variant(name="v", method="m", group="v", seeds=[0], collections=["c"], settings={}, **uses)


def of(chosen, uses, fidelity_, made=frozenset()):
    return fidelity.of_encoder(chosen, variant(**uses), fidelity_, frozenset(made))


def test_a_made_material_is_embedded_even_where_it_stands_under_original():
    assert fidelity.of({"original": "made_claims"}, "made_claims", True) == "embedded"


def test_a_model_that_a_method_trains_and_what_it_is_trained_on_count_too():
    chosen = study({"bert": {"substitute": "tiny", "original": "bert_base"}}, {"triples": {"substitute": "s", "original": "o"}})
    assert of(chosen, {"model": "bert"}, "original") == "original"
    assert of(chosen, {"model": "bert"}, "substitute") == "substitute"
    assert of(chosen, {"model": "bert"}, "substitute", {"tiny"}) == "embedded"
    assert of(chosen, {"model": "bert", "train_on": ["triples"]}, "original", {"o"}) == "embedded"
    assert of(chosen, {"train_on": ["triples"]}, "substitute") == "substitute"


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
    assert of(chosen, {"encoder": encoder}, "original") == "original"
    assert of(chosen, {"encoder": encoder}, "substitute") == "substitute"
    assert of(chosen, {"encoder": encoder}, "embedded") == "substitute"
    assert of(chosen, {}, "original") == "none"
    own = study({"bert": {"embedded": "minilm", "original": "minilm"}})
    assert of(own, {"encoder": encoder}, "embedded") == "original"


def test_the_weakest_part_counts_and_no_part_at_all_does_not():
    assert fidelity.weakest("original", "substitute") == "substitute"
    assert fidelity.weakest("embedded", "original") == "embedded"
    assert fidelity.weakest("original", "none") == "original"
    assert fidelity.weakest("none") == "none"
