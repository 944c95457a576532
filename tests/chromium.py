"""A headless Chromium for pages of ours, driven over a pipe by its own protocol: no library."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next((found for name in NAMES if (found := shutil.which(name))), None)
WHY_NOT = "needs Chromium (chromium, google-chrome) in the path"


class Page:
    """A page in a browser of its own.

    Parameters
    ----------
    file : pathlib.Path
        HTML file.
    profile : pathlib.Path
        Empty folder for the browser.
    width, height : int
        Of the window.
    dark : bool
        Whether the reader prefers a dark page.
    """

    def __init__(self, file: Path, profile: Path, width=1280, height=900, dark=False) -> None:
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()

        def place_pipes() -> None:  # the browser reads commands on 3 and answers on 4
            os.dup2(to_browser, 63)
            os.dup2(from_browser, 64)
            os.dup2(63, 3)
            os.dup2(64, 4)
            for number in (3, 4):
                os.set_inheritable(number, True)

        self._process = subprocess.Popen(
            [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--remote-debugging-pipe", f"--user-data-dir={profile}",
             f"--window-size={width},{height}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=place_pipes, close_fds=False,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        self._number, self._rest, self.said = 0, b"", []
        self._session = ""
        targets = self._call("Target.getTargets")["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Runtime", "Log", "Page", "Network"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                   deviceScaleFactor=1, mobile=width < 600)  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call("Page.navigate", url=file.resolve().as_uri())
        self._wait_loaded()

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._read)
        os.close(self._write)

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        told = self._call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key, as a reader does."""
        codes = {"Tab": 9, "Enter": 13, "ArrowRight": 39, "ArrowLeft": 37, "End": 35, "Home": 36}
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                       windowsVirtualKeyCode=codes[key])  # fmt: skip

    def hover(self, x: float, y: float) -> None:
        """Move the pointer."""
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    @property
    def complaints(self) -> list[str]:
        """Errors and warnings of the console, exceptions, and requests beyond the page itself."""
        told = []
        for event in self.said:
            what = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                told.append(what["exceptionDetails"]["text"])
            if event["method"] == "Runtime.consoleAPICalled":
                told.append(str(what["args"]))
            if event["method"] == "Log.entryAdded":
                told.append(what["entry"]["text"])
            if event["method"] == "Network.requestWillBeSent":
                url = what["request"]["url"]
                told += [] if url.startswith(("file:", "blob:")) else [f"asked for {url}"]
        return told

    def _wait_loaded(self) -> None:
        for _ in range(200):
            if self.run("document.readyState") == "complete" and self.run("location.href") != (
                "about:blank"
            ):
                return
            time.sleep(0.05)
        raise AssertionError("the page did not load")

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                assert "error" not in told, told["error"]
                return told["result"]
            if "method" in told:
                self.said.append(told)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._read, 1 << 16)
            assert part, "the browser ended"
            self._rest += part
        text, _, self._rest = self._rest.partition(b"\0")
        return json.loads(text)
