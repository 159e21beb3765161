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
    """A server whose `script` lists (status, body, headers) of the next replies; a function as body gets the headers asked with.

    'never' keeps silent; 'drip' sends its body byte by byte, for ten seconds.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            opened.requests.append((self.path, self.headers.get("Authorization"), asked))
            status, body, *headers = opened.script.pop(0) if opened.script else (200, GOOD)
            if status == "never":
                opened.released.wait(20)
                return
            if status == "drip":
                self.wfile.write(body[0])
                for _ in range(200):
                    if opened.released.wait(0.05):
                        return
                    self.wfile.write(body[1])
                return
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            body = body(self.headers) if callable(body) else body
            raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_):
            pass

    opened = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    opened.handle_error = lambda *_: None  # a client that hangs up in the middle of a reply is what some tests are about
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


def replied(content, **usage):
    return {"choices": [{"message": {"content": content}}], "usage": usage}


def most_of(question="1", text="text"):
    """What a question to `asks(...)` can cost at most, worked out beside the code."""
    messages = [
        {"role": "system", "content": endpoint.PROMPT}, {"role": "user", "content": f"{text}\n\nQuestion: {question}"}
    ]  # fmt: skip
    return (len(json.dumps(messages)) * 1 + 64 * 2) / 1e6


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": float("nan"), "completion_tokens": 1},
        {"prompt_tokens": float("inf"), "completion_tokens": 1},
        {"prompt_tokens": 1, "completion_tokens": -(10**6)},
        {"prompt_tokens": "100", "completion_tokens": 1},
        {"prompt_tokens": True, "completion_tokens": 1},
        {"prompt_tokens": None, "completion_tokens": 1},
        {"prompt_tokens": 10**400, "completion_tokens": 1},
        {"prompt_tokens": 1e300, "completion_tokens": 1},
        {"prompt_tokens": 1},
        [100, 10],
        "cheap",
    ],
)
def test_token_counts_that_cannot_be_count_as_the_most(server, tmp_path, usage):
    server.script += [(200, {**GOOD, "usage": usage})]
    one = asks(server, tmp_path)
    assert one.answer("1", "text") == "Ann Lee"
    assert one.spent == pytest.approx(most_of())


def test_the_cap_holds_against_counts_that_are_no_numbers(server, tmp_path):
    server.script += [(200, replied("Ann Lee", prompt_tokens=float("nan"), completion_tokens=-(10**9)))] * 9
    one = asks(server, tmp_path, most_cost=2.5 * most_of())
    for question in "12":
        one.answer(question, "text")
    with pytest.raises(endpoint.Stopped, match="most_cost"):
        one.answer("3", "text")
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("body", "cost"),
    [
        (replied(" ", prompt_tokens=100, completion_tokens=10), 120 / 1e6),
        (replied(None, prompt_tokens=100, completion_tokens=10), 120 / 1e6),
        ({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 10}}, 120 / 1e6),
        (replied(" "), most_of()),
        ("<html>garbage", most_of()),
        ("[" * 200_000, most_of()),
        ("x" * 1_000_001, most_of()),
    ],
)
def test_a_reply_of_no_use_is_billed_as_well(server, tmp_path, body, cost):
    server.script += [(200, body)] * 2
    one = asks(server, tmp_path, retries=1)
    with pytest.raises(endpoint.Unanswered, match="2 attempts, the last one: a reply that is none"):
        one.answer("1", "text")
    assert one.spent == pytest.approx(2 * cost)


def test_an_error_and_a_kept_answer_cost_nothing(server, tmp_path):
    server.script += [(500, {**GOOD}), (401, {**GOOD})]
    one = asks(server, tmp_path)
    with pytest.raises(endpoint.Unanswered):
        one.answer("1", "text")
    assert one.spent == 0
    for _ in range(2):
        one.answer("1", "text")
    assert one.spent == pytest.approx(120 / 1e6)


def test_retries_stop_at_the_cap(server, tmp_path):
    server.script += [(200, replied(" "))] * 9
    with pytest.raises(endpoint.Stopped, match="most_cost"):
        asks(server, tmp_path, retries=8, most_cost=2.5 * most_of()).answer("1", "text")
    assert len(server.requests) == 2


def test_the_cap_holds_over_runs_until_its_file_is_removed(server, tmp_path):
    server.script += [(200, {"choices": GOOD["choices"]})] * 4
    for question in "12":
        asks(server, tmp_path, most_cost=2.5 * most_of()).answer(question, "text")
    third = asks(server, tmp_path, most_cost=2.5 * most_of())
    assert third.spent == pytest.approx(2 * most_of())
    with pytest.raises(endpoint.Stopped, match=r"all runs so far .*spent\.json"):
        third.answer("3", "text")
    assert third.answer("2", "text") == "Ann Lee" and len(server.requests) == 2
    (tmp_path / "answers" / "spent.json").unlink()
    assert third.answer("3", "text") == "Ann Lee" and third.spent == pytest.approx(most_of())


@pytest.mark.parametrize("text", ["", "{}", '{"spent": NaN}', '{"spent": -1}', '{"spent": "1"}', "[" * 200_000])
def test_a_file_that_does_not_say_what_was_spent_is_refused(server, tmp_path, text):
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "spent.json").write_text(text)
    with pytest.raises(InputError, match=r"spent\.json: does not say what was spent; remove"):
        asks(server, tmp_path).answer("1", "text")
    assert not server.requests


def test_answers_kept_before_stay_valid(server, tmp_path):
    (tmp_path / "answers").mkdir()
    name = "16e9025f5e0bdbc93e86c6a4c7fc6a949ccf8c9f111f080e1b0a5ba851a51d2c"
    (tmp_path / "answers" / f"{name}.json").write_text('{"answer": "Ann Lee", "cost": 0.1, "model": "m"}\n')
    assert asks(server, tmp_path, url="http://127.0.0.1:1/v1").answer("Who?", "Ann Lee teaches.") == "Ann Lee"


@pytest.mark.parametrize(
    ("drip", "most"),
    [
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" "), most_of()),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"), most_of()),
        ((b"HTTP/1.1 200 OK\r\nX: ", b"x"), 0),
        ((b"HTTP/1.1 500 Oops\r\nContent-Length: 9999\r\n\r\n", b" "), 0),
    ],
)
def test_a_dripping_server_is_bounded(server, tmp_path, drip, most):
    server.script += [("drip", drip)] * 2
    one, start = asks(server, tmp_path, timeout=0.4, retries=1), time.monotonic()
    with pytest.raises(endpoint.Unanswered, match=r"2 attempts, .*(no whole reply in 0.4 s \(ReadTimeout\)|status 500)"):
        one.answer("1", "text")
    assert time.monotonic() - start < 5
    assert one.spent == pytest.approx(2 * most)


def test_a_reply_of_many_bytes_is_not_read_to_its_end(server, tmp_path):
    server.script += [(200, json.dumps({**GOOD, "padding": "x" * 20_000_000}))]
    with pytest.raises(endpoint.Unanswered, match="a reply that is none: more than 1000000 bytes"):
        asks(server, tmp_path, retries=0).answer("1", "text")


def test_a_redirect_is_not_followed(server, tmp_path):
    server.script += [(302, "elsewhere", ("Location", "/v2"))]
    with pytest.raises(endpoint.Unanswered, match="status 302: elsewhere"):
        asks(server, tmp_path).answer("1", "text")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, lambda headers: f"not allowed: {headers['Authorization']}"),
        (401, lambda headers: "x" * 190 + headers["Authorization"][7:]),  # the cut goes through the key
        (200, lambda headers: f"not allowed: {headers['Authorization']}"),
        (200, lambda headers: {"error": headers["Authorization"]}),
        (200, lambda headers: "x" * 110 + headers["Authorization"][7:]),
    ],
)
def test_no_message_shows_the_key(server, tmp_path, monkeypatch, status, body):
    monkeypatch.setenv("A_TEST_KEY", "secret-key-of-many-letters\n")
    server.script += [(status, body)]
    with pytest.raises(endpoint.Unanswered) as raised:
        asks(server, tmp_path, retries=0).answer("1", "text")
    assert server.requests[0][1] == "Bearer secret-key-of-many-letters"
    assert "secr" not in str(raised.value) and "***" in str(raised.value)


@pytest.mark.parametrize("status", [401, 500, 200])
def test_no_message_shows_user_and_password_of_the_url(server, tmp_path, status):
    basic = "Ym9iOmh1bnQvZXIy"  # bob:hunt/er2
    url = f"http://bob:hunt%2Fer2@127.0.0.1:{server.server_port}/v1"
    server.script += [(status, lambda headers: f"{url} {headers['Authorization']} bob hunt/er2")] * 2
    one, messages = asks(server, tmp_path, url=url, retries=0), []
    for question in "123":
        with pytest.raises((endpoint.Unanswered, endpoint.Stopped)) as raised:
            one.answer(question, "text")
        messages.append(str(raised.value))
        server.script += [(500, "")]
    assert server.requests[0][1] == f"Basic {basic}"
    assert f"http://***@127.0.0.1:{server.server_port}/v1" in messages[0] and "in a row" in messages[2]
    assert not [word for word in ("bob", "hunt", basic) if word in "".join(messages)]


@pytest.mark.parametrize(
    ("line", "wrong", "words"),
    [
        ("key_variable: OPENAI_API_KEY", "key: sk-hunter2", r"e\.yaml: key: no such setting; .*`key_variable` names"),
        ("timeout: 30", "api_key: sk-hunter2", r"e\.yaml: api_key: no such setting"),
        ("key_variable: OPENAI_API_KEY", "key_variable: sk-hunter2", r"e\.yaml: key_variable: .* is not the key"),
        (
            "url: http://localhost:8000/v1",
            "url: ftp://sk:hunter2@host/v1",
            r"e\.yaml: url: .*you wrote: 'ftp://\*\*\*@host/v1'\)",
        ),
        ("timeout: 30", "", r"e\.yaml: timeout: Field required$"),
    ],
)
def test_settings_show_no_secret(tmp_path, line, wrong, words):
    example = endpoint.Path(__file__).with_name("endpoint.example.yaml").read_text()
    path = tmp_path / "e.yaml"
    path.write_text(example.replace("//localhost", "//sk:hunter2@localhost").replace(line.replace("//", "//sk:hunter2@"), wrong))
    with pytest.raises(InputError, match=words) as raised:
        endpoint.read(path)
    assert "hunter2" not in str(raised.value)


def test_a_file_that_is_but_a_key_is_not_shown(tmp_path):
    path = tmp_path / "e.yaml"
    path.write_text("sk-hunter2")
    with pytest.raises(InputError, match=r"e\.yaml: Input should be a valid dictionary") as raised:
        endpoint.read(path)
    assert "hunter2" not in str(raised.value)


def test_settings_name_file_and_key(tmp_path):
    example = endpoint.Path(__file__).with_name("endpoint.example.yaml")
    assert endpoint.read(example).retries == 4
    path = tmp_path / "e.yaml"
    path.write_text(example.read_text().replace("timeout: 30", "timeout: -1"))
    with pytest.raises(InputError, match=r"e\.yaml: timeout: .* \(you wrote: -1\)"):
        endpoint.read(path)
