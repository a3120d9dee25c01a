"""One server and one browser per session; without Chromium the tests are skipped in a clear line, or fail if told to."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.pages.fixture import cached_release

ROOT = Path(__file__).resolve().parent.parent.parent
RELEASES = ("full", "hidden", "empty", "incomplete", "families")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running dashboard over several releases; full-3 is the current one."""

    address: str

    def url(self, path: str = "", release: str = "full") -> str:
        joint = "&" if "?" in path else "?"
        return f"{self.address}/{path}{joint}utgava={release}-3"


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        if os.environ.get("SAMSYN_REQUIRE_BROWSER") == "1":
            pytest.fail("Chromium is missing and SAMSYN_REQUIRE_BROWSER=1")
        pytest.skip("Chromium is missing: the pages were not tried in a browser")
    return found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("data")
    for name in RELEASES:
        shutil.copytree(cached_release(name), data / "releases" / f"{name}-3")
    (data / "releases" / "current").write_text("full-3", encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SAMSYN_")}
    with (data / "server.log").open("w") as log:
        running = subprocess.Popen(
            command, cwd=ROOT, env=environment | {"SAMSYN_DATA": str(data)}, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health")
            yield Server(address=f"http://127.0.0.1:{port}")
        finally:
            running.terminate()
            running.wait(timeout=20)


def _wait(address: str) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError(f"the server answers within a minute, got: nothing from {address}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of an English-speaking browser, so that nothing is Swedish by luck."""
    opened = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-US")
    opened.set_default_timeout(60_000)
    yield opened
    opened.close()
