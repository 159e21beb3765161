"""The endpoint over real HTTP, against a small server of our own: what fails is tried again, bounded, and nothing is asked twice."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.errors import InputError
from replications.dual_loss import endpoint

GOOD = {"choices": [{"message": {"content": " Ann Lee "}}], "usage": {"prompt_tokens": 100, "completion_tokens": 10}}


@pytest.fixture
def server():
    """A server whose `script` lists (status, body, headers) of the next replies; 'never' keeps silent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            opened.requests.append((self.path, self.headers.get("Authorization"), asked))
            status, body, *headers = opened.script.pop(0) if opened.script else (200, GOOD)
            if status == "never":
                opened.released.wait(20)
                return
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_):
            pass

    opened = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    opened.requests, opened.script, opened.released = [], [], threading.Event()
    threading.Thread(target=opened.serve_forever, daemon=True).start()
    yield opened
    opened.released.set()
    opened.shutdown()
    opened.server_close()


def asks(server, tmp_path, waits=None, **changes):
    plain = {
        "url": f"http://127.0.0.1:{server.server_port}/v1", "model": "m", "key_variable": "A_TEST_KEY", "timeout": 5, "retries": 2, "wait": 1,
        "longest_wait": 8, "give_up_after": 2, "most_tokens": 64, "price_in": 1.0, "price_out": 2.0, "most_cost": 1.0,
    }  # fmt: skip
    settings = endpoint.Settings.model_validate(plain | changes)
    return endpoint.Endpoint(settings, tmp_path / "answers", sleep=(waits if waits is not None else []).append)


def test_a_question_is_asked_once_and_kept(server, tmp_path, monkeypatch):
    monkeypatch.setenv("A_TEST_KEY", "secret")
    one = asks(server, tmp_path)
    assert one.answer("Who?", "Ann Lee teaches.") == "Ann Lee"
    assert one.spent == pytest.approx((100 * 1 + 10 * 2) / 1e6)
    assert asks(server, tmp_path).answer("Who?", "Ann Lee teaches.") == "Ann Lee" and len(server.requests) == 1
    path, key, body = server.requests[0]
    assert path == "/v1/chat/completions" and key == "Bearer secret" and body["model"] == "m"
    assert "secret" not in "".join(kept.read_text() for kept in (tmp_path / "answers").iterdir())


def test_busy_and_broken_servers_are_tried_again(server, tmp_path):
    server.script += [(429, "slow down", ("Retry-After", "3")), (500, "oops")]
    waits = []
    assert asks(server, tmp_path, waits).answer("Who?", "text") == "Ann Lee"
    assert waits == [3.0, 2] and len(server.requests) == 3


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((429, "no", ("Retry-After", "99999")), "3 attempts, the last one: status 429"),
        ((500, "no"), "3 attempts, the last one: status 500"),
        ((200, "<html>garbage"), "a reply that is none"),
        ((200, {"choices": []}), "no choices"),
        ((200, {"choices": [{"message": {"content": " "}}]}), "the content is empty"),
        ((200, [1]), "no choices"),
    ],
)
def test_what_never_works_is_given_up_for_this_question(server, tmp_path, reply, words):
    server.script += [reply] * 3
    waits = []
    with pytest.raises(endpoint.Unanswered, match=words):
        asks(server, tmp_path, waits).answer("Who?", "text")
    assert len(server.requests) == 3 and len(waits) == 2 and max(waits) <= 8


def test_a_refusal_is_not_tried_again(server, tmp_path):
    server.script += [(401, "bad key")]
    with pytest.raises(endpoint.Unanswered, match="status 401: bad key"):
        asks(server, tmp_path).answer("Who?", "text")
    assert len(server.requests) == 1


def test_a_silent_server_is_bounded(server, tmp_path):
    server.script += [("never", "")] * 2
    start = time.monotonic()
    with pytest.raises(endpoint.Unanswered, match="ReadTimeout|ConnectionError"):
        asks(server, tmp_path, timeout=0.2, retries=1).answer("Who?", "text")
    assert time.monotonic() - start < 5


def test_failures_in_a_row_stop_the_asking_and_what_was_answered_is_kept(server, tmp_path):
    one = asks(server, tmp_path, retries=0)
    assert one.answer("0", "text") == "Ann Lee"
    server.script += [(500, "")] * 2
    for question in ("1", "2"):
        with pytest.raises(endpoint.Unanswered):
            one.answer(question, "text")
    with pytest.raises(endpoint.Stopped, match="2 questions in a row"):
        one.answer("3", "text")
    assert one.answer("0", "text") == "Ann Lee" and len(server.requests) == 3
    assert asks(server, tmp_path).answer("3", "text") == "Ann Lee"  # the next run goes on


def test_the_cost_cap_stops_before_it_is_passed(server, tmp_path):
    one = asks(server, tmp_path, price_out=10.0, most_cost=0.0014)
    assert one.answer("1", "text") == "Ann Lee"
    with pytest.raises(endpoint.Stopped, match="most_cost"):
        one.answer("2", "x" * 2000)
    assert len(server.requests) == 1


def test_without_token_counts_the_most_is_counted(server, tmp_path):
    server.script += [(200, {"choices": GOOD["choices"]})]
    one = asks(server, tmp_path)
    one.answer("1", "text")
    assert one.spent > (64 * 2) / 1e6


def test_settings_name_file_and_key(tmp_path):
    example = endpoint.Path(__file__).with_name("endpoint.example.yaml")
    assert endpoint.read(example).retries == 4
    path = tmp_path / "e.yaml"
    path.write_text(example.read_text().replace("timeout: 30", "timeout: -1"))
    with pytest.raises(InputError, match=r"e\.yaml: timeout: .* \(you wrote: -1\)"):
        endpoint.read(path)
