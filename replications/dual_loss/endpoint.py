"""Answers by any OpenAI-compatible endpoint: never needed, bounded in time and money, and nothing is asked twice."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import InputError
from harness.text import read_yaml, write_text

from .post import Reply, excerpt, post, shown

PROMPT = "Answer the question from the syllabus excerpts alone, in a few words. If they do not say, answer: does not say."
PASSING = (408, 409, 429, 500, 502, 503, 504)  # worth another try
MOST_COUNT = 10_000_000  # tokens: an endpoint that counts more for one question is not believed
SPENT = "spent.json"


class Settings(BaseModel):
    """Where and how to ask; the key stands in the environment variable `key_variable`, never in a file.

    `timeout` and `wait` in seconds: `timeout` for one whole reply; `wait` doubles with each of `retries`, up to `longest_wait`.
    `give_up_after`: failed questions in a row. Prices per million tokens; asking stops before `most_cost` is passed. It counts
    over all runs into one cache, in `spent.json` beside the kept answers: remove that file to start again at 0.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern="^https?://")
    model: str
    key_variable: str = Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$")
    timeout: float = Field(gt=0)
    retries: int = Field(ge=0)
    wait: float = Field(ge=0)
    longest_wait: float = Field(ge=0)
    give_up_after: int = Field(gt=0)
    most_tokens: int = Field(gt=0)
    price_in: float = Field(ge=0)
    price_out: float = Field(ge=0)
    most_cost: float = Field(ge=0)


class Unanswered(Exception):
    """One question got no answer; the others go on."""


class Stopped(Exception):
    """No further question is asked: the money is spent, or the endpoint fails again and again."""


def read(path: Path) -> Settings:
    """Read an endpoint's settings; raise InputError naming file and key."""
    try:
        return Settings.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path}: {_problem(error)}") from None


class Endpoint:
    """Asks one question at a time; answers are kept under `cache`, so that a stopped run goes on where it stopped.

    So is what they cost, in `spent.json`: the cap counts all runs into `cache`, and a kept answer costs nothing.
    """

    def __init__(self, settings: Settings, cache: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        self.settings, self.cache, self.sleep = settings, cache, sleep
        self.failed = 0

    @property
    def spent(self) -> float:
        """Return what all runs into this cache have cost; raise InputError for a file that does not say."""
        path = self.cache / SPENT
        if not path.is_file():
            return 0.0
        try:
            spent = json.loads(path.read_text(encoding="utf-8"))["spent"]
        except (ValueError, KeyError, TypeError, RecursionError):
            spent = None
        if not _counts(spent):
            raise InputError(f"{path}: does not say what was spent; remove the file to start again at 0")
        return float(spent)

    def answer(self, question: str, excerpts: str) -> str:
        """Return the endpoint's words; raise Unanswered for this question, Stopped for all that follow."""
        s = self.settings
        text = f"{excerpts}\n\nQuestion: {question}"
        messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": text}]
        body = {"model": s.model, "messages": messages, "max_tokens": s.most_tokens, "temperature": 0}
        kept = self.cache / f"{hashlib.sha256(json.dumps([s.url, body]).encode()).hexdigest()}.json"
        if kept.is_file():
            return str(json.loads(kept.read_text(encoding="utf-8"))["answer"])
        if self.failed >= s.give_up_after:
            raise Stopped(f"{self.failed} questions in a row got no answer from {shown(s.url)}")
        # A token is at least one byte, so that this is never too little.
        most = (len(json.dumps(messages).encode()) * s.price_in + s.most_tokens * s.price_out) / 1e6
        try:
            words, cost = self._asked(body, most)
        except Unanswered:
            self.failed += 1
            raise
        self.failed = 0
        write_text(kept, json.dumps({"answer": words, "cost": cost, "model": s.model}) + "\n")
        return words

    def _asked(self, body: dict[str, Any], most: float) -> tuple[str, float]:
        s, why, wait = self.settings, "", 0.0
        key = os.environ.get(s.key_variable, "").strip()
        for attempt in range(s.retries + 1):
            self._afford(most)  # each time, because a reply of no use is billed as well
            if attempt:
                self.sleep(wait)
            wait = min(s.wait * 2**attempt, s.longest_wait)
            reply = post(s.url, body, key, s.timeout)
            if reply.good:
                found = _parsed(reply.body)
                cost = _cost(found, s, most)
                self._spend(cost)
                try:
                    return _words(found, reply, excerpt(reply.body, s.url, key, 120)), cost
                except ValueError as error:
                    why = f"a reply that is none: {error}"
            elif reply.status:
                why = f"status {reply.status}"
                if reply.status not in PASSING:
                    raise Unanswered(f"{shown(s.url)}: {why}: {reply.fault or excerpt(reply.body, s.url, key, 200)}")
                wait = min(max(wait, _seconds(reply.after)), s.longest_wait)
            else:
                why = reply.fault
        raise Unanswered(f"{shown(s.url)}: {s.retries + 1} attempts, the last one: {why}")

    def _afford(self, most: float) -> None:
        spent, cap = self.spent, self.settings.most_cost
        if spent + most > cap:
            raise Stopped(
                f"the next question may cost {most:.4f}, and {spent:.4f} of most_cost {cap} is spent in all runs so far "
                f"({self.cache / SPENT}; without this file it starts again at 0)"
            )

    def _spend(self, cost: float) -> None:
        # Read again each time, because another run may spend as well; two at once can pass the cap by a question each.
        write_text(self.cache / SPENT, json.dumps({"spent": self.spent + cost}) + "\n")


def _problem(error: ValidationError) -> str:
    """Say the first problem of settings, unknown keys first; no value is shown where a secret may stand by mistake."""
    problem = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    key, value = ".".join(map(str, problem["loc"])), problem["input"]
    if problem["type"] == "extra_forbidden":
        return f"{key}: no such setting; an API key stands in an environment variable, and `key_variable` names that variable"
    if key == "key_variable":
        return f"{key}: {problem['msg']}; it names the environment variable that holds the key, and is not the key"
    if not key or not isinstance(value, (str, int, float)):  # the whole file, where a key is missing
        return f"{key}: {problem['msg']}" if key else str(problem["msg"])
    return f"{key}: {problem['msg']} (you wrote: {shown(value) if key == 'url' and isinstance(value, str) else value!r})"


def _seconds(written: str | None) -> float:
    """Return the seconds of a Retry-After header; a date or nothing counts as none."""
    return float(written) if written and written.isdecimal() else 0.0


def _parsed(body: bytes) -> Any:
    """Return the JSON of a body; what is none, or nested without end, counts as null."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _words(found: Any, reply: Reply, seen: str) -> str:
    """Return the words of a chat completion; raise ValueError for what is none."""
    if reply.fault:
        raise ValueError(reply.fault)
    try:
        words = found["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise ValueError(f"no choices[0].message.content in {seen}") from None
    if not isinstance(words, str) or not words.strip():
        raise ValueError("the content is empty")
    return words.strip()


def _counts(number: Any) -> bool:
    """Say whether this is a finite number from 0 on; NaN is not."""
    return type(number) in (int, float) and 0 <= number <= sys.float_info.max


def _cost(found: Any, s: Settings, most: float) -> float:
    """Return what a reply cost; without token counts, or with ones that cannot be, the most is assumed."""
    try:
        tokens = [found["usage"][name] for name in ("prompt_tokens", "completion_tokens")]
    except (KeyError, TypeError):
        return most
    if not all(_counts(number) and number <= MOST_COUNT for number in tokens):
        return most
    return float(tokens[0] * s.price_in + tokens[1] * s.price_out) / 1e6
