"""Readers: each format gives the same plain shape, with lines and marks; what is not understood is listed."""

from harness.drafts.grid import grids
from harness.drafts.opening import opened

LATEX = r"""\documentclass{article}
\newcommand{\ours}{\textsc{Ours}\xspace}
\newcommand{\best}[1]{\textbf{#1}}
\def\second#1{\underline{#1}}
\title{A small paper}
\begin{document}
\begin{abstract}
\ours{} reaches 68.1 nDCG@10. % not 99.9
\end{abstract}
As Table~\ref{tab:a} shows, BM25 gets 61.2\% on average, e.g. on Quarry.
\begin{table}[t]
\caption{Results, $n=84$. Best in \textbf{bold}.}\label{tab:a}
\begin{tabular}{l@{}ccc}
\toprule
& \multicolumn{2}{c}{nDCG@10 $\uparrow$} & \\
\cmidrule(lr){2-3}
Model & Quarry & \makecell{Harbor\\(dev)} & Avg. \\[2pt]
\midrule
% Old & 1.0 & 2.0 & 3.0 \\
BM25~\citep[see][]{x} & 66.5\% & $32.5_{\pm 0.3}$ & 49.5 \\
\multirow{2}{*}{\ours} & \best{68.1} & \second{33.0} & {\bf 50.6} \\
  & $67.0 \pm 0.2$ & 33.1$^\dagger$ & 50.1 \\ \midrule
\multicolumn{4}{l}{\textit{Large models}} \\
Big & \textcolor{gray}{70.1} & 1,234 & -- \\
\bottomrule
\end{tabular}
\end{table}
\end{document}
"""


def read(tmp_path, name, text):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, encoding="utf-8")
    return opened(path)


def test_latex_gives_cells_marks_lines_headings_and_caption(tmp_path):
    source = read(tmp_path, "a.tex", LATEX)
    (table,) = source.tables
    assert (source.title, source.unread) == ("A small paper", [])
    assert (table.caption, table.number, table.label) == ("Results, n=84. Best in bold.", "1", "tab:a")
    (view,) = grids(source.tables)
    assert [line.full for line in view.columns] == ["nDCG@10 ↑ / Quarry", "nDCG@10 ↑ / Harbor (dev)", "Avg."]
    assert [line.full for line in view.rows] == ["BM25", "Ours", "Ours", "Large models / Big"]
    cells = {(number.place.line, number.column): number for number in view.numbers.values()}
    assert cells[20, 1].value.percent and cells[20, 2].value.spread == 0.3
    assert cells[21, 1].cell.bold and cells[21, 2].cell.underline and cells[21, 3].cell.bold
    assert cells[22, 2].cell.marks == "†" and cells[22, 1].value.spread == 0.2
    assert cells[24, 1].cell.faint and cells[24, 2].value.value == 1234
    assert len(view.numbers) == 11  # the dash is no number, the comment no row
    assert [(one.part, one.place.line) for one in source.sentences] == [("abstract", 8), ("text", 10)]
    assert source.sentences[1].tables == ("tab:a",) and "61.2%" in source.sentences[1].text


def test_what_is_read_in_keeps_its_own_file_and_line(tmp_path):
    read_in = "\n\\begin{tabular}{lc}\nA & Accuracy \\\\ \\hline\nB & 81.2 \\\\\n\\end{tabular}\n"
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "one.tex").write_text(read_in)
    source = read(tmp_path, "main.tex", "\\begin{document}\nText.\n\\input{tables/one}\n\\end{document}\n")
    assert str(source.tables[0].rows[1].place) == "tables/one.tex:4"
    assert opened(tmp_path).tables == source.tables  # a folder with one main file


def test_macros_that_write_whole_rows_and_relatives_of_tabular(tmp_path):
    source = read(
        tmp_path,
        "a.tex",
        r"""\newcommand{\row}[3][x]{#1 & #2 & #3 \\}
\begin{tabularx}{\textwidth}{lXX} \hline
A & Accuracy & F1 \\ \hline
\row[Ours]{81.2}{79.9}
\row{80.0}{70.3}
\end{tabularx}
\begin{longtable}{lc} A & F1 \\ \endfirsthead A & F1 \\ \endhead \hline B & 1.25 \\ C & 2.25 \\ \end{longtable}""",
    )
    first, second = (grids([table])[0] for table in source.tables)
    assert [line.full for line in first.rows] == ["Ours", "x"] and first.across(1)[0].place.line == 4
    assert [number.told for number in second.numbers.values()] == ["1.25", "2.25"]


def test_html_of_arxiv_with_spans_for_rows_and_formulas(tmp_path):
    page = """<html><body><div class="ltx_abstract"><p>We reach 84.3 F1.</p></div>
<figure class="ltx_table"><figcaption><span>Table 2: </span>Results on <b>A</b>.</figcaption>
<span class="ltx_inline-block ltx_tabular"><span class="ltx_thead">
<span class="ltx_tr"><span class="ltx_td ltx_th ltx_th_column">Model</span><span class="ltx_td ltx_th ltx_th_column">F1</span></span></span>
<span class="ltx_tbody"><span class="ltx_tr"><span class="ltx_td">Ours</span>
<span class="ltx_td"><math alttext="\\mathbf{84.3}_{\\pm 0.2}"><mn>84.3</mn></math><sup>&dagger;</sup></span></span></span></span></figure></body></html>"""
    source = read(tmp_path, "a.html", page)
    (view,) = grids(source.tables)
    (number,) = view.numbers.values()
    assert (number.value.value, number.value.spread, number.cell.bold, number.cell.marks) == (84.3, 0.2, True, "†")
    assert (source.tables[0].number, source.tables[0].caption, number.place.line) == ("2", "Table 2: Results on A.", 5)
    assert source.sentences[0].part == "abstract"


def test_html_spans_of_rows_and_columns(tmp_path):
    page = "<table><tr><th rowspan=2>M</th><th colspan=2>F1</th></tr><tr><th>a</th><th>b</th></tr><tr><td rowspan=2>X</td><td>1.5</td><td><b>2.5</b></td></tr><tr><td><u>3.5</u></td><td>4.5</td></tr></table>"
    (view,) = grids(read(tmp_path, "a.html", page).tables)
    assert [line.full for line in view.columns] == ["F1 / a", "F1 / b"]
    assert [number.told for number in view.down(1)] == ["1.5", "3.5"] and view.down(1)[1].cell.underline


def test_markdown_tables_and_html_tables_inside(tmp_path):
    text = "# P\n\nTable 3: F1 of all.\n\n| M | F1 ↓ |\n|---|---|\n| a | **81.2** |\n| b | <u>80.0</u>\\* |\n\n<table><tr><td>M</td><td>x</td></tr>\n<tr><td>c</td><td>3.25</td></tr></table>\n\n```\n| no | 1.0 |\n```\n"
    source = read(tmp_path, "a.md", text)
    first, second = grids(source.tables)
    assert (
        first.table.number,
        [n.place.line for n in first.numbers.values()],
        [n.place.line for n in second.numbers.values()],
    ) == ("3", [7, 8], [11])
    one, other = first.numbers.values()
    assert one.cell.bold and other.cell.underline and other.cell.marks == "*"


def test_csv_and_tsv_with_several_tables(tmp_path):
    source = read(tmp_path, "a.csv", '# F1 of all\nsystem;F1\n"a;b";**81.2**\nc;80.1\n\nsystem;MAP\nd;10.5\n')
    assert [table.caption for table in source.tables] == ["F1 of all", ""]
    assert [(n.told, n.cell.bold, n.place.line) for view in grids(source.tables) for n in view.numbers.values()] == [
        ("81.2", True, 3),
        ("80.1", False, 4),
        ("10.5", False, 7),
    ]
    assert grids(read(tmp_path, "b.tsv", "system\tF1\na\t81.2\n").tables)[0].across(1)[0].told == "81.2"


def test_tables_in_cells_lines_in_cells_and_a_table_of_tables(tmp_path):
    text = r"""\begin{tabular}{lc} M & \begin{tabular}{@{}c@{}}F1\\(dev)\end{tabular} \\ \hline
A & 81.2 \\ B & \begin{tabular}{cc} 1.2 & 3.4 \\ 5.6 & 7.8 \end{tabular} \\ \end{tabular}"""
    source = read(tmp_path, "a.tex", text)
    assert [line.full for line in grids(source.tables)[0].columns] == ["F1 (dev)"]
    assert len(source.tables) == 2 and "a table inside a table" in source.unread[0].what
