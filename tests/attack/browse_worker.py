"""Serves pages of one release folder in a process of its own, and writes what it loaded, opened, started and called.

python -m tests.attack.browse_worker PAGE...; the answer is one line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WATCHED = {"open", "os.listdir", "os.scandir", "socket.connect", "subprocess.Popen", "os.system", "sqlite3.connect"}
seen: dict[str, set[str]] = defaultdict(set)


def watch(event: str, given: tuple[Any, ...]) -> None:
    """An audit hook: every call of these kinds that Python code of the process makes."""
    if event in WATCHED and given and isinstance(given[0], str | bytes | Path):
        path = given[0].decode() if isinstance(given[0], bytes) else str(given[0])
        writing = event == "open" and isinstance(given[1], str) and set(given[1]) & set("wax+")
        seen["written" if writing else event].add(path)
    elif event in WATCHED and event != "open":
        seen[event].add(repr(given)[:200])


def main(pages: list[str]) -> None:
    sys.addaudithook(watch)
    from streamlit.testing.v1 import AppTest

    said = {}
    for page in pages:
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=120)
        if page != "overview":
            app.run()
            app.switch_page(f"pages/{page}.py")
        app.run()
        text = "\n".join(each.proto.body for each in app.get("html") if not each.proto.body.startswith("<style>"))
        said[page] = {"length": len(text), "broken": bool(app.exception), "desk": "lamna-in" in text}
    found = {event: sorted(paths) for event, paths in seen.items()}
    print(json.dumps({"pages": said, "modules": sorted(sys.modules), "path": sys.path, **found}))


if __name__ == "__main__":
    main(sys.argv[1:])
