"""Files that a page offers: a link costs a run nothing, and the file is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2s
from html import escape
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from metrics.present.html import Ready
from pages.parts.sheet import Sheet

AT_MOST = 20_000
"""How many files a process remembers how to make; what was offered first is forgotten first."""
GONE = "Filen finns inte längre. Ladda om sidan och försök igen."
FAILED = "Filen gick inte att göra i ordning. Ladda om sidan och försök igen."


@dataclass(frozen=True, kw_only=True)
class File:
    """How to make a file; `label` is what its link says."""

    label: str
    name: str
    mime: str
    build: Callable[[], bytes]


_OFFERED: dict[str, File] = {}


def links(sheet: Sheet, *files: File) -> Ready:
    """One line of links to the files, which belong to the view of a sheet."""
    return Ready(f'<p class="sy-files">{"".join(_link(sheet, each) for each in files)}</p>')


def _link(sheet: Sheet, file: File) -> str:
    token = blake2s(repr((sheet.key, file.name)).encode(), digest_size=12).hexdigest()
    _OFFERED.pop(token, None)
    _OFFERED[token] = file
    while len(_OFFERED) > AT_MOST:
        _OFFERED.pop(next(iter(_OFFERED)), None)
    href = f"fil/{token}/{quote(file.name)}"
    return f'<a class="sy-link sy-file" download href="{escape(href)}">{escape(file.label)}</a>'


def offered() -> dict[str, File]:
    """Every file that can be asked for, by its token."""
    return dict(_OFFERED)


async def _serve(request: Request) -> Response:
    """The file, made in a thread of its own; a Swedish word where it is gone or cannot be made."""
    file = _OFFERED.get(request.path_params["token"])
    if file is None:
        return PlainTextResponse(GONE, status_code=404)
    try:
        made = await run_in_threadpool(file.build)
    except Exception:
        return PlainTextResponse(FAILED, status_code=500)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}", "Cache-Control": "no-store"}
    return Response(made, media_type=file.mime, headers=headers)


ROUTES = (Route("/fil/{token}/{name}", _serve),)
