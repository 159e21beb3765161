"""The contract of every study folder that is found."""

import json
import re

import pytest
import yaml

from harness import config
from harness.config import FIDELITIES, ROOT
from harness.errors import InputError
from harness.ledger import reading
from harness.studies import method, plan, study
from harness.text import read_yaml

FOLDERS = study.folders(ROOT)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_study_folder_keeps_the_contract(name):
    folder = FOLDERS[name]
    assert (folder / "README.md").exists(), "a study has a README.md: what the paper leaves open, and what was chosen"
    assert reading.load(folder).title
    loaded = study.load(folder, FOLDERS, "embedded")
    for variant in loaded.variants:
        module = method.load(FOLDERS[variant.method])
        method.settings_of(module, variant.settings, folder / "experiment.yaml", variant.name)
    for fidelity in FIDELITIES:
        settings = config.load(overrides={"fidelity": fidelity})
        for job in plan.jobs([loaded], settings):
            assert plan.fingerprint(loaded, job, settings)
    if (folder / "method.py").exists():
        assert {"Settings", "rank"} <= set(dir(method.load(folder)))


def test_the_five_sources_and_the_yardsticks_are_there():
    sources = {"course_recommender", "dual_loss", "projection_grid", "encoder_anisotropy", "association_gap"}
    assert sources | {"random", "bm25", "tfidf", "title", "minilm", "mpnet"} <= set(FOLDERS)


def test_the_harness_knows_no_study():
    """No module of the harness, and no line of the Snakefile, imports a study or names its folder; a study may have any name."""
    folder = re.compile(r"(?:baselines|replications)[./\\]+(?![*<{])(\w+)")
    for path in [*(ROOT / "harness").rglob("*.py"), ROOT / "Snakefile"]:
        named = set(folder.findall(path.read_text(encoding="utf-8")))
        assert not named & set(FOLDERS), (path, named)


@pytest.mark.parametrize("text", ["from replications.dual_loss import names", 'root / "baselines/bm25/claims.yaml"'])
def test_a_named_folder_would_be_seen(text):
    assert re.search(r"(?:baselines|replications)[./\\]+(?![*<{])(\w+)", text)[1] in FOLDERS


def test_a_fingerprint_sees_settings_method_and_collections(tmp_path):
    loaded, settings = study.load(FOLDERS["bm25"], FOLDERS, "embedded"), config.load()
    one, other = plan.jobs([loaded], settings)
    assert plan.fingerprint(loaded, one, settings) != plan.fingerprint(loaded, other, settings)
    deeper = config.load(overrides={"depth": 10})
    assert plan.fingerprint(loaded, one, settings) != plan.fingerprint(loaded, one, deeper)


def test_a_changed_collection_is_encoded_again(tmp_path):
    job = plan.EncodeJob("n", "m", 8, "float32", ("mean",), "letters", (("", ""),), None, ())
    (tmp_path / "collections").mkdir()
    path, settings = tmp_path / "collections" / "letters.yaml", config.load().model_copy(update={"root": tmp_path})
    seen = set()
    for digest in ("a", "b", "a"):
        path.write_text(f"title: letters\ndigest: {digest}\n")
        seen.add(plan.encoded(job, settings))
    assert len(seen) == 2


def test_a_changed_model_is_encoded_again(tmp_path):
    job = plan.EncodeJob("n", "m", 8, "float32", ("mean",), "letters", (("", ""),), None, ())
    (tmp_path / "models").mkdir()
    path, settings = tmp_path / "models" / "m.yaml", config.load().model_copy(update={"root": tmp_path})
    seen = set()
    for digest in ("a", "b", "a"):
        path.write_text(f"title: m\ndigest: {digest}\n")
        seen.add(plan.encoded(job, settings))
    assert len(seen) == 2


def test_two_poolings_share_one_encode_job():
    loaded, settings = study.load(FOLDERS["minilm"], FOLDERS, "embedded"), config.load()
    (job,) = plan.encode_jobs([loaded], settings)
    assert job.poolings == ("cls", "mean") and job.name == "minilm-256-float32.made_claims"


def test_a_study_name_may_stand_once(tmp_path):
    for kind in ("baselines", "replications"):
        (tmp_path / kind / "same").mkdir(parents=True)
        (tmp_path / kind / "same" / "claims.yaml").write_text("title: x")
    with pytest.raises(InputError, match="'same' is also in"):
        study.folders(tmp_path)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"fidelity": "orignal"}, "fidelity: 'orignal' is none of embedded, substitute, original"),
        ({"fidelty": "original"}, "unknown key 'fidelty'.*did you mean 'fidelity'"),
        ({"depth": 0}, "depth: .*0"),
        ({"judgement": {"alpha": 2}}, "judgement.alpha"),
    ],
)
def test_settings_are_checked(overrides, words):
    with pytest.raises(InputError, match=words):
        config.load(overrides=json.loads(json.dumps(overrides)))


def test_merges_of_merges_are_read_and_a_key_given_twice_is_not(tmp_path):
    path = tmp_path / "e.yaml"
    path.write_text("a: &a {x: 1, y: 1}\nb: &b {<<: *a, y: 2}\nc: &c {<<: *b, y: 3}\nd: {<<: *c, x: 4}\n")
    assert read_yaml(path) == {"a": {"x": 1, "y": 1}, "b": {"x": 1, "y": 2}, "c": {"x": 1, "y": 3}, "d": {"x": 4, "y": 3}}
    path.write_text("a: &a {x: 1}\nb: {<<: *a, y: 2, y: 3}\n")
    with pytest.raises(InputError, match="e.yaml:2: .*'y' is given twice"):
        read_yaml(path)


@pytest.mark.parametrize("key", ["seeds", "variants.shared.seeds"])
def test_seeds_may_be_written_by_fidelity(small, key):
    def seeds(written, fidelity="embedded"):
        path = small.folder / "replications/paper/experiment.yaml"
        said = yaml.safe_load(path.read_text())
        (said if key == "seeds" else said["variants"]["shared"])["seeds"] = written
        path.write_text(yaml.safe_dump(said))
        known = study.folders(small.folder)
        (variant,) = study.load(known["paper"], known, fidelity).variants
        return variant.seeds

    each = {"embedded": [0], "substitute": [0, 1], "original": [2]}
    assert [seeds(each, fidelity) for fidelity in each] == list(each.values())
    assert seeds([3]) == [3]
    for wrong, words in (
        ({"embedded": [0]}, "substitute and original missing"),
        ({**each, "orginal": [0]}, "orginal"),
        ([1, 1], "twice"),
        ([-1], "0"),
        ([], "1 item"),
    ):
        with pytest.raises(InputError, match=words) as told:
            seeds(wrong)
        assert "seeds" in str(told.value)


def test_any_setting_may_be_written_by_fidelity(small):
    def settings(written, fidelity="embedded"):
        path = small.folder / "replications/paper/experiment.yaml"
        said = yaml.safe_load(path.read_text())
        said["variants"]["shared"].update(written)
        path.write_text(yaml.safe_dump(said))
        known = study.folders(small.folder)
        (variant,) = study.load(known["paper"], known, fidelity).variants
        return variant.settings

    each = {"embedded": 1, "substitute": [2], "original": {"deep": {"embedded": 3, "substitute": 4, "original": 5}}}
    found = [settings({"one": [{"recipe": {"epochs": each}}]}, fidelity)["one"][0]["recipe"]["epochs"] for fidelity in each]
    assert found == [1, [2], {"deep": 5}]
    assert settings({"one": {"original": True, "kept": 1}})["one"] == {"original": True, "kept": 1}  # a setting's own key
    with pytest.raises(InputError, match=r"variants.shared.one.0.epochs: substitute and original missing"):
        settings({"one": [{"epochs": {"embedded": 1}}]})


def test_a_pooling_that_is_none_is_told_what_there_is(small):
    path = small.folder / "replications/paper/experiment.yaml"
    said = yaml.safe_load(path.read_text())
    plain = {"model": "m", "max_length": 8, "dtype": "float32", "normalise": True, "query_prompt": None, "document_prompt": ""}
    said["models"] = {"m": {"embedded": "minilm"}}
    said["variants"]["shared"]["encoder"] = {**plain, "pooling": "menu"}
    path.write_text(yaml.safe_dump(said))
    known = study.folders(small.folder)
    with pytest.raises(InputError, match=r"variants.shared.encoder.pooling: Input should be 'mean', 'cls'.*'saved' \(you wrote: 'menu'\)"):
        study.load(known["paper"], known, "embedded")
