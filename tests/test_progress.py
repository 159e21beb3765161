"""What a run says while it runs: one line, the end of a failed job's log once, a line when it is stopped."""

import io
import json
import re

import pytest

from harness.config import ROOT
from snakemake_logger_plugin_progress.forecast import Forecast, Running, words
from snakemake_logger_plugin_progress.screen import Screen
from snakemake_logger_plugin_progress.tail import failure, last_lines

QUIET = ("--quiet", "all", "--logger", "progress")


def at(rule, started):
    return Running(rule, f"{rule} a/b, seed 1", started, "x.log")


def test_the_time_left_is_the_work_left_over_the_jobs_side_by_side():
    run = Forecast({"fit": 100.0, "rank": 10.0})
    run.plan({"fit": 2, "rank": 3})
    run.start(1, at("fit", 0.0))
    run.start(2, at("rank", 0.0))
    # Two at a time for 4 s: 8 s of work. Left: fit 100 + (100 - 4), rank 2 x 10 + (10 - 4): 222 s, by two.
    assert run.left(4.0) == pytest.approx(111.0)
    run.finish(2, 20.0)
    # rank now takes 20 s, as seen. At 20 s: 40 s of work done, still two at a time. Left: 100 + 80 + 2 x 20, by two.
    assert run.left(20.0) == pytest.approx(110.0)


def test_a_job_that_outlasts_its_kind_is_never_taken_to_be_over():
    run = Forecast({"fit": 10.0})
    run.plan({"fit": 1})
    run.start(1, at("fit", 0.0))
    assert run.left(90.0) == pytest.approx(10.0)


def test_a_rule_never_seen_is_taken_for_a_middling_one_and_nothing_is_guessed_from_nothing():
    run = Forecast({"fit": 10.0, "rank": 2.0, "score": 4.0})
    run.plan({"fit": 1, "new": 1})
    run.start(1, at("fit", 0.0))
    assert run.left(1.0) == pytest.approx(9 + 4)
    empty = Forecast({})
    empty.plan({"fit": 1, "draw": 1})
    empty.start(1, at("fit", 0.0))
    assert empty.left(1.0) is None
    assert empty.line(1.0) == "job 1 of 2: fit a/b, seed 1; time left not known yet"


def test_the_line_names_the_latest_job_and_counts_the_others():
    run = Forecast({"fit": 600.0, "rank": 600.0})
    run.plan({"fit": 1, "rank": 1})
    run.start(1, at("fit", 0.0))
    run.start(2, at("rank", 1.0))
    assert run.line(1.0) == "job 2 of 2: rank a/b, seed 1 and 1 more; about 20 min left"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (1, "less than a minute left"),
        (50, "about 1 min left"),
        (600, "about 10 min left"),
        (3 * 3600 + 240, "about 3 h 04 min left"),
    ],
)
def test_times_are_told_as_a_person_would(seconds, told):
    assert words(seconds) == told


def test_a_log_of_progress_bars_is_shown_as_a_terminal_would(tmp_path):
    log = tmp_path / "a.log"
    log.write_bytes(b"first\nloading 1%\rloading 50%\rloading 100%\n\n\xff\nlast\r\n")
    assert last_lines(log) == ["first", "loading 100%", "\ufffd", "last"]
    log.write_text("\n".join(map(str, range(100))))
    assert last_lines(log)[0] == "88" and len(last_lines(log)) == 12
    assert last_lines(tmp_path / "none.log") == []


def test_a_stages_own_message_stands_alone_and_is_not_repeated(tmp_path):
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    for log in (one, two):
        log.write_text("noise\nerror: x.yaml: no 'k'\n  - at: y\n")
    first = failure("rank a", one, [])
    assert first == f"error: rank a failed; the end of {one}:\n  error: x.yaml: no 'k'\n    - at: y"
    assert failure("rank b", two, [first]) == f"error: rank b failed for the same reason; {two}"
    two.write_text("")
    assert "said nothing (killed, or out of memory?)" in failure("rank b", two, [first])


def test_lines_that_stay_grow_rarer():
    stream = io.StringIO()
    screen = Screen(stream, 0.0)
    for second in range(3600):
        screen.show("line", float(second))
    # Every 20 s up to 160 s, then each an eighth later than the one before: 3600 s are reached 27 lines on.
    assert 25 <= stream.getvalue().count("line\n") <= 36


def test_on_a_terminal_the_line_is_written_anew_and_cut_to_its_width(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "20")
    stream = io.StringIO()
    stream.isatty = lambda: True
    screen = Screen(stream, 0.0)
    screen.show("x" * 50, 0.0)
    screen.say("end")
    assert stream.getvalue() == "\r\x1b[2K" + "x" * 19 + "\r\x1b[2Kend\n"


def test_a_run_without_trouble_keeps_its_jobs_words_in_their_logs(small):
    rewrite(small, "    words =", '    print("noise of a library")\n    words =')
    code, said = small.snakemake(*QUIET)
    assert code == 0 and "library" not in said, said
    assert len([line for line in said.splitlines() if not line.startswith("job ")]) <= 8, said
    assert "noise of a library" in (small.folder / "results/embedded/logs/rank/paper/shared/0.log").read_text()
    assert (small.folder / "results/embedded/logs/fetch.log").read_text().startswith("fetch: ")
    assert '"rank": ' in (small.folder / "results/embedded/logs/seconds.json").read_text()
    code, said = small.snakemake(*QUIET)
    assert code == 0 and "nothing is to be done" in said


def test_a_job_that_fails_is_shown_once_with_its_log(small):
    rewrite(small, "    words =", '    print("noise of a library\\n" * 50)\n    raise ValueError("the cause")\n    words =')
    code, said = small.snakemake(*QUIET)
    assert code == 1 and said.count("ValueError: the cause") == 1, said
    assert "results/embedded/logs/rank/" in said and "CalledProcessError" not in said and len(said.splitlines()) < 25, said


def test_a_bad_setting_is_one_line(small):
    code, said = small.snakemake(*QUIET, "--config", "fidelity=embeded")
    lines = [line for line in said.splitlines() if "profile" not in line]
    assert code == 1 and len(lines) == 1 and lines[0].startswith("error: ") and "'embeded'" in lines[0], said


def rewrite(workspace, old, new):
    method = workspace.folder / "baselines/letters/method.py"
    text = method.read_text()
    assert old in text
    method.write_text(text.replace(old, new, 1))


def test_the_typical_seconds_cover_every_rule_that_works():
    rules = re.findall(r"^rule (\w+):", (ROOT / "Snakefile").read_text(), re.MULTILINE)
    kept = json.loads((ROOT / "snakemake_logger_plugin_progress/seconds.json").read_text())
    assert set(rules) - {"all", "scored", "selftest"} == kept.keys()  # those that a run works through
