"""The cache: nothing lost, nothing wrong, whatever happens to it."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from harness.errors import InputError
from harness.vectors.cache import Cache

TEXTS = ["bb", "a", "ccc", "dd"]
VECTORS = np.arange(1, 9, dtype=np.float32).reshape(4, 2)


def test_vectors_come_back_in_the_order_asked(tmp_path):
    cache = Cache(tmp_path, {"weights": "1"})
    cache.add(TEXTS, VECTORS)
    again = Cache(tmp_path, {"weights": "1"})
    assert np.array_equal(again.get(["dd", "a", "a"]), VECTORS[[3, 1, 1]])


def test_any_changed_part_of_the_key_misses(tmp_path):
    parts = {"weights": "1", "pooling": "mean", "max_length": "256", "dtype": "float32", "code": "1"}
    Cache(tmp_path, parts).add(TEXTS, VECTORS)
    assert Cache(tmp_path, parts).missing(TEXTS) == []
    for name in parts:
        assert len(Cache(tmp_path, {**parts, name: "other"}).missing(TEXTS)) == 4, name


def test_missing_is_shortest_first_and_distinct(tmp_path):
    cache = Cache(tmp_path, {})
    assert [len(text) for text in cache.missing([*TEXTS, "a"])] == [1, 2, 2, 3]
    assert cache.missing(TEXTS) == cache.missing(TEXTS[::-1])


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_shard_is_named_dropped_and_missed(tmp_path, capsys, damage):
    Cache(tmp_path, {}).add(TEXTS, VECTORS)
    shard = next(tmp_path.glob("*/*.safetensors"))
    content = bytearray(shard.read_bytes())
    if damage == "flip":
        content[-3] ^= 1
    shard.write_bytes({"cut": content[:-5], "flip": content, "empty": b""}[damage])
    assert len(Cache(tmp_path, {}).missing(TEXTS)) == 4
    assert shard.name in capsys.readouterr().err and not shard.exists()


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_nan_and_zero_vectors_are_refused_with_the_text(tmp_path, bad):
    vectors = VECTORS.copy()
    vectors[2] = bad
    cache = Cache(tmp_path, {})
    with pytest.raises(InputError, match="'ccc'"):
        cache.add(TEXTS, vectors)
    assert len(Cache(tmp_path, {}).missing(TEXTS)) == 4


def test_asking_for_what_is_not_there_says_so(tmp_path):
    cache = Cache(tmp_path, {})
    with pytest.raises(InputError, match="not encoded yet.*'zz'"):
        cache.get(["zz"])
    with pytest.raises(InputError, match="no text"):
        cache.get([])


@pytest.mark.parametrize("number", [errno.EACCES, errno.EMFILE, errno.EIO])
def test_a_shard_that_cannot_be_opened_is_named_and_stays(tmp_path, monkeypatch, number):
    """Another user's file, or too many open ones: it may be good."""
    Cache(tmp_path, {}).add(TEXTS, VECTORS)
    shard = next(tmp_path.glob("*/*.safetensors"))

    def refuse(self, *_):
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=rf"{shard.name}: cannot be opened \({os.strerror(number)}\).*under cache in config.yaml"):
        Cache(tmp_path, {})
    monkeypatch.undo()
    assert Cache(tmp_path, {}).missing(TEXTS) == []


def test_a_damaged_shard_that_another_process_removes_first_is_no_error(tmp_path, monkeypatch, capsys):
    Cache(tmp_path, {}).add(TEXTS, VECTORS)
    shard = next(tmp_path.glob("*/*.safetensors"))
    shard.write_bytes(b"")
    unlink = Path.unlink
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: (unlink(self), unlink(self, missing_ok)))
    assert len(Cache(tmp_path, {}).missing(TEXTS)) == 4
    assert "damaged" in capsys.readouterr().err
