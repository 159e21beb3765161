"""The last lines of a run."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from harness import config as settings
from harness.errors import InputError
from harness.summary import cautions, sentence, told

HERE = Path(__file__).parent


def rows(*words):
    return [{"verdict": word} for word in words]


def test_claims_are_counted_by_verdict_and_study():
    lines = told(
        {"one": rows("exact", "not run", "exact"), "none": [], "three": rows("contradicted")},
        Counter({"caution": 2, "inconsistent": 1}),
    )
    assert lines[0] == "4 claims of 3 studies (1 without claims): 2 exact, 1 contradicted, 1 not run"
    assert lines[1:3] == ["  one    2 exact, 1 not run", "  three  1 contradicted"]
    assert lines[3] == "audit: 1 inconsistent, 2 caution"


def test_one_sentence_says_what_was_decided_what_not_and_what_to_run(workspace):
    config = settings.load(workspace.folder, {"fidelity": "embedded", "mirror": None, "studies": "a,b"})
    words = ["exact", "contradicted", "not decidable here", "not run", "not run", "not run", "inconclusive"]
    asked = ["embedded", "embedded", "substitute", "original", "embedded", "original", "embedded"]
    testable = ["yes", "yes", "yes", "yes", "yes", "no", "yes"]
    listed = [{"claim": str(n), "verdict": word, "testable": testable[n]} for n, word in enumerate(words)]
    assert sentence(listed, dict(zip("0123456", asked, strict=True)), config) == (
        "Of 7 claims within reach 2 are decided at fidelity embedded; of the others: "
        "1 needs substitute materials (make tables FIDELITY=substitute MIRROR=/path/to/mirror STUDIES=a,b), "
        "1 needs original materials (make tables FIDELITY=original MIRROR=/path/to/mirror STUDIES=a,b), "
        "1 without scores here, 1 computed by no study, 1 inconclusive."
    )
    assert sentence(listed[:1], {}, config) == "Of 1 claim within reach 1 is decided at fidelity embedded."


def test_what_was_let_pass_with_a_caution_is_told_at_the_end(tmp_path):
    path = tmp_path / "assets.json"
    assert cautions(path) == []
    path.write_text('{"collection a": {"digest": "x"}, "collection b": {"cautions": ["ids meet"]}}')
    assert cautions(path) == ["caution: ids meet"]
    for damaged in ('{"collection', "[1]", '{"a": 1}'):
        path.write_text(damaged)
        with pytest.raises(InputError, match=r"assets\.json: damaged"):
            cautions(path)


def test_nothing_is_said_to_be_nothing():
    assert told({}, Counter())[0] == "0 claims of 0 studies: nothing"


def test_the_stage_says_where_the_tables_are_and_what_is_missing(workspace):
    shutil.copytree(HERE / "workspace", workspace.folder, dirs_exist_ok=True)
    code, said = workspace.stage("summary")
    assert code == 2 and "verdicts.csv: missing" in said
    for name in ("audit --output results/embedded/findings.csv", "judge --study letters", "judge --study paper"):
        stage, *options = name.split()
        assert workspace.stage(stage, *options)[0] == 0
    code, said = workspace.stage("summary")
    assert (
        code == 0
        and "7 claims of 2 studies (1 without claims)" in said
        and "paper_tables/embedded" in said
        and "report.html" in said
    )
