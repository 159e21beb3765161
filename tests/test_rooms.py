"""The layout of the harness: stages on top, rooms below them, imports downwards only."""

import ast
from pathlib import Path

import pytest

from harness.config import ROOT

HARNESS = ROOT / "harness"
GROUND = {"config", "errors", "job", "places", "safe_yaml", "text"}
# Each may import itself, those before it, and the ground.
ROOMS = ["ledger", "audits", "drafts", "data", "vectors", "studies", "rankings", "regression", "verdicts", "cards", "pages"]
STAGES = {path.stem for path in HARNESS.glob("*.py")} - GROUND - {"__init__"}


def imported(path: Path) -> set[str]:
    """The first word below `harness` of everything that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "harness":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("harness."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("harness.")}
    return found


def files(room: str) -> list[Path]:
    return sorted((HARNESS / room).rglob("*.py"))


def test_every_folder_is_a_room():
    assert {path.name for path in HARNESS.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_downwards_only(room):
    allowed = GROUND | set(ROOMS[: ROOMS.index(room) + 1])
    wrong = {str(path.relative_to(HARNESS)): sorted(imported(path) - allowed) for path in files(room)}
    assert {name: above for name, above in wrong.items() if above} == {}


@pytest.mark.parametrize("word", sorted(GROUND))
def test_the_ground_stands_on_itself(word):
    assert imported(HARNESS / f"{word}.py") <= GROUND


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_no_stage_imports_another(stage):
    assert imported(HARNESS / f"{stage}.py") & STAGES == set()


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_every_stage_runs_alone(stage):
    tree = ast.parse((HARNESS / f"{stage}.py").read_text(encoding="utf-8"))
    assert any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)


@pytest.mark.parametrize(
    "folder", [*(HARNESS / room for room in ROOMS), *(ROOT / "replications").iterdir()], ids=lambda p: p.name
)
def test_no_file_imports_itself_by_way_of_another(folder):
    """Circles hide in imports that only types need, and in those inside functions: all count."""
    paths = {path.stem: path for path in folder.glob("*.py") if not path.name.startswith(("test_", "__"))}
    below = {name: neighbours(path) & paths.keys() for name, path in paths.items()}
    while leaves := {name for name, needed in below.items() if not needed & below.keys()}:
        below = {name: needed for name, needed in below.items() if name not in leaves}
    assert sorted(below) == []


def neighbours(path: Path) -> set[str]:
    """The files of the same folder that a file imports."""
    own = {f"harness.{path.parent.name}", f"replications.{path.parent.name}"}
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.module in own or (node.level == 1 and node.module is None):
            found |= {alias.name for alias in node.names}
        elif node.level == 1 or (node.module or "").rpartition(".")[0] in own:
            found.add(str(node.module).split(".")[-1])
    return found
