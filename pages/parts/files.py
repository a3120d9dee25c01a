"""Files that a page offers: a link costs a run nothing, and the file is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import blake2s
from html import escape
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from metrics.present.html import Ready
from metrics.release import read
from pages.parts.sheet import Sheet

AT_MOST = 20_000
"""How many files a process remembers how to make; what was offered first is forgotten first."""
GONE = "Filen finns inte längre. Ladda om sidan och försök igen."
WITHDRAWN = "Utgåvan är tillbakadragen. Filen lämnas inte ut."
FAILED = "Filen gick inte att göra i ordning. Ladda om sidan och försök igen."


@dataclass(frozen=True, kw_only=True)
class File:
    """How to make a file; `label` is what its link says."""

    label: str
    name: str
    mime: str
    build: Callable[[], bytes]


@dataclass(frozen=True, kw_only=True)
class _Offer:
    """A file and the release that its values are of."""

    file: File
    release: str

    @property
    def stands(self) -> bool:
        """Whether the release is still here and has not been withdrawn since the file was offered."""
        folder = read.folder_of(self.release)
        return folder is not None and read.withdrawal(folder) is None


_OFFERED: dict[str, _Offer] = {}
_DONE: dict[str, float] = {}
"""How much is done of each file that is being made and says so (0 to 1), by its token."""
_MAKING: ContextVar[str] = ContextVar("making", default="")


def links(sheet: Sheet, *files: File) -> Ready:
    """One line of links to the files, which belong to the view of a sheet."""
    return Ready(f'<p class="sy-files">{"".join(_link(sheet, each) for each in files)}</p>')


def _link(sheet: Sheet, file: File) -> str:
    token = blake2s(repr((sheet.key, file.name)).encode(), digest_size=12).hexdigest()
    _OFFERED.pop(token, None)
    _OFFERED[token] = _Offer(file=file, release=sheet.release)
    while len(_OFFERED) > AT_MOST:
        _OFFERED.pop(next(iter(_OFFERED)), None)
    href = f"fil/{token}/{quote(file.name)}"
    return f'<a class="sy-link sy-file" download href="{escape(href)}">{escape(file.label)}</a>'


def offered() -> dict[str, File]:
    """Every file that can be asked for, by its token."""
    return {token: each.file for token, each in _OFFERED.items()}


async def _serve(request: Request) -> Response:
    """The file, made in a thread of its own; a Swedish word where it is gone, withdrawn, or cannot be made."""
    offer = _OFFERED.get(request.path_params["token"])
    if offer is None:
        return PlainTextResponse(GONE, status_code=404)
    try:
        if not await run_in_threadpool(lambda: offer.stands):
            return PlainTextResponse(WITHDRAWN, status_code=410)
        made = await run_in_threadpool(_build, request.path_params["token"], offer.file)
    except Exception:
        return PlainTextResponse(FAILED, status_code=500)
    name = quote(offer.file.name)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(made, media_type=offer.file.mime, headers=headers)


def tell(what: str, share: float) -> None:
    """What a file that takes its time says while it is made."""
    _DONE[_MAKING.get()] = share


def _build(token: str, file: File) -> bytes:
    _MAKING.set(token)
    try:
        return file.build()
    finally:
        _DONE.pop(token, None)


async def _how_far(request: Request) -> Response:
    """How many percent of the file are done; nothing where it is not being made, or does not say."""
    share = _DONE.get(request.path_params["token"])
    return PlainTextResponse("" if share is None else f"{share:.0%}".rstrip("%"), headers={"Cache-Control": "no-store"})


ROUTES = (Route("/fil/{token}", _how_far), Route("/fil/{token}/{name}", _serve))
