"""One request over HTTP with a bound on its time and size; nothing that it returns or raises holds a secret."""

from __future__ import annotations

import base64
import re
import threading
import time
from dataclasses import dataclass, replace
from typing import Any

import requests
from requests.utils import get_auth_from_url

MOST_BYTES = 1_000_000  # of one reply


@dataclass
class Reply:
    """A reply as far as it came; status 0: not even its head did."""

    fault: str  # why it is not whole; stands first, so that a copy without fault has the body
    status: int = 0
    after: str | None = None
    body: bytes = b""

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


class _Straight(requests.Session):
    """Follows no redirect: requests reads their bodies without a limit, with allow_redirects=False as well."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def post(url: str, body: dict[str, Any], key: str, timeout: float) -> Reply:
    """Send one request and return what came of its reply within `timeout` seconds; `key` is the bearer token, '' for none."""
    reply = Reply(f"no whole reply in {timeout:g} s (ReadTimeout)")
    # The timeout of requests starts anew with each byte, of the head as well; nothing but another thread bounds that.
    thread = threading.Thread(target=_receive, args=(reply, url, body, key, timeout), daemon=True)
    thread.start()
    thread.join(timeout)
    return replace(reply)


def _receive(reply: Reply, url: str, body: dict[str, Any], key: str, timeout: float) -> None:
    """Fill in a reply as it comes; end with its end, at the deadline, at the size limit or with what breaks."""
    end = time.monotonic() + timeout
    address, headers = f"{url.rstrip('/')}/chat/completions", {"Authorization": f"Bearer {key}"} if key else {}
    try:
        with (
            _Straight() as session,
            session.post(address, json=body, headers=headers, timeout=timeout, stream=True) as got,
        ):
            reply.after, reply.status = got.headers.get("Retry-After"), got.status_code
            whole = b""
            while part := got.raw.read1(65_536, decode_content=True):  # what is there, where read() waits for all of it
                whole += part
                if len(whole) > MOST_BYTES:
                    reply.fault = f"more than {MOST_BYTES} bytes"
                    return
                if time.monotonic() > end:
                    return
            reply.body, reply.fault = whole, ""
    except Exception as error:  # whatever breaks, by its kind alone: its words may hold the key
        reply.fault = f"no whole reply in {timeout:g} s ({type(error).__name__})"


def shown(url: str) -> str:
    """Return a URL without user and password."""
    return re.sub(r"^(\w+://)?.*@", r"\1***@", url, flags=re.DOTALL)


def excerpt(body: bytes, url: str, key: str, length: int) -> str:
    """Return the start of a body without key, user and password; cut last, because half a key is no longer found."""
    user, password = get_auth_from_url(url)
    basic = base64.b64encode(f"{user}:{password}".encode("latin-1", "replace")).decode() if user or password else ""
    written = re.search("//(.*)@", url)  # as in the URL, where %40 stands for @
    secrets = {key, user, password, basic, *(written[1].split(":", 1) if written else ())}
    text = body.decode("utf-8", "replace")
    for secret in sorted(filter(None, secrets), key=len, reverse=True):  # a longer one may hold a shorter
        text = text.replace(secret, "***")
    return text[:length]
