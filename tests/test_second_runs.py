"""Second runs: which jobs run again after which edit. Jobs are counted, not seconds."""

import re
import shutil

import pytest
import yaml

from harness.config import ROOT
from tests.conftest import Workspace

PAPER, LETTERS = "replications/paper/experiment.yaml", "baselines/letters/experiment.yaml"
LEDGER = "replications/paper/claims.yaml"
FOREST = {"kind": "forest", "caption": "printed beside recomputed", "claims": ["t1.*"]}
CURVES = {"kind": "curves", "caption": "by weight", "x": "weight", "metric": "mrr@10", "collection": "letters", "series": {"all": "*"}, "line": "shared"}


def edit(small, path, old, new):
    target = small.folder / path
    text = target.read_text()
    assert text.count(old) >= 1, old
    target.write_text(text.replace(old, new, 1))


def add(small, path, **keys):
    """Add keys to an experiment.yaml, written anew."""
    target = small.folder / path
    target.write_text(yaml.safe_dump({**yaml.safe_load(target.read_text()), **keys}))


def planned(small, *options):
    """The jobs that a run would do, as 'rule' or 'rule study' or 'rule study/group'."""
    code, said = small.snakemake("-n", *options)
    assert code == 0, said
    found = []
    for rule, rest in re.findall(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", said, re.MULTILINE):
        wild = dict(re.findall(r"(\w+)=([^\s,]+)", next((line for line in rest.splitlines() if line.strip().startswith("wildcards:")), "")))
        found.append(" ".join([rule, "/".join(wild[key] for key in ("study", "group") if key in wild)]).strip())
    return sorted(one for one in found if one != "all")


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A workspace after its first run, each study with pictures: those of the paper are of its verdicts."""
    small = Workspace(tmp_path_factory.mktemp("first"))
    small.take("config.yaml")
    shutil.copytree(ROOT / "tests" / "workspace", small.folder, dirs_exist_ok=True)
    add(small, PAPER, pictures={"all": FOREST})
    add(small, LETTERS, pictures={"lines": CURVES})
    edit(small, LEDGER, "claims:\n", "claims:\n- {id: once, printed: '0.7', document: P, place: p, kind: absolute, status: measured, metric: mrr, "
         "variant: shared, collection: letters, decidable_at: embedded, margin: {value: 0.02, reason: a test}}\n")  # fmt: skip
    code, said = small.snakemake()
    assert code == 0, said
    return small


@pytest.fixture
def done(first, tmp_path):
    """A copy of it, that a test may change."""
    shutil.copytree(first.folder, tmp_path / "copy", symlinks=True)
    return Workspace(tmp_path / "copy")


def test_with_nothing_changed_nothing_runs(done):
    code, said = done.snakemake()
    assert code == 0 and "Nothing to be done" in said


def test_a_margin_judges_and_draws_its_own_study_alone(done):
    edit(done, LEDGER, "{value: 0.02", "{value: 0.5")
    assert planned(done) == ["audit", "draw paper", "judge paper", "render", "table paper"]


def test_where_no_picture_shows_verdicts_a_margin_draws_nothing(done):
    add(done, PAPER, pictures={"lines": CURVES})
    assert done.snakemake()[0] == 0
    edit(done, LEDGER, "{value: 0.02", "{value: 0.5")
    assert planned(done) == ["audit", "judge paper", "render", "table paper"]


def test_a_comparison_does_not_read_the_ledger(done):
    compared = {"main": {"title": "t", "baseline": "shared", "variants": ["rev*"], "collections": ["letters"], "metric": "mrr@10", "default": None}}
    add(done, LETTERS, compare=compared)
    assert done.snakemake()[0] == 0
    (done.folder / "baselines/letters/claims.yaml").write_text("title: Another title\ndocuments: {}\nmetrics: {}\nclaims: []\n")
    assert planned(done) == ["audit", "judge letters", "render", "table letters"]


def test_a_record_judges_again_who_is_held_against_it(done):
    edit(done, LEDGER, "variant: shared, collection: letters, decidable_at: embedded, margin", "variant: shared, model: letters, collection: letters, decidable_at: embedded, margin")
    record = {"id": "r", "printed": "0.9", "document": "R", "place": "p", "kind": "absolute", "status": "measured", "metric": "mrr",
              "collection": "letters", "model": "letters", "variant": "shared", "decidable_at": "embedded", "margin": {"value": 0.01, "reason": "a test"}}  # fmt: skip
    ledger = {"title": "T", "documents": {"R": {"title": "R", "source": "primary", "locator": "here"}},
              "metrics": {"mrr": {"definition": "d", "quantity": "mrr", "score": "mrr@10", "range": [0, 1], "orientation": "higher"}},
              "claims": [record]}  # fmt: skip
    target = done.folder / "baselines/letters/claims.yaml"
    target.write_text(yaml.safe_dump(ledger))
    code, said = done.snakemake()
    assert code == 0, said
    assert "not that model" in (done.folder / "results/embedded/findings.csv").read_text()
    assert "inconsistent as printed" in (done.folder / "results/embedded/paper/verdicts.csv").read_text()
    record["printed"] = "0.8"
    target.write_text(yaml.safe_dump(ledger))
    assert planned(done) == ["audit", "draw paper", "judge letters", "judge paper", "render", "table letters", "table paper"]


def test_a_variant_s_setting_runs_that_variant_and_what_hangs_on_it(done):
    edit(done, LETTERS, "weight: -1.0", "weight: -2.0")
    assert planned(done) == ["agree letters", "draw letters", "judge letters", "rank letters/reversed", "render", "score letters/reversed", "table letters"]


def test_what_the_judge_finds_is_what_the_audit_of_all_finds(done):
    from harness import config
    from harness.audits import finding
    from harness.studies import audited, study

    settings = config.load(done.folder)
    chosen = {one.name: one for one in study.select(settings)}
    read, ledgers = audited.read_data(settings), audited.read_all(chosen, settings)
    finding.save([f for name in chosen for f in audited.of_study(name, ledgers, read)], done.folder / "own.csv")
    own, whole = (sorted(finding.load(path), key=str) for path in (done.folder / "own.csv", settings.folder / "findings.csv"))
    assert own == whole and own


def test_a_picture_whose_data_are_the_same_is_not_drawn_again(done):
    add(done, PAPER, pictures={"all": FOREST, "lines": CURVES})
    assert done.snakemake()[0] == 0
    folder = done.folder / "paper_tables/embedded/paper"
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    assert len(before) == 6
    edit(done, LEDGER, '"0.750"', '"0.740"')
    assert done.snakemake()[0] == 0
    again = {name for name, place in before.items() if (folder / name).stat().st_ino != place}
    assert again == {"all.pdf", "all.svg"} | {"all.png"}
    (folder / "lines.svg").write_text("touched")
    assert done.stage("draw", "--study", "paper")[0] == 0
    assert "touched" not in (folder / "lines.svg").read_text()


def test_materials_are_looked_for_only_where_a_job_reads_them(done):
    log = done.folder / "results/embedded/logs/fetch.log"
    log.unlink()
    edit(done, LEDGER, "{value: 0.02", "{value: 0.5")
    code, said = done.snakemake()
    assert code == 0 and "claims of 2 studies" in said and not log.exists()
    edit(done, LETTERS, "weight: -1.0", "weight: -2.0")
    assert done.snakemake()[0] == 0 and log.exists()


def test_with_nothing_changed_the_page_is_the_same_bytes(done):
    page = done.folder / "results/embedded/report.html"
    before = page.read_bytes()
    assert done.stage("render")[0] == 0 and page.read_bytes() == before
