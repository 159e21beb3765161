"""How far a run is and how long it still takes, from the jobs that started and ended and what such jobs took before."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Running:
    """A job at work: its rule, what it does in words, when it started (seconds of any clock) and its log."""

    rule: str
    does: str
    started: float
    log: str


@dataclass
class Forecast:
    """The state of a run; `before` is the mean seconds of a rule's jobs in earlier runs."""

    before: dict[str, float]
    total: int = 0
    begun: int = 0
    first: float | None = None
    waiting: dict[str, int] = field(default_factory=dict)
    running: dict[int, Running] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)

    def plan(self, counts: dict[str, int]) -> None:
        """Take the number of jobs of each rule."""
        self.waiting = dict(counts)
        self.total = sum(counts.values())

    def start(self, job: int, running: Running) -> None:
        """Note that a job has started."""
        self.first = running.started if self.first is None else self.first
        self.waiting[running.rule] = max(0, self.waiting.get(running.rule, 0) - 1)
        self.running[job] = running
        self.begun += 1

    def finish(self, job: int, now: float) -> None:
        """Note that a job has ended well."""
        if job in self.running:
            ended = self.running.pop(job)
            self.took.setdefault(ended.rule, []).append(now - ended.started)

    def seconds(self) -> dict[str, float]:
        """Return the mean seconds of a rule's jobs: of this run where some have ended, else of those before."""
        return self.before | {rule: sum(times) / len(times) for rule, times in self.took.items()}

    def left(self, now: float) -> float | None:
        """Return the seconds until the run ends; None where no rule's time is known. A rule never seen is taken for a middling one."""
        known = self.seconds()
        rules = {rule for rule, count in self.waiting.items() if count} | {job.rule for job in self.running.values()}
        if not rules or not known:
            return None
        mean = dict.fromkeys(rules, median(known.values())) | known
        work = sum(count * mean[rule] for rule, count in self.waiting.items() if count)
        # A job that has outlasted its kind's mean is taken to be nine tenths through.
        work += sum(max(mean[job.rule] - (now - job.started), (now - job.started) / 9) for job in self.running.values())
        return work / self._side_by_side(now)

    def _side_by_side(self, now: float) -> float:
        """Return how many jobs ran at a time so far, at least one."""
        busy = sum(map(sum, self.took.values())) + sum(now - job.started for job in self.running.values())
        elapsed = now - (now if self.first is None else self.first)
        return max(1.0, busy / elapsed) if elapsed > 0 else 1.0

    def line(self, now: float) -> str:
        """Return which of how many jobs runs, what it does, and the time left."""
        names = [job.does for job in self.running.values()]
        does = f"{names[-1]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}" if names else "waiting for a job"
        left = self.left(now)
        return f"job {self.begun} of {self.total}: {does}; {'time left not known yet' if left is None else words(left)}"


def words(seconds: float) -> str:
    """Say a time left as a person would."""
    minutes = round(seconds / 60)
    if seconds < 45:
        return "less than a minute left"
    return f"about {max(1, minutes)} min left" if minutes < 90 else f"about {minutes // 60} h {minutes % 60:02d} min left"
