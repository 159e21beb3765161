"""Pictures: what they show is what was run, the same bytes twice, and mistakes named."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import matplotlib.image as plt
import numpy as np
import pytest
import yaml
from matplotlib.text import Text

from harness import draw
from harness.errors import InputError
from harness.pages.pictures import curves, forest, heatmap, scatter
from harness.pages.pictures import map as plane
from harness.pages.pictures.data import Data
from harness.studies import study
from harness.studies.picture import Curves, Forest, Heatmap, Map, Scatter

SETTINGS = {f"c{c}_m{m}": {"c": c, "m": m, "i": i} for m in (1, 2) for c, i in ((0, 5), (1, 5), (0.5, 6))}
SETTINGS["raw"] = {"c": None, "m": None, "i": None}
HEAT = Heatmap(kind="heatmap", caption="x", variants="c*", x="c", y="i", panel="m", metric="q", collection="k", zero="raw")


def data(**changed):
    values = {(name, "k", metric): np.array([0.4, 0.5]) for name in SETTINGS for metric in ("q", "s")}
    return Data({key: value for key, value in {**values, **changed}.items() if value is not None}, SETTINGS)


def texts(figure):
    return [t.get_text() for axes in figure.axes for t in axes.texts]


def test_a_heatmap_prints_each_cell_and_hatches_what_was_not_run():
    figure = heatmap.draw(HEAT, data())
    assert texts(figure) == ["0.450\n+0.000"] * 6
    assert sum(len(axes.patches) for axes in figure.axes) == 6  # two panels of 3 by 2, of which 3 were run
    assert [axes.get_title() for axes in figure.axes[:2]] == ["m 1", "m 2"]
    one = Data({key: v for key, v in data().values.items() if key[0] != "c0_m2"}, SETTINGS)
    assert len(texts(heatmap.draw(HEAT, one))) == 5


def test_nothing_run_gives_no_picture():
    empty = Data({}, SETTINGS)
    dots = Scatter(kind="scatter", caption="x", x="q", y="s", collection="k", series={"a": "c*"})
    lines = Curves(kind="curves", caption="x", x="c", metric="q", collection="k", series={"a": "c*"}, line="raw")
    assert [heatmap.draw(HEAT, empty), scatter.draw(dots, empty), curves.draw(lines, empty)] == [None] * 3
    assert forest.draw(Forest(kind="forest", caption="x", claims=["*"]), [row("a", recomputed="", low="")], {}) is None


def test_a_scatter_spans_its_seeds():
    dots = Scatter(kind="scatter", caption="x", x="q", y="s", collection="k", series={"cells": "c*", "as it is": "raw"})
    figure = scatter.draw(dots, data())
    (first, second) = figure.axes[0].containers
    assert len(first[0].get_xdata()) == 6 and len(second[0].get_xdata()) == 1 and first.has_xerr and first.has_yerr
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["cells (6)", "as it is (1)"]
    assert figure.legends[0].get_title().get_text() == "whiskers: lowest to highest seed"


def test_curves_go_by_the_setting_and_show_the_line():
    lines = Curves(kind="curves", caption="x", x="c", metric="q", collection="k", series={"a": "c*_m1"}, line="raw")
    axes = curves.draw(lines, data()).axes[0]
    assert axes.lines[0].get_xdata().tolist() == [0, 0.5, 1] and axes.lines[1].get_ydata()[0] == pytest.approx(0.45)


def row(name, printed="0.5", recomputed="0.4", low="0.3", tone="plain"):
    return {"claim": f"s:{name}", "printed": printed, "recomputed": recomputed, "low": low, "high": "0.6", "tone": tone,
            "verdict": "exact", "document": "P", "place": "Table 1, row 2"}  # fmt: skip


def test_a_forest_has_a_row_for_each_number_and_none_for_words():
    rows = [row("t.a"), row("t.b", printed="better"), row("u.c"), row("t.d", tone="grey")]
    figure = forest.draw(Forest(kind="forest", caption="x", claims=["t.*"]), rows, {"s:t.a": "Hit Rate, ours"})
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert labels == ["t.d  [exact]", "Hit Rate, ours  [exact]", "P: Table 1"]
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [dot.get_markerfacecolor() for dot in dots] == ["white", "black"]


def test_a_forest_reads_printed_numbers_as_the_judge_does_and_heads_each_table():
    rows = [row("t.a", printed="46-48 %"), row("t.b", printed="~ 1,200"), {**row("t.c"), "place": "Table 2, row 1"}]
    figure = forest.draw(Forest(kind="forest", caption="x", claims=["*"]), rows, {})
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert labels == ["t.c  [exact]", "P: Table 2", "t.b  [exact]", "t.a  [exact]", "P: Table 1"]
    bars = [line.get_xdata() for line in figure.axes[0].lines if line.get_marker() == "|"]
    assert [bar[0] for bar in bars] == [0.5, 1200, 47]


def test_a_forest_too_long_for_a_page_is_an_error():
    rows = [row(f"t.{i}") for i in range(46)]
    whole = forest.draw(Forest(kind="forest", caption="x", claims=["*"]), rows[:45], {})
    assert whole.get_size_inches()[1] <= 8.0
    with pytest.raises(InputError, match="46 rows, but 45 fit a page; split it by claims"):
        forest.draw(Forest(kind="forest", caption="x", claims=["*"]), rows, {})


def test_names_of_near_points_do_not_cover_each_other():
    values = {(name, "k", m): np.array([0.5 + 1e-4 * i]) for i, name in enumerate(SETTINGS) for m in ("q", "s")}
    far = {("raw", "k", m): np.array([0.9]) for m in ("q", "s")}
    dots = Scatter(kind="scatter", caption="x", x="q", y="s", collection="k", series={"some": "c0_*", "one": "raw"})
    figure = scatter.draw(dots, Data({**values, **far}, SETTINGS))
    boxes = [Text.get_window_extent(t) for t in figure.axes[0].texts if t.get_text()]  # without hairs
    assert len(boxes) == 2 and not boxes[0].overlaps(boxes[1])


def test_points_bear_what_their_pattern_leaves_open():
    settings = {f"tau_{tau}": {} for tau in ("0.2", "0.05", "0.01")} | {"plain": {}, "plain_2": {}}
    values = {(name, "k", m): np.array([0.1 * i, 0.1 * i + 0.01]) for i, name in enumerate(settings) for m in ("q", "s")}
    dots = Scatter(kind="scatter", caption="x", x="q", y="s", collection="k", series={"tau": "tau_*", "plain": "plain*"})
    figure = scatter.draw(dots, Data(values, settings))
    assert [t.get_text() for t in figure.axes[0].texts] == ["0.2", "0.05", "0.01", "plain", "2"]
    many = {f"tau_{i}": {} for i in range(scatter.FEW + 1)}
    values = {(name, "k", m): np.array([0.1 * i]) for i, name in enumerate(many) for m in ("q", "s")}
    assert texts(scatter.draw(dots, Data(values, many))) == []


def test_sister_heat_maps_share_one_scale():
    wide = Data({**data().values, ("c1_m2", "k", "q"): np.array([0.9])}, SETTINGS)
    assert heatmap.reach(HEAT, wide) == pytest.approx(0.45) and heatmap.reach(HEAT, Data({}, SETTINGS)) == 0
    ends = [
        heatmap.draw(HEAT, data(), 0.3).axes[0].images[0].get_clim(),
        heatmap.draw(HEAT, wide, 0.3).axes[0].images[0].get_clim(),
    ]
    assert ends == [(-0.3, 0.3), pytest.approx((-0.45, 0.45))]
    part = HEAT.model_copy(update={"variants": "c*_m1"})
    other = HEAT.model_copy(update={"collection": "elsewhere"})
    chosen = SimpleNamespace(experiment=SimpleNamespace(pictures={"a": part, "b": HEAT, "c": other}))
    assert draw.widest(part, chosen, wide) == pytest.approx(0.45) and draw.widest(other, chosen, wide) == 0


def test_a_headline_without_an_interval_stands_in_the_forest():
    rows = [
        row("t.a", low=""),
        row("t.b"),
        {**row("t.c", recomputed="", low=""), "verdict": "inconsistent as printed"},
        row("t.d", recomputed="", low=""),
    ]
    figure = forest.draw(Forest(kind="forest", caption="x", claims=["*"]), rows, {})
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert labels == ["t.c  [inconsistent as printed]", "t.b  [exact]", "t.a  [exact]", "P: Table 1"]
    assert len([line for line in figure.axes[0].lines if line.get_marker() == "o"]) == 2
    words = [t.get_text() for t in figure.legends[0].get_texts()]
    assert len(words) == 3 and words[0].startswith("printed")  # every sign is explained


def test_maps_share_one_scale():
    rng = np.random.default_rng(0)
    clouds = {
        label: ([f"d{i}" for i in range(9)], (spread * rng.normal(size=(9, 4))).astype(np.float32))
        for label, spread in (("a", 1), ("b", 5))
    }
    spec = Map(kind="map", caption="x", collection="k", seed=0, label="Kind", series={"a": "a", "b": "b"})
    figure = plane.draw(spec, clouds, {f"d{i}": "one" for i in range(9)})
    first, second = figure.axes
    assert first.get_xlim() == second.get_xlim() == first.get_ylim() and first.get_xlim()[1] > 1


@pytest.mark.parametrize("ending", [".svg", ".png"])
def test_nothing_of_a_picture_is_cut(tmp_path, ending):
    """Legends wider than the figure, and labels longer than its sides, widen what is written."""
    names = {f"{'a very long name of a series of variants that goes on ' * 2}{i}": f"c{i}_*" for i in (0, 1)}
    dots = Scatter(kind="scatter", caption="x", x="q", y="s", collection="k", series=names)
    figure = scatter.draw(dots, data())
    draw.save(figure, tmp_path / "wide")
    drawn = figure.get_tightbbox().width
    if ending == ".png":
        image = plt.imread(tmp_path / "wide.png")
        assert image.shape[1] > draw.DOTS * figure.get_size_inches()[0]
        assert image[:, [0, -1]].min() == image[[0, -1]].min() == 1  # white all around
    else:
        head = (tmp_path / "wide.svg").read_text()
        assert float(re.search(r'width="([\d.]+)pt"', head)[1]) >= 70 * drawn and "<text" not in head


@pytest.fixture
def small(workspace):
    shutil.copytree(Path(__file__).parent / "workspace", workspace.folder, dirs_exist_ok=True)
    path = workspace.folder / "replications/paper/experiment.yaml"
    written = yaml.safe_load(path.read_text())
    written["pictures"] = {
        "dots": {"kind": "scatter", "caption": "50 % & <more>", "x": "mrr@10", "y": "hit_rate@1", "collection": "letters",
                 "series": {"shared": "shared"}},
    }  # fmt: skip
    path.write_text(yaml.safe_dump(written))
    return workspace


def test_a_picture_is_drawn_with_the_tables_and_again_the_same(small):
    code, said = small.snakemake("--config", "studies=paper")
    assert code == 0, said
    folder = small.folder / "paper_tables/embedded/paper"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {"dots.pdf", "dots.svg", "dots.png"} and before["dots.pdf"].startswith(b"%PDF")
    assert (
        before["dots.png"].startswith(b"\x89PNG") and b"fill: #ffffff" in before["dots.svg"]
    )  # a page of its own on a dark screen
    assert r"50 \% \& " in (small.folder / "paper_tables/embedded/paper.tex").read_text()
    page = (small.folder / "results/embedded/subset/report.html").read_text()
    assert "data:image/svg+xml;charset=utf-8," in page and "50 % &amp; &lt;more&gt;" in page
    assert small.stage("draw", "--study", "paper")[0] == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": "mrr@1"}, "pictures.dots: metrics: no 'mrr@1'"),
        ({"collection": "leters"}, "pictures.dots: collections: no 'leters'.*'letters'"),
        ({"series": {"a": "shard"}}, "pictures.dots: 'shard' fits no variant.*'shared'"),
        ({"kind": "pie"}, "pictures.dots.*pie"),
        ({"colour": "red"}, "unknown key 'pictures.dots.*colour'"),
    ],
)
def test_what_a_picture_names_must_be_there(small, change, words):
    folder = small.folder / "replications/paper"
    written = yaml.safe_load((folder / "experiment.yaml").read_text())
    written["pictures"]["dots"] |= change
    (folder / "experiment.yaml").write_text(yaml.safe_dump(written))
    with pytest.raises(InputError, match=words):
        study.load(folder, study.folders(small.folder), "embedded")


def test_coordinates_keep_two_decimals_and_nothing_else_is_touched():
    svg = '<path d="M 45.069188 -0.001 L 3.25 12" style="stroke-width: 0.12345"/><text x="114.988864" transform="rotate(-0 1.98765)">0.83472</text>'
    cut = '<path d="M 45.07 0.00 L 3.25 12" style="stroke-width: 0.12345"/><text x="114.99" transform="rotate(-0 1.98765)">0.83472</text>'
    assert draw.shortened(svg) == cut
