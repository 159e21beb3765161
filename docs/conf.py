"""How the documentation becomes pages: `make docs`. Sphinx, which reads the Markdown as it stands in docs/."""

import re
from pathlib import Path

HERE = Path(__file__).parent
project = "Do the printed numbers hold?"
release = re.search(r'(?m)^version = "(.*)"', (HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))[1]
extensions = ["myst_parser"]
myst_heading_anchors = 3  # the reference's tables point to headings
html_theme = "furo"
html_title = f"{project} {release}"
exclude_patterns = ["captions", "tutorial"]  # texts of Snakemake's report, and the tutorial's files
html_extra_path = ["tutorial/paper.tex"]
suppress_warnings = ["misc.highlighting_failure"]  # output of commands in fences has no language
html_copy_source = html_show_sourcelink = False
