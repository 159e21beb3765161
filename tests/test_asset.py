"""Assets: what is not the pinned file is refused by name and never used."""

import hashlib

import pytest

from harness import asset, config, fetch
from harness.errors import InputError

CONTENT = b"x" * 1000


@pytest.fixture
def made(tmp_path):
    """A root with one model whose file may stand in a mirror or be downloaded from a file:// address."""
    (tmp_path / "config.yaml").write_text((config.ROOT / "config.yaml").read_text())
    (tmp_path / "models").mkdir()
    (tmp_path / "mirror" / "m").mkdir(parents=True)
    (tmp_path / "far").mkdir()
    text = f"""
licence: test
origin: test
get: ask the author
sources: {{mirror: m, download: "file://{tmp_path}/far"}}
files: {{model.safetensors: {{bytes: 1000, sha256: {hashlib.sha256(CONTENT).hexdigest()}}}}}
"""
    (tmp_path / "models" / "tiny.yaml").write_text(text)
    return tmp_path


def load(root, fidelity="substitute", **more):
    return config.load(root, {"fidelity": fidelity, "mirror": str(root / "mirror"), **more})


def put(root, content, where="mirror/m"):
    (root / where / "model.safetensors").write_bytes(content)


def test_a_whole_file_of_the_mirror_is_used(made):
    put(made, CONTENT)
    assert asset.model_folder("tiny", load(made)) == made / "mirror" / "m"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (CONTENT[:-1], "truncated"),
        (b"y" + CONTENT[1:], "altered"),
        (CONTENT + b"x", "altered"),
        (b"\n<!DOCTYPE html><html>", "HTML"),
    ],
)
def test_what_is_not_the_file_is_refused_by_name(made, content, word):
    put(made, content)
    put(made, CONTENT, "far")  # nothing else is swapped in silently
    with pytest.raises(InputError, match=f"model.safetensors.*{word}"):
        asset.model_folder("tiny", load(made))


def test_a_download_is_verified_and_kept(made):
    put(made, CONTENT, "far")
    folder = asset.model_folder("tiny", load(made))
    assert (folder / "model.safetensors").read_bytes() == CONTENT and "cache" in str(folder)


def test_a_bad_download_leaves_nothing(made):
    put(made, CONTENT[:-1], "far")
    with pytest.raises(InputError, match="truncated"):
        asset.model_folder("tiny", load(made))
    assert [p for p in made.rglob("*.safetensors*") if "cache" in str(p)] == []


def test_nothing_is_downloaded_at_embedded_or_when_told_not_to(made):
    put(made, CONTENT, "far")
    for settings in ({"fidelity": "embedded"}, {"download": False}):
        with pytest.raises(InputError, match=r"tiny: model.safetensors is missing; tried: .*mirror/m.*ask the author"):
            asset.model_folder("tiny", load(made, **settings))


def test_all_that_is_missing_is_in_one_message(made):
    with pytest.raises(InputError) as error:
        fetch.fetch(["model tiny", "model tinny", "collection none"], load(made, download=False))
    for words in ("3 of 3 assets", "tiny: model.safetensors", "did you mean 'tiny'", "no 'none'"):
        assert words in str(error.value)


def test_a_misspelt_definition_names_file_and_key(made):
    path = made / "models" / "tiny.yaml"
    path.write_text(path.read_text().replace("bytes: 1000", "bytes: many"))
    with pytest.raises(InputError, match=r"tiny\.yaml: files.model.safetensors.bytes.*'many'"):
        asset.model_folder("tiny", load(made))


def test_the_installed_package_has_the_hubs_weights():
    folder = asset.model_folder("minilm", config.load(overrides={"fidelity": "embedded"}))
    weights = (folder / "model.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
