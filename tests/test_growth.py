"""The page on large runs shows what its script works out."""

from benchmarks import growth
from harness.config import ROOT


def test_the_page_shows_the_table_of_the_script():
    page = (ROOT / "docs/growth.md").read_text()
    given = {"passages": 8_841_823, "encoders": 10, "seeds": 5, "in_group": 5}
    smaller, larger = (growth.table(cells=cells, **given) for cells in (1_000, 10_000))
    for (what, small), (_, large) in zip(smaller, larger, strict=True):
        assert f"| {what} | {small} | {large} |" in page


def test_more_cells_to_a_job_are_fewer_jobs_and_the_same_work():
    few, many = (dict(growth.table(8_841_823, 10, 1_000, 5, in_group)) for in_group in (5, 50))
    assert few["rank, hours of one core"] == many["rank, hours of one core"]
    jobs = [int(found["jobs of the plan / of Slurm"].split(" / ")[0].replace(",", "")) for found in (few, many)]
    assert jobs == [1_000 + 3 * 1_000, 1_000 + 3 * 100]
