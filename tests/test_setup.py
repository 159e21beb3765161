"""The locks are complete and hashed, what is made from them is current, and nothing names a registry's host."""

import importlib.util
import re
import subprocess

import pytest

from harness.config import ROOT

LOCKS = sorted((ROOT / "locks").glob("*.txt"))


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_every_locked_package_has_a_hash(path):
    entries = re.split(r"\n(?=[A-Za-z])", re.sub(r"(?m)^#.*\n", "", path.read_text()).strip())
    assert entries and all("--hash=sha256:" in entry and "==" in entry for entry in entries)


def test_every_requirement_is_locked_and_has_its_reason():
    locked = {re.split(r"[=\[ ]", line)[0].lower() for path in LOCKS for line in path.read_text().splitlines() if "==" in line}
    for path in (ROOT / "locks").glob("*.in"):
        for line in path.read_text().splitlines():
            if line and not line.startswith(("#", "-c")):
                name = re.split(r"[= ]", line)[0].lower()
                assert name in locked and "#" in line, line


def test_base_holds_nothing_of_torch():
    base = (ROOT / "locks" / "base.txt").read_text()
    assert not re.search(r"(?m)^(torch|nvidia-|triton|cuda-)", base)


def test_an_upgrade_renews_the_pins_and_nothing_else_of_a_line():
    module = load(ROOT / "locks" / "compile.py")
    text = "# head\ntorch==2.13.0   # encoders\nPyStemmer==3.1.0  # stems\nnltk  # words\n"
    assert module.loosened(text) == "# head\ntorch==2.13.0   # encoders\nPyStemmer  # stems\nnltk  # words\n"
    locked = ["torch==2.13.0 \\\n    --hash=sha256:0", "pystemmer==9.9 \\\n    --hash=sha256:1", "nltk==4 \\\n    --hash=sha256:2"]
    assert module.repinned(text, locked) == text.replace("3.1.0", "9.9")


def test_the_conda_script_is_current():
    current = load(ROOT / "locks" / "conda.py").script() == (ROOT / "envs" / "workbench.post-deploy.sh").read_text()
    assert current, "a lock or bootstrap.py has changed: python locks/conda.py"
    assert subprocess.run(["sh", "-n", str(ROOT / "envs" / "workbench.post-deploy.sh")], check=False).returncode == 0


def test_the_conda_script_installs_into_no_other_environment(tmp_path, workspace):
    """Snakemake goes on with it where an activation has failed: the python of the path is then somebody else's."""
    place = tmp_path / "0123_"
    place.mkdir()
    script = place.with_name("0123_.post-deploy.sh")
    script.write_text((ROOT / "envs" / "workbench.post-deploy.sh").read_text())
    code, said = workspace.run("sh", str(script))
    assert code == 1 and f"error: {place} is not the active environment" in said


def test_the_torch_build_is_the_users_choice(monkeypatch):
    bootstrap = load(ROOT / "bootstrap.py")
    assert bootstrap.torch_build("cpu") == "cpu" and bootstrap.torch_build("default") == "default"
    monkeypatch.setattr(bootstrap.platform, "system", lambda: "Linux")
    for found, build in ((None, "cpu"), ("/usr/bin/nvidia-smi", "default")):
        monkeypatch.setattr(bootstrap.shutil, "which", lambda name, found=found: found)
        assert bootstrap.torch_build("auto") == build
    with pytest.raises(SystemExit, match="TORCH=gpu"):
        bootstrap.torch_build("gpu")


def test_a_changed_lock_is_installed_again(tmp_path):
    bootstrap = load(ROOT / "bootstrap.py")
    lock = tmp_path / "base.txt"
    lock.write_text("a==1")
    before = bootstrap.digest([lock])
    lock.write_text("a==2")
    assert bootstrap.digest([lock]) != before


def test_one_version_is_told_everywhere():
    places = {
        "pyproject.toml": '(?m)^version = "(.*)"',
        "CITATION.cff": "(?m)^version: (.*)",
        "CHANGELOG.md": r"(?m)^## (\S+) \(",
    }
    told = {name: re.search(pattern, (ROOT / name).read_text(encoding="utf-8"))[1] for name, pattern in places.items()}
    assert len(set(told.values())) == 1, told
