"""What a grid costs: the plain loop that encodes at every step, a plain loop on cached features, and heads trained together.

    python benchmarks/grid_cost.py --fidelity substitute --mirror DIR [--cells 12,24,48] [--triples 320] [--epochs 2]
    python benchmarks/grid_cost.py --small    # the whole grid of 336 cells on the project's own triples, without a mirror: minutes on a laptop

All is measured in one run on one slice of the training triples, with the study's own recipe. Printed, one JSON object a
line: {"what", "cells", "texts", "seconds", "ratio"}; `texts` are those sent through the encoder, `ratio` the plain loop's
seconds over this line's. The plain loop is timed for one cell and multiplied: its cells are independent and equal. Then
{"what": "step", ...}: milliseconds a cell and step for a plain loop on cached features, for heads trained together, and
their ratio; and the largest difference of any weight between heads trained together and each alone.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import config  # noqa: E402
from harness.data import loading  # noqa: E402
from harness.studies import method  # noqa: E402
from harness.vectors import encoder, machine  # noqa: E402

STUDY = ROOT / "replications" / "projection_grid"
MODULE = method.load(STUDY)
training, losses, schedule = (sys.modules[f"{MODULE.__name__}.{name}"] for name in ("training", "losses", "schedule"))
RECIPE = {
    "head": "two_layer", "output_dim": 512, "hidden_factor": 2, "dropout": 0.1, "predictor": False, "lambda_std": 0,
    "lambda_predictive": 0, "negatives": "explicit", "stop_gradient": True, "schedule": "per_step", "warmup_steps": 100,
    "warmup_start": 0.1, "weight_decay": 0.01, "clip": 1.0, "batch": 16, "tune": None,
}  # fmt: skip


def cells(count, epochs):
    """Return `count` different cells of the released axes."""
    axes = [(c, i, m, r) for r in (5e-4, 1e-3) for m in (0.1, 1.0) for c in (0.1, 0.5, 1.0) for i in (0.5, 1.0, 1.5, 2.0)]
    keys = ("lambda_contrastive", "lambda_isotropy", "margin", "learning_rate")
    chosen = [dict(zip(keys, axes[n % len(axes)], strict=True)) for n in range(count)]
    return [MODULE.Settings(**RECIPE, **one, epochs=epochs, checkpoint=epochs) for one in chosen]


def plain(settings, texts, source, seed, encode):
    """The released loop: torch's own layers and optimizer, one cell; `encode` turns texts into features at every step.

    Returns seconds and texts encoded.
    """
    torch.manual_seed(seed)
    width, encoded = 384, 0
    started = time.perf_counter()
    head = torch.nn.Sequential(
        torch.nn.Linear(width, 2 * width), torch.nn.GELU(), torch.nn.Dropout(0.1), torch.nn.Linear(2 * width, settings.output_dim)
    )
    optimizer = torch.optim.AdamW(head.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    for _ in range(settings.epochs):
        for batch in torch.randperm(len(source)).split(settings.batch):
            q, p, n = (head(encode([texts[i] for i in source[batch, part].tolist()])) for part in range(3))
            encoded += 3 * len(batch)
            near, far = (q - p).norm(dim=1), (q - n).norm(dim=1)
            both = torch.cat([q, p])
            spread = torch.cov(both.T) - both.var() * torch.eye(settings.output_dim)
            loss = settings.lambda_contrastive * torch.relu(near - far + settings.margin).mean()
            loss = loss + settings.lambda_isotropy * spread.norm() / settings.output_dim
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(head.parameters(), settings.clip)
            optimizer.step()
    return time.perf_counter() - started, encoded


def together(wanted, features, at_once, device):
    """Train the cells `at_once` at a time; return seconds and the last weights of each."""
    kept, started = {}, time.perf_counter()
    for start in range(0, len(wanted), at_once):

        def keep(head, epoch, tensors, start=start):
            kept[start + head] = tensors

        pack = wanted[start : start + at_once]
        training.train(pack, [0] * len(pack), features, device, keep)
    return time.perf_counter() - started, kept


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fidelity", default="substitute")
    parser.add_argument("--mirror")
    parser.add_argument("--cells", default="12,24,48")
    parser.add_argument("--triples", type=int, default=320)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--at-once", type=int, default=0, help="heads at once; 0: as suits the device")
    parser.add_argument("--small", action="store_true", help="336 cells, embedded, 160 triples")
    given = parser.parse_args()
    if given.small:
        given.fidelity, given.cells, given.triples = "embedded", "48,336", 160
    choice = machine.chosen()
    device, at_once = choice.device, given.at_once or choice.heads or max(map(int, given.cells.split(",")))
    begun = time.process_time()
    settings = config.load(ROOT, {"fidelity": given.fidelity, "mirror": given.mirror})
    name = "triples_10k" if given.fidelity == "substitute" else "made_triples"
    source = loading.load(name, settings)
    texts, triples = _slice(source, given.triples)
    from harness.studies.models import model_folder

    frozen = encoder.FrozenEncoder(model_folder("minilm", settings), 256, "float32", 0)

    def encode(batch):
        vectors = frozen.encode(batch, ["mean"])["mean"]
        return torch.from_numpy(encoder.normalised(vectors))

    encode(texts[:64])  # warm
    one = cells(1, given.epochs)[0]
    seconds, encoded = plain(one, texts, triples, 0, encode)
    say(what="plain loop, one cell", cells=1, texts=encoded, seconds=seconds, ratio=1.0)
    started = time.perf_counter()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    cached = torch.empty(len(texts), 384)
    for start in range(0, len(order), 64):
        chosen = order[start : start + 64]
        cached[chosen] = encode([texts[i] for i in chosen])
    once = time.perf_counter() - started
    features = training.Features(cached, triples)
    for count in map(int, given.cells.split(",")):
        spent, _ = together(cells(count, given.epochs), features, at_once, device)
        total, plain_total = once + spent, seconds * count
        say(what="encoded once, heads together", cells=count, texts=len(texts), seconds=total, ratio=plain_total / total,
            plain_seconds=plain_total, plain_texts=encoded * count)  # fmt: skip
    steps = -(-len(triples) // RECIPE["batch"]) * given.epochs
    place = {text: i for i, text in enumerate(texts)}
    by_text = lambda batch: cached[[place[text] for text in batch]]  # noqa: E731
    serial = plain(one, texts, triples, 0, by_text)[0] / steps
    spent, fused = together(cells(at_once, given.epochs), features, at_once, device)
    step = spent / steps / at_once
    alone = together(cells(min(8, at_once), given.epochs), features, 1, device)[1]
    apart = max(float((a - b).abs().max()) for i in alone for a, b in zip(fused[i], alone[i], strict=True))
    say(what="step", plain_ms=serial * 1e3, together_ms=step * 1e3, ratio=serial / step, largest_difference=apart, device=device)
    say(what="all", cpu_seconds=time.process_time() - begun)


def _slice(source, count):
    """Return the distinct texts of the first triples and the triples as rows of them."""
    queries = dict(zip(source.query_ids, source.queries, strict=True))
    documents = dict(zip(source.document_ids, source.document_texts, strict=True))
    named = [(queries[q], documents[p], documents[n]) for q, p, n in source.triples[:count]]
    texts = list(dict.fromkeys(text for triple in named for text in triple))
    place = {text: i for i, text in enumerate(texts)}
    return texts, torch.tensor([[place[text] for text in triple] for triple in named])


def say(**line):
    print(json.dumps({k: round(v, 6) if isinstance(v, float) else v for k, v in line.items()}), flush=True)


if __name__ == "__main__":
    main()
