"""Encoding speed against SentenceTransformer.encode with its defaults, and what the fast setting costs in NDCG@10.

    MALLOC_TRIM_THRESHOLD_=4000000000 MALLOC_MMAP_THRESHOLD_=4000000000 \\
    python benchmarks/encode_speed.py --mirror DIR [--texts 512]

Printed, one JSON object a line: texts a second of each way over the same texts in the same run (the median of three
alternating rounds) and its ratio to the defaults; the processor's measured matrix-product rates and the share of them that
encoding reaches (2 x parameters of the layers x tokens, attention products left out); NDCG@10 on SciFact of bfloat16
less float32, all documents encoded anew in bfloat16. The two MALLOC settings are those of the Snakefile.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import config  # noqa: E402
from harness.data import loading  # noqa: E402
from harness.rankings import metrics, ranking  # noqa: E402
from harness.studies.models import model_folder  # noqa: E402
from harness.vectors import encoder  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror")
    parser.add_argument("--texts", type=int, default=512)
    given = parser.parse_args()
    settings = config.load(ROOT, {"fidelity": "substitute", "mirror": given.mirror})
    metrics.keep_compiled()
    folder = model_folder("minilm", settings)
    source = loading.load("scifact", settings)
    step = max(1, len(source.document_texts) // given.texts)
    texts = source.document_texts[::step][: given.texts]
    ways = {"sentence-transformers": plain(folder), "float32": ours(folder, "float32"), "bfloat16": ours(folder, "bfloat16")}
    spent = {name: [] for name in ways}
    for way in ways.values():
        way(texts[:32])
    for _ in range(3):
        for name, way in ways.items():
            started = time.perf_counter()
            way(texts)
            spent[name].append(time.perf_counter() - started)
    base = statistics.median(spent["sentence-transformers"])
    frozen = encoder.FrozenEncoder(folder, 256, "float32", 0)
    tokens = sum(map(len, frozen.tokenizer(texts, truncation=True, max_length=256)["input_ids"]))
    layers = sum(p.numel() for name, p in frozen.model.named_parameters() if "encoder.layer" in name and p.dim() == 2)
    rates = {"float32": rate(torch.float32), "bfloat16": rate(torch.bfloat16)}
    for name in ways:
        seconds = statistics.median(spent[name])
        reached = 2 * layers * tokens / seconds / 1e9
        kind = "bfloat16" if name == "bfloat16" else "float32"
        say(way=name, texts_per_second=len(texts) / seconds, ratio=base / seconds, gflops=reached, matrix_gflops=rates[kind],
            share=reached / rates[kind])  # fmt: skip
    scores = {name: ndcg(source, ways[name]) for name in ("float32", "bfloat16")}
    say(ndcg_float32=scores["float32"], ndcg_bfloat16=scores["bfloat16"], difference=scores["bfloat16"] - scores["float32"])


def plain(folder):
    """SentenceTransformer over the same weights and pooling, its defaults otherwise."""
    from sentence_transformers import SentenceTransformer, models

    transformer = models.Transformer(str(folder), max_seq_length=256)
    model = SentenceTransformer(modules=[transformer, models.Pooling(transformer.get_word_embedding_dimension())], device="cpu")
    return lambda texts: model.encode(texts, show_progress_bar=False)


def ours(folder, dtype):
    frozen = encoder.FrozenEncoder(folder, 256, dtype, 0)
    return lambda texts: frozen.encode(texts, ["mean"])["mean"]


def rate(dtype):
    """GFLOP/s of a product of the size that the layers have."""
    a, b = torch.randn(4096, 384, dtype=dtype), torch.randn(384, 1536, dtype=dtype)
    for _ in range(3):
        a @ b
    started = time.perf_counter()
    for _ in range(20):
        a @ b
    return 20 * 2 * 4096 * 384 * 1536 / (time.perf_counter() - started) / 1e9


def ndcg(source, way):
    documents = encoder.normalised(way(source.document_texts)).astype(np.float64)
    queries = encoder.normalised(way(source.queries)).astype(np.float64)
    run = ranking.rank_all(source, 100, lambda query, chosen: documents[chosen] @ queries[query])
    found = metrics.evaluate(run, source.qrels, ["ndcg@10", "mrr@10"])
    return float(np.mean(list(found["ndcg@10"].values())))


def say(**line):
    print(json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in line.items()}), flush=True)


if __name__ == "__main__":
    main()
