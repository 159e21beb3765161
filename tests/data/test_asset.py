"""Assets: what is not the pinned file is refused by name and never used; a download is whole and checked or not there."""

import hashlib
import http.server
import os
import subprocess
import sys
import threading
import time

import pytest

from harness import config, fetch
from harness.data import asset, download
from harness.errors import InputError
from harness.studies import models

CONTENT = b"x" * 1000
REVISION = "0123456789abcdef0123456789abcdef01234567"
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {}  # path -> status, headers, body


class Server(http.server.BaseHTTPRequestHandler):
    """Answers as told; a body shorter than its Content-Length is followed by silence if the header Stall is set."""

    def do_GET(self):
        status, headers, body = ANSWERS.get(self.path, (404, {}, b""))
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)
        if "Stall" in headers:
            self.wfile.flush()
            time.sleep(20)

    def log_message(self, *words):
        pass


@pytest.fixture
def server(monkeypatch):
    """Return the address of a server in this process, which the download may use instead of https."""
    ANSWERS.clear()
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    running.daemon_threads = True
    running.block_on_close = False
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    address = f"http://127.0.0.1:{running.server_port}"
    monkeypatch.setattr(download, "ALLOWED", (address,))
    yield address
    running.shutdown()


@pytest.fixture
def made(tmp_path, server):
    """A root with one model whose file may stand in a mirror or be downloaded from the server."""
    (tmp_path / "config.yaml").write_text((config.ROOT / "config.yaml").read_text())
    (tmp_path / "models").mkdir()
    (tmp_path / "mirror" / "m").mkdir(parents=True)
    define(tmp_path, server, {"model.safetensors": CONTENT})
    return tmp_path


def define(root, server, contents, pinned=True, base=f"/{REVISION}"):
    lines = [
        f"  {name}: {{bytes: {len(content)}, sha256: {hashlib.sha256(content).hexdigest()}}}"
        if pinned
        else f"  {name}: {{bytes: null, sha256: null}}"
        for name, content in contents.items()
    ]
    text = f"""
licence: test
origin: test
get: ask the author
sources: {{mirror: m, download: "{server}{base}"}}
files:
"""
    (root / "models" / "tiny.yaml").write_text(text + "\n".join(lines) + "\n")


def load(root, fidelity="substitute", **more):
    return config.load(root, {"fidelity": fidelity, "mirror": str(root / "mirror"), **more})


def put(root, content, name="model.safetensors"):
    (root / "mirror" / "m" / name).write_bytes(content)


def offer(content, headers=None, status=200, name="model.safetensors"):
    ANSWERS[f"/{REVISION}/{name}"] = (status, headers or {}, content)


def left(root):
    """All files that downloads have left in the cache."""
    return [path.name for path in (root / "results" / "cache" / "assets").rglob("*") if path.is_file()]


def test_a_whole_file_of_the_mirror_is_used(made):
    put(made, CONTENT)
    (found,) = models.model_folder("tiny", load(made)).iterdir()
    assert found.resolve() == made / "mirror" / "m" / "model.safetensors"


def test_what_ships_beside_the_definition_is_used_at_every_fidelity_and_held_against_its_digest(made):
    path = made / "models" / "tiny.yaml"
    path.write_text(path.read_text().replace("sources: {", "sources: {shipped: data, "))
    (made / "data").mkdir()
    shipped = made / "data" / "model.safetensors"
    shipped.write_bytes(CONTENT)
    settings = load(made, "embedded")
    found = asset.files(path, settings)
    assert found == {"model.safetensors": shipped} and asset.origin(found.values(), settings) == "shipped"
    shipped.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(InputError, match=r"data/model\.safetensors.*sha256"):
        asset.files(path, settings)
    path.write_text(path.read_text().replace("shipped: data", "shipped: ../data"))
    with pytest.raises(InputError, match=r"tiny\.yaml: sources\.shipped"):
        asset.files(path, settings)


def test_what_lies_beside_the_pinned_files_reaches_no_loader(made, server):
    define(made, server, {"model.safetensors": CONTENT, "1_Pooling/config.json": b"{}"})
    put(made, CONTENT)
    (made / "mirror/m/1_Pooling").mkdir()
    put(made, b"{}", "1_Pooling/config.json")
    for name in ("own_code.py", "pytorch_model.bin", "generation_config.json"):
        put(made, b"x", name)
    folder = models.model_folder("tiny", load(made))
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == ["1_Pooling/config.json", "model.safetensors"]
    put(made, b"[]", "modules.json")
    with pytest.raises(InputError, match=r"tiny.yaml: files: .*modules.json is not among the files, .* would be left out"):
        models.model_folder("tiny", load(made))


def test_an_unknown_key_of_a_models_definition_is_refused(made):
    path = made / "models/tiny.yaml"
    path.write_text(path.read_text() + "\nlicense: none\n")
    with pytest.raises(InputError, match="tiny.yaml: unknown key 'license'.*'licence'"):
        models.model_folder("tiny", load(made))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (CONTENT[:-1], "truncated"),
        (b"y" + CONTENT[1:], "altered"),
        (CONTENT + b"x", "altered"),
        (b"\n<!DOCTYPE html><html>", "HTML"),
    ],
)
def test_what_is_not_the_file_is_refused_by_name(made, content, word):
    put(made, content)
    offer(CONTENT)  # nothing else is swapped in silently
    with pytest.raises(InputError, match=f"model.safetensors.*{word}"):
        models.model_folder("tiny", load(made))


def test_a_file_altered_between_two_uses_is_refused(made):
    put(made, CONTENT)
    models.model_folder("tiny", load(made))
    put(made, b"y" + CONTENT[1:])
    with pytest.raises(InputError, match="altered"):
        models.model_folder("tiny", load(made))


def test_a_download_is_verified_and_kept(made):
    offer(CONTENT)
    folder = models.model_folder("tiny", load(made))
    assert (folder / "model.safetensors").read_bytes() == CONTENT and "cache" in str(folder)
    ANSWERS.clear()
    assert models.model_folder("tiny", load(made)) == folder  # not asked for again


@pytest.mark.parametrize("body", [CONTENT[:-1], b"y" + CONTENT[1:], b"<html>sign in</html>"])
def test_a_bad_download_leaves_nothing(made, body):
    offer(body)
    with pytest.raises(InputError, match="truncated|altered|HTML"):
        models.model_folder("tiny", load(made))
    assert left(made) == []


@pytest.mark.parametrize(("headers", "status"), [({"Content-Length": "1000"}, 200), ({}, 404)])
def test_a_connection_that_breaks_leaves_nothing_and_is_named(made, headers, status):
    offer(CONTENT[:500], headers, status)
    with pytest.raises(InputError, match=rf"model.safetensors is missing; tried: .*{REVISION} \(.*(broke|404)"):
        models.model_folder("tiny", load(made))
    assert left(made) == []


CHILD = """
import sys
from pathlib import Path
from harness.studies import models
from harness import config
from harness.data import download
download.ALLOWED = ("http://127.0.0.1",)
models.model_folder("tiny", config.load(Path(sys.argv[1]), {"fidelity": "substitute"}))
"""


def test_a_killed_download_is_never_taken_for_the_file(made, server):
    big = b"z" * 400_000
    define(made, server, {"model.safetensors": big})
    offer(big[:300_000], {"Content-Length": str(len(big)), "Stall": "1"})
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(made)], env={**os.environ, "PYTHONPATH": str(config.ROOT)})
    for _ in range(200):
        if any((made / "results" / "cache").rglob(".model*")):
            break
        time.sleep(0.05)
    child.kill()
    child.wait()
    (half,) = (made / "results" / "cache").rglob("*model*")
    assert half.name.startswith(".") and child.returncode == -9
    os.utime(half, (1, 1))
    offer(big)
    folder = models.model_folder("tiny", load(made))
    assert (folder / "model.safetensors").read_bytes() == big and left(made) == ["model.safetensors"]


def test_where_only_a_revision_is_pinned_the_servers_own_digest_must_agree(made, server):
    define(made, server, {"model.safetensors": b"", "config.json": b""}, pinned=False)
    blob = hashlib.sha1(b"blob 2\0{}").hexdigest()
    ANSWERS["/store"] = (200, {"ETag": '"not-this-one"'}, CONTENT)
    offer(b"", {"Location": f"{server}/store", "X-Linked-Etag": f'"{hashlib.sha256(CONTENT).hexdigest()}"'}, 302)
    offer(b"{}", {"ETag": f'W/"{blob}"'}, name="config.json")
    folder = models.model_folder("tiny", load(made))
    assert (folder / "model.safetensors").read_bytes() == CONTENT
    (folder / "model.safetensors").write_bytes(b"y" + CONTENT[1:])
    with pytest.raises(InputError, match="altered"):
        models.model_folder("tiny", load(made))


@pytest.mark.parametrize(
    ("etag", "words"),
    [("0" * 64, "altered on the way"), ("0" * 40, "altered on the way"), ("abc", "states no digest"), ("", "states no")],
)
def test_a_download_without_an_agreeing_digest_is_not_used(made, server, etag, words):
    define(made, server, {"model.safetensors": b""}, pinned=False)
    offer(CONTENT, {"ETag": f'"{etag}"'} if etag else {})
    with pytest.raises(InputError, match=words):
        models.model_folder("tiny", load(made))
    assert left(made) == []


def test_a_null_digest_needs_a_pinned_revision(made, server):
    define(made, server, {"model.safetensors": b""}, pinned=False, base="/main")
    with pytest.raises(InputError, match=r"tiny\.yaml: files\.model\.safetensors\.sha256 may be null only"):
        models.model_folder("tiny", load(made))


def test_only_https_is_downloaded_also_after_a_redirect(made, server, monkeypatch):
    offer(b"", {"Location": "http://127.0.0.1:1/elsewhere"}, 302)
    with pytest.raises(InputError, match="127.0.0.1:1/elsewhere: only https"):
        models.model_folder("tiny", load(made))
    monkeypatch.undo()
    with pytest.raises(InputError, match=f"{server}.*: only https"):
        models.model_folder("tiny", load(made))


def test_nothing_is_downloaded_at_embedded_or_when_told_not_to(made):
    offer(CONTENT)
    for settings in ({"fidelity": "embedded"}, {"download": False}):
        with pytest.raises(InputError, match=r"tiny: model.safetensors is missing; tried: .*mirror/m.*ask the author"):
            models.model_folder("tiny", load(made, **settings))


def test_all_that_is_missing_is_in_one_message(made, server):
    define(made, server, {"model.safetensors": CONTENT, "config.json": b"{}", "vocab.txt": b"v"})
    put(made, b"v", "vocab.txt")
    with pytest.raises(InputError) as error:
        fetch.fetch(["model tiny", "model tinny", "collection none"], load(made, download=False))
    for words in (
        "3 of 3 collections and models",
        "tiny: model.safetensors, config.json are missing",
        "did you mean 'tiny'",
        "no 'none'",
    ):
        assert words in str(error.value)


def test_many_missing_files_are_counted_and_one_reason_is_given_once(made, server):
    define(made, server, {f"part{i}.safetensors": CONTENT for i in range(9)})
    with pytest.raises(InputError) as error:
        fetch.fetch(["model tiny", "model tiny"], load(made, download=False))
    assert "2 of 2" in str(error.value) and str(error.value).count("\n") == 1
    assert "part5.safetensors and 3 more are missing" in str(error.value)


def test_a_model_of_two_folders_is_put_together(made, server):
    define(made, server, {"model.safetensors": CONTENT, "config.json": b"{}"})
    put(made, b"{}", "config.json")
    offer(CONTENT)
    folder = models.model_folder("tiny", load(made))
    assert (folder / "model.safetensors").read_bytes() == CONTENT and (folder / "config.json").read_bytes() == b"{}"


def test_fetch_says_where_each_asset_came_from(made):
    (made / "collections").mkdir()
    (made / "collections" / "c.py").write_text(
        "def build(settings):\n    return {'document_ids': ['d'], 'titles': [''], 'texts': ['t'], 'query_ids': ['q'],"
        " 'queries': ['t'], 'qrels': {'q': {'d': 1}}}\n"
    )
    (made / "collections" / "c.yaml").write_text("{title: c, reader: made, build: c.py, split: test}")
    put(made, CONTENT)
    found = fetch.fetch(["collection c", "model tiny"], load(made))
    assert found["collection c"].items() >= {"documents": 1, "queries": 1, "qrels": 1, "source": "made"}.items()
    assert found["model tiny"] == {"sha256": hashlib.sha256(CONTENT).hexdigest(), "bytes": 1000, "source": "mirror"}


def test_a_misspelt_definition_names_file_and_key(made):
    path = made / "models" / "tiny.yaml"
    path.write_text(path.read_text().replace("bytes: 1000", "bytes: many"))
    with pytest.raises(InputError, match=r"tiny\.yaml: files.model.safetensors.bytes.*'many'"):
        models.model_folder("tiny", load(made))


def test_data_for_the_audit_is_verified_where_it_is_pinned(made):
    (made / "collections").mkdir()
    pinned = f"{{bytes: 1000, sha256: {hashlib.sha256(CONTENT).hexdigest()}}}"
    (made / "collections" / "c.yaml").write_text(
        f"{{licence: l, origin: o, get: g, sources: {{mirror: m}}, files: {{data.csv: {pinned}}}}}"
    )
    put(made, CONTENT, "data.csv")
    put(made, b"free", "other.csv")
    assert asset.file_bytes("m", "data.csv", load(made)) == CONTENT
    assert asset.file_bytes("m", "other.csv", load(made)) == b"free"
    assert asset.file_bytes("m", "absent.csv", load(made)) is None
    put(made, CONTENT[:-1], "data.csv")
    with pytest.raises(InputError, match="data.csv: truncated"):
        asset.file_bytes("m", "data.csv", load(made))


def test_the_installed_package_has_the_hubs_weights():
    folder = models.model_folder("minilm", config.load(overrides={"fidelity": "embedded"}))
    weights = (folder / "model.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert asset.origin([folder / "model.safetensors"], config.load()) == "package"
