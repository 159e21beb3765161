"""What is kept between runs: told by kind, and cut to a limit by last use; never what somebody is using, never a download."""

import os
from types import SimpleNamespace

import pytest

from harness.studies import held

KB = 1000


def put(cache, name, size=KB, used=0):
    path = cache / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


@pytest.fixture
def kept(tmp_path):
    """A cache of 8.1 kB, and the settings that point at it."""
    cache = tmp_path / "cache"
    for folder in ("a" * 20, "b" * 20):
        put(cache, f"{folder}/key.json", 50)
        put(cache, f"{folder}/shard.safetensors")
    for name in ("trained/old/model.delta", "trained/new/model.delta", "trained/.new.7.x/model.delta", "heads/h-1.delta", "models/own/w", "assets/data/d.csv"):
        put(cache, name)
    for place, name in enumerate(("trained/old", "a" * 20, "heads/h-1.delta", "trained/new", "b" * 20)):
        os.utime(cache / name, (place, place))
    return SimpleNamespace(root=tmp_path, cache="cache", cache_limit=None)


def there(config):
    cache = config.root / "cache"
    names = ("trained/old", "a" * 20, "heads/h-1.delta", "trained/new", "b" * 20)
    return [name[:12] for name in names if (cache / name).exists()]


ALL = ["trained/old", "a" * 12, "heads/h-1.de", "trained/new", "b" * 12]


def test_without_a_limit_or_below_it_nothing_goes(kept):
    for limit in (None, 1e-5):
        kept.cache_limit = limit
        assert held.trim(kept, []) == "" and there(kept) == ALL


def test_what_was_used_longest_ago_goes_first_until_the_rest_fits(kept):
    kept.cache_limit = 6.5e-6
    assert "2 entries used longest ago removed" in held.trim(kept, [])
    assert there(kept) == ALL[2:]


def test_what_this_run_uses_stays_and_counts_as_used_now(kept):
    kept.cache_limit = 6.5e-6
    cache = kept.root / "cache"
    link = kept.root / "fit" / "v"
    link.parent.mkdir()
    link.symlink_to(cache / "trained/old")
    held.trim(kept, [link, cache / ("a" * 20)])
    assert there(kept) == ["trained/old", "a" * 12, "b" * 12]
    assert held.entries(cache)[-1].used > 10**18


def test_downloads_built_models_and_unfinished_trainings_never_go_and_that_is_said(kept):
    kept.cache_limit = 1e-6
    assert "5 entries" in (said := held.trim(kept, [])) and "stay, more than" in said
    cache = kept.root / "cache"
    assert there(kept) == [] and all((cache / name).exists() for name in ("assets/data/d.csv", "models/own/w", "trained/.new.7.x/model.delta"))


def test_while_anybody_uses_the_cache_nothing_goes(kept):
    kept.cache_limit = 1e-6
    with held.using(kept), held.using(kept):  # two jobs may
        assert "another run is using them" in held.trim(kept, []) and there(kept) == ALL
    assert "removed" in held.trim(kept, []) and there(kept) == []


def test_a_cache_that_may_only_be_read_is_used_without_a_lock(kept, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "no")

    monkeypatch.setattr(held.fcntl, "flock", refused)
    with held.using(kept) as lock:
        assert lock is None
    kept.cache_limit = 1e-6
    assert "cannot be locked" in held.trim(kept, []) and there(kept) == ALL


def test_kinds_are_told_apart(kept):
    from harness.clean import by_kind

    files, kinds = by_kind(kept.root / "cache", cache=True)
    assert files == 10 and kinds == {"trained models": 3000, "vectors": 2100, "trained heads": 1000, "built models": 1000, "downloads": 1000}
    put(kept.root, "results/e/s/g/0/rank/v.trec.gz"), put(kept.root, "results/e/logs/rank/s/g/0.log", 10), put(kept.root, "results/e/s/g/0/scores.parquet", 5)
    assert by_kind(kept.root / "results", cache=False)[1] == {"rankings": 1000, "logs": 10, "scores": 5}
