"""Synthetic releases for the pages, written once per session and only when a test asks for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pages.fixture import VARIANTS, write_release


@pytest.fixture(scope="session")
def release_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    base = tmp_path_factory.mktemp("releases")

    def found(name: str) -> Path:
        folder = base / name
        return folder if folder.exists() else write_release(folder, VARIANTS[name])

    return found
