"""The harness code behind a stage's result: a change of it must run the stage again."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

HARNESS = Path(__file__).parents[1]
# What only reads settings and plans jobs changes no result: the settings themselves are part of every fingerprint.
COMPUTING = re.compile(r"(audits|data|ledger|pages|rankings|vectors|verdicts)/|studies/(audited|fidelity|inputs)\.py$")
_IMPORT = re.compile(r"^[ \t]*from harness(?:\.([a-z_.]+))? import (\([^)]*\)|[^\n#]+)", re.MULTILINE)


@cache
def digest(stage: str) -> str:
    """Digest a stage's own file and all that it imports, directly or not, from the rooms that compute.

    Training is left out on purpose: a method's own code and settings decide it (`plan.fingerprint`).
    """
    found = {HARNESS / f"{stage}.py"}
    waiting = list(found)
    while waiting:
        new = {path for path in _imported(waiting.pop()) if COMPUTING.match(str(path.relative_to(HARNESS)))} - found
        found |= new
        waiting += new
    if any("pages" in path.parts for path in found):
        found |= {path for room in ("templates", "vendored") for path in (HARNESS / "pages" / room).iterdir() if path.is_file()}
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(found))).hexdigest()[:16]


def _imported(path: Path) -> set[Path]:
    found = set()
    for module, names in _IMPORT.findall(path.read_text(encoding="utf-8")):
        base = HARNESS / module.replace(".", "/")
        inside = [base / f"{name.split(' as ')[0].strip()}.py" for name in names.strip("()").split(",")]
        found |= {one for one in (base.with_suffix(".py"), base / "__init__.py", *inside) if one.is_file()}
    return found
