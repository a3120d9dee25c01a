"""Synthetic releases for the pages, made only when a test asks for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pages.fixture import cached_release


@pytest.fixture(scope="session")
def release_of() -> Callable[[str], Path]:
    return cached_release
