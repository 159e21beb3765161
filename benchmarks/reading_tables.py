"""How many numbers of real tables are read: each source is read a second time in the plainest way, and the two are compared.

`python -m benchmarks.reading_tables FILE ...` prints for each source the numbers that both readings have (right), those that only the
plain one has (missed) and those that only ours has (more), with the seconds from file to findings. The plain reading: rows and cells by pattern for HTML,
Python's csv for CSV, lines cut at `|` for Markdown, and for LaTeX what stands between `&` and `\\\\` once macros are wiped out.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import time
from collections import Counter
from pathlib import Path

from harness.drafts import checking, opening
from harness.drafts.readers.inputs import gathered
from harness.drafts.values import value_of

_NUMBER = re.compile(r"^[-+−]?\d[\d,]*\.?\d*%?$|^[-+−]?\.\d+%?$")


def plain(path: Path) -> Counter[str]:
    """Return the numbers of all tables of a source, read plainly; first columns and headings are left out."""
    text = path.read_text(encoding="utf-8", errors="replace")
    rows = {".html": of_html, ".csv": of_csv, ".md": of_markdown, ".tex": lambda _: of_latex(path)}[path.suffix](text)
    return Counter(cell for row in rows for cell in map(bare, row[1:]) if _NUMBER.match(cell))


def of_html(text: str) -> list[list[str]]:
    rows = re.findall(r"<tr\b.*?</tr>", text, re.DOTALL)
    return [re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]


def of_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))[1:]


def of_markdown(text: str) -> list[list[str]]:
    lines = re.sub(r"```.*?```", "", text, flags=re.DOTALL).split("\n")
    ruled = [at for at, line in enumerate(lines) if re.fullmatch(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)+\|?\s*", line)]
    rows = []
    for at in ruled:
        while (at := at + 1) < len(lines) and "|" in lines[at]:
            rows.append(lines[at].strip().strip("|").split("|"))
    return rows


def of_latex(path: Path) -> list[list[str]]:
    text = gathered(path, path.parent)[0].text
    rows = []
    for body in re.findall(r"\\begin\{tabular[x*]?\}(.*?)\\end\{tabular[x*]?\}", text, re.DOTALL):
        rows += [
            re.split(r"(?<!\\)&", re.sub(r"\\(?:c?midrule|toprule|bottomrule|hline|cline)(?:\([lr]+\))?(?:\{[\d-]+\})?", "", row))
            for row in re.split(r"\\\\(?:\[\w+\])?", body)
        ]
    return rows


def bare(cell: str) -> str:
    """Return a cell without marks, macros and what stands behind ±."""
    cell = re.sub(
        r"\\cite\w*(?:\[[^\]]*\])*\{[^}]*\}|\\multi(?:row|column)\{[^}]*\}(?:\[[^\]]*\])?\{[^}]*\}|\\textcolor\{\w+\}|\\cellcolor(?:\[\w+\])?\{[^}]*\}|<[^>]*>",
        "",
        cell,
    )
    cell = re.sub(r"\\(?:pm|scriptsize|tiny|small|footnotesize).*|±.*|\^.*|_\{?\\?pm.*", "", cell.replace("\\%", "%"))
    return re.sub(r"\\[A-Za-z]+|[{}$*†‡~`\s]|\\.", "", cell)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    print("| source | numbers | right | missed | more | seconds | findings |\n|---|---|---|---|---|---|---|")
    total: Counter[str] = Counter()
    for path in parser.parse_args().files:
        started = time.perf_counter()
        source = opening.opened(path)
        found, _, _ = checking.checked(source)
        took = time.perf_counter() - started
        cells = [
            cell.text
            for table in source.tables
            for row in table.rows
            for cell in row.cells[1:]
            if not cell.copied and value_of(cell.text)
        ]
        ours, other = Counter(bare(text) for text in cells), plain(path)
        counts = {
            "numbers": ours.total(),
            "right": (ours & other).total(),
            "missed": (other - ours).total(),
            "more": (ours - other).total(),
        }
        total.update(counts)
        print(
            f"| {path.parent.name}/{path.name} | "
            + " | ".join(str(counts[key]) for key in counts)
            + f" | {took:.1f} | {len(found)} |"
        )
        print("".join(f"    missed: {text} x {count}\n" for text, count in (other - ours).most_common(3)), end="")
    print(f"| all | {total['numbers']} | {total['right']} | {total['missed']} | {total['more']} | | |")


if __name__ == "__main__":
    main()
