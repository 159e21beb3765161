"""Answers by any OpenAI-compatible endpoint: never needed, bounded in time and money, and nothing is asked twice."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import requests
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import InputError
from harness.text import read_yaml, write_text

PROMPT = "Answer the question from the syllabus excerpts alone, in a few words. If they do not say, answer: does not say."
PASSING = (408, 409, 429, 500, 502, 503, 504)  # worth another try


class Settings(BaseModel):
    """Where and how to ask; the key stands in the environment variable `key_variable`, never in a file.

    `timeout` and `wait` in seconds; `wait` doubles with each of `retries`, up to `longest_wait`. `give_up_after`: failed
    questions in a row. Prices per million tokens; asking stops before `most_cost` is passed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern="^https?://")
    model: str
    key_variable: str
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
        problem = error.errors()[0]
        key = ".".join(map(str, problem["loc"]))
        raise InputError(f"{path}: {key}: {problem['msg']} (you wrote: {problem['input']!r})") from None


class Endpoint:
    """Asks one question at a time; answers are kept under `cache`, so that a stopped run goes on where it stopped."""

    def __init__(self, settings: Settings, cache: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        self.settings, self.cache, self.sleep = settings, cache, sleep
        self.spent, self.failed = 0.0, 0

    def answer(self, question: str, excerpts: str) -> str:
        """Return the endpoint's words; raise Unanswered for this question, Stopped for all that follow."""
        s = self.settings
        text = f"{excerpts}\n\nQuestion: {question}"
        messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": text}]
        body = {"model": s.model, "messages": messages, "max_tokens": s.most_tokens, "temperature": 0}
        kept = self.cache / f"{hashlib.sha256(json.dumps([s.url, body]).encode()).hexdigest()}.json"
        if kept.is_file():
            return str(json.loads(kept.read_text(encoding="utf-8"))["answer"])
        # A token is at least one byte, so that this is never too little.
        most = (len(json.dumps(messages).encode()) * s.price_in + s.most_tokens * s.price_out) / 1e6
        if self.spent + most > s.most_cost:
            raise Stopped(f"the next question may cost {most:.4f}, and {self.spent:.4f} of most_cost {s.most_cost} is spent")
        if self.failed >= s.give_up_after:
            raise Stopped(f"{self.failed} questions in a row got no answer from {s.url}")
        try:
            words, cost = self._asked(body, most)
        except Unanswered:
            self.failed += 1
            raise
        self.failed, self.spent = 0, self.spent + cost
        write_text(kept, json.dumps({"answer": words, "cost": cost, "model": s.model}) + "\n")
        return words

    def _asked(self, body: dict[str, object], most: float) -> tuple[str, float]:
        s, why = self.settings, ""
        key = os.environ.get(s.key_variable)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        for attempt in range(s.retries + 1):
            wait = min(s.wait * 2**attempt, s.longest_wait)
            try:
                reply = requests.post(f"{s.url.rstrip('/')}/chat/completions", json=body, headers=headers, timeout=s.timeout)
                if reply.ok:
                    return _read(reply, s, most)
                why = f"status {reply.status_code}"
                if reply.status_code not in PASSING:
                    raise Unanswered(f"{s.url}: {why}: {reply.text[:200]}")
                wait = min(max(wait, _seconds(reply.headers.get("Retry-After"))), s.longest_wait)
            except requests.RequestException as error:
                why = type(error).__name__
            except ValueError as error:
                why = f"a reply that is none: {error}"
            if attempt < s.retries:
                self.sleep(wait)
        raise Unanswered(f"{s.url}: {s.retries + 1} attempts, the last one: {why}")


def _seconds(written: str | None) -> float:
    """Return the seconds of a Retry-After header; a date or nothing counts as none."""
    return float(written) if written and written.isdigit() else 0.0


def _read(reply: requests.Response, s: Settings, most: float) -> tuple[str, float]:
    """Return words and cost; raise ValueError for what is no chat completion. Without token counts the most is assumed."""
    body = json.loads(reply.text)  # its own .json() raises an error that counts as one of the connection
    try:
        words = body["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise ValueError(f"no choices[0].message.content in {str(body)[:120]}") from None
    if not isinstance(words, str) or not words.strip():
        raise ValueError("the content is empty")
    try:
        used = body["usage"]
        cost = (used["prompt_tokens"] * s.price_in + used["completion_tokens"] * s.price_out) / 1e6
    except (KeyError, TypeError):
        cost = most
    return words.strip(), cost
