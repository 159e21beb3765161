"""Writes envs/workbench.post-deploy.sh from the locks and bootstrap.py, which installs them.

Snakemake copies an environment's yaml elsewhere, and files beside it do not follow; and it makes the environment anew when the script changes.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "envs" / "workbench.post-deploy.sh"
# Snakemake calls the script by the environment's name and this ending, and goes on where an activation has failed.
GUARD = '''place=${0%.post-deploy.sh}
python - "$place" <<'END_OF_FILE' || { echo "error: $place is not the active environment; nothing is installed elsewhere" >&2; exit 1; }
import os, sys
sys.exit(not (os.path.isdir(sys.argv[1]) and os.path.samefile(sys.prefix, sys.argv[1])))
END_OF_FILE'''


def script() -> str:
    """Return the script, the locks inside it."""
    parts = [
        "#!/bin/sh",
        "# Made by locks/conda.py from locks/*.txt and bootstrap.py; do not edit. TORCH=cpu or default; else cpu where there is no GPU.",
        "set -eu",
        GUARD,
        "work=$(mktemp -d); trap 'rm -rf \"$work\"' EXIT; mkdir \"$work/locks\"",
    ]
    for name in ("uv", "base", "torch-cpu", "torch-default"):
        lines = [line for line in (HERE / f"{name}.txt").read_text().splitlines() if not line.startswith("#")]
        parts.append(_file(f"locks/{name}.txt", "\n".join(lines)))
    parts.append(_file("bootstrap.py", (HERE.parent / "bootstrap.py").read_text().rstrip("\n")))
    parts.append('python "$work/bootstrap.py" --here')
    return "\n".join(parts) + "\n"


def _file(name: str, text: str) -> str:
    return f"cat > \"$work/{name}\" <<'END_OF_FILE'\n{text}\nEND_OF_FILE"


if __name__ == "__main__":
    TARGET.write_text(script())
