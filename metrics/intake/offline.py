"""avidentifiera.html: one file that makes pseudonyms in a browser with no network, for those who can install nothing."""

from __future__ import annotations

from importlib.resources import files

NAME = "avidentifiera.html"


def page() -> bytes:
    """The page as it is handed out; it is complete in itself and its policy forbids every request."""
    return (files("metrics.intake") / "assets" / NAME).read_bytes()
