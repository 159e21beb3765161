"""The draw stage: the pictures of one study, as vector graphics."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from harness import join, study
from harness.command import parse
from harness.config import Config
from harness.errors import stage
from harness.pictures import curves, forest, heatmap, scatter
from harness.pictures.data import Data
from harness.pictures.spec import Curves, Forest, Heatmap, Picture
from harness.pictures.style import SETTINGS
from harness.render import read_verdicts
from harness.study import Study
from harness.text import replacing, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def gather(chosen: Study, config: Config) -> Data:
    """Return the values by seed of every variant that was run."""
    values = join.load([chosen.name], config).table.whole(chosen.name)
    return Data(values, {variant.name: variant.settings for variant in chosen.variants})


def draw(spec: Picture, data: Data, verdicts: list[dict[str, str]]) -> Figure | None:
    """Return the figure of one picture, or None where nothing of it was run."""
    if isinstance(spec, Forest):
        return forest.draw(spec, verdicts)
    if isinstance(spec, Heatmap):
        return heatmap.draw(spec, data)
    return curves.draw(spec, data) if isinstance(spec, Curves) else scatter.draw(spec, data)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PDF and SVG beside each other; the same figure gives the same bytes."""
    for ending, metadata in ((".pdf", {"CreationDate": None}), (".svg", {"Date": None})):
        with replacing(path.with_suffix(ending)) as temporary:
            figure.savefig(temporary, format=ending[1:], metadata=metadata)


def main() -> None:
    """`python -m harness.draw --study S`: draw the pictures of one study at this fidelity."""
    import matplotlib

    arguments, config = parse(main.__doc__ or "", "study")
    chosen = study.select(config.model_copy(update={"studies": arguments.study}))[0]
    assert chosen.experiment
    data, verdicts = gather(chosen, config), read_verdicts(config.folder / chosen.name / "verdicts.csv")
    folder = config.root / "paper_tables" / config.fidelity / chosen.name
    drawn = []
    with matplotlib.rc_context(SETTINGS):
        for name, spec in chosen.experiment.pictures.items():
            figure = draw(spec, data, verdicts)
            if figure is None:
                print(f"draw {chosen.name}: {name}: nothing of it was run at {config.fidelity}")
                for ending in (".pdf", ".svg"):
                    (folder / f"{name}{ending}").unlink(missing_ok=True)
                continue
            save(figure, folder / name)
            drawn.append({"name": name, "caption": spec.caption})
    write_text(config.folder / chosen.name / "pictures.json", json.dumps(drawn, indent=1) + "\n")


if __name__ == "__main__":
    stage(main)
