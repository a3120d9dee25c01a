"""What a link to a file answers: the file, or a Swedish word; never the values of a release that was withdrawn."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from metrics.release import read
from pages.parts import files
from pages.parts.files import File
from pages.parts.sheet import Sheet

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"


def answer(token: str) -> Response:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "path_params": {"token": token}})
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(lambda: asyncio.run(files._serve(request))).result()


def failing() -> bytes:
    raise ValueError("17 elever i Ale")


def test_a_file_is_handed_out_while_its_release_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "release"
    shutil.copytree(DEMO, folder)
    monkeypatch.setenv("SAMSYN_RELEASE", str(folder))
    made: list[str] = []

    def build() -> bytes:
        made.append("en gång")
        return b"varden"

    sheet = Sheet(key=("prov",), release=read.load(folder).id)
    line = files.links(
        sheet,
        File(label="Tabell", name="tabell.csv", mime="text/csv", build=build),
        File(label="Trasig", name="trasig.csv", mime="text/csv", build=failing),
    )
    good, broken = re.findall(r"fil/(\w+)/", line)
    assert (answer(good).status_code, answer(good).body) == (200, b"varden")
    assert (answer(broken).status_code, answer(broken).body) == (500, files.FAILED.encode())
    assert (answer("okand").status_code, answer("okand").body) == (404, files.GONE.encode())
    made.clear()
    (folder / "withdrawn.json").write_text(json.dumps({"day": "2026-11-26", "reason": "Fel"}), encoding="utf-8")
    assert (answer(good).status_code, answer(good).body) == (410, files.WITHDRAWN.encode())
    shutil.rmtree(folder)
    assert answer(good).status_code != 200
    assert made == []


def test_a_file_that_takes_its_time_says_how_far_it_has_come() -> None:
    said: list[bytes] = []
    sheet = Sheet(key=("paket",), release=read.load(DEMO).id)

    def build() -> bytes:
        said.append(how_far(token))
        files.tell("Skriver sidan", 0.1)
        said.append(how_far(token))
        files.tell("Ritar Behörig till yrkesprogram", 0.456)
        said.append(how_far(token))
        return b"zip"

    def how_far(token: str) -> bytes:
        request = Request(
            {"type": "http", "method": "GET", "path": "/", "headers": [], "path_params": {"token": token}}
        )
        with ThreadPoolExecutor(1) as apart:
            return bytes(apart.submit(lambda: asyncio.run(files._how_far(request))).result().body)

    line = files.links(sheet, File(label="Paket", name="paket.zip", mime="application/zip", build=build))
    (token,) = re.findall(r"fil/(\w+)/", line)
    assert files._build(token, files.offered()[token]) == b"zip"
    assert said == [b"", b"10", b"46"]
    assert how_far(token) == b""
