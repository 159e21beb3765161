"""The documentation becomes pages without a warning, each page is in its contents, and hosted CI calls targets that there are."""

import re
import subprocess
import sys

from harness.config import ROOT
from harness.text import read_yaml


def test_the_documentation_builds_and_its_links_hold(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-q", "-n", "-W", "--keep-going", "-b", "html", str(ROOT / "docs"), str(tmp_path / "out")]
    run = subprocess.run([*command, "-d", str(tmp_path / "trees")], capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    pages = {path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    contents = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert pages - {"index"} == {page for page in pages if f'href="{page}.html"' in contents}


def test_the_workflow_of_hosted_ci_calls_what_make_knows():
    steps = read_yaml(ROOT / ".github" / "workflows" / "check.yml")["jobs"]["check"]["steps"]
    targets = [step["run"].split()[1] for step in steps if "run" in step]
    assert targets == ["audit", "tables", "check"]
    assert all(re.search(rf"(?m)^{target}:", (ROOT / "Makefile").read_text()) for target in targets)
