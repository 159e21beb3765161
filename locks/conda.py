"""Writes envs/workbench.post-deploy.sh from the locks: Snakemake copies an environment's yaml elsewhere, files beside it do not follow."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "envs" / "workbench.post-deploy.sh"


def script() -> str:
    """Return the script, the locks inside it."""
    parts = [
        "#!/bin/sh",
        "# Made by locks/conda.py from locks/*.txt; do not edit. TORCH=cpu or default; else cpu where there is no GPU.",
        "set -eu",
    ]
    parts.append("work=$(mktemp -d); trap 'rm -rf \"$work\"' EXIT")
    for name in ("uv", "base", "torch-cpu", "torch-default"):
        lines = "\n".join(line for line in (HERE / f"{name}.txt").read_text().splitlines() if not line.startswith("#"))
        parts.append(f"cat > \"$work/{name}.txt\" <<'END_OF_LOCK'\n{lines}\nEND_OF_LOCK")
    parts.append(
        'build=${TORCH:-auto}\nif [ "$build" = auto ]; then build=default; [ "$(uname -s)" = Linux ] && ! command -v nvidia-smi >/dev/null && build=cpu; fi'
    )
    parts.append('python -m pip install -q --require-hashes -r "$work/uv.txt"')
    parts.append(
        'backend=""; [ "$build" = cpu ] && [ "$(uname -s)" = Linux ] && [ -z "${PIP_FIND_LINKS:-}" ] && backend="--torch-backend cpu"'
    )
    parts.append('links=""; [ -n "${PIP_FIND_LINKS:-}" ] && links="--find-links $PIP_FIND_LINKS"')
    parts.append("export UV_COMPILE_BYTECODE=1")
    parts.append(
        'uv pip install -q --python "$(command -v python)" --no-deps --require-hashes $backend $links -r "$work/base.txt" -r "$work/torch-$build.txt"'
    )
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(script())
