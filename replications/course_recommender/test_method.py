"""The losses against numbers worked out by hand and by plain loops; augmentation counted; views, strata and released metrics."""

import math
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
import yaml
from pydantic import ValidationError

from harness import config
from harness.config import ROOT
from harness.data import loading
from harness.data.collection import Collection
from harness.errors import InputError
from harness.rankings import metrics
from harness.studies import by_fidelity
from replications.course_recommender import augment, courses, loss, measures, synonyms
from replications.course_recommender.recipe import Operations, Recipe, Split

HERE = ROOT / "replications" / "course_recommender"
SPLIT = Split(share=0.5, seed=0)


def recipe(**changes):
    written = by_fidelity.settings_at(HERE / "experiment.yaml", "", yaml.safe_load((HERE / "experiment.yaml").read_text())["variants"]["tau_0.05"]["recipe"], "embedded")
    return Recipe.model_validate({**written, **changes})


def catalogue(number=6, **changes):
    ids = [f"C {i}" for i in range(number)]
    whole = Collection(
        name="courses",
        split="train",
        document_ids=ids,
        titles=[""] * number,
        texts=[f"topic {'abcdefghij'[i % 10]}{i}. students learn the {i} design of systems" for i in range(number)],
        query_ids=["q1", "q2", "q3"],
        queries=["i like topic a0", "i like topic a0 and topic b1", "i like topic c2"],
        qrels={"q1": {"C 0": 1}, "q2": {"C 0": 1, "C 1": 1}, "q3": {"C 2": 1, "C 3": 1}},
        candidates=None,
        labels={"Faculty": {name: "AB"[i % 2] for i, name in enumerate(ids)}},
        made=True,
    )
    return replace(whole, **changes)


def unit(n, d, seed=0):
    vectors = torch.from_numpy(np.random.default_rng(seed).normal(size=(n, d))).float()
    return torch.nn.functional.normalize(vectors, dim=1)


def test_nt_xent_of_two_courses_in_two_views_by_hand():
    # z1 = z3 = (1, 0), z2 = z4 = (0, 1): each anchor has one positive at cosine 1 and two others at cosine 0.
    vectors = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    expected = math.log((math.e**2 + 2) / math.e**2)  # tau = 0.5
    for positives in ("log_of_sum", "mean_of_logs"):
        assert float(loss.nt_xent(vectors, torch.tensor([0, 1, 0, 1]), 0.5, positives)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("tau", [0.05, 0.2])
def test_mean_of_logs_is_the_supcon_loss_of_an_independent_library(tau):
    from pytorch_metric_learning.losses import SupConLoss

    vectors, labels = unit(12, 8), torch.tensor([0, 0, 1, 1, 1, 2, 0, 0, 1, 1, 1, 2])
    theirs = vectors.clone().requires_grad_()
    ours = vectors.clone().requires_grad_()
    one, other = SupConLoss(temperature=tau)(theirs, labels), loss.nt_xent(ours, labels, tau, "mean_of_logs")
    assert other.item() == pytest.approx(one.item(), rel=1e-5)
    one.backward()
    other.backward()
    # theirs normalises once more, so that its gradient lacks the part along the vector
    along = (ours.grad * vectors).sum(dim=1, keepdim=True) * vectors
    assert torch.allclose(ours.grad - along, theirs.grad, atol=1e-5)


@pytest.mark.parametrize(
    ("tau", "positives"), [(0.05, "log_of_sum"), (0.2, "log_of_sum"), (0.01, "mean_of_logs"), (0.2, "mean_of_logs")]
)
def test_nt_xent_by_plain_loops_in_float64(tau, positives):
    vectors, labels = unit(12, 8), [0, 0, 1, 1, 1, 2, 0, 0, 1, 1, 1, 2]
    wide, total = vectors.double().numpy(), []
    for a in range(12):
        logits = {k: float(wide[a] @ wide[k]) / tau for k in range(12) if k != a}
        everything = np.logaddexp.reduce(list(logits.values()))
        same = [logits[k] for k in logits if labels[k] == labels[a]]
        terms = everything - np.logaddexp.reduce(same) if positives == "log_of_sum" else everything - np.mean(same)
        total.append(terms)
    found = float(loss.nt_xent(vectors, torch.tensor(labels), tau, positives))
    assert found == pytest.approx(np.mean(total), rel=1e-3, abs=1e-4)


def test_the_released_floor_silences_far_anchors_at_a_small_tau():
    vectors = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]], requires_grad=True)  # the positives stand at right angles
    value = loss.nt_xent(vectors, torch.tensor([0, 0, 0]), 0.01, "log_of_sum")
    value.backward()
    assert float(value.detach()) == pytest.approx(0, abs=1e-6) and float(vectors.grad.abs().max()) == pytest.approx(0, abs=1e-6)
    away, labels = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.1, 0.99], [-1.0, 0.0]]), torch.tensor([0, 0, 1, 1])
    released = float(loss.nt_xent(away, labels, 0.01, "log_of_sum"))
    exact = float(loss.nt_xent(away, labels, 0.01, "mean_of_logs"))  # one positive each: the same but for the floor
    assert released < exact / 2


def test_one_positive_each_makes_both_forms_the_same():
    vectors, labels = unit(8, 4), torch.arange(4).repeat(2)
    one, other = (float(loss.nt_xent(vectors, labels, 0.1, form)) for form in ("log_of_sum", "mean_of_logs"))
    assert one == pytest.approx(other, rel=1e-5)


def test_tau_not_above_zero_and_an_anchor_without_a_positive_are_refused():
    with pytest.raises(ValueError, match="tau: 0 is not above 0"):
        loss.nt_xent(unit(4, 2), torch.tensor([0, 1, 0, 1]), 0, "log_of_sum")
    with pytest.raises(ValueError, match="anchor 1 of the batch has no positive.*label 7"):
        loss.nt_xent(unit(3, 2), torch.tensor([0, 7, 0]), 0.1, "log_of_sum")
    with pytest.raises(ValidationError, match="greater than 0"):
        recipe(tau=-0.05)


def test_isotropy_of_unit_vectors_stays_in_its_narrow_bounds():
    d = 32
    for vectors in (unit(200, d), torch.eye(d), unit(1, d).repeat(9, 1), torch.cat([torch.eye(d), -torch.eye(d)])):
        assert (1 - 1 / d) ** 2 - 1e-5 <= float(loss.isotropy(vectors)) <= 1 + 1 / d + 1e-5
    assert float(loss.isotropy(torch.cat([torch.eye(d), -torch.eye(d)]))) == pytest.approx((1 - 1 / d) ** 2, abs=1e-6)
    assert float(loss.isotropy(unit(1, d).repeat(9, 1))) == pytest.approx(1 + 1 / d, abs=1e-6)


def test_gates_and_numbers_of_augmentation_by_counting():
    chance, source = random.Random(0), synonyms.source("project")
    text = ["design", "of", "electrical", "machines"] * 10
    lost = [40 - len(augment.deleted(text, 0.15, chance)) for _ in range(2000)]
    assert np.mean(lost) == pytest.approx(6, abs=0.25)
    assert Counter(
        sum(a != b for a, b in zip(text, augment.replaced(text, 3, source, chance), strict=True)) for _ in range(50)
    ) == {3: 50}
    assert {len(augment.swapped(["a", "b", "c"], chance)) for _ in range(9)} == {3}
    how = Operations(delete=(0.0, 0.0), replace=(0.4, [1]), insert=(0.0, [1]), swap=0.0)
    changed = sum(augment.altered("design of machines", how, source, chance) != "design of machines" for _ in range(2000))
    assert changed / 2000 == pytest.approx(0.4, abs=0.035)
    longer = Operations(delete=(0.0, 0.0), replace=(0.0, [1]), insert=(0.5, [1, 2]), swap=0.0)
    grown = Counter(len(augment.words(augment.altered("design analysis", longer, source, chance))) - 2 for _ in range(2000))
    assert grown[1] / 2000 == pytest.approx(0.25, abs=0.03) and grown[2] / 2000 == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(("rate", "gate"), [(0.05, 0.8), (0.15, 0.8)])
def test_deletion_behind_its_gate_and_swaps_by_counting(rate, gate):
    chance, source = random.Random(1), synonyms.source("project")
    none = {"replace": (0.0, [1]), "insert": (0.0, [1])}
    text = " ".join(f"w{i}" for i in range(60))
    how = Operations(delete=(gate, rate), swap=0.0, **none)
    left = [len(augment.altered(text, how, source, chance).split()) for _ in range(3000)]
    assert 60 - np.mean(left) == pytest.approx(60 * gate * rate, rel=0.06)
    swapping = Operations(delete=(0.0, 0.0), swap=0.4, **none)
    moved = [augment.altered(text, swapping, source, chance).split() for _ in range(3000)]
    assert all(sorted(words) == sorted(text.split()) for words in moved)
    assert np.mean([words != text.split() for words in moved]) == pytest.approx(0.4, abs=0.03)


def test_odd_texts_survive_augmentation():
    chance, source = random.Random(0), synonyms.source("project")
    assert augment.deleted(["alone"], 1.0, chance) == ["alone"]
    assert len(augment.deleted(["one", "two"], 1.0, chance)) == 1
    assert augment.replaced(["xyzzy", "12"], 2, source, chance) == ["xyzzy", "12"]
    assert augment.inserted([], 1, source, chance) == [] and augment.swapped(["one"], chance) == ["one"]


WORDNET = {  # one synset and the files that nltk's reader opens, in WordNet's own layout; the offset is that of the line
    "lexnames": "00\tnoun.Tops\t3\n",
    "data.noun": "00000000 00 n 02 circuit 0 electrical_circuit 0 000 | made for this test\n",
    "index.noun": "circuit n 1 0 1 0 00000000\nelectrical_circuit n 1 0 1 0 00000000\n",
}


@pytest.fixture
def nltk_data(tmp_path, monkeypatch):
    import nltk
    from nltk.corpus import wordnet

    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    monkeypatch.setattr(synonyms, "DEBIAN", tmp_path / "debian")
    synonyms._wordnet.cache_clear()
    kept = dict(wordnet.__dict__), wordnet.__class__  # nltk turns the lazy reader into the real one, once a process
    yield tmp_path
    wordnet.__class__ = kept[1]
    wordnet.__dict__.clear()
    wordnet.__dict__.update(kept[0])
    synonyms._wordnet.cache_clear()


def test_missing_wordnet_says_what_to_do(nltk_data):
    with pytest.raises(synonyms.Missing, match="synonyms: wordnet: .*nltk.downloader wordnet.*NLTK_DATA.*synonyms: project"):
        synonyms.source("wordnet")


@pytest.mark.parametrize("inside", ["corpora/wordnet", "debian"])
@pytest.mark.filterwarnings("ignore:The multilingual functions")
def test_wordnet_is_read_from_nltks_data_and_from_debians_package(nltk_data, inside):
    folder = nltk_data / inside
    folder.mkdir(parents=True)
    for name in ("adj", "adv", "noun", "verb"):
        for file in (f"data.{name}", f"index.{name}", f"{name}.exc"):
            (folder / file).write_text(WORDNET.get(file, ""))
    for file in ("index.sense", "cntlist.rev", *(["lexnames"] if inside != "debian" else [])):
        (folder / file).write_text(WORDNET.get(file, ""))
    assert synonyms.source("wordnet")("Circuit") == [["electrical circuit"]]
    assert synonyms.source("wordnet")("xyzzy") == []


def test_courses_labels_statements_and_counts():
    found = courses.read(catalogue(), recipe(), SPLIT)
    assert found.labels == [0, 1, 0, 1, 0, 1] and found.statements == ["i like topic a0", *[None] * 5]
    assert courses.read(catalogue(), recipe(labels="course"), SPLIT).labels == list(range(6))
    assert courses.read(catalogue(), recipe(statements=False), SPLIT).statements == [None] * 6
    lone = catalogue(3, query_ids=["q1"], queries=["x"], qrels={"q1": {"C 0": 1}})
    assert courses.read(lone, recipe(), SPLIT).counts["labels_with_one_course"] == 1
    half = courses.read(catalogue(), recipe(held_out=True), SPLIT)
    assert half.counts["held_out"] == 3 and len(half.texts) == 3


def test_an_empty_text_and_a_course_without_faculty_are_refused():
    with pytest.raises(InputError, match="the course 'C 1' has no text"):
        courses.read(catalogue(2, texts=["a", " "], qrels={"q1": {"C 0": 1}}, query_ids=["q1"], queries=["a"]), recipe(), SPLIT)
    with pytest.raises(InputError, match=r"labels.Faculty: the course 'C 0' has none"):
        courses.read(catalogue(labels={}), recipe(), SPLIT)


def test_released_metrics_are_the_standard_ones_but_for_rounding():
    chance, qrels, run = random.Random(1), {}, {}
    for number in range(60):
        qrels[f"q{number}"] = {f"d{i}": 1 for i in chance.sample(range(12), chance.choice([1, 2]))}
        run[f"q{number}"] = [(f"d{i}", 1.0 - place / 20) for place, i in enumerate(chance.sample(range(12), 12))]
    usual = metrics.evaluate(run, qrels, ["hit_rate@5", "recall@5", "mrr@5"])
    usual["plain_f1@5"] = {query: value for _, query, value in measures.plain_f1(run, qrels, (5,))}
    for (_, _, released), by_query in zip(measures.released(run, qrels), usual.values(), strict=True):
        assert released == pytest.approx(np.mean(list(by_query.values())), abs=0.0011)


def test_f1_as_usual_by_hand():
    run, qrels = {"q": [("a", 3.0), ("x", 2.0), ("b", 1.0)]}, {"q": {"a": 1, "c": 1}}
    assert measures.plain_f1(run, qrels, (1, 2)) == [
        ("plain_f1@1", "q", pytest.approx(2 / 3)), ("plain_f1@2", "q", pytest.approx(0.5))
    ]  # fmt: skip


def test_strata_by_the_titles_that_a_statement_quotes():
    assert measures.strata(catalogue()) == {"q1": "one_label", "q2": "all_mentioned", "q3": "one_unmentioned"}
    run = {"q1": [("C 0", 1.0)], "q2": [("C 1", 1.0)], "q3": [("C 5", 1.0)]}
    found = {(name, query): value for name, query, value in measures.hits(run, catalogue().qrels, measures.strata(catalogue()))}
    assert found["hit_rate@5[one_label]", "q1"] == 1 and found["recall@5[all_mentioned]", "q2"] == 0.5
    assert found["hit_rate@5[one_unmentioned]", "q3"] == 0 and len(found) == 6
    assert measures.by_course(catalogue().qrels, frozenset({"C 0", "C 2"})) == {"q1": "unseen", "q2": "partly", "q3": "partly"}
    assert measures.by_course(catalogue().qrels, frozenset({"C 5"}))["q3"] == "seen"


@pytest.mark.parametrize("kind", ["misspelt", "title_free", "negated", "informal", "padded", "shortened"])
def test_statements_are_changed_by_rule_and_nothing_else_is(kind):
    plain, changed = (loading.load(f"made_courses{end}", config.load()) for end in ("", f"_{kind}"))
    assert (changed.qrels, changed.texts, changed.query_ids) == (plain.qrels, plain.texts, plain.query_ids)
    assert sum(a != b for a, b in zip(plain.queries, changed.queries, strict=True)) == 120


def test_both_made_splits_have_one_catalogue_and_other_statements():
    test, train = (loading.load(name, config.load()) for name in ("made_courses", "made_courses_train"))
    assert test.document_texts == train.document_texts and test.labels == train.labels and test.queries != train.queries[:120]
