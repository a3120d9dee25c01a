"""The order of the tests: what takes long in few tests comes first, so that no process is left with it at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

FIRST = ("whole", "browser", "attack", "pages")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    root = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(root).parts[0]
        return FIRST.index(folder) if folder in FIRST else len(FIRST)

    items.sort(key=place)
