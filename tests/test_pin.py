"""Pinning over real HTTP, against a small server with the Hub's layout: what is written is read again, what is wrong is refused."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from harness import pin
from harness.data.asset import definitions, read_asset
from harness.errors import InputError
from harness.text import read_yaml

SHA, BLOB, WEIGHTS = "0123456789abcdef0123456789abcdef01234567", "b" * 40, "a" * 64
COMMIT, TREE = "/api/models/org/tiny/revision/main", f"/api/models/org/tiny/tree/{SHA}"


def blob(path, size=10):
    return {"type": "file", "path": path, "size": size, "oid": BLOB}


def large(path, size=4_000_000):
    return blob(path, size) | {"lfs": {"oid": WEIGHTS, "size": size, "pointerSize": 134}, "xetHash": "c" * 64}


FILES = [
    blob(".gitattributes"),
    {"type": "directory", "path": "1_Pooling", "size": 0, "oid": BLOB},
    blob("1_Pooling/config.json"),
    blob("README.md"),
    blob("config.json", 612),
    large("model.safetensors"),
    large("pytorch_model.bin"),
    blob("tokenizer.json", 466247),
    blob("vocab.txt", 231508),
    blob("merges.txt"),
    blob("special_tokens_map.json", 112),
    blob("tokenizer_config.json", 350),
]


@pytest.fixture
def hub():
    """A server whose `answers` lists (status, body, headers) by address; the status 'never' keeps silent."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            opened.asked.append((self.path, self.headers.get("Authorization")))
            found = opened.answers.get(self.path, opened.answers.get(urlsplit(self.path).path, (404, {"error": "Not found"})))
            status, body, *headers = found
            if status == "never":
                opened.released.wait(20)
                return
            raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(raw)), **dict(headers)}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_):
            pass

    opened = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    opened.daemon_threads, opened.asked, opened.released = True, [], threading.Event()
    opened.answers = {COMMIT: (200, {"sha": SHA, "cardData": {"license": "apache-2.0"}}), TREE: (200, FILES)}
    threading.Thread(target=opened.serve_forever, args=(0.01,), daemon=True).start()
    yield opened
    opened.released.set()
    opened.shutdown()
    opened.server_close()


@pytest.fixture(autouse=True)
def no_token(monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)


@pytest.fixture
def pinned(hub, workspace):
    """Run the command in the workspace, against the server; options given replace these."""

    def run(*more, **options):
        plain = {
            "repo": "org/tiny",
            "name": "tiny",
            "endpoint": f"http://127.0.0.1:{hub.server_port}",
            "root": str(workspace.folder),
        }
        words = [word for key, value in (plain | options).items() for word in (f"--{key}", value)]
        pin.main([*words, *more])
        return workspace.folder / "models" / "tiny.yaml"

    return run


def written(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "config.yaml")


def test_the_definition_pins_the_commit_and_is_read_again(pinned, hub):
    path = pinned()
    asset = read_asset(path, read_yaml(path))
    assert asset.sources.download == f"https://huggingface.co/org/tiny/resolve/{SHA}" and asset.sources.mirror == "tiny"
    assert asset.licence == "apache-2.0" and asset.origin == f"org/tiny at {SHA}" and "<mirror>/tiny/" in asset.get
    sizes = {"config.json": 612, "model.safetensors": 4_000_000, "tokenizer.json": 466247, "vocab.txt": 231508, "merges.txt": 10,
             "tokenizer_config.json": 350, "special_tokens_map.json": 112}  # fmt: skip
    assert {name: file.bytes for name, file in asset.files.items()} == sizes
    assert {name: file.sha256 for name, file in asset.files.items() if file.sha256} == {"model.safetensors": WEIGHTS}
    assert [asked for asked, _ in hub.asked] == [COMMIT, f"{TREE}?recursive=true"]


def test_two_runs_give_the_same_bytes(pinned):
    first = pinned().read_bytes()
    assert pinned("--force").read_bytes() == first and first.endswith(b"\n")


def test_a_study_keeps_a_model_of_its_own(pinned, workspace):
    (workspace.folder / "replications" / "one").mkdir(parents=True)
    pinned(study="one")
    assert definitions(workspace.folder, "models") == {"tiny": workspace.folder / "replications/one/models/tiny.yaml"}


@pytest.mark.parametrize("study", ["two", "../replications/one", "", "..", "one\n"])
def test_an_unknown_study_is_named(pinned, workspace, study):
    (workspace.folder / "replications" / "one").mkdir(parents=True)
    with pytest.raises(InputError, match=f"--study: no {re.escape(repr(study))} in .*one"):
        pinned(study=study)
    assert not written(workspace.folder)


def test_a_definition_that_exists_is_kept_unless_forced(pinned, workspace):
    path = pinned()
    path.write_text("kept")
    with pytest.raises(InputError, match=r"--name: 'tiny' is defined in .*tiny.yaml; --force overwrites it"):
        pinned()
    assert path.read_text() == "kept"
    pinned("--force")
    assert SHA in path.read_text()
    (workspace.folder / "replications" / "one").mkdir(parents=True)
    with pytest.raises(InputError, match=r"'tiny' is defined in .*models/tiny.yaml; take another"):
        pinned("--force", study="one")


def test_another_branch_is_asked_for_by_its_name(pinned, hub):
    hub.answers["/api/models/org/tiny/revision/refs%2Fpr%2F1"] = hub.answers.pop(COMMIT)
    pinned(revision="refs/pr/1")
    assert hub.asked[0][0].endswith("/revision/refs%2Fpr%2F1")


def test_all_pages_are_read_and_from_this_server_alone(pinned, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    following = "<https://elsewhere.example/x?recursive=true&cursor=2>; rel=\"next\""  # fmt: skip
    hub.answers[f"{TREE}?recursive=true"] = (200, FILES[:5], ("Link", following))
    hub.answers[f"{TREE}?recursive=true&cursor=2"] = (200, FILES[5:])
    assert "model.safetensors" in read_yaml(pinned())["files"]
    assert len(hub.asked) == 3


def test_a_server_without_a_last_page_is_left(pinned, hub, monkeypatch):
    monkeypatch.setattr("harness.data.hub.PAGES", 3)
    hub.answers[TREE] = (200, FILES, ("Link", '</x?cursor=2>; rel="next"'))
    with pytest.raises(InputError, match="more than 3 pages"):
        pinned()


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        (None, "not stated on the Hub"),
        ({"language": "en"}, "not stated on the Hub"),
        ({"license": ["mit", "other"]}, "mit, other"),
        ({"license": "x\nsources: {package: 'os:.'}"}, "x\nsources: {package: 'os:.'}"),
        ({"license": "no"}, "no"),
    ],
)
def test_the_licence_is_text_whatever_it_holds(pinned, hub, card, licence):
    hub.answers[COMMIT] = (200, {"sha": SHA, "cardData": card})
    path = pinned()
    asset = read_asset(path, read_yaml(path))
    assert asset.licence == licence and asset.sources.package is None


def test_a_repository_whose_name_is_a_number_is_written_as_text(pinned, hub):
    hub.answers = {address.replace("org/tiny", "org/123"): answer for address, answer in hub.answers.items()}
    path = pinned(repo="org/123")
    assert read_asset(path, read_yaml(path)).sources.mirror == "123"


@pytest.mark.parametrize(
    ("option", "word"),
    [
        *(("name", word) for word in ("../x", "a/b", "/tmp/x", ".hidden", "", "x\n", "x\nfiles: {}", "a: b", "a\\b", "..", "ä")),
        *(
            ("repo", word)
            for word in ("tiny", "org/tiny/more", "../tiny", "org/..", "org/tiny\n", "org/ti ny", "org/tiny?x=1", "")
        ),
        *(("revision", word) for word in ("", "..", "../main", "a b", "main\n", "main?x", "main#x")),
        *(
            ("endpoint", word)
            for word in ("", "huggingface.co", "file:///etc", "http://", "http://h/?x", "http://u:p@h", "http://h\n")
        ),
    ],
)
def test_words_of_another_form_are_quoted_and_nothing_is_asked(pinned, hub, workspace, option, word):
    with pytest.raises(InputError, match=re.escape(f"--{option}: {word!r} does not have the form")):
        pinned(**{option: word})
    assert not hub.asked and not written(workspace.folder)


@pytest.mark.parametrize("path", ["/etc/passwd", "../config.json", "a/../../b", "a/..", "..\\b", "\\b", "", "a//b"])
def test_a_file_outside_its_folder_is_refused(pinned, hub, workspace, path):
    hub.answers[TREE] = (200, [*FILES, blob(path)])
    with pytest.raises(InputError, match=re.escape(f"--repo: 'org/tiny' lists a file outside its folder: {path!r}")):
        pinned()
    assert not written(workspace.folder)


@pytest.mark.parametrize(
    ("without", "words"),
    [
        (
            ["model.safetensors"],
            "no model.safetensors; its pytorch_model.bin is a pickle, which is not loaded; another --revision",
        ),
        (["model.safetensors", "pytorch_model.bin"], r"no model.safetensors; another --revision"),
        (["config.json"], "is no encoder: it lacks config.json"),
        (["tokenizer.json", "vocab.txt"], "is no encoder: .*tokenizer.json"),
    ],
)
def test_what_is_no_safetensors_encoder_is_refused(pinned, hub, workspace, without, words):
    hub.answers[TREE] = (200, [file for file in FILES if file["path"] not in without])
    with pytest.raises(InputError, match=f"--repo: 'org/tiny' .*{words}"):
        pinned()
    assert not written(workspace.folder)


@pytest.mark.parametrize("address", [COMMIT, TREE])
@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_the_hub_does_not_show_is_named(pinned, hub, workspace, address, status):
    hub.answers[address] = (status, {"error": "Repository not found"})
    words = rf"--repo, --revision: the Hub shows no 'org/tiny' at 'main' \(status {status} from .*{address}.*HF_TOKEN"
    with pytest.raises(InputError, match=words):
        pinned()
    assert not written(workspace.folder)


@pytest.mark.parametrize(
    ("address", "answer", "words"),
    [
        (COMMIT, (200, "<html>log in</html>"), "not the Hub's answer: the whole: Invalid JSON"),
        (COMMIT, (200, "[" * 100_000), "not the Hub's answer: the whole: Invalid JSON"),
        (COMMIT, (200, [1]), "not the Hub's answer: the whole"),
        (COMMIT, (200, {}), "not the Hub's answer: sha: Field required"),
        (COMMIT, (200, {"sha": "main"}), "not the Hub's answer: sha: String should match"),
        (COMMIT, (200, {"sha": f"{SHA}\n"}), "not the Hub's answer: sha: String should match"),
        (TREE, (200, {"error": "x"}), "not the Hub's answer: the whole"),
        (TREE, (200, [{"type": "file", "path": "config.json"}]), "not the Hub's answer: 0.*Field required"),
        (TREE, (200, [blob("config.json", -1)]), "not the Hub's answer: 0.*greater than or equal to 0"),
        (TREE, (200, [blob("config.json", "10")]), "not the Hub's answer: 0.*integer"),
        (TREE, (200, [blob("x") | {"lfs": {"oid": "short", "size": 1}}]), "not the Hub's answer: 0.*String should match"),
        (TREE, (503, "busy"), "status 503; try again later"),
        (COMMIT, (429, "slow down"), "status 429; try again later"),
        (COMMIT, (200, "{}", ("Content-Length", "900")), r"no whole answer in 30 s"),
        (COMMIT, (302, "", ("Location", COMMIT)), r"no whole answer in 30 s \(TooManyRedirects"),
    ],
)
def test_an_answer_that_is_none_names_its_address(pinned, hub, workspace, address, answer, words):
    hub.answers[address] = answer
    with pytest.raises(InputError, match=f"--endpoint: http://127.0.0.1.*{address}.*: {words}"):
        pinned()
    assert not written(workspace.folder)


def test_silence_and_a_closed_door_are_named(pinned, hub, monkeypatch):
    monkeypatch.setattr("harness.data.hub.TIMEOUT", 0.2)
    hub.answers[COMMIT] = ("never", "")
    with pytest.raises(InputError, match=r"--endpoint: .*no whole answer in 0.2 s \(ReadTimeout\)"):
        pinned()
    with pytest.raises(InputError, match=r"--endpoint: http://127.0.0.1:1/api.*\(ConnectionError\)"):
        pinned(endpoint="http://127.0.0.1:1/")


def test_the_token_is_sent_and_never_shown(pinned, hub, monkeypatch, capsys):
    monkeypatch.setenv("HF_TOKEN", "hf_secret\n")
    path = pinned()
    assert {token for _, token in hub.asked} == {"Bearer hf_secret"}
    shown = capsys.readouterr()
    assert "hf_secret" not in path.read_text() + shown.out + shown.err and f"org/tiny at {SHA}, 7 files" in shown.out


@pytest.mark.parametrize("token", ["hf_secret\nX: y", "hf_secret\u2026"])
def test_a_token_that_cannot_be_sent_is_not_shown(pinned, hub, monkeypatch, token):
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(InputError) as error:
        pinned()
    assert "hf_secret" not in str(error.value) and error.value.__suppress_context__ and not hub.asked


def test_the_command_ends_with_one_message(workspace, hub):
    endpoint = f"http://127.0.0.1:{hub.server_port}"
    code, said = workspace.stage("pin", "--repo", "org/tiny", "--name", "../x", "--endpoint", endpoint)
    assert (code, said.count("\n")) == (2, 1) and said.startswith("error: --name: '../x'")
    assert workspace.stage("pin", "--repo", "org/tiny", "--name", "tiny", "--endpoint", endpoint)[0] == 0
    assert (workspace.folder / "models" / "tiny.yaml").is_file()


def test_every_module_prompt_and_limit_of_a_model_is_pinned(pinned, hub):
    telling = ["modules.json", "config_sentence_transformers.json", "sentence_bert_config.json", "2_Dense/config.json"]
    beside = [blob("onnx/config.json"), blob("openvino/openvino_model.xml"), blob("data_config.json")]
    hub.answers[TREE] = (200, [*FILES, *map(blob, telling), large("2_Dense/model.safetensors"), *beside])
    path = pinned()
    names = read_asset(path, read_yaml(path)).files
    assert {*telling, "1_Pooling/config.json", "2_Dense/model.safetensors"} <= names.keys()
    assert not {one["path"] for one in beside} & names.keys()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([blob("modules.json"), blob("2_Dense/config.json"), large("2_Dense/pytorch_model.bin")], "2_Dense/pytorch_model.bin is a pickle"),
        ([blob("adapter_config.json")], "adapter_config.json: adapters are not supported"),
    ],
)
def test_a_head_or_an_adapter_that_cannot_be_loaded_is_refused_by_name(pinned, hub, more, words):
    hub.answers[TREE] = (200, [*FILES, *more])
    with pytest.raises(InputError, match=words):
        pinned()
