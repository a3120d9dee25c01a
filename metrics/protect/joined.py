"""Published parts put together, and official series passed through: the other two ways to a Published."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from metrics.protect.errors import ProtectionError
from metrics.values import Published


def joined(parts: Sequence[Published]) -> Published:
    """Several families' published values as one table."""
    return Published(values=pd.concat([part.values for part in parts], ignore_index=True))


def publish_official(rows: pd.DataFrame) -> Published:
    """The official series as published values; ProtectionError for anything but the "Samtliga" rows.

    With the rows of every provider, hidden values of independent schools follow by subtraction.
    """
    providers = set(rows["provider"].unique()) - {"all"}
    if providers:
        raise ProtectionError(
            f"a release carries official rows of all providers together only, got: {sorted(providers)}"
        )
    return Published(values=rows)
