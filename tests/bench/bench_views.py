"""How long a page's data takes in process, for every page over random views: the example release, and the whole country."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measuring import ROOT, Measure, Scale, alone

VIEWS = {"small": 40, "full": 200}
LIMITS = {"GR": 10.0, "290 kommuner": 25.0}
MEMORY = 1000.0


def measures(scale: Scale) -> Iterator[Measure]:
    """Per release: opening it, its process's memory, and each page's median with the time of the slow views."""
    yield from _release("GR", ROOT / "data" / "demo", VIEWS[scale])
    if scale == "full":
        from nation import write_nation

        with tempfile.TemporaryDirectory() as folder:
            yield from _release("290 kommuner", write_nation(Path(folder) / "nation"), VIEWS[scale])


def _release(name: str, folder: Path, views: int) -> Iterator[Measure]:
    found = alone("bench_views:read_pages", folder=str(folder), views=views)
    if found is None:
        yield Measure(name=f"{name}: sidornas data", ratio=None, unit="ms", limit=LIMITS[name], repeats=views)
        return
    yield Measure(name=f"{name}: utgåvan öppnad", ratio=found.answer["opened"], unit="s", limit=3.0, repeats=1)
    yield Measure(name=f"{name}: processens minne", ratio=found.peak_mb, unit="MB", limit=MEMORY, repeats=1)
    for page, spent in found.answer["pages"].items():
        for what, word in (("data", "data och tabeller"), ("whole", "med bilder")):
            middle, slow, cpu = spent[what]
            yield Measure(
                name=f"{name}: {page}, {word}",
                ratio=middle,
                unit="ms",
                limit=LIMITS[name],
                repeats=views,
                note=f"CPU {cpu:.1f}; 95 av 100 vyer under {slow:.1f}; vyn man först möter {spent['usual']:.1f}; första "
                f"gången {spent['first']:.0f}".replace(".", ","),
            )


def read_pages(folder: str, views: int) -> dict[str, Any]:
    """Open a release and build every page: seconds to open, and milliseconds (median, 95 of 100) per page."""
    logging.disable(logging.WARNING)
    from views import browse, built, measured, middle, slow

    from metrics.present.figures import Figures
    from metrics.release import read
    from pages.parts.view import View

    began = time.perf_counter()
    figures = Figures(read.load(Path(folder), compact=True))
    opened, pages = time.perf_counter() - began, {}
    for name, page in browse().items():
        began = time.perf_counter()
        built(figures, page, View(page.name, {}, arrived=True))
        first = (time.perf_counter() - began) * 1000
        spent = measured(figures, page, views=views)
        pages[name] = {
            "first": first,
            "usual": spent.usual,
            "data": (middle(spent.data), slow(spent.data), middle(spent.data_cpu)),
            "whole": (middle(spent.whole), slow(spent.whole), middle(spent.whole_cpu)),
        }
    return {"opened": opened, "pages": pages}
