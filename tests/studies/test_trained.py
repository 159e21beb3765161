"""Kept models: what decides them, and the links that stand for them."""

import shutil
from types import SimpleNamespace

import pytest

from harness.studies import trained


def test_of_two_runs_at_once_the_faster_ones_model_stays(tmp_path):
    for name, text in (("one", "first"), ("other", "second")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_text(text)
    for name in ("one", "other"):
        trained.keep(tmp_path / name, tmp_path / "kept")
    assert (tmp_path / "kept" / "model.safetensors").read_text() == "first" and [p.name for p in tmp_path.iterdir()] == ["kept"]
    with pytest.raises(FileNotFoundError):
        trained.keep(tmp_path / "gone", tmp_path / "nowhere")


def test_a_kept_model_hangs_on_all_that_decides_it(tmp_path):
    settings, base = SimpleNamespace(root=tmp_path, cache="cache", perturb=0), tmp_path / "base"
    base.mkdir()
    places = set()
    for weights in (b"a", b"b"):
        (base / "model.safetensors").write_bytes(weights)
        for version in (1, 2):
            for parts in ([["text"], {"rate": 1.0}, 0], [["text"], {"rate": 1.0}, 1], [["other"], {"rate": 1.0}, 0]):
                places.add(trained.place(settings, base, version, parts))
    moved = SimpleNamespace(root=tmp_path, cache="cache", perturb=1)
    places.add(trained.place(moved, base, 1, [["text"], {"rate": 1.0}, 0]))
    assert len(places) == 13
    kept = places.pop()
    kept.mkdir(parents=True)
    for _ in range(2):  # a second run finds the link of the first
        trained.link(tmp_path / "fit", "dual", kept)
    assert (tmp_path / "fit" / "dual").resolve() == kept
    shutil.rmtree(tmp_path / "fit")
    assert kept.is_dir()
