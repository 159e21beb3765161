"""A real headless Chromium, driven over a pipe by its own protocol: no driver and no further package is needed."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    """One page of a headless Chromium."""

    def __init__(self) -> None:
        to_it, self._send = os.pipe()
        self._receive, from_it = os.pipe()
        self._folder = tempfile.mkdtemp()
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--remote-debugging-pipe",
            f"--user-data-dir={self._folder}",
        ]
        # Chromium reads its orders from descriptor 3 and answers on 4.
        script = f'exec 3<&{to_it} 4>&{from_it}; exec "$0" "$@"'
        self._process = subprocess.Popen(
            ["bash", "-c", script, str(CHROMIUM), *flags, "about:blank"], pass_fds=(to_it, from_it), stderr=subprocess.DEVNULL
        )
        os.close(to_it)
        os.close(from_it)
        self._number, self._rest, self._session = 0, b"", None
        self.errors: list[str] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method, **arguments):
        """Send one order and return its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": arguments}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._send, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._number:
            self._note(answer)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _read(self):
        while b"\0" not in self._rest:
            part = os.read(self._receive, 1 << 16)
            assert part, "Chromium has ended"
            self._rest += part
        one, _, self._rest = self._rest.partition(b"\0")
        return json.loads(one)

    def _note(self, event):
        """Keep what went wrong in the page, and every address that it asked for."""
        told = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.errors.append(told["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        if event.get("method") == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.errors.append(told["entry"]["text"])
        if event.get("method") == "Network.requestWillBeSent" and not told["request"]["url"].startswith(
            ("file:", "data:", "about:")
        ):
            self.errors.append(f"asked for {told['request']['url'][:80]}")

    def open(self, path: Path, address: str = "", width: int = 1400, height: int = 900, dark: bool = False) -> None:
        """Load a page from disk at one width, under an address, and wait until its scripts have run."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Page.navigate", url="about:blank")
        self.ask("Page.navigate", url=path.resolve().as_uri() + address)
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")

    def run(self, script):
        """Return the value of an expression of the page."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script, seconds=20):
        """Wait until an expression of the page is true."""
        end = time.monotonic() + seconds
        while not self.run(script):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.05)

    def press(self, key, code):
        """Press and release one key."""
        text = {"Enter": "\r"}.get(key)
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **extra)

    def screenshot(self, path: Path, whole: bool = False) -> None:
        """Write what the window shows, or the whole page, as PNG."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=whole)["data"]))

    def pdf(self) -> bytes:
        """Return the page as it is printed."""
        return base64.b64decode(self.ask("Page.printToPDF", preferCSSPageSize=True)["data"])

    def close(self) -> None:
        """End the browser and forget its folder."""
        self._process.terminate()
        self._process.wait(20)
        os.close(self._send)
        os.close(self._receive)
        shutil.rmtree(self._folder, ignore_errors=True)
