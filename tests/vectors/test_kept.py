"""Histograms and maps: right against numpy and scikit-learn, and the vectors behind them kept only where a picture asks."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from sklearn.decomposition import PCA

from harness.errors import InputError
from harness.pages.pictures import histogram
from harness.pages.pictures import map as plane
from harness.studies import study
from harness.studies.picture import Histogram, Map
from harness.vectors import kept

LINES = Histogram(kind="histogram", caption="x", collection="k", seed=0, bins=40, series={"before": "raw", "after": "best"})
DOTS = Map(kind="map", caption="x", collection="k", seed=0, label="kind", series={"before": "raw", "after": "best"})


def cloud(n=60, d=5, seed=0):
    return np.random.default_rng(seed).normal(0.5, 1, (n, d)).astype(np.float32)


@pytest.mark.parametrize("rows", [7, 1024])
def test_every_pair_of_documents_is_counted_once(monkeypatch, rows):
    monkeypatch.setattr(histogram, "ROWS", rows)
    unit = cloud().astype(float) / np.linalg.norm(cloud(), axis=1, keepdims=True)
    expected = [unit[i] @ unit[j] for i in range(60) for j in range(i + 1, 60)]
    counts, mean, edges = histogram.cosines(cloud(), 40)
    assert counts.tolist() == np.histogram(expected, edges)[0].tolist() and counts.sum() == 60 * 59 / 2
    assert mean == pytest.approx(np.mean(expected))


def test_equal_vectors_fall_into_the_last_bin():
    counts, mean, _ = histogram.cosines(np.full((5, 3), 0.1, dtype=np.float32), 10)
    assert counts.tolist() == [0] * 9 + [10] and mean == pytest.approx(1)


def test_a_histogram_has_a_line_of_its_own_style_for_each_series():
    figure = histogram.draw(LINES, {"before": cloud(), "after": cloud(seed=1)})
    styles = [patch.get_linestyle() for patch in figure.axes[0].patches]
    assert len(styles) == len(set(map(str, styles))) == 2
    assert [t.get_text().split(" (mean")[0] for t in figure.legends[0].get_texts()] == ["before", "after"]
    assert len(histogram.draw(LINES, {"after": cloud()}).axes[0].patches) == 1
    assert histogram.draw(LINES, {}) is None


def test_the_plane_is_that_of_the_principal_components():
    places, share = plane.plane(cloud())
    oracle = PCA(2).fit(cloud().astype(float))
    assert np.abs(places) == pytest.approx(np.abs(oracle.transform(cloud().astype(float))), abs=1e-9)
    assert share == pytest.approx(oracle.explained_variance_ratio_)
    assert plane.plane(cloud()[::-1])[0][::-1] == pytest.approx(places)  # signs do not hang on the order


def test_a_map_marks_each_label_by_a_shape_of_its_own():
    names = [f"d{i}" for i in range(60)]
    labels = {name: f"kind {i % 10}" for i, name in enumerate(names) if i < 50}
    figure = plane.draw(DOTS, {"before": (names, cloud()), "after": (names, cloud(seed=1))}, labels)
    assert [axes.get_title() for axes in figure.axes] == ["before", "after"]
    looks = [(line.get_marker(), line.get_markerfacecolor() == "none") for line in figure.axes[0].lines]
    assert len(set(looks)) == 11 and sum(len(line.get_xdata()) for line in figure.axes[0].lines) == 60
    assert figure.legends[0].get_texts()[-1].get_text() == "no label"
    assert plane.draw(DOTS, {}, labels) is None
    with pytest.raises(InputError, match="'kind' has 60 values; marks tell 16 apart"):
        plane.draw(DOTS, {"before": (names, cloud())}, {name: name for name in names})


def test_vectors_come_back_as_they_were(tmp_path):
    path = kept.path(tmp_path, "raw", "k")
    assert kept.read(path) is None
    kept.write(path, ["é", "b"], cloud(4, 3)[::2])
    ids, back = kept.read(path)
    assert ids == ["é", "b"] and back.dtype == np.float32 and np.array_equal(back, cloud(4, 3)[::2])
    with pytest.raises(InputError, match="4 vectors for 1 documents"):
        kept.write(path, ["a"], cloud(4, 3))
    path.write_bytes(b"no")
    with pytest.raises(InputError, match=r"raw.k.safetensors: not the vectors"):
        kept.read(path)


PICTURES = {
    "cosines": {"kind": "histogram", "caption": "c", "collection": "letters", "seed": 0, "bins": 20, "series": {"as is": "shared"}},
    "places": {"kind": "map", "caption": "c", "collection": "letters", "seed": 0, "label": "side", "series": {"as is": "shared"}},
}  # fmt: skip


def change(workspace, pictures):
    path = workspace.folder / "replications/paper/experiment.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "pictures": pictures}))


@pytest.fixture
def small(workspace):
    shutil.copytree(Path(__file__).parents[1] / "workspace", workspace.folder, dirs_exist_ok=True)
    made = workspace.folder / "collections/letters.py"
    made.write_text(made.read_text().replace('"labels": {}', '"labels": {"side": {"d1": "left", "d2": "left", "d3": "right"}}'))
    method = workspace.folder / "baselines/letters/method.py"
    given = "scores), np.array([[c in w for c in 'abcde'] for w in words], dtype=np.float32))"
    method.write_text(method.read_text().replace("scores))", given))
    change(workspace, PICTURES)
    return workspace


def planned(workspace):
    code, said = workspace.snakemake("--config", "studies=paper", "--dry-run", "--quiet", "progress")
    assert code == 0, said
    return {line.split()[1].rstrip(":") for line in said.splitlines() if line.startswith(("rule ", "localrule "))}


def test_vectors_are_kept_where_a_picture_asks_and_a_caption_draws_alone(small):
    code, said = small.snakemake("--config", "studies=paper")
    assert code == 0, said
    drawn = small.folder / "paper_tables/embedded/paper"
    before = {path.name: path.read_bytes() for path in drawn.iterdir()}
    assert set(before) == {f"{name}{ending}" for name in PICTURES for ending in (".pdf", ".png", ".svg")}
    kept = small.folder / "results/embedded/paper/shared/0/rank/vectors"
    assert [path.name for path in kept.iterdir()] == ["shared.letters.safetensors"]
    assert small.stage("draw", "--study", "paper")[0] == 0
    assert {path.name: path.read_bytes() for path in drawn.iterdir()} == before
    assert not planned(small)
    change(small, {name: {**spec, "caption": "another"} for name, spec in PICTURES.items()})
    assert "draw" in planned(small) and not planned(small) & {"rank", "fit", "score"}
    change(small, {})
    assert "rank" in planned(small)
    code, said = small.snakemake("--config", "studies=paper")
    assert code == 0 and not kept.exists(), said


def test_what_was_not_run_gives_a_line_and_no_picture(small):
    path = small.folder / "replications/paper/experiment.yaml"
    written = yaml.safe_load(path.read_text())
    written["collections"]["more"] = {"embedded": None, "substitute": "letters", "original": "letters"}
    path.write_text(yaml.safe_dump(written))
    change(small, {"cosines": {**PICTURES["cosines"], "collection": "more"}})
    code, said = small.snakemake("--config", "studies=paper")
    assert code == 0, said
    assert not list(small.folder.glob("paper_tables/embedded/paper/cosines.*"))
    log = small.folder / "results/embedded/logs/draw/paper.log"
    assert "cosines: no vectors of shared on more at embedded" in log.read_text()
    code, said = small.stage("draw", "--study", "paper")
    assert code == 0 and "cosines: nothing of it was run at embedded" in said


def test_a_method_without_vectors_and_a_label_that_is_not_there_are_errors(small):
    change(small, {"places": {**PICTURES["places"], "label": "sides"}})
    code, said = small.snakemake("--config", "studies=paper")
    assert code != 0 and "pictures.places: label: collection 'letters' has no label 'sides'" in said and "'side'" in said
    method = small.folder / "baselines/letters/method.py"
    method.write_text(method.read_text().replace("scores), np", "scores)) or (np"))
    code, said = small.snakemake("--config", "studies=paper")
    assert code != 0 and "pictures.places: method 'letters' gives no document vectors on 'letters'" in said


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"seed": 3}, r"pictures.cosines.seed: shared is not run with '3', but with \[0\]"),
        ({"collection": "leters"}, "pictures.cosines: collections: no 'leters'.*'letters'"),
        ({"series": {"a": "sharde"}}, "pictures.cosines: 'sharde' fits no variant.*'shared'"),
        ({"series": {"a": "*"}}, "pictures.cosines.*should match"),
    ],
)
def test_what_a_picture_of_vectors_names_must_be_there(small, changed, words):
    change(small, {"cosines": {**PICTURES["cosines"], **changed}})
    with pytest.raises(InputError, match=words):
        study.load(small.folder / "replications/paper", study.folders(small.folder), "embedded")
