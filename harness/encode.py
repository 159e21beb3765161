"""The encode stage: every text of a run through each frozen encoder once, resumable at any moment."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from harness.config import Config
from harness.data import loading
from harness.errors import InputError, closest, stage
from harness.studies import computed, held, marks, models, study
from harness.studies.command import parse
from harness.studies.plan import EncodeJob, encode_jobs
from harness.vectors import large, modules
from harness.vectors.encoder import FrozenEncoder, caches
from harness.vectors.filling import fill


def encode(job: EncodeJob, config: Config) -> tuple[int, int, list[Path]]:
    """Encode what is missing, shard by shard; return how many texts were asked for, how many were new, and what was filled.

    Filled is a folder of the cache for each pooling or, of a part of a large collection, a file.
    """
    if job.part is not None:
        return _encode_part(job, job.part, config)
    folder = models.model_folder(job.model, config)
    length = modules.length(folder, job.max_length, "max_length")
    texts = sorted(wanted(job, folder, config))
    opened, new = fill(folder, texts, list(job.poolings), length, job.dtype, config, partial(_progress, job.name, length))
    return len(texts), new, [cache.folder for cache in opened.values()]


def _encode_part(job: EncodeJob, part: int, config: Config) -> tuple[int, int, list[Path]]:
    """Encode one part of a large collection; its first part brings the queries."""
    asked, fresh, _ = encode(replace(job, part=None), config) if part == 0 else (0, 0, [])
    folder = models.model_folder(job.model, config)
    length = modules.length(folder, job.max_length, "max_length")
    opened = caches(folder, list(job.poolings), length, job.dtype, config)
    passages = loading.load(job.collection, config).passages
    assert passages
    start, end = passages.bounds(part)
    filled: list[Path] = []
    for pooling, cache in opened.items():
        for prompt in sorted({modules.prompt(folder, "document", written) for _, written in job.prompts}):
            target = large.part_file(cache.folder, passages, prompt, part)
            if not target.is_file():
                encoder = FrozenEncoder(folder, length, job.dtype, config.encode.threads)
                fresh += large.encode_part(encoder, pooling, prompt, passages, part, target, config.encode.shard)
            filled.append(target)
    return asked + end - start, fresh, filled


def wanted(job: EncodeJob, folder: Path, config: Config) -> set[str]:
    """Return the distinct texts of a job, prompts in front."""
    texts: set[str] = set()
    loaded = loading.load(job.collection, config)
    for query_prompt, document_prompt in job.prompts:
        asked, told = modules.prompt(folder, "query", query_prompt), modules.prompt(folder, "document", document_prompt)
        texts |= {asked + query for query in loaded.queries}
        texts |= {told + text for text in loaded.document_texts}
    return texts


def _progress(name: str, length: int, done: int, missing: list[str], seconds: float) -> None:
    # Texts go shortest first, so the time left is reckoned in characters (about five a token, cut at the maximum length).
    work = [min(len(text), 5 * length) for text in missing]
    share = sum(work[:done]) / max(1, sum(work))
    left = seconds * (1 - share) / share
    line = f"encode {name}: {done}/{len(missing)} texts, {done / seconds:.0f} texts/s, about {left:.0f} s left"
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """`python -m harness.encode --job NAME`: run one encode job of the plan."""
    arguments, config = parse(main.__doc__ or "", "job")
    planned = {job.name: job for job in encode_jobs(study.select(config), config)}
    if arguments.job not in planned:
        raise InputError(f"--job: no encode job '{arguments.job}'{closest(arguments.job, planned)}")
    job = planned[arguments.job]
    with held.using(config):
        asked, new, filled = encode(job, config)
    print(f"encode {arguments.job}: {asked} texts, {new} of them new")
    marks.mark(config, job.name, asked, filled)
    computed.note(config, f"encode.{job.name}")


if __name__ == "__main__":
    stage(main)
