"""What pages share: built once, also for many readers at the same time, and read before the first of them."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from metrics.present import early_signs
from metrics.present.html import Ready
from pages.parts import downloads, kept, serve


def test_a_thing_is_built_once_for_readers_who_come_at_the_same_time() -> None:
    made: list[int] = []

    def build() -> int:
        time.sleep(0.02)
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(8) as readers:
        found = list(readers.map(lambda _: kept.shared(("once", "at the same time"), build), range(16)))
    assert found == [1] * 16


def test_a_thing_may_be_built_of_other_things_and_nothing_waits_for_another_key() -> None:
    assert kept.shared(("outer",), lambda: kept.shared(("inner",), lambda: 3) + 1) == 4
    started, done = threading.Event(), threading.Event()

    def slow() -> int:
        started.set()
        assert done.wait(5)
        return 1

    with ThreadPoolExecutor(1) as reader:
        waiting = reader.submit(kept.shared, ("slow",), slow)
        assert started.wait(5)
        assert kept.shared(("quick",), lambda: 2) == 2
        done.set()
        assert waiting.result() == 1


def test_what_could_not_be_built_is_tried_again() -> None:
    def fails() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept.shared(("fails",), fails)
    assert kept.shared(("fails",), lambda: 5) == 5


def test_the_oldest_is_let_go() -> None:
    store = kept.Store(3)
    for number in range(5):
        assert store((number,), lambda number=number: -number) == -number  # type: ignore[misc]
    assert list(store.built) == [(2,), (3,), (4,)]
    assert isinstance(kept.kept(("html",), lambda: "<p>"), Ready)


def test_a_server_starts_also_where_no_release_can_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(tmp_path))
    asked: list[object] = []
    monkeypatch.setattr(serve, "SECONDS", 0.0)
    monkeypatch.setattr(early_signs, "find", asked.append)
    serve.warm()
    assert not asked
    monkeypatch.setattr(downloads, "current_figures", lambda: "figures")
    serve.warm()
    for _ in range(100):
        if asked:
            break
        time.sleep(0.02)
    assert asked == ["figures"]
