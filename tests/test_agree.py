"""The agree stage on a real run: seeds beside seeds, and a released run beside ours."""

import gzip
import json

import pytest
import yaml

PLACE = "baselines/random/experiment.yaml"
RELEASED = "baselines/random/theirs.run"


@pytest.fixture
def ran(small):
    """Random rankings of the letters under five seeds, each scored."""
    small.take("baselines/random")
    change(small, seeds=[0, 1, 2], collections={"letters": {"embedded": "letters"}}, metrics=["mrr@10"])
    run(small)
    return small


def run(small):
    code, said = small.snakemake("--config", "studies=random", "--", "results/embedded/random/agreement.json")
    assert code == 0, said


def change(small, **keys):
    path = small.folder / PLACE
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **keys}))


def rows(small):
    return json.loads((small.folder / "results/embedded/random/agreement.json").read_text())


def test_seeds_and_a_released_run(ran):
    engines, seeds = rows(ran)
    assert engines["between"] == "engines" and engines["rmse"] == pytest.approx(0, abs=1e-9) and engines["tau"] is None
    assert seeds["between"] == "seeds" and seeds["seeds"] == 3 and seeds["queries"] == 3
    assert -1 <= seeds["tau"] < 1 and 0 < seeds["rbo"] < 1 and seeds["rmse"] > 0 and seeds["effect_low"] is None

    packed = next((ran.folder / "results/embedded/random").glob("*/1/rank/*.trec.gz"))
    (ran.folder / RELEASED).write_bytes(gzip.decompress(packed.read_bytes()))
    change(ran, seeds=[1], released={"random": {"letters": "theirs.run"}})
    run(ran)
    _, same = rows(ran)
    assert same["between"] == "released" and [same[key] for key in ("tau", "tau_ap", "rbo", "rmse")] == pytest.approx(
        [1, 1, 1, 0]
    )


@pytest.mark.parametrize(
    ("released", "words"),
    [
        ({"randon": {"letters": "theirs.run"}}, ["released: no variant 'randon'", "random"]),
        ({"random": {"leters": "theirs.run"}}, ["released.random: no collection 'leters'", "letters"]),
        ({"random": {"letters": "missing.run"}}, ["released.random.letters", "missing.run", "no file"]),
        ({"random": {"letters": "../../config.yaml"}}, ["released.random.letters", "no file in the study's folder"]),
    ],
)
def test_a_released_run_that_is_not_there_is_named(small, released, words):
    small.take("baselines/random")
    (small.folder / RELEASED).write_text("q1 Q0 d1 1 1.0 x\n")
    change(small, collections={"letters": {"embedded": "letters"}}, metrics=["mrr@10"], released=released)
    code, said = small.stage("agree", "--study", "random")
    assert code and all(word in said for word in words) and "Traceback" not in said, said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a Q0 nowhere 1 1.0 x\n", "which letters does not hold"),
        ("q1 Q0 d1 1\n", "theirs.run:1: 4 fields, but a line of a TREC run has 6"),
        ("", "the run ranks nothing"),
    ],
)
def test_a_faulty_released_run_is_named_and_nobody_is_told_to_remove_it(ran, text, words):
    (ran.folder / RELEASED).write_text(text)
    change(ran, released={"random": {"letters": "theirs.run"}})
    code, said = ran.stage("agree", "--study", "random")
    assert code != 0 and "theirs.run" in said and words in said and "remove" not in said, said
