"""The how-to shows what is really printed."""

import re

from harness.config import ROOT
from harness.draft import audit


def test_the_output_of_the_how_to_is_the_real_one(tmp_path):
    text = (ROOT / "docs" / "audit_a_paper.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```latex\n(.*?)```", text, re.DOTALL)
    (output,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    (tmp_path / "paper.tex").write_text(source, encoding="utf-8")
    assert audit(tmp_path / "paper.tex", None).strip() == output.strip()
