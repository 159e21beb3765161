"""Losses by hand and against sentence-transformers, pairs by enumeration, chunks and splits with planted faults."""

import json
import math
import random
from itertools import combinations, permutations

import numpy as np
import pytest
import torch

from harness import config
from harness.data import loading
from harness.errors import InputError
from replications.encoder_anisotropy import losses, pairs
from replications.encoder_anisotropy.collections import chunks

SETTINGS = {"part": "held_out", "split": "module", "per_subject": None, "sample_seed": 42, "longer_than": 3, "removed": None}
SUBJECTS = [0, 1, 2, 0, 1, 2, 0, 0]


def unit(n, d, seed=0):
    vectors = torch.from_numpy(np.random.default_rng(seed).normal(size=(n, d))).float()
    return torch.nn.functional.normalize(vectors, dim=1)


def test_cosent_of_two_pairs_by_hand():
    # a pair of one subject with cosine 0, one of two subjects with cosine 1: log(1 + e^(scale (1 - 0)))
    one, other = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    for scale in (5, 20):
        found = float(losses.cosent(one, other, torch.tensor([1, 0]), scale))
        assert found == pytest.approx(math.log(1 + math.exp(scale)), rel=1e-6)
    assert float(losses.cosent(one, other, torch.tensor([1, 1]), 20)) == 0  # nothing is held against anything


@pytest.mark.parametrize("scale", [5.0, 20.0])
def test_both_losses_and_their_gradients_are_those_of_sentence_transformers(scale):
    from sentence_transformers.sentence_transformer.losses import CoSENTLoss, MultipleNegativesRankingLoss

    labels = torch.tensor([1, 0, 0, 1, 0, 1, 0, 0])
    ours = {
        "cosent": lambda a, b: losses.cosent(a, b, labels, scale),
        "infonce": lambda a, b: losses.info_nce(a, b, torch.tensor(SUBJECTS), scale, masked=False),
    }
    theirs = {
        "cosent": lambda a, b: CoSENTLoss(None, scale).compute_loss_from_embeddings([a, b], labels),
        "infonce": lambda a, b: MultipleNegativesRankingLoss(None, scale).compute_loss_from_embeddings([a, b], None),
    }
    for name in ours:
        gradients = []
        for loss in (ours[name], theirs[name]):
            raw = [unit(8, 6, seed).clone().requires_grad_() for seed in (1, 2)]
            value = loss(*(torch.nn.functional.normalize(one, dim=1) for one in raw))
            value.backward()
            gradients.append((value.item(), torch.cat([one.grad for one in raw])))
        assert gradients[0][0] == pytest.approx(gradients[1][0], rel=1e-5)
        assert torch.allclose(gradients[0][1], gradients[1][1], atol=1e-5)


def test_masked_infonce_by_plain_loops_leaves_out_the_anchors_own_subject():
    a, b, total = unit(8, 6, 1), unit(8, 6, 2), []
    for i in range(8):
        kept = [j for j in range(8) if j == i or SUBJECTS[j] != SUBJECTS[i]]
        logits = {j: 20 * float(a[i] @ b[j]) for j in kept}
        total.append(math.log(sum(math.exp(value) for value in logits.values())) - logits[i])
    found = losses.info_nce(a, b, torch.tensor(SUBJECTS), 20, masked=True)
    assert float(found) == pytest.approx(sum(total) / 8, rel=1e-5)
    assert float(found) < float(losses.info_nce(a, b, torch.tensor(SUBJECTS), 20, masked=False))


def test_every_pair_is_drawn_once_and_no_more_than_there_are():
    for loss, all_pairs in (
        ("cosent", {frozenset(pair) for pair in combinations(range(8), 2)}),
        ("infonce", {(i, j) for i, j in permutations(range(8), 2) if SUBJECTS[i] == SUBJECTS[j]}),
    ):
        drawn = pairs.draw(SUBJECTS, loss, len(all_pairs), random.Random(0))
        assert len(drawn) == len(all_pairs)
        assert {pair if loss == "infonce" else frozenset(pair) for pair in drawn} == all_pairs
        with pytest.raises(InputError, match=f"{len(all_pairs) + 1} pairs are asked for, but 8 chunks make {len(all_pairs)}"):
            pairs.draw(SUBJECTS, loss, len(all_pairs) + 1, random.Random(0))


def test_a_third_of_the_pairs_and_of_the_negatives_are_of_the_anchors_subject():
    subjects = [0, 1, 2] * 60
    drawn = pairs.draw(subjects, "cosent", 4000, random.Random(0))
    assert pairs.counts(subjects, drawn)["same_subject"] == pytest.approx(59 / 179, abs=0.02)
    drawn = pairs.draw(subjects, "infonce", 4000, random.Random(0))
    assert pairs.counts(subjects, drawn)["same_subject"] == 1
    assert pairs.false_negatives(subjects, drawn, 16) == pytest.approx(1 / 3, abs=0.02)
    assert pairs.false_negatives([0, 0, 1, 1], [(0, 1), (1, 0), (2, 3)], 3) == pytest.approx(2 / 6)  # by hand


def written(tmp_path, rows):
    path = tmp_path / "all.jsonl"
    full = [{"subject": "s", "unit": "u", "split": "test", "text": f"text of {row['id']}", **row} for row in rows]
    path.write_text("".join(json.dumps(row) + "\n" for row in full))
    return {"all.jsonl": path}


def test_faulty_chunks_are_named(tmp_path):
    good = {"id": "a", "module": "m1"}
    for rows, said in (
        ([good, {**good, "split": "train", "id": "b"}], "the module 'm1' is in both splits .chunk 'b'.; put all of it"),
        ([good, {**good, "module": "m2"}], "the chunk id 'a' is given twice"),
        ([good, {**good, "id": "b", "text": "  "}], "the chunk 'b' has no text"),
        ([{**good, "split": "dev"}], "split: 'dev' is neither train nor test"),
    ):
        with pytest.raises(InputError, match=said):
            chunks.build(SETTINGS, written(tmp_path, rows), {})
    with pytest.raises(InputError, match="takes all of the text of 1 chunks, the first 'a'"):
        chunks.build({**SETTINGS, "removed": "[a-z]"}, written(tmp_path, [{**good, "text": "abcd"}]), {})
    with pytest.raises(InputError, match="exactly longer_than, part, per_subject"):
        chunks.build({"part": "train"}, written(tmp_path, [good]), {})


def test_splits_share_no_module_and_a_redrawn_one_holds_what_was_trained_on():
    rows = [{"id": f"c{i:03d}", "module": f"m{i // 2}", "split": "test" if i % 10 < 2 else "train"} for i in range(200)]
    by = {name: {row["module"] for row in chunks.part(rows, name, "module")} for name in ("held_out", "train")}
    assert len(by["held_out"]) == 20 and not by["held_out"] & by["train"]
    first, second = {"share": 0.2, "seed": 1}, {"share": 0.2, "seed": 2}
    drawn = {name: {row["id"] for row in chunks.part(rows, name, first)} for name in ("held_out", "train")}
    assert len(drawn["held_out"]) == 40 and not drawn["held_out"] & drawn["train"] and len(drawn["train"]) == 160
    again = {row["id"] for row in chunks.part(rows, "held_out", second)}
    assert 24 <= len(again & drawn["train"]) <= 40  # four fifths of 40 on average


def test_at_most_so_many_of_a_subject_are_drawn_and_the_draw_repeats():
    rows = [{"id": f"c{i:02d}", "subject": "ab"[i % 2]} for i in range(40)]
    found = chunks.sampled(rows, 7, 42)
    assert [row["subject"] for row in found].count("a") == [row["subject"] for row in found].count("b") == 7
    assert found == chunks.sampled(rows[::-1], 7, 42) != chunks.sampled(rows, 7, 43)


def test_the_shipped_sample_is_cut_by_module_and_its_cues_are_taken_out():
    held, learnt, bare = (loading.load(f"sample_{name}", config.load()) for name in ("held_out", "train", "cueless"))
    assert not set(held.labels["module"].values()) & set(learnt.labels["module"].values())
    assert held.document_ids == bare.document_ids and len(held.document_ids) == 180
    assert not any(character in text for text in bare.texts for character in "0123456789=^")
    by = {s: [text for name, text in zip(held.document_ids, held.texts, strict=True) if held.labels["subject"][name] == s]
          for s in ("physics", "biology", "history")}  # fmt: skip
    share = {s: sum("the figure" in text.lower() for text in texts) / 60 for s, texts in by.items()}
    assert share["physics"] > 0.2 > share["biology"] > share["history"] == 0
    assert not any("the figure" in text.lower() for text in bare.texts)
