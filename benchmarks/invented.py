"""Invented papers in the shapes of real ones: systems, data sets, marks, sentences; written as LaTeX, HTML, Markdown and CSV."""

from __future__ import annotations

import html
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

FORMATS = (".tex", ".html", ".md", ".csv")
SYSTEMS = ("BM25", "Doc2Query", "DenseOne", "TwinTower", "LateMatch", "SparseNet", "MiniVec", "Ours")
DATASETS = ("Quarry", "Harbor", "Meadow", "Lantern", "Cinder", "Orchard")
N = 84


@dataclass(frozen=True)
class Cell:
    """A cell of an invented table."""

    text: str
    bold: bool = False
    underline: bool = False
    spread: str = ""


@dataclass(frozen=True)
class Spot:
    """A cell of the second table, and by how much it is off."""

    row: int
    column: int
    by: float


@dataclass(frozen=True)
class Paper:
    """An invented paper: one main table, maybe a second with some of its rows, an abstract and a sentence."""

    shape: str
    metric: str
    systems: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str
    abstract: str
    sentence: str
    said: tuple[str, str]
    blocks: tuple[int, ...] = field(default=())
    second: Spot | None = None

    def column(self, name: str) -> int | None:
        """Return the place of a column, None where there is none."""
        return self.headings.index(name) if name in self.headings else None

    def with_cell(self, row: int, column: int | None, change: Callable[[str], str]) -> Paper | None:
        """Return the paper with one cell changed, None where there is no such column."""
        if column is None:
            return None
        cell = self.rows[row][column]
        new = tuple(replace(cell, text=change(cell.text)) if at == column else one for at, one in enumerate(self.rows[row]))
        return replace(self, rows=tuple(new if at == row else cells for at, cells in enumerate(self.rows)))

    def with_row(self, source: int, target: int) -> Paper:
        """Return the paper with the numbers of one row written over another."""
        copied = tuple(
            replace(new, bold=old.bold, underline=old.underline)
            for new, old in zip(self.rows[source], self.rows[target], strict=True)
        )
        return replace(self, rows=tuple(copied if at == target else cells for at, cells in enumerate(self.rows)))

    def with_mark(self, mark: str, column: int, draw: random.Random) -> Paper | None:
        """Return the paper with a mark of one column on a number that is worse than an unmarked one."""
        ranked = sorted(range(len(self.rows)), key=lambda row: -float(self.rows[row][column].text))
        now = [row for row in ranked if getattr(self.rows[row][column], mark)]
        worse = (
            [
                row
                for row in ranked[2:]
                if not self.rows[row][column].bold and float(self.rows[row][column].text) < float(self.rows[now[0]][column].text)
            ]
            if len(now) == 1
            else []
        )
        if not worse:
            return None
        target = draw.choice(worse)
        rows = [list(cells) for cells in self.rows]
        rows[now[0]][column] = replace(rows[now[0]][column], **{mark: False})
        rows[target][column] = replace(rows[target][column], bold=mark == "bold", underline=mark == "underline")
        return replace(self, rows=tuple(tuple(cells) for cells in rows))


def invented(shape: str, seed: int) -> Paper:
    """Return a clean paper of a shape: plain, blocks, spread, shares (of N units) or grouped."""
    draw = random.Random(f"{shape}{seed}")
    count, width = draw.randint(4, 7), draw.randint(3, 6)
    systems = (*draw.sample(SYSTEMS[:-1], count - 1), "Ours")
    sets = tuple(draw.sample(DATASETS, width))
    metric = "accuracy" if shape == "shares" else draw.choice(["nDCG@10", "MRR@10", "Recall@100"])
    level = {name: draw.uniform(30, 60) for name in sets}
    skill = {name: draw.uniform(0, 12) + (5 if name == "Ours" else 0) for name in systems}
    exact = [[level[name] + skill[system] + draw.gauss(0, 2.5) for name in sets] for system in systems]
    if shape == "shares":
        exact = [[100 * round(value * N / 100) / N for value in row] for row in exact]
    return _finished(shape, metric, systems, sets, exact, draw)


def _finished(
    shape: str, metric: str, systems: tuple[str, ...], sets: tuple[str, ...], exact: list[list[float]], draw: random.Random
) -> Paper:
    means = [sum(row) / len(row) for row in exact]
    printed = [[f"{value:.1f}" for value in [*row, mean]] for row, mean in zip(exact, means, strict=True)]
    headings = [*sets, "Avg."]
    if shape in ("plain", "grouped"):
        headings.append("Δ" if draw.random() < 0.5 else "Gain (%)")
        for row, mean in zip(printed, means, strict=True):
            row.append(f"{mean - means[0]:+.1f}" if headings[-1] == "Δ" else f"{100 * (mean / means[0] - 1):+.1f}")
    ranks = [sorted({float(row[at]) for row in printed}, reverse=True) for at in range(len(sets) + 1)]
    rows = tuple(
        tuple(
            Cell(text, at <= len(sets) and float(text) == ranks[at][0], at <= len(sets) and len(ranks[at]) > 1 and float(text) == ranks[at][1],
                 f"{draw.uniform(0.1, 0.6):.1f}" if shape == "spread" and at < len(sets) else "")
            for at, text in enumerate(row)
        )
        for row in printed
    )  # fmt: skip
    best = max(range(len(systems)), key=lambda at: means[at])
    said = (systems[best], printed[best][len(sets)])
    told = {"shares": f" over N={N} questions", "spread": ", mean and spread of five runs"}.get(shape, "")
    marks = draw.choice([" Best in bold, second best underlined.", " Bold: best.", ""])
    return Paper(
        shape, metric, systems, tuple(headings), rows, f"{metric}{told} of all systems.{marks}",
        f"We study retrieval. Our best system {said[0]} reaches {said[1]} {metric} on average over {len(sets)} sets.",
        f"As Table 1 shows, {said[0]} reaches {said[1]} {metric} on average, {means[best] - means[0]:.1f} points above {systems[0]}.",
        said, (len(systems) // 2,) if shape == "blocks" else (),
    )  # fmt: skip


def saved(paper: Paper, suffix: str, folder: Path) -> Path:
    """Write a paper in a format and return its path."""
    path = folder / f"paper{suffix}"
    path.write_text({".tex": latex, ".html": page, ".md": markdown, ".csv": csv}[suffix](paper), encoding="utf-8")
    return path


def _second(paper: Paper) -> list[tuple[str, list[str]]]:
    """Return rows of the second table: the first columns of the main one, and a column of its own."""
    if paper.second is None:
        return []
    rows = []
    for at, (system, cells) in enumerate(zip(paper.systems, paper.rows, strict=True)):
        texts = [cell.text for cell in cells[:3]]
        if paper.second.row == at:
            texts[paper.second.column] = f"{float(texts[paper.second.column]) + paper.second.by:.1f}"
        rows.append((system, texts))
    return rows


def latex(paper: Paper) -> str:
    """Return the paper as LaTeX."""

    def cell(one: Cell) -> str:
        text = f"${one.text} \\pm {one.spread}$" if one.spread else one.text
        inner = f"\\textbf{{{text}}}" if one.bold else f"\\second{{{text}}}" if one.underline else text
        return inner.replace("%", "\\%")

    lines = [
        "\\documentclass{article}",
        "\\newcommand{\\second}[1]{\\underline{#1}}",
        "\\begin{document}",
        "\\begin{abstract}",
        paper.abstract,
        "\\end{abstract}",
        paper.sentence.replace("Table 1", "Table~\\ref{tab:main}"),
        "",
    ]
    spec = "l" + "c" * len(paper.headings)
    lines += [
        "\\begin{table}[t]",
        f"\\caption{{{paper.caption}}}\\label{{tab:main}}",
        f"\\begin{{tabular}}{{{spec}}}",
        "\\toprule",
    ]
    if paper.shape == "grouped":
        lines += [
            f" & \\multicolumn{{{len(paper.headings)}}}{{c}}{{{paper.metric}}} \\\\",
            f"\\cmidrule(lr){{2-{len(paper.headings) + 1}}}",
        ]
    lines += [
        "System & " + " & ".join(name.replace("%", "\\%").replace("Δ", "$\\Delta$") for name in paper.headings) + " \\\\",
        "\\midrule",
    ]
    for at, (system, cells) in enumerate(zip(paper.systems, paper.rows, strict=True)):
        lines += ["\\midrule"] if at in paper.blocks else []
        lines.append(f"{system}~\\citep{{key{at}}} & " + " & ".join(map(cell, cells)) + " \\\\ % a comment, 99.9")
    lines += ["\\bottomrule", "\\end{tabular}", "\\end{table}"]
    if rows := _second(paper):
        lines += [
            "\\begin{table}",
            f"\\caption{{{paper.metric} again.}}",
            "\\begin{tabular}{lccc}",
            "\\toprule",
            "System & " + " & ".join(paper.headings[:3]) + " \\\\",
            "\\midrule",
        ]
        lines += [f"{system} & " + " & ".join(texts) + " \\\\" for system, texts in rows] + [
            "\\bottomrule",
            "\\end{tabular}",
            "\\end{table}",
        ]
    return "\n".join([*lines, "\\end{document}", ""])


def page(paper: Paper) -> str:
    """Return the paper as HTML, marked up as arXiv's pages are."""

    def cell(one: Cell) -> str:
        inner = html.escape(one.text) + (
            f' <math alttext="\\pm {one.spread}"><mo>±</mo><mn>{one.spread}</mn></math>' if one.spread else ""
        )
        look = (
            "ltx_text ltx_font_bold" if one.bold else "ltx_text ltx_framed ltx_framed_underline" if one.underline else "ltx_text"
        )
        return f'<td class="ltx_td ltx_align_center"><span class="{look}">{inner}</span></td>'

    lines = [
        "<!DOCTYPE html><html><head><title>A paper</title></head><body>",
        f'<div class="ltx_abstract"><p class="ltx_p">{paper.abstract}</p></div>',
        f'<p class="ltx_p">{paper.sentence}</p>',
    ]
    lines += [
        '<figure class="ltx_table">',
        f"<figcaption>Table 1: {paper.caption}</figcaption>",
        '<table class="ltx_tabular"><thead class="ltx_thead">',
    ]
    if paper.shape == "grouped":
        lines.append(f'<tr class="ltx_tr"><th></th><th colspan="{len(paper.headings)}">{paper.metric}</th></tr>')
    lines += [
        '<tr class="ltx_tr"><th>System</th>' + "".join(f"<th>{name}</th>" for name in paper.headings) + "</tr></thead><tbody>"
    ]
    for system, cells in zip(paper.systems, paper.rows, strict=True):
        lines.append(
            f'<tr class="ltx_tr"><th class="ltx_td ltx_th ltx_th_row">{system}<sup>1</sup></th>'
            + "".join(map(cell, cells))
            + "</tr>"
        )
    lines += ["</tbody></table></figure>"]
    if rows := _second(paper):
        lines += [
            "<table><thead><tr><th>System</th>"
            + "".join(f"<th>{name}</th>" for name in paper.headings[:3])
            + "</tr></thead><tbody>"
        ]
        lines += [
            f"<tr><td>{system}</td>" + "".join(f"<td>{text}</td>" for text in texts) + "</tr>" for system, texts in rows
        ] + ["</tbody></table>"]
    return "\n".join([*lines, "</body></html>", ""])


def markdown(paper: Paper) -> str:
    """Return the paper as Markdown."""

    def cell(one: Cell) -> str:
        text = f"{one.text} ± {one.spread}" if one.spread else one.text
        return f"**{text}**" if one.bold else f"<u>{text}</u>" if one.underline else text

    heads = [f"{name} ({paper.metric})" if paper.shape == "grouped" and name in DATASETS else name for name in paper.headings]
    lines = [
        "# A paper",
        "",
        "## Abstract",
        "",
        paper.abstract,
        "",
        "## Results",
        "",
        paper.sentence,
        "",
        f"Table 1: {paper.caption}",
        "",
    ]
    lines += ["| System | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(heads)]
    lines += [
        f"| {system} | " + " | ".join(map(cell, cells)) + " |" for system, cells in zip(paper.systems, paper.rows, strict=True)
    ]
    if rows := _second(paper):
        lines += ["", "Again.", "", "| System | " + " | ".join(heads[:3]) + " |", "|---|---|---|---|"] + [
            f"| {system} | " + " | ".join(texts) + " |" for system, texts in rows
        ]
    return "\n".join([*lines, ""])


def csv(paper: Paper) -> str:
    """Return the table of the paper as CSV; its headings name the metric."""
    heads = [f"{name} {paper.metric}" if name in DATASETS else name for name in paper.headings]
    lines = ["system," + ",".join(heads)]
    lines += [
        f"{system}," + ",".join(cell.text + (f" ± {cell.spread}" if cell.spread else "") for cell in cells)
        for system, cells in zip(paper.systems, paper.rows, strict=True)
    ]
    return "\n".join([*lines, ""])
