"""Snakemake's messages as one line that a person can watch; `make` asks for it with `--logger progress`.

Snakemake finds a logger plugin by its package's name on the path. The plugins that are published print a line or more for each
job, and none tells the time left.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_progress.forecast import Forecast, Running
from snakemake_logger_plugin_progress.screen import Screen
from snakemake_logger_plugin_progress.tail import failure

TYPICAL = Path(__file__).with_name("seconds.json")  # of a run at fidelity embedded on two cores, until a run here is known
STOPPED = ("Terminating processes on user request", "Cancelling snakemake on user request")
TOLD_BY_JOBS = (
    "RuleException",
    "CalledProcessError",
    "At least one job",
    "WorkflowError:\nAt least one job",
    "Exiting because a job",
)
TOLD = ("Creating conda environment", "Environment for ")
SETTLING = 1.5  # seconds in which an interruption shows itself as such, after the jobs that it has killed


class LogHandler(LogHandlerBase):
    """On a terminal one line, written anew each second; elsewhere plain lines that grow rarer with time."""

    def __post_init__(self) -> None:
        self.screen = Screen(sys.stdout if self.common_settings.stdout else sys.stderr, time.monotonic())
        self.forecast = Forecast(_read(TYPICAL))
        self.logs: Path | None = None
        self.said: list[str] = []  # what was told of failures, so that nothing is told twice
        self.failed: list[tuple[float, str, str]] = []  # (when, what, log) of failures not told yet
        self.stopped = False
        self.ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    writes_to_stream = property(lambda self: True)
    writes_to_file = property(lambda self: False)
    has_filter = property(lambda self: True)
    has_formatter = property(lambda self: True)
    needs_rulegraph = property(lambda self: False)

    def emit(self, record: logging.LogRecord) -> None:
        """Take one message of Snakemake; the caller holds the lock."""
        try:
            events: dict[Any, Callable[[Any], None]] = {
                LogEvent.RUN_INFO: self._planned,
                LogEvent.JOB_INFO: self._started,
                LogEvent.JOB_FINISHED: self._finished,
                LogEvent.JOB_ERROR: self._failed,
            }
            event = getattr(record, "event", None)
            if event in events:
                events[event](record)
            elif event in (None, LogEvent.ERROR):
                self._message(record)
        except Exception:  # a message must not end a run
            self.handleError(record)

    def _planned(self, record: Any) -> None:
        self.forecast.plan({rule: count for rule, count in record.stats.items() if rule not in ("total", "all")})
        if self.common_settings.dryrun:
            self.screen.say(f"{self.forecast.total} jobs would run")

    def _started(self, record: Any) -> None:
        if self.common_settings.dryrun or not record.shellcmd:  # the rule that only asks for the rest
            return
        named = {**(record.wildcards or {})}
        seed = f", seed {named.pop('seed')}" if "seed" in named else ""
        does = f"{record.rule_name} {'/'.join(map(str, named.values()))}".strip() + seed
        log = str(record.log[0]) if record.log else ""
        if self.logs is None and (above := [path for path in Path(log).parents if path.name == "logs"]):
            self.logs = above[0]
            self.forecast.before |= _read(self.logs / "seconds.json")
        self.forecast.start(record.jobid, Running(record.rule_name, does, time.monotonic(), log))
        self._show()

    def _finished(self, record: Any) -> None:
        self.forecast.finish(record.job_id, time.monotonic())
        self._show() if self.forecast.running else self.screen.clear()

    def _failed(self, record: Any) -> None:
        job = self.forecast.running.pop(record.jobid, None)
        log = str(record.log[0]) if record.log else ""
        self.failed.append((time.monotonic(), job.does if job else record.rule_name, log))

    def _message(self, record: logging.LogRecord) -> None:
        text = record.getMessage().strip()
        if text.startswith(STOPPED):
            if not self.stopped:
                self.screen.say("stopped; what is finished is kept, and the same command goes on from here")
            self.stopped = True
        elif text.startswith("Nothing to be done"):
            self.screen.say("nothing is to be done: every result is there and newer than what it is made from")
        elif text.startswith(TOLD):
            self.screen.say(text.splitlines()[0])
        elif record.levelno >= logging.ERROR and text not in ("None", "") and not (self.stopped or text.startswith(TOLD_BY_JOBS)):
            self.screen.say(text if text.startswith("error:") else f"error: {text}")

    def _watch(self) -> None:
        while not self.ended.wait(1.0):
            self.acquire()  # the lock that holds while a message is taken
            try:
                self._tell_failures(time.monotonic() - SETTLING)
                self._show()
            finally:
                self.release()

    def _tell_failures(self, until: float) -> None:
        due = [one for one in self.failed if one[0] <= until]
        self.failed = [one for one in self.failed if one[0] > until]
        for _, what, log in [] if self.stopped else due:
            told = failure(what, Path(log) if log else None, self.said)
            self.said.append(told)
            self.screen.say(told)

    def _show(self) -> None:
        if self.forecast.running and not self.stopped:
            now = time.monotonic()
            self.screen.show(self.forecast.line(now), now)

    def close(self) -> None:
        """Tell what is still to be told, clear the line and keep what the rules' jobs took for the next run's forecast."""
        if not self.ended.is_set():
            self.ended.set()
            self._tell_failures(time.monotonic())
            self.screen.clear()
            if self.logs and self.logs.is_dir() and self.forecast.took:
                kept = _read(self.logs / "seconds.json") | self.forecast.seconds()
                (self.logs / "seconds.json").write_text(json.dumps({rule: round(kept[rule], 2) for rule in sorted(kept)}) + "\n")
        super().close()


def _read(path: Path) -> dict[str, float]:
    """Return seconds by rule; what cannot be read is not known."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(rule): float(seconds) for rule, seconds in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
