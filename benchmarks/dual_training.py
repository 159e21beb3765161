"""How long an epoch of the dual-loss training takes, and whether the fast way trains as well as the trainer's defaults.

`python benchmarks/dual_training.py --mirror MIRROR [--pairs 640] [--epochs 2] [--threads 1]`: both ways in turn, in one process, on
the same pairs; printed are seconds of the clock and of the processor for each epoch, and mean cosines, AUC and calibration error on
the held-out pairs after the same steps. Without a mirror the project's own small pairs are used.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402 - the path comes first
import torch  # noqa: E402 - a benchmark is run for it

from harness import config  # noqa: E402
from harness.data import loading  # noqa: E402
from harness.studies import models  # noqa: E402
from harness.text import read_yaml  # noqa: E402
from harness.vectors.encoder import FrozenEncoder, normalised  # noqa: E402
from replications.dual_loss import calibration, training  # noqa: E402
from replications.dual_loss.pairs import Pair, split  # noqa: E402
from replications.dual_loss.recipe import Recipe  # noqa: E402

WAYS = {"defaults": {"precision": "float32", "buckets": 1}, "parts of like length": {"precision": "float32"}, "bfloat16 too": {}}


def measured(recipe: Recipe, base: Path, pairs: list[Pair], held: list[Pair], seed: int) -> dict[str, float]:
    """Train once; return seconds for an epoch and the scores on held-out pairs."""
    with tempfile.TemporaryDirectory() as name:
        torch.manual_seed(seed)
        model = training.model_of(base, recipe.max_length, recipe.buckets)
        trainer = training.trainer_of(model, training.data_of(pairs, {}, recipe), recipe, seed, Path(name))
        clock, processor = time.perf_counter(), time.process_time()
        steps = trainer.train().global_step
        spent = {"clock": time.perf_counter() - clock, "processor": time.process_time() - processor}
        model.save(name, create_model_card=False)
        encoder = FrozenEncoder(Path(name), recipe.max_length, "float32", 0)
        one, other = (normalised(encoder.encode([p[side] for p in held], ["mean"])["mean"]) for side in (0, 1))
    cosines, labels = (one.astype(float) * other).sum(axis=1), np.array([pair[2] for pair in held])
    means = {"cosine_positive": float(cosines[labels > 0.5].mean()), "cosine_negative": float(cosines[labels < 0.5].mean())}
    by_pair = means | calibration.whole(cosines, labels, 10)
    return {**{f"{k} s/epoch": v / recipe.epochs for k, v in spent.items()}, "steps": steps, **by_pair}


def ready(settings: config.Config, mirror: str | None, variant: str, epochs: int, count: int) -> tuple[Recipe, Path, list[Pair]]:
    """Return the recipe, the base and the pairs that are trained on."""
    pairs, _ = split(loading.load("pairs" if mirror else "made_pairs", settings), 0.15)
    order = np.random.default_rng(0).permutation(len(pairs))[:count]
    written = read_yaml(ROOT / "replications" / "dual_loss" / "experiment.yaml")["variants"][variant]["recipe"]
    return (
        Recipe.model_validate({**written, "epochs": epochs}),
        models.model_folder("minilm", settings),
        [pairs[i] for i in order],
    )


def main() -> None:
    """Run every way `--repeats` times in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror")
    for name, value in (("pairs", 640), ("epochs", 2), ("threads", 0), ("repeats", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--variant", default="dual")
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    settings = config.load(overrides={"mirror": asked.mirror, "fidelity": "substitute" if asked.mirror else "embedded"})
    _, held = split(loading.load("pairs" if asked.mirror else "made_pairs", settings), 0.15)
    recipe, base, pairs = ready(settings, asked.mirror, asked.variant, asked.epochs, asked.pairs)
    for repeat in range(asked.repeats):
        for way, changes in WAYS.items():
            found = measured(recipe.model_copy(update=changes), base, pairs, held, repeat)
            print(f"{way:22s} " + "  ".join(f"{k} {v:.3f}" for k, v in found.items()), flush=True)


if __name__ == "__main__":
    main()
