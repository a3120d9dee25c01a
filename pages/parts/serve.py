"""What `make run` starts: the server of the pages, with the release read before anybody asks for a page.

The first reader of a fresh server would otherwise wait for every import and for the whole release.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from threading import Timer

from streamlit.web import cli

from metrics.present import early_signs
from metrics.release import read
from pages.parts import downloads

DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard.py"
SECONDS = 5.0
"""How long the early signs wait, so that the server starts and the first page comes before them."""


def warm() -> None:
    """Read the current release as every page does, and find its early signs a little later: they take seconds."""
    with contextlib.suppress(read.ReleaseError, OSError, ValueError, KeyError):
        figures = downloads.current_figures()
        later = Timer(SECONDS, early_signs.find, (figures,))
        later.daemon = True
        later.start()


def main() -> None:
    """A release that cannot be read is said on the pages, not here."""
    warm()
    sys.argv = ["streamlit", "run", str(DASHBOARD), *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
