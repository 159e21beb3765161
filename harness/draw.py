"""The draw stage: the pictures of one study, as vector graphics."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import places
from harness.config import Config
from harness.data import loading
from harness.errors import InputError, closest, stage
from harness.pages import drawn, told
from harness.pages.pictures import curves, forest, heatmap, histogram, scatter
from harness.pages.pictures import map as plane
from harness.pages.pictures.data import Data
from harness.pages.pictures.style import SETTINGS
from harness.pages.verdict_rows import read as read_verdicts
from harness.studies import study
from harness.studies.command import parse
from harness.studies.picture import Cloud, Curves, Forest, Heatmap, Histogram, Map, Picture, Scatter
from harness.studies.plan import role
from harness.studies.reads import shows_verdicts
from harness.studies.study import Study
from harness.text import replacing, write_sealed
from harness.vectors import kept
from harness.verdicts import join

if TYPE_CHECKING:
    from matplotlib.figure import Figure


VECTORS = (Histogram, Map)
DOTS = 160  # an inch, of the PNG
COORDINATES = re.compile(r'( (?:d|x|y|x1|x2|y1|y2|points)=")([^"]*)(")')
LONG = re.compile(r"-?\d+\.\d{3,}")
Table = Scatter | Heatmap | Curves | Forest  # drawn from scores or verdicts alone


def gather(chosen: Study, config: Config) -> Data:
    """Return the values by seed of every variant that was run."""
    values = join.load([chosen.name], config).table.whole(chosen.name)
    return Data(values, {variant.name: variant.settings for variant in chosen.variants})


def clouds(title: str, spec: Cloud, chosen: Study, config: Config) -> dict[str, plane.Cloud]:
    """Return document ids and vectors by series, as the rank stage kept them; say which of the series were not run."""
    groups = {variant.name: variant.group for variant in chosen.variants}
    found = {}
    for label, name in spec.series.items():
        folder = config.folder / chosen.name / groups[name] / str(spec.seed) / "rank"
        cloud = kept.read(kept.path(folder, name, spec.collection))
        if cloud is None:
            print(f"draw {chosen.name}: {title}: no vectors of {name} on {spec.collection} at {config.fidelity}")
        else:
            found[label] = cloud
    return found


def of_vectors(title: str, spec: Histogram | Map, chosen: Study, config: Config) -> Figure | None:
    """Return the figure of a picture of vectors, or None where nothing of it was run; an unknown label is an InputError."""
    found = clouds(title, spec, chosen, config)
    if isinstance(spec, Histogram):
        return histogram.draw(spec, {label: cloud for label, (_, cloud) in found.items()})
    if not found or not chosen.experiment:
        return None
    actual = str(role(chosen.experiment.collections, spec.collection, config.fidelity))
    labels = loading.load(actual, config).labels
    if spec.label not in labels:
        raise InputError(f"label: collection '{actual}' has no label '{spec.label}'{closest(spec.label, labels)}")
    return plane.draw(spec, found, labels[spec.label])


def draw(spec: Table, data: Data, verdicts: list[dict[str, str]], chosen: Study) -> Figure | None:
    """Return the figure of one picture, or None where nothing of it was run."""
    if isinstance(spec, Forest):
        rows = [{key: row[key] for key in forest.READ} for row in verdicts]
        return forest.draw(spec, rows, {claim.key: told.name(claim) for claim in chosen.ledger.claims})
    if isinstance(spec, Heatmap):
        return heatmap.draw(spec, data, widest(spec, chosen, data))
    return curves.draw(spec, data) if isinstance(spec, Curves) else scatter.draw(spec, data)


def widest(spec: Heatmap, chosen: Study, data: Data) -> float:
    """Return the largest difference in all heat maps of a study on one metric, collection and middle: they share one scale."""
    assert chosen.experiment
    same = [
        one
        for one in chosen.experiment.pictures.values()
        if isinstance(one, Heatmap) and (one.metric, one.collection, one.zero) == (spec.metric, spec.collection, spec.zero)
    ]
    return max((heatmap.reach(one, data) for one in same), default=0.0)


FILES: dict[str, dict[str, Any]] = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}, ".png": {"Software": None}}


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PDF, SVG and PNG beside each other, nothing of it cut; the same figure gives the same bytes."""
    for ending, metadata in FILES.items():
        with replacing(path.with_suffix(ending)) as temporary:
            figure.savefig(temporary, format=ending[1:], metadata=metadata, bbox_inches="tight", pad_inches=0.05, dpi=DOTS)
            if ending == ".svg":
                temporary.write_text(shortened(temporary.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


def shortened(svg: str) -> str:
    """Cut the coordinates of an SVG to two decimals: the sixth differs between processors, and nobody sees it."""
    return COORDINATES.sub(lambda part: part[1] + LONG.sub(_cut, part[2]) + part[3], svg)


def _cut(number: re.Match[str]) -> str:
    return f"{round(float(number[0]), 2) + 0.0:.2f}"  # + 0.0: zero has no sign


def main() -> None:
    """`python -m harness.draw --study S`: draw the pictures of one study at this fidelity, those again whose data have changed."""
    arguments, config = parse(main.__doc__ or "", "study")
    chosen = study.one(config, arguments.study)
    assert chosen.experiment
    verdicts = read_verdicts(config.folder / chosen.name / "verdicts.csv") if shows_verdicts(chosen) else []
    data, found = cache(lambda: gather(chosen, config)), drawn.Scored(chosen, config)
    folder, before, now = places.tables(chosen.folder, config) / chosen.name, drawn.read(chosen, config), drawn.Drawn()
    for name, spec in chosen.experiment.pictures.items():
        source = drawn.source(spec, chosen, verdicts, found)
        same = {"source": source, "files": drawn.files(folder, name, FILES)}
        if name in before and before[name].items() >= same.items():
            now[name] = before[name]
        else:
            width = anew(partial(figure_of, name, spec, chosen, config, verdicts, data), folder / name)
            now[name] = {"source": source, "files": drawn.files(folder, name, FILES), "width": width}
        if now[name]["width"] is None:
            print(f"draw {chosen.name}: {name}: nothing of it was run at {config.fidelity}")
    drawn.write(chosen, config, now)
    told_of = [{"name": name, "caption": chosen.experiment.pictures[name].caption, "width": one["width"]} for name, one in now.items() if one["width"]]
    write_sealed(config.folder / chosen.name / "pictures.json", json.dumps(told_of, indent=1) + "\n")


def figure_of(
    name: str, spec: Picture, chosen: Study, config: Config, verdicts: list[dict[str, str]], data: Callable[[], Data]
) -> Figure | None:
    """Return the figure of any picture, or None where nothing of it was run; `data` is asked for where it is drawn from scores."""
    try:
        if isinstance(spec, VECTORS):
            return of_vectors(name, spec, chosen, config)
        return draw(spec, Data({}, {}) if isinstance(spec, Forest) else data(), verdicts, chosen)
    except InputError as error:
        raise InputError(f"{chosen.folder}/experiment.yaml: pictures.{name}: {error}") from None


def anew(figure_of: Callable[[], Figure | None], path: Path) -> float | None:
    """Draw a picture into its files; return its width in inches, or None where nothing of it was run: then it has no files."""
    import matplotlib

    with matplotlib.rc_context(SETTINGS):
        figure = figure_of()
        if figure is None:
            for ending in FILES:
                path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
            return None
        save(figure, path)
        return float(figure.get_size_inches()[0])


if __name__ == "__main__":
    stage(main)
