"""One cache for two users and two checkouts: what one writes the other may read, and nothing is trained twice at once."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import save_file

from harness.config import ROOT
from harness.studies import trained
from harness.vectors.cache import Cache

VECTORS = np.eye(3, 4, dtype=np.float32)
HOLD = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from harness.studies import trained
with trained.alone(SimpleNamespace(root=Path(sys.argv[1]), cache="cache"), "one"):
    Path(sys.argv[1], "held").touch()
    time.sleep(600)
"""


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize(("umask", "file", "folder"), [(0o022, 0o644, 0o755), (0o002, 0o664, 0o775), (0o077, 0o600, 0o700)])
def test_vectors_and_models_may_be_read_by_whom_the_umask_lets(tmp_path, umask, file, folder):
    before = os.umask(umask)
    try:
        cache = Cache(tmp_path / "cache", {"pooling": "mean"})
        cache.add(["x", "y", "z"], VECTORS)
        made = trained.unfinished_of(tmp_path / "cache/trained/key")
        made.mkdir(parents=True)
        save_file({"weight": VECTORS}, made / "model.safetensors")
        trained.keep(made, tmp_path / "cache/trained/key")
    finally:
        os.umask(before)
    shards = [*cache.folder.glob("*.safetensors"), tmp_path / "cache/trained/key/model.safetensors"]
    assert len(shards) == 2 and {mode(path) for path in shards} == {file}
    assert {mode(path.parent) for path in shards} == {folder}


def as_user(number: int, done) -> int:
    """Do something as another user of the group 9999, who keeps no rights of root; return 0 where it went well."""
    if not (child := os.fork()):
        try:
            os.umask(0o002)
            os.setgroups([9999])
            os.setgid(number)
            os.setuid(number)
            done()
            os._exit(0)
        except BaseException as error:
            print(f"user {number}: {error!r}", file=sys.stderr)
            os._exit(1)
    return os.waitpid(child, 0)[1]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become two users")
def test_two_users_of_a_group_fill_and_read_one_cache(tmp_path):
    for above in [one for one in (tmp_path, *tmp_path.parents) if "pytest-of-" in str(one)]:  # pytest's own folders, which are root's
        above.chmod(0o755)
    root = tmp_path / "cache"
    root.mkdir()
    os.chown(root, 0, 9999)
    root.chmod(0o2775)  # what docs/growth.md says: the group's, handed on to what is made in it
    there = {"pooling": "mean"}
    place = SimpleNamespace(root=tmp_path, cache="cache")

    def trains():
        with trained.alone(place, "one"):
            pass

    assert as_user(10001, lambda: Cache(root, there).add(["x", "y", "z"], VECTORS)) == 0
    assert as_user(10002, lambda: np.testing.assert_array_equal(Cache(root, there).get(["y"]), VECTORS[1:2])) == 0
    assert as_user(10002, lambda: Cache(root, there).add(["p", "q", "r"], VECTORS)) == 0
    assert as_user(10001, lambda: Cache(root, there).get(["p", "x"])) == 0
    assert [as_user(number, trains) for number in (10001, 10002)] == [0, 0]
    root.chmod(0o755)  # for reading alone: what is there serves, and a lock that cannot be made stops nobody
    (root / "locks/one").unlink()
    (root / "locks").chmod(0o755)
    assert as_user(10002, lambda: Cache(root, there).get(["x"])) == 0
    assert as_user(10002, trains) == 0


def test_names_of_unfinished_work_never_meet(tmp_path):
    names = {trained.unfinished_of(tmp_path / "key") for _ in range(100)}  # two hosts may have one process number
    assert len(names) == 100 and all(name.parent == tmp_path and name.name.startswith(".key.") for name in names)


def test_a_second_job_waits_for_the_first_and_a_killed_one_lets_go(tmp_path, capsys):
    first = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    late = time.monotonic() + 120
    while not (tmp_path / "held").exists():
        assert time.monotonic() < late and first.poll() is None, "the first job never began"
        time.sleep(0.01)
    killer = subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -9 {first.pid}"])
    place = SimpleNamespace(root=tmp_path, cache="cache")
    with trained.alone(place, "other") as waited:  # another training goes on at once
        assert not waited and first.poll() is None
    with trained.alone(place, "one") as waited:
        assert waited, "two jobs trained the same at once"
    assert first.wait() and killer.wait() == 0
    assert "another job trains the same" in capsys.readouterr().err
    with trained.alone(place, "one") as waited:
        assert not waited
