"""A stand-in for conda's client: solving and linking are real, by py-rattler; it answers the calls that the README and Snakemake make.

What it does with the path and with a `pip:` section is what conda 26.7 does. Any other call is refused. The channels lie under
CONDA_CHANNEL_ALIAS, a variable of conda's own. The folder above `bin` is its root; environments with a name go to its `envs`.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(os.environ["STAND_IN_CONDA"])


def parser() -> argparse.ArgumentParser:
    """Return the calls that are known."""
    top = argparse.ArgumentParser(prog="conda")
    top.add_argument("--version", action="version", version="conda 24.7.1")  # the oldest that Snakemake takes
    calls = top.add_subparsers(required=True)

    info = calls.add_parser("info")
    info.add_argument("--json", action="store_true", required=True)
    info.set_defaults(call=lambda given: print(json.dumps({"conda_prefix": str(ROOT), "platform": f"linux-{bits()}"})))

    config = calls.add_parser("config")
    config.add_argument("--get", choices=["channel_priority"], required=True)
    config.add_argument("--json", action="store_true", required=True)
    config.set_defaults(call=lambda given: print(json.dumps({"get": {"channel_priority": "strict"}})))

    create = calls.add_parser("env").add_subparsers(required=True).add_parser("create")
    create.add_argument("--file", "-f", type=Path, required=True)
    create.add_argument("--prefix", "-p", type=Path)
    create.add_argument("--quiet", action="store_true")
    create.add_argument("--no-default-packages", action="store_true")
    create.set_defaults(call=create_environment)

    clean = calls.add_parser("clean")
    clean.add_argument("--yes", "-y", action="store_true", required=True)
    clean.add_argument("--tarballs", action="store_true", required=True)
    clean.set_defaults(call=lambda given: [path.unlink() for path in (ROOT / "pkgs").glob("*.tar.bz2")])

    run = calls.add_parser("run")
    run.add_argument("--name", "-n", required=True)
    run.add_argument("--live-stream", action="store_true", required=True)
    run.add_argument("command", nargs=argparse.REMAINDER)
    run.set_defaults(call=run_inside)

    shell = calls.add_parser("shell.posix").add_subparsers(required=True).add_parser("activate")
    shell.add_argument("place", type=Path)
    shell.set_defaults(call=lambda given: print("\n".join(f"export {k}='{v}'" for k, v in activated(given.place).items())))
    return top


def bits() -> str:
    """Return the second word of conda's name of this platform."""
    return {"x86_64": "64"}.get(platform.machine(), platform.machine())


def create_environment(given: argparse.Namespace) -> None:
    """Solve, link, and hand a `pip:` section to the environment's own pip, from the folder of the file."""
    wanted = yaml.safe_load(given.file.read_text())
    place = given.prefix or ROOT / "envs" / wanted["name"]
    if (place / "conda-meta").exists():
        sys.exit(f"CondaValueError: prefix already exists: {place}")
    specs = [one for one in wanted["dependencies"] if isinstance(one, str)]
    asyncio.run(solve_and_link(wanted["channels"], specs, place))
    for section in (one for one in wanted["dependencies"] if isinstance(one, dict)):
        pip_install(place, section["pip"], given.file.resolve().parent)


async def solve_and_link(channels: list[str], specs: list[str], place: Path) -> None:
    """Make an environment; where no set of packages fits, say why and leave nothing."""
    from rattler import Channel, ChannelConfig, VirtualPackage, install, solve
    from rattler.exceptions import SolverError

    known = ChannelConfig(os.environ["CONDA_CHANNEL_ALIAS"] + "/", str(ROOT))
    try:
        found = await solve([Channel(name, known) for name in channels], specs, virtual_packages=VirtualPackage.detect())
    except SolverError as why:
        sys.exit(f"SolverError: {why}")
    await install(found, target_prefix=place, cache_dir=ROOT / "pkgs", show_progress=False)


def pip_install(place: Path, lines: list[str], folder: Path) -> None:
    """Write the lines to a requirements file beside the environment's, and install them."""
    with tempfile.NamedTemporaryFile("w", prefix="condaenv.", suffix=".requirements.txt", dir=folder) as written:
        written.write("\n".join(lines))
        written.flush()
        pip = [str(place / "bin/python"), "-m", "pip", "install", "-U", "-r", written.name, "--exists-action=b"]
        if code := subprocess.run(pip, cwd=folder, env={**os.environ, **activated(place)}).returncode:
            sys.exit(code)


def activated(place: Path) -> dict[str, str]:
    """Return what activation sets: the environment's programs come first, or where those of the last active one stood."""
    if not (place / "conda-meta").is_dir():
        sys.exit(f"EnvironmentLocationNotFound: Not a conda environment: {place}")
    level, path, new = int(os.environ.get("CONDA_SHLVL") or 0), os.environ["PATH"].split(":"), str(place / "bin")
    old = f"{os.environ.get('CONDA_PREFIX')}/bin"
    if level and old in path:
        path[path.index(old)] = new
    else:
        path.insert(0, new)
    return {"PATH": ":".join(path), "CONDA_PREFIX": str(place), "CONDA_SHLVL": str(level + 1)}


def run_inside(given: argparse.Namespace) -> None:
    """Become a command in an activated environment."""
    os.environ |= activated(ROOT / "envs" / given.name)
    os.execvp(given.command[0], given.command)


if __name__ == "__main__":
    chosen = parser().parse_args()
    chosen.call(chosen)
