"""Studies outside the project: found, run, and never in the way of others; a run of some replaces nothing that is told of all."""

import shutil

import pytest

from harness import audit, config, places
from harness.errors import InputError
from harness.studies import study
from harness.studies import written as studies

LEDGER = """title: Mine
locator: "somewhere"
tables:
- place: Table 1
  collection: letters
  columns: [mrr@10, hit_rate@1]
  rows: {shared: ["0.750", "0.9"], backwards: ["0.306", "0.9"]}
"""
EXPERIMENT = """seeds: [0]
metrics: [mrr@10, hit_rate@1]
collections: [letters]
variants: {shared: letters/shared, backwards: letters/reversed}
"""


@pytest.fixture
def apart(small, tmp_path_factory):
    """A folder outside the workspace that holds one study."""
    home = tmp_path_factory.mktemp("papers of mine")
    (home / "mine").mkdir()
    (home / "mine/claims.yaml").write_text(LEDGER)
    (home / "mine/experiment.yaml").write_text(EXPERIMENT)
    return home


def settings(small, studies):
    return config.load(small.folder, {"studies": str(studies)})


@pytest.mark.parametrize("inside", ["mine", "."])
def test_a_folder_of_one_study_or_of_several_is_found(small, apart, inside):
    chosen = settings(small, apart / inside)
    assert [one.name for one in study.select(chosen)] == ["mine"]
    assert set(study.folders(chosen)) == {"letters", "paper", "mine"}
    assert {claim.variant for claim in study.select(chosen)[0].ledger.claims} == {"shared", "backwards"}


def test_names_and_folders_stand_beside_each_other(small, apart):
    assert [one.name for one in study.select(settings(small, f"paper, {apart}"))] == ["paper", "mine"]
    assert [one.name for one in study.select(settings(small, f"all,{apart}"))] == ["letters", "paper", "mine"]
    assert [one.name for one in study.select(settings(small, "replications/paper"))] == ["paper"]
    one = settings(small, apart).model_copy(update={"studies": "mine"})  # as the stages of one study do
    assert study.select(one)[0].folder == apart / "mine"


def test_a_run_outside_touches_nothing_of_the_project(small, apart):
    assert small.snakemake("--quiet", "all")[0] == 0
    tables = {path: path.read_bytes() for path in (small.folder / "paper_tables").rglob("*") if path.is_file()}
    page = (small.folder / "results/embedded/report.html").read_bytes()
    code, said = small.snakemake("--quiet", "all", "--config", f"studies={apart}")
    assert code == 0 and "4 claims of 1 study" in said, said
    assert {path: path.read_bytes() for path in (small.folder / "paper_tables").rglob("*") if path.is_file()} == tables
    assert (small.folder / "results/embedded/report.html").read_bytes() == page
    assert "Mine" in (apart / "mine/paper_tables/embedded/mine.tex").read_text()
    subset = small.folder / "results/embedded/subset"
    assert {"report.html", "report.tex", "audit.tex", "mine.tex"} <= {path.name for path in subset.iterdir()}
    assert (
        r"\input{mine}" in (subset / "report.tex").read_text() and r"\input{letters}" not in (subset / "report.tex").read_text()
    )


def test_a_run_of_one_study_writes_its_own_table_alone(small):
    assert small.snakemake("--quiet", "all")[0] == 0
    folder = small.folder / "paper_tables/embedded"
    before = {path.name: path.read_bytes() for path in folder.glob("*.tex")}
    ledger = small.folder / "replications/paper/claims.yaml"
    ledger.write_text(ledger.read_text().replace("its 100%", "its 100%").replace("0.750", "0.751"))
    code, said = small.snakemake("--quiet", "all", "--config", "studies=paper")
    assert code == 0, said
    after = {path.name: path.read_bytes() for path in folder.glob("*.tex")}
    assert {name for name in before if before[name] != after[name]} == {"paper.tex"} and before.keys() == after.keys()


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("./nowhere", r"studies: there is no folder './nowhere'"),
        ("./collections", r"studies: './collections' holds no study: no claims.yaml in it, .*harness.new NAME --into"),
        ("papre", r"studies: no study 'papre' \(did you mean 'paper'\?\)"),
        (" , ", "names nothing; write all, or names and folders"),
        ("~nobody_of_this_name/x", "cannot be read|there is no folder"),
        ("./" + "x" * 5000, "cannot be read"),
    ],
)
def test_what_is_no_study_is_one_line(small, word, said):
    with pytest.raises(InputError, match=said) as told:
        study.select(settings(small, word))
    assert "\n" not in str(told.value)


def test_a_name_of_two_folders_is_refused(small, apart):
    shutil.copytree(small.folder / "replications/paper", apart / "paper")
    with pytest.raises(InputError, match="a study named 'paper' is also in"):
        study.select(settings(small, apart))


def test_where_a_run_came_from_cannot_be_written_in_the_settings(small):
    for key in ("root", "places"):
        with pytest.raises(InputError, match=f"unknown key '{key}'"):
            config.load(small.folder, {key: "x"})


def test_all_errors_of_all_files_come_at_once_and_the_others_can_run(small, apart):
    mine = apart / "mine"
    (mine / "claims.yaml").write_text(LEDGER.replace('"0.750"', "0.750").replace("locator", "lokator"))
    (mine / "experiment.yaml").write_text(EXPERIMENT.replace("letters/shared", "letters/sharde").replace("[letters]", "[3]"))
    (mine / "collections").mkdir()
    (mine / "collections/own.yaml").write_text("reader: beer\nsplit: test\n")
    (mine / "models").mkdir()
    (mine / "models/m.yaml").write_text("licence: l\nfiels: {}\n")
    (small.folder / "replications/paper/experiment.yaml").write_text("seeds: [0]\n")
    with pytest.raises(InputError) as told:
        studies.select(settings(small, f"all,{apart}"))
    for words in (
        "unknown key 'lokator'",
        "mine/experiment.yaml: collections",
        "reader: 'beer'",
        "unknown key 'fiels'",
        "paper/experiment.yaml: the key",
    ):
        assert words in str(told.value), (words, str(told.value))
    assert str(told.value).endswith("to run the others meanwhile: make tables STUDIES=letters")


def test_somebody_elses_broken_study_stops_nobody(small, apart, capsys):
    broken = small.folder / "replications/paper"
    for name in ("claims.yaml", "experiment.yaml"):
        (broken / name).write_text("title: [\n")
    (broken / "models").mkdir()
    (broken / "models/m.yaml").write_text("a: [\n")
    assert [one.name for one in studies.select(settings(small, apart))] == ["mine"]
    audit.main(["--root", str(small.folder), "--studies", str(apart)])
    said = capsys.readouterr()
    assert "4 claims of 1 studies audited" in said.out and "caution: left out, and nothing is held against it" in said.err
    code, told = small.snakemake("--quiet", "all", "--config", f"studies={apart}")
    assert code == 0, told
    with pytest.raises(InputError, match="paper/experiment.yaml"):
        audit.main(["--root", str(small.folder), "--studies", "paper"])


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("leters/shared", r"variants.shared: 'leters/shared': no study 'leters' \(did you mean 'letters'\?\)"),
        ("letters/shred", r"no variant 'shred' in .*letters/experiment.yaml \(did you mean 'shared'\?\)"),
        ("paper/shared", None),
        ("letters", "variants.shared"),
    ],
)
def test_another_studys_variant_is_named_rightly(small, apart, word, said):
    (apart / "mine/experiment.yaml").write_text(EXPERIMENT.replace("letters/shared", word))
    if said is None:
        (one,) = study.select(settings(small, apart))
        assert one.variants[0].method == "letters" and one.variants[0].settings == {"weight": 1.0}
        return
    with pytest.raises(InputError, match=said):
        study.select(settings(small, apart))


def test_places_are_told_apart(small, apart):
    chosen = settings(small, apart)
    assert not places.is_outside(small.folder / "replications/paper", small.folder) and places.is_outside(
        apart / "mine", small.folder
    )
    assert places.tables(apart / "mine", chosen) == apart / "mine/paper_tables/embedded"
    assert places.summary(config.load(small.folder)) == small.folder / "results/embedded"
