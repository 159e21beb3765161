"""Fidelity is worked out from the materials that were used, whatever column they stand in."""

from pathlib import Path

import pytest

from harness import config
from harness.studies import fidelity, study
from harness.studies.experiment import Encoder, Experiment, Variant
from harness.studies.fidelity import Materials, Parts
from harness.studies.study import Study

KNOWN = Materials(
    frozenset({("collections", "made_claims"), ("models", "tiny")}),
    {("collections", "scifact"): "SciFact", ("collections", "nfcorpus"): "NFCorpus", ("models", "bert_base"): "BERT",
     ("models", "minilm"): "MiniLM"},
)  # fmt: skip
ENCODER = {"pooling": "mean", "max_length": 64, "dtype": "float32", "normalise": True, "query_prompt": "", "document_prompt": ""}


def of(roles, fidelity_="original", **uses):
    """The parts of a variant that uses these roles, ranked on the collection role `c`."""
    written = Experiment(seeds=[0], metrics=["ndcg@10"], **{"collections": {"c": {fidelity_: "scifact"}}, **roles})
    chosen = Study(name="s", folder=Path("s"), experiment=written, variants=[])
    variant = Variant(name="v", method="m", group="v", seeds=[0], collections=["c"], settings={}, **uses)
    return fidelity.of(chosen, variant, "c", fidelity_, KNOWN)


@pytest.mark.parametrize(
    ("column", "used", "expected"),
    [
        ("substitute", "scifact", "original"),  # the source's own data, whatever the run calls itself
        ("original", "scifact", "original"),
        ("original", "nfcorpus", "substitute"),  # another public set under original
        ("original", "unnamed", "substitute"),  # a definition that says of itself nothing
        ("original", "made_claims", "embedded"),
        ("embedded", "made_claims", "embedded"),
    ],
)
def test_data(column, used, expected):
    assert of({"collections": {"c": {column: used, "identity": "SciFact"}}}, column).evaluation == expected


def test_a_role_that_does_not_say_what_the_source_used_has_no_original():
    assert of({"collections": {"c": {"original": "scifact"}}}).evaluation == "substitute"
    assert of({"collections": {"c": {"original": "unnamed"}}}).evaluation == "substitute"


@pytest.mark.parametrize(("used", "expected"), [("bert_base", "original"), ("minilm", "substitute"), ("tiny", "embedded")])
def test_encoder_and_model(used, expected):
    roles = {"models": {"bert": {"original": used, "identity": "BERT"}}}
    assert of(roles, model="bert").encoder == expected
    assert of(roles, encoder=Encoder(model="bert", **ENCODER)).encoder == expected
    assert of(roles).encoder == "none"


def test_each_part_is_told_apart_and_is_as_its_weakest_material():
    training = {"own": {"original": "scifact", "identity": "SciFact"}, "other": {"original": "nfcorpus", "identity": "SciFact"}}
    models = {"bert": {"original": "bert_base", "identity": "BERT"}}
    roles = {"training": training, "models": models, "collections": {"c": {"original": "made_claims"}}}
    assert of(roles, model="bert", train_on=["own"]) == Parts("embedded", "original", "original")
    assert of(roles, model="bert", train_on=["own", "other"]) == Parts("embedded", "original", "substitute")
    assert fidelity.together([Parts("original", "none", "none"), Parts("substitute", "original", "none")]) == Parts(
        "substitute", "original", "none"
    )


def test_no_stand_in_of_the_project_counts_as_original_wherever_it_is_written(tmp_path):
    """Every substitute that is not the original too, put under original in its role, is a substitute still."""
    settings = config.load(overrides={"fidelity": "original"})
    known, tried = fidelity.materials(settings.root), 0
    for one in study.select(settings):
        for kind, key in (("collections", "data"), ("models", "models")):
            for role in getattr(one.experiment, key, {}).values() if one.experiment else ():
                names = {role.embedded, role.substitute} - {role.original, None}
                moved = [known.of(kind, role.model_copy(update={"original": name}), name) for name in names]
                tried += len(moved)
                assert "original" not in moved, (one.name, role)
    assert tried > 10


def test_what_stands_under_original_and_is_not_the_sources_own_is_told():
    roles = {"c": {"original": "nfcorpus", "identity": "SciFact"}}
    written = Experiment(seeds=[0], metrics=["ndcg@10"], collections=roles)
    variant = Variant(name="v", method="m", group="v", seeds=[0], collections=["c"], settings={})
    chosen = Study(name="s", folder=Path("s"), experiment=written, variants=[variant])
    ((material, said),) = fidelity.misplaced([chosen], "original", KNOWN)
    assert material == "collection nfcorpus" and "identity: NFCorpus" in said and "the source used SciFact" in said
    assert not list(fidelity.misplaced([chosen], "substitute", KNOWN))


def test_the_weakest_part_counts_and_no_part_at_all_does_not():
    assert fidelity.weakest("original", "substitute") == "substitute"
    assert fidelity.weakest("embedded", "original") == "embedded"
    assert fidelity.weakest("original", "none") == "original"
    assert fidelity.weakest("none") == "none"
