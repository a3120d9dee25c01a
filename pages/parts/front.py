"""The document that a browser is given first: the framework's own, Swedish from its first word, that knows its server.

The framework's script would otherwise ask for the server under the page's own address first, in vain, and what it says
before the first page is drawn, or when the server is away, would be English.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import file_util

from metrics.present.swedish import script
from pages.parts import batch, resend

SERVER = (
    '<script>window.__streamlit={BACKEND_BASE_URL:new URL("./",location.href).href};'
    'Object.defineProperty(navigator,"language",{get:()=>"sv-SE"})</script>'
    "<style>[role=dialog] .stCode{display:none}</style>"
)
"""Where the server is: what the page's address is relative to, under any base path. The language of calendars. And what
the framework would have its developer type in a terminal is not shown to readers."""
WITHOUT_SCRIPTS = (
    "<noscript><p>Samsyn behöver JavaScript. Slå på det i webbläsaren, eller be den som driver Samsyn om tabellerna som "
    "filer.</p></noscript>"
)


class Front:
    """Answers for the addresses of pages, known or not, with the document; everything else is the framework's, whose
    messages that go together are taken apart on their way."""

    def __init__(self, app: ASGIApp, paths: tuple[str, ...]) -> None:
        self._app = app
        self._paths = paths
        resend.at_server()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and _is_page(scope):
            answer = HTMLResponse(document(self._paths), headers={"Cache-Control": "no-cache"})
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, batch.apart(send) if scope["type"] == "websocket" else send)


def _is_page(scope: Scope) -> bool:
    """One step below the base path, without an ending and not one of the framework's own."""
    inside = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
    return re.fullmatch(r"/[\w-]*", inside) is not None and not inside.startswith("/_")


@functools.cache
def document(paths: tuple[str, ...]) -> str:
    """The framework's document with the page's language, title and script; `paths` are the addresses that exist."""
    text = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    text = text.replace('<html lang="en">', '<html lang="sv">')
    text = re.sub(r"<title>.*?</title>", f"<title>Samsyn</title>{SERVER}", text, count=1)
    text = re.sub(r"<noscript>.*?</noscript>", WITHOUT_SCRIPTS, text, count=1, flags=re.DOTALL)
    return text.replace("</body>", f"<script>{script(paths)}</script></body>")
