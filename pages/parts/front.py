"""The document that a browser is given first: the framework's own, Swedish from its first word, that knows its server.

The framework's script would otherwise ask for the server under the page's own address first, in vain, and what it says
before the first page is drawn, or when the server is away, would be English.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from urllib.parse import quote

from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config, file_util

from metrics.present.swedish import script
from pages.parts import batch, resend

SERVER = (
    '<script>window.__streamlit={BACKEND_BASE_URL:new URL("./",location.href).href};'
    'Object.defineProperty(navigator,"language",{get:()=>"sv-SE"})</script>'
    "<style>[role=dialog] .stCode{display:none}</style>"
)
"""Where the server is: what the page's address is relative to, under any base path. The language of calendars. And what
the framework would have its developer type in a terminal is not shown to readers."""
NOT_PAGES = frozenset(
    {"app", "auth", "component", "components", "fil", "healthz", "media", "oauth2callback", "static", "vendor"}
)
"""The first steps of what the framework and our files answer for: scripts, pictures, signing in, downloads, health."""
WITHOUT_SCRIPTS = (
    "<noscript><p>Samsyn behöver JavaScript. Slå på det i webbläsaren, eller be den som driver Samsyn om tabellerna som "
    "filer.</p></noscript>"
)


class Front:
    """Answers for the addresses of pages, known or not, with the document; everything else is the framework's, whose
    messages that go together are taken apart on their way. An address of several steps is none of a page, and the
    document cannot find its own scripts there: the reader is led to one step, where it is said that the page is missing."""

    def __init__(self, app: ASGIApp, paths: tuple[str, ...]) -> None:
        self._app = app
        self._paths = paths
        resend.at_server()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        steps = _steps(scope) if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else None
        if steps is not None:
            answer = HTMLResponse(document(self._paths), headers={"Cache-Control": "no-cache"})
            await (answer if _inside(scope) == f"/{steps[0]}" else _one_step(scope, steps))(scope, receive, send)
            return
        await self._app(scope, receive, batch.apart(send) if scope["type"] == "websocket" else send)


def _steps(scope: Scope) -> list[str] | None:
    """The steps of a page's address below the base path; None for files and for what is not pages'."""
    inside = _inside(scope)
    steps = [step for step in inside.split("/") if step] or [""]
    if re.fullmatch(r"[/\w-]*", inside) is None or steps[0].startswith("_") or steps[0] in NOT_PAGES:
        return None
    return steps


def _one_step(scope: Scope, steps: list[str]) -> RedirectResponse:
    base = str(scope["path"]).removesuffix(_inside(scope))
    asked = scope["query_string"].decode("ascii", "ignore")
    return RedirectResponse(f"{base}/{quote('-'.join(steps))}{'?' if asked else ''}{asked}", status_code=302)


def _inside(scope: Scope) -> str:
    """The path below where the server stands: what a server in front has cut off, and the framework's own setting."""
    path = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
    base = str(config.get_option("server.baseUrlPath")).strip("/")
    return path.removeprefix(f"/{base}") if base else path


@functools.cache
def document(paths: tuple[str, ...]) -> str:
    """The framework's document with the page's language, title and script; `paths` are the addresses that exist."""
    text = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    text = text.replace('<html lang="en">', '<html lang="sv">')
    text = re.sub(r"<title>.*?</title>", f"<title>Samsyn</title>{SERVER}", text, count=1)
    text = re.sub(r"<noscript>.*?</noscript>", WITHOUT_SCRIPTS, text, count=1, flags=re.DOTALL)
    return text.replace("</body>", f"<script>{script(paths)}</script></body>")
