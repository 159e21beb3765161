"""`fallback: substitute`: what is missing gives way to its substitute, marked; without the setting the run stops."""

import json
from pathlib import Path

import pytest

from harness import config
from harness.errors import Absent, InputError
from harness.studies import absent, fallback, fidelity, materials, plan, study
from harness.studies.experiment import Experiment

ROLES = {"training": {"triples": {"substitute": "near", "original": "far"}, "more": {"substitute": None, "original": "far"}},
         "models": {"bert": {"substitute": "small", "original": "large"}}}  # fmt: skip


def written():
    return Experiment(seeds=[0], metrics=["ndcg@10"], collections={"c": {"original": "c"}}, **ROLES)


def test_a_missing_original_gives_way_to_its_substitute_and_none_to_nothing():
    found, told = absent.replaced(written(), {"collection far": "no network"})
    assert found.training["triples"].original == "near" and found.training["more"].original is None
    assert found.models["bert"].original == "large" and found.collections["c"].original == "c"
    assert told == [("training.triples", "far", "near"), ("training.more", "far", None)]


def lacking(monkeypatch, missing):
    """Let no source hold these materials; None: none of any."""

    def find(name, _):
        if missing is None or name in missing:
            raise Absent(f"{name}: no network")
        return {}

    monkeypatch.setattr(materials, "find", find)


def test_what_is_there_and_wrong_stops_the_run_and_nothing_takes_its_place(tmp_path):
    mirror = tmp_path / "mirror"
    (mirror / "scifact" / "qrels").mkdir(parents=True)
    for name in ("corpus.jsonl.gz", "queries.jsonl.gz", "qrels/test.tsv"):
        (mirror / "scifact" / name).write_bytes(b"not the pinned file")
    chosen = settings(tmp_path, studies="bm25", mirror=str(mirror))
    with pytest.raises(InputError, match=r"truncated|altered"):
        fallback.decide(chosen)
    assert not absent.record(chosen).exists()


def settings(tmp_path, **more):
    return config.load(overrides={"fidelity": "original", "results": str(tmp_path), "fallback": "substitute", "mirror": None, "download": False, **more})


def test_the_setting_means_something_at_original_alone(tmp_path):
    for other in ({"fidelity": "substitute"}, {"fallback": None}):
        assert absent.absent(settings(tmp_path, **other)) == {}
    with pytest.raises(InputError, match=r"make tables FIDELITY=original FALLBACK=substitute"):
        absent.absent(settings(tmp_path))
    with pytest.raises(InputError, match="fallback"):
        config.load(overrides={"fallback": "embedded"})


def test_a_run_decides_once_tells_it_and_marks_every_row(tmp_path, monkeypatch, capsys):
    missing = {"collection triples_v1_10k", "collection triples_v1_48k", "model mpnet"}
    lacking(monkeypatch, missing)
    chosen = settings(tmp_path, studies="projection_grid")
    fallback.decide(chosen)
    said = capsys.readouterr().err
    assert "fallback: no model mpnet: minilm stands in (projection_grid: models.mpnet)" in said
    assert "fallback: no collection triples_v1_10k: triples_1k stands in (projection_grid: training.tuning_triples)" in said
    assert said.count("\n") == 5 and said.strip().endswith("fallback.json")
    assert json.loads(absent.record(chosen).read_text())["missing"].keys() == missing
    (one,) = study.select(chosen)
    known = fidelity.materials(chosen.root)
    variant = next(variant for variant in one.variants if variant.name == "mpnet_frozen")
    parts = fidelity.of(one, variant, "scifact", "original", known)
    assert parts == fidelity.Parts("original", "substitute", "substitute")
    told = [caution for _, caution in fidelity.misplaced([one], "original", known)]
    assert any("minilm stands in for mpnet, which cannot be had here" in caution for caution in told)


def test_a_python_without_the_packages_decides_nothing(tmp_path, monkeypatch):
    """Where conda's jobs have their own environment, a model that comes as a package is not to be seen from outside."""
    monkeypatch.setattr(fallback.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="none of the workbench's packages.*run `make tables FALLBACK=substitute`"):
        fallback.decide(settings(tmp_path))
    fallback.decide(settings(tmp_path, fallback=None))


def test_a_run_of_other_studies_forgets_nothing(tmp_path, monkeypatch):
    lacking(monkeypatch, None)
    fallback.decide(settings(tmp_path, studies="projection_grid"))
    lacking(monkeypatch, ())
    fallback.decide(settings(tmp_path, studies="bm25"))
    assert "model mpnet" in absent.absent(settings(tmp_path)) and "collection scifact" not in absent.absent(settings(tmp_path))


@pytest.mark.parametrize("text", ["", "[]", '{"missing": 3}', "{"])
def test_a_damaged_record_is_named(tmp_path, text):
    chosen = settings(tmp_path)
    absent.record(chosen).parent.mkdir(parents=True)
    Path(absent.record(chosen)).write_text(text)
    with pytest.raises(InputError, match="fallback.json: damaged"):
        absent.absent(chosen)


def test_the_plan_trains_on_other_sets_only_where_a_substitute_was_taken(tmp_path, monkeypatch):
    def groups(missing):
        lacking(monkeypatch, missing)
        chosen = settings(tmp_path / str(len(missing)), studies="projection_grid")
        fallback.decide(chosen)
        found = plan.jobs(study.select(chosen), chosen)
        return {job.group for job in found if ".on." in job.group}, {job.name for job in plan.encode_jobs(study.select(chosen), chosen)}

    here, encoded = groups({"collection triples_v1_10k"})
    assert here == {f"named.on.{name}" for name in ("either_triples", "random_triples", "judged_triples", "first_triples", "shuffled_triples")}
    assert "mpnet-saved-float32.triples_shuffled" in encoded and "mpnet-saved-float32.triples_10k" in encoded
    nothing, encoded = groups(set())
    assert nothing == set() and "mpnet-saved-float32.triples_v1_10k" in encoded and "mpnet-saved-float32.triples_judged" not in encoded
