"""Kept models: what decides them, and the links that stand for them."""

import shutil
from types import SimpleNamespace

import pytest

from harness.errors import InputError
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


def models_of(tmp_path):
    """A base, and a model trained from it: one tensor of it only decayed, one moved, one new."""
    import numpy as np
    from safetensors.numpy import save_file

    chance = np.random.default_rng(0)
    base = {"words": chance.normal(size=(500, 32)).astype(np.float32), "layer": chance.normal(size=(64, 64)).astype(np.float32)}
    model = {"words": base["words"] * np.float32(0.999), "layer": base["layer"] + np.float32(1e-4), "head": chance.normal(size=(8,)).astype(np.float32)}
    for name, tensors in (("base", base), ("made", model)):
        (tmp_path / name / "1_Pooling").mkdir(parents=True)
        save_file(tensors, tmp_path / name / "model.safetensors", metadata={"format": "pt"})
        (tmp_path / name / "1_Pooling" / "config.json").write_text(name)
    return tmp_path / "base", tmp_path / "made"


def test_a_model_kept_by_its_base_comes_back_as_the_same_file(tmp_path):
    base, made = models_of(tmp_path)
    before = (made / "model.safetensors").read_bytes()
    trained.keep(made, tmp_path / "kept", base)
    assert {p.name for p in (tmp_path / "kept").iterdir()} == {"model.delta", "1_Pooling"}
    assert (tmp_path / "kept" / "model.delta").stat().st_size < 0.5 * len(before)
    trained.link(tmp_path / "fit", "v", tmp_path / "kept")
    whole = trained.whole(tmp_path / "fit" / "v", base)
    assert (whole / "model.safetensors").read_bytes() == before and trained.whole(tmp_path / "kept", base) == whole
    assert (whole / "1_Pooling" / "config.json").read_text() == "made"


def test_a_model_that_was_kept_whole_is_read_as_it_is(tmp_path):
    base, made = models_of(tmp_path)
    trained.keep(made, tmp_path / "kept")
    trained.link(tmp_path / "fit", "v", tmp_path / "kept")
    assert trained.whole(tmp_path / "fit" / "v", base) == tmp_path / "kept"


def test_no_more_than_two_lie_on_disk_whole(tmp_path):
    base, made = models_of(tmp_path)
    trained.keep(made, tmp_path / "kept0", base)
    for n in (1, 2):
        shutil.copytree(tmp_path / "kept0", tmp_path / f"kept{n}")
    found = [trained.whole(tmp_path / f"kept{n}", base) for n in range(3)]
    assert [path.exists() for path in found] == [False, True, True]
    assert (trained.whole(tmp_path / "kept0", base) / "model.safetensors").is_file()


def test_another_base_is_refused(tmp_path):
    base, made = models_of(tmp_path)
    trained.keep(made, tmp_path / "kept", base)
    shutil.copytree(tmp_path / "kept", tmp_path / "taken")
    shutil.copy(tmp_path / "base" / "model.safetensors", tmp_path / "own")
    from safetensors.numpy import load_file, save_file

    other = {name: tensor * 2 for name, tensor in load_file(tmp_path / "own").items()}
    save_file(other, base / "model.safetensors")
    with pytest.raises(InputError, match="model.delta: what it is kept by has changed"):
        trained.whole(tmp_path / "taken", base)
