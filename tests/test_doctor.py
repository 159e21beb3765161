"""The doctor and the broom: what is amiss is named with what to do, and what is deleted is counted."""

import fcntl
import shutil

import pytest

from harness import clean, config
from harness.errors import InputError


@pytest.fixture
def ran(small):
    code, said = small.snakemake("--config", "studies=letters,paper")
    assert code == 0, said
    return small


def told(small, *more):
    code, said = small.stage("doctor", "--studies", "letters,paper", *more)
    assert "Traceback" not in said, said
    return code, said


def test_a_sound_folder_has_no_problem(ran):
    code, said = told(ran)
    assert code == 0 and "nothing stands in the way of a run" in said and "3 of 3 jobs done" in said, said


def test_what_is_amiss_is_named_with_what_to_do(ran):
    path = ran.folder / "baselines/letters/experiment.yaml"
    path.write_text(path.read_text().replace("weight: 1.0", "weight: 2.0"))
    (ran.folder / "collections/letters.py").unlink()
    with (ran.folder / "results/.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        code, said = told(ran)
    assert code == 1 and "problems found" in said
    for words in ("another run is at work", "letters.py", "with other settings or other code than today's"):
        assert words in said, said


def test_a_mirror_that_is_not_there_is_one_line(ran):
    code, said = told(ran, "--mirror", "/nowhere")
    assert code == 2 and said.strip() == "error: mirror: there is no folder '/nowhere'"


def test_a_deleted_job_is_made_again(ran):
    target = ran.folder / "results/embedded/letters/reversed/0"
    before = {path.name: path.read_bytes() for path in (target / "rank").iterdir() if not path.name.startswith(".")}
    for gone in (target, target / "rank", target / "scores.parquet"):
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
        code, said = ran.snakemake("--config", "studies=letters,paper")
        assert code == 0, said
        assert {path.name: path.read_bytes() for path in (target / "rank").iterdir() if not path.name.startswith(".")} == before
        assert (target / "scores.parquet").is_file()


def test_clean_counts_what_it_frees(ran):
    code, said = ran.stage("clean")
    assert code == 0 and "MB freed" in said and not (ran.folder / "results/embedded").exists()
    assert all(f"MB  {kind}" in said for kind in ("rankings", "scores", "logs", "pages and verdicts"))
    assert "nothing to delete" in ran.stage("clean")[1]
    (ran.folder / "results/cache/x").mkdir(parents=True)
    assert ran.stage("clean", "--cache")[0] == 0 and not (ran.folder / "results/cache").exists()


def test_clean_never_deletes_the_project(small):
    for place in (".", "..", "/", "replications", "replications/paper", "collections"):
        with pytest.raises(InputError, match="is not deleted"):
            clean.place_of(config.load(small.folder, {"cache": place}), cache=True)
