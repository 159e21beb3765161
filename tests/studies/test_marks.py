"""A deleted cache, in part or whole, stops no run: the work is done again."""

import json
import shutil

import pytest


@pytest.fixture
def encoded(small):
    """MiniLM over the letters, encoded and scored."""
    small.take("baselines/minilm", "models/minilm.yaml")
    path = small.folder / "baselines/minilm/experiment.yaml"
    text = path.read_text()
    start, end = text.index("collections:"), text.index("models:")
    path.write_text(
        text[:start] + "collections:\n  letters: {embedded: letters, substitute: letters, original: letters}\n" + text[end:]
    )
    run(small)
    return small


def run(small):
    code, said = small.snakemake("--config", "studies=minilm", "--", "scored")
    assert code == 0, said
    return said


def scores(small):
    return [path.read_bytes() for path in sorted((small.folder / "results/embedded/minilm").rglob("*.trec.gz"))]


@pytest.mark.parametrize("part", ["whole", "a shard", "a damaged mark"])
def test_what_is_gone_is_encoded_again(encoded, part):
    before, cache = scores(encoded), encoded.folder / "results/cache"
    (mark,) = (encoded.folder / "results/embedded/encode").glob("*.json")
    if part == "whole":
        shutil.rmtree(cache)
    elif part == "a shard":
        next(cache.rglob("*.safetensors")).unlink()
    else:
        mark.write_text("{")
    for folder in (encoded.folder / "results/embedded/minilm").glob("*/*"):
        shutil.rmtree(folder)
    said = run(encoded)
    assert "The cache no longer holds what 1 finished jobs left there" in said
    assert scores(encoded) == before and json.loads(mark.read_text())["kept"]
    assert "no longer holds" not in run(encoded)
