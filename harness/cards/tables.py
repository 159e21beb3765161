"""Verdicts as CSV and Parquet, and run files in TREC layout, every column described."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from harness.cards import columns
from harness.config import Config
from harness.errors import InputError
from harness.studies.jobs import job_folder
from harness.studies.plan import jobs, runnable
from harness.studies.study import Study
from harness.text import replacing, write_text

Row = Mapping[str, str]


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    """Write verdicts as CSV, and what each column says beside it, as `<name>.columns.yaml`, which is returned."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns.VERDICTS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())
    beside = path.with_name(f"{path.name}.columns.yaml")
    write_text(beside, _told(columns.VERDICTS))
    return beside


def write_parquet(path: Path, rows: Sequence[Row]) -> None:
    """Write verdicts as Parquet: numbers as float64, null where there is none; each field has its `description`."""
    import pyarrow
    from pyarrow import parquet

    fields = [
        pyarrow.field(name, pyarrow.float64() if name in columns.NUMBERS else pyarrow.string(), metadata={"description": words})
        for name, words in columns.VERDICTS.items()
    ]
    table = pyarrow.Table.from_pylist([{name: _cell(name, row[name]) for name in columns.VERDICTS} for row in rows], pyarrow.schema(fields))
    with replacing(path) as temporary:
        parquet.write_table(table, temporary)


def _cell(name: str, value: str) -> float | str | None:
    if name in columns.NUMBERS:
        return float(value) if value else None
    return value or None


def write_runs(folder: Path, chosen: Study, config: Config) -> list[Path]:
    """Write every run of a study, `<variant>.<collection>.<seed>.run`, and columns.yaml; raise InputError where none was made."""
    found = []
    for job in jobs([chosen], config):
        home = job_folder(config, job) / "rank"
        for variant in job.variants:
            for role in runnable(chosen, variant, config.fidelity):
                source = home / f"{variant.name}.{role}.trec.gz"
                if source.is_file():
                    target = folder / f"{variant.name}.{role}.{job.seed}.run"
                    write_text(target, gzip.decompress(source.read_bytes()).decode())
                    found.append(target)
    if not found:
        raise InputError(f"{chosen.name}: no runs at fidelity {config.fidelity}; run `make tables STUDIES={chosen.name} FIDELITY={config.fidelity}` first")
    write_text(folder / "columns.yaml", _told(columns.TREC))
    return found


def _told(described: Mapping[str, str]) -> str:
    return yaml.safe_dump(dict(described), sort_keys=False, allow_unicode=True, width=10**6)
