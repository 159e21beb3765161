"""Training by the sentence-transformers trainer: one data set and one loss each, two of them for the dual loss."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, DatasetDict
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

from harness.studies.trained import keep
from harness.vectors import machine

from .parts import ByLength, Cosine, Ranking
from .recipe import Recipe

Pair = tuple[str, str, float]
SAVED = 250  # steps between checkpoints of 270 MB: some minutes of a processor


def model_of(base: Path, max_length: int, buckets: int) -> SentenceTransformer:
    """Load a transformer with mean pooling and unit length, as all-MiniLM-L6-v2 is published."""
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    transformer = Transformer(str(base), model_kwargs=local, processor_kwargs=local, config_kwargs=local)
    transformer.max_seq_length = max_length
    pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
    model = ByLength(modules=[transformer, pooling, Normalize()], device=device())
    model.buckets = buckets
    return model


def device() -> str:
    """Where training runs: a GPU if there is one."""
    return machine.chosen().device


def multiplies_bfloat16() -> bool:
    """Say whether the device has instructions for products in bfloat16; where it has none, they are emulated."""
    if device() == "cuda":
        return machine.chosen().bfloat16
    known = torch.cpu.get_capabilities()
    return bool(known.get("amx_bf16") or known.get("avx512_bf16") or known.get("bf16"))


def data_of(pairs: list[Pair], negatives: dict[int, str], recipe: Recipe) -> DatasetDict:
    """Return one data set for each loss, in the order of the recipe.

    `ranking` sees the positive pairs alone, with a mined negative (by the pair's position) where the recipe asks for them;
    `cosine` sees all pairs with their label.
    """
    found = {}
    if "ranking" in recipe.losses:
        positive = [i for i, pair in enumerate(pairs) if pair[2] > 0]
        columns = {"anchor": [pairs[i][0] for i in positive], "positive": [pairs[i][1] for i in positive]}
        if recipe.negatives == "mined":
            columns["negative"] = [negatives[i] for i in positive]
        found["ranking"] = Dataset.from_dict(columns)
    if "cosine" in recipe.losses:
        one, other, label = zip(*pairs, strict=True)
        found["cosine"] = Dataset.from_dict({"sentence1": one, "sentence2": other, "label": [float(x) for x in label]})
    return DatasetDict({name: found[name] for name in recipe.losses})


def arguments(recipe: Recipe, seed: int, folder: Path) -> SentenceTransformerTrainingArguments:
    """Write the recipe in the trainer's words; what is not part of it (logs, reports, checkpoints) is switched off."""
    return SentenceTransformerTrainingArguments(
        output_dir=str(folder),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch,
        learning_rate=recipe.learning_rate,
        warmup_steps=recipe.warmup,  # below 1 it is a share of all steps
        lr_scheduler_type="cosine",
        optim="adamw_torch_fused",
        weight_decay=recipe.weight_decay,
        max_grad_norm=recipe.clip,
        batch_sampler=recipe.batch_sampler,
        multi_dataset_batch_sampler=recipe.alternation,
        bf16=recipe.precision == "bfloat16" or (recipe.precision == "bfloat16_if_native" and multiplies_bfloat16()),
        use_cpu=device() == "cpu",
        seed=seed,
        data_seed=seed,
        save_strategy="steps",
        save_steps=SAVED,
        save_total_limit=1,
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )


def trainer_of(
    model: SentenceTransformer, data: DatasetDict, recipe: Recipe, seed: int, folder: Path
) -> SentenceTransformerTrainer:
    """Put model, data and losses together; nothing is trained yet."""
    ranking, cosine = (
        (Ranking, Cosine) if recipe.buckets > 1 else (losses.MultipleNegativesRankingLoss, losses.CosineSimilarityLoss)
    )
    kinds = {"ranking": lambda: ranking(model, scale=recipe.scale), "cosine": lambda: cosine(model)}
    chosen = {name: kinds[name]() for name in data}
    return SentenceTransformerTrainer(model=model, args=arguments(recipe, seed, folder), train_dataset=data, loss=chosen)


def train(base: Path, pairs: list[Pair], negatives: dict[int, str], recipe: Recipe, seed: int, target: Path) -> None:
    """Train and save a sentence-transformers folder, whole or not at all; one that was killed goes on at its last checkpoint."""
    torch.manual_seed(seed)
    model = model_of(base, recipe.max_length, recipe.buckets)
    unfinished = target.with_name(f".{target.name}")
    trainer = trainer_of(model, data_of(pairs, negatives, recipe), recipe, seed, unfinished / "checkpoints")
    trainer.train(resume_from_checkpoint=_last(unfinished / "checkpoints"))
    model.save(str(unfinished / "model"), create_model_card=False, safe_serialization=True)
    keep(unfinished / "model", target)
    shutil.rmtree(unfinished)


def _last(folder: Path) -> str | None:
    """Return the newest whole checkpoint: the trainer writes its own state last."""
    whole = [path.parent for path in folder.glob("checkpoint-*/trainer_state.json")]
    return str(max(whole, key=lambda path: int(path.name.split("-")[1]))) if whole else None
