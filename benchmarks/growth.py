"""What a run of millions of passages, many encoders and a large grid would take, worked out from what a unit of each costs.

    python -m benchmarks.growth [--passages 8841823] [--encoders 10] [--cells 1000] [--seeds 5] [--in-group 5]

Nothing is run. `--cells` are of all encoders together; `--in-group` of them are one job (`group:` of an experiment.yaml). Every
unit is in UNITS with where it comes from: measured (docs/growth.md has the commands), or assumed. Printed, a Markdown table.
"""

import argparse
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """What one unit costs, and where the figure comes from."""

    value: float
    source: str


UNITS = {
    "vector_bytes": Unit(4, "exact: float32"),
    "run_bytes": Unit(11_575, "measured: a query's 1,000 best in a run file, packed"),
    "score_bytes": Unit(16.4, "measured: a query's value of one metric in Parquet"),
    "row_bytes": Unit(138, "measured: the same in memory"),
    "search_cpu": Unit(0.076, "measured: seconds of one core, a query over a million vectors of 384 numbers"),
    "step_cpu": Unit(0.004, "measured: seconds of one core, one training step of a head, four heads at once"),
    "plan_cpu": Unit(0.0023, "measured: seconds of Snakemake for one job of the DAG"),
    "start_cpu": Unit(2.2, "measured: seconds of one start of Snakemake; a job of Slurm has four"),
    "start_cpu_job": Unit(0.0002, "measured: seconds that such a start takes longer for each job of the plan"),
    "encode_gpu": Unit(2_000, "assumed: passages a second on one GPU, an encoder of BERT's base size"),
    "encode_cpu": Unit(15, "measured for MiniLM, scaled by parameters: passages a second and core, in bfloat16"),
    "steps": Unit(9_000, "assumed: 48,000 triples, three epochs, batches of 16, as the grid's source has them"),
    "core_hour": Unit(0.05, "assumed: US dollars"),
    "gpu_hour": Unit(2.50, "assumed: US dollars"),
    "gb_month": Unit(0.10, "assumed: US dollars, on a shared file system"),
}


def of(name: str) -> float:
    """Return what one unit costs."""
    return UNITS[name].value


def table(passages: int, encoders: int, cells: int, seeds: int, in_group: int, parts: int = 100) -> list[tuple[str, str]]:
    """Return what each part of the run takes; half of the encoders have 384 numbers a vector, half 768."""
    queries, metrics, width = 6_980, 3, (384 + 768) / 2
    rankings, groups = cells * seeds, math.ceil(cells / in_group) * seeds
    rows = rankings * queries * metrics
    jobs = encoders * parts + 3 * groups
    slurm = encoders * parts + 2 * groups
    read = rankings * passages * width * of("vector_bytes")
    search = rankings * queries * passages / 1e6 * of("search_cpu") * width / 384
    train = rankings * of("steps") * of("step_cpu")
    encode = encoders * passages / of("encode_gpu")
    head = jobs * of("plan_cpu")
    starts = slurm * 4 * (of("start_cpu") + jobs * of("start_cpu_job"))
    kept = encoders * passages * width * of("vector_bytes") + rankings * queries * of("run_bytes") + rows * of("score_bytes")
    money = (search + train + starts) / 3600 * of("core_hour") + encode / 3600 * of("gpu_hour") + kept / 1e9 * of("gb_month")
    return [
        ("jobs of the plan / of Slurm", f"{jobs:,} / {slurm:,}"),
        ("encode, hours of one GPU", f"{encode / 3600:,.0f}"),
        ("the same without a GPU, hours of one core", f"{encoders * passages / of('encode_cpu') / 3600:,.0f}"),
        ("train, hours of one core", f"{train / 3600:,.0f}"),
        ("rank, hours of one core", f"{search / 3600:,.0f}"),
        ("the same for one job of a group of cells, hours", f"{search / 3600 / rankings * in_group:,.0f}"),
        ("Snakemake's plan, on the head, seconds", f"{head:,.0f}"),
        ("Snakemake's starts in jobs, hours of one core", f"{starts / 3600:,.1f}"),
        ("vectors kept, GB", f"{encoders * passages * width * of('vector_bytes') / 1e9:,.0f}"),
        ("vectors read, TB", f"{read / 1e12:,.0f}"),
        ("run files, GB", f"{rankings * queries * of('run_bytes') / 1e9:,.0f}"),
        ("scores, million rows / GB", f"{rows / 1e6:,.0f} / {rows * of('score_bytes') / 1e9:,.1f}"),
        ("scores in the memory of one judge, GB", f"{rows * of('row_bytes') / 1e9:,.0f}"),
        ("US dollars, a month of storage in it", f"{money:,.0f}"),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("passages", 8_841_823), ("encoders", 10), ("cells", 1_000), ("seeds", 5), ("in-group", 5)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    print("\n".join(f"| {what} | {much} |" for what, much in table(**vars(given))))


if __name__ == "__main__":
    main()
