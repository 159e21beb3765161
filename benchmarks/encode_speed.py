"""Encoding speed against SentenceTransformer.encode with its defaults and against other engines, and what bfloat16 costs in NDCG@10.

    MALLOC_TRIM_THRESHOLD_=4000000000 MALLOC_MMAP_THRESHOLD_=4000000000 \\
    python benchmarks/encode_speed.py --mirror DIR [--model minilm|mpnet] [--texts 512] [--threads 0] [--only speed|ndcg]
                                      [--whole bfloat16|float32] [--queries 0] [--cache DIR]

Printed, one JSON object a line:
- The processor's matrix-product rates, measured, in GFLOP/s of the threads together.
- For each way over the same texts in the same run (the median of alternating rounds): texts and tokens a second by the clock;
  its ratio to the defaults, and to OpenVINO's faster setting, by the clock and in processor time; the share of the matrix rate
  that it reaches. Counted are the products of the layers (2 x parameters x tokens) and of attention (4 x length x width a token
  and layer) for the texts' own tokens; padding, softmax, GELU and norms are work that counts for nothing. Engines that are not
  installed are named and left out (encode_engines.py). Only a quiet machine's clock is worth reading; on a busy one, read
  processor time with `--threads 1`. Take 512 texts, a shard, or more: ours in float32 fills the last batch of each length up.
- NDCG@10 of bfloat16 less float32 on SciFact and NFCorpus. All documents are encoded in the `--whole` precision (kept in
  `--cache`), and in the other those that score within REACH of a query's tenth best: none further off can come among the first
  ten as long as no score moves by half of that, and `moved` is the most that one did. `--queries` takes that many of a set.

The two MALLOC settings are those of the Snakefile.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import encode_engines  # noqa: E402
from harness import config  # noqa: E402
from harness.data import loading  # noqa: E402
from harness.rankings import metrics, ranking  # noqa: E402
from harness.studies.models import model_folder  # noqa: E402
from harness.vectors import encoder  # noqa: E402
from harness.vectors.filling import fill  # noqa: E402

LENGTH = {"minilm": 256, "mpnet": 384}
ROUNDS, REACH = 3, 0.015
OPENVINO = ("openvino bfloat16, latency", "openvino bfloat16, throughput")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror")
    parser.add_argument("--cache")
    parser.add_argument("--model", choices=LENGTH, default="minilm")
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--only", choices=("speed", "ndcg"))
    parser.add_argument("--whole", choices=("bfloat16", "float32"), default="bfloat16")
    parser.add_argument("--queries", type=int, default=0)
    given = parser.parse_args()
    asked = {"fidelity": "original", "mirror": given.mirror, "encode": {"threads": given.threads, "shard": 512}}
    settings = config.load(ROOT, asked | ({"cache": given.cache} if given.cache else {}))
    torch.set_num_threads(given.threads or torch.get_num_threads())
    folder, length = model_folder(given.model, settings), LENGTH[given.model]
    if given.only != "ndcg":
        speed(folder, length, loading.load("scifact", settings).document_texts, given)
    if given.only != "speed":
        for name in ("scifact", "nfcorpus"):
            difference(folder, length, loading.load(name, settings), settings, given)


def speed(folder, length, documents, given):
    texts = documents[:: max(1, len(documents) // given.texts)][: given.texts]
    frozen = encoder.FrozenEncoder(folder, length, "float32", given.threads)
    tokens = [len(one) for one in frozen.tokenizer(texts, truncation=True, max_length=length)["input_ids"]]
    width, layers = frozen.model.config.hidden_size, frozen.model.config.num_hidden_layers
    parameters = sum(p.numel() for name, p in frozen.model.named_parameters() if "encoder.layer" in name and p.dim() == 2)
    work = 2 * parameters * sum(tokens) + 4 * width * layers * sum(n * n for n in tokens)
    rates = {kind: rate(getattr(torch, kind), width) for kind in ("float32", "bfloat16")}
    say(model=given.model, texts=len(texts), tokens=sum(tokens), threads=torch.get_num_threads(), matrix_gflops=rates)
    with tempfile.TemporaryDirectory() as scratch:
        ways = ways_of(frozen, folder, length, given.threads, Path(scratch))
        clock, spent = timed(ways, texts)
    fastest = [{name: statistics.median(times[name]) for name in OPENVINO if name in times} for times in (clock, spent)]
    for name in ways:
        by_clock, by_processor = statistics.median(clock[name]), statistics.median(spent[name])
        line = {"way": name, "texts_per_second": len(texts) / by_clock, "tokens_per_second": sum(tokens) / by_clock}
        line["ratio"] = statistics.median(clock["sentence-transformers"]) / by_clock
        line["processor_ratio"] = statistics.median(spent["sentence-transformers"]) / by_processor
        if fastest[0]:
            line["to_openvino"] = min(fastest[0].values()) / by_clock
            line["to_openvino_processor"] = min(fastest[1].values()) / by_processor
        kind = "bfloat16" if "bfloat16" in name else "float32"
        say(
            **line,
            share=work / by_clock / 1e9 / rates[kind],
            processor_share=work / by_processor / 1e9 * torch.get_num_threads() / rates[kind],
        )


def ways_of(frozen, folder, length, threads, scratch):
    """Return each way as a function from texts to vectors; say which engines are missing."""
    width = frozen.model.config.hidden_size
    ways = {
        "sentence-transformers": plain(folder, length, "float32", width),
        "sentence-transformers bfloat16": plain(folder, length, "bfloat16", width),
    }
    ways["ours float32"] = lambda texts: frozen.encode(texts, ["mean"])["mean"]
    narrow = encoder.FrozenEncoder(folder, length, "bfloat16", threads)
    ways["ours bfloat16"] = lambda texts: narrow.encode(texts, ["mean"])["mean"]
    if lacking := encode_engines.missing("openvino"):
        say(left_out=OPENVINO[0].split(",")[0], missing=lacking)
    else:
        ways |= {name: encode_engines.openvino(frozen, name.split()[-1].upper(), threads) for name in OPENVINO}
    if lacking := encode_engines.missing("onnx", "onnxruntime"):
        say(left_out="onnxruntime", missing=lacking)
    else:
        ways["onnxruntime"] = encode_engines.onnxruntime(frozen, threads, scratch)
    return ways


def timed(ways, texts):
    """Return the seconds of each round by the clock and of the processor; vectors must be those of float32 but for rounding."""
    clock, spent = ({name: [] for name in ways} for _ in range(2))
    expected = encoder.normalised(ways["ours float32"](texts[:16]))
    for name, way in ways.items():
        near = (encoder.normalised(way(texts[:16])) * expected).sum(1).min()
        assert near > 0.999, f"{name}: not the same vectors, cosine {near}"
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started, used = time.perf_counter(), time.process_time()
            way(texts)
            clock[name].append(time.perf_counter() - started)
            spent[name].append(time.process_time() - used)
    return clock, spent


def plain(folder, length, dtype, width):
    """SentenceTransformer over the same weights and pooling, its defaults otherwise."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    kinds = {"model_kwargs": {"dtype": getattr(torch, dtype)}}
    model = SentenceTransformer(modules=[modules.Transformer(str(folder), **kinds), modules.Pooling(width, "mean")], device="cpu")
    model.max_seq_length = length
    return lambda texts: model.encode(texts, show_progress_bar=False, convert_to_tensor=True).float().numpy()


def rate(dtype, width):
    """GFLOP/s of a product of the size that the layers have, of all threads: the best of some, in processor time."""
    a, b = torch.randn(4096, width, dtype=dtype), torch.randn(4 * width, width, dtype=dtype)
    seconds = []
    for _ in range(12):
        started = time.process_time()
        torch.nn.functional.linear(a, b)
        seconds.append(time.process_time() - started)
    return 2 * 4096 * 4 * width**2 / min(seconds) / 1e9 * torch.get_num_threads()


def difference(folder, length, source, settings, given):
    """NDCG@10 in both precisions, of all queries or of some, evenly spread."""
    other = "float32" if given.whole == "bfloat16" else "bfloat16"
    step = max(1, len(source.queries) // (given.queries or len(source.queries)))
    taken = list(range(0, len(source.queries), step))[: given.queries or None]
    kept = fill(folder, [*source.queries, *source.document_texts], ["mean"], length, given.whole, settings)[0]["mean"]
    first = scores(
        *(encoder.normalised(kept.get(texts)) for texts in ([source.queries[i] for i in taken], source.document_texts))
    )
    tenth = np.partition(first, -10, axis=1)[:, -10:].min(axis=1, keepdims=True)
    near = first >= tenth - REACH
    needed = np.flatnonzero(near.any(axis=0))
    frozen = encoder.FrozenEncoder(folder, length, other, given.threads)
    texts = [source.queries[i] for i in taken] + [source.document_texts[i] for i in needed]
    anew = encoder.normalised(frozen.encode(texts, ["mean"])["mean"])
    second = np.full_like(first, -2)
    second[:, needed] = scores(anew[: len(taken)], anew[len(taken) :])
    moved = float(np.abs(second - first)[:, needed].max())
    assert moved < REACH / 2, f"scores moved by {moved}: raise REACH"
    found = {kind: ndcg(source, taken, values) for kind, values in ((given.whole, first), (other, second))}
    say(model=given.model, collection=source.name, queries=len(taken), documents=len(source.document_ids), **found,
        difference=found["bfloat16"] - found["float32"], encoded_anew=len(needed), moved=moved)  # fmt: skip


def scores(queries, documents):
    return queries.astype(np.float64) @ documents.astype(np.float64).T


def ndcg(source, taken, values):
    rows = {query: row for row, query in enumerate(taken)}
    nothing = np.zeros(len(source.document_ids))
    run = ranking.rank_all(source, 100, lambda query, chosen: (values[rows[query]] if query in rows else nothing)[chosen])
    names = {source.query_ids[query] for query in taken}
    found = metrics.evaluate(run, {query: grades for query, grades in source.qrels.items() if query in names}, ["ndcg@10"])
    return float(np.mean(list(found["ndcg@10"].values())))


def say(**line):
    print(json.dumps(rounded(line)), flush=True)


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return float(f"{value:.5g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
