"""The page registry: every page's file, title and address. A file that is not there is no page; serving only a release,
no desk page is registered. Groups are set apart in the navigation by the style sheet, never behind a menu.

The server imports this file for `app`, which also serves the files that pages offer, and runs it for every reader."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.scriptrunner import get_script_run_ctx

from metrics.present.swedish import head, icon
from pages.parts import files, front, navigation, resend

LOOK = (
    ("overview.py", "Översikt", ""),
    ("municipality.py", "Kommun", "kommun"),
    ("indicator.py", "Indikator", "indikator"),
)
WORK = (("models.py", "Modeller", "modeller"), ("compare.py", "Jämför", "jamfor"), ("effect.py", "Effekt", "effekt"))
FOLLOW = (
    ("pathway.py", "Elevens väg", "elevens-vag"),
    ("support_chain.py", "Stödkedjan", "stodkedjan"),
    ("early_signs.py", "Tidiga tecken", "tidiga-tecken"),
)
DESK = (
    ("deliver.py", "Lämna in", "lamna-in"),
    ("register.py", "Registret", "registret"),
    ("history.py", "Historik", "historik"),
)
BEHIND = (("method.py", "Metod", "metod"),)
QUIET = (("overview.py", "Översikt", "oversikt"), ("accessibility.py", "Tillgänglighet", "tillganglighet"))


def main() -> None:
    """One run for one reader. A desk page shows how far its work has come, so nothing of it waits."""
    groups = there()
    with ExitStack() as held:
        held.enter_context(resend.together())
        navigation.opening(groups)(lambda: _opening(groups))
        page = navigation.asked(groups)
        if page.url_path in {path for _, _, path in DESK}:
            held.close()
        page.run()


def _opening(groups: navigation.Groups) -> None:
    """What every page begins with: its title, its layout, its style and its search box."""
    st.set_page_config(page_title="Samsyn", page_icon=icon(), layout="wide")
    firsts = tuple(group[0][2] for group in groups[1:-1] if group)
    st.html(head(addresses(groups), firsts), unsafe_allow_javascript=True)


def there() -> navigation.Groups:
    """The groups of pages that this server has."""
    desk = () if os.environ.get("SAMSYN_RELEASE") else DESK
    return navigation.found((LOOK, WORK, FOLLOW, desk, BEHIND, QUIET))


def addresses(groups: navigation.Groups) -> tuple[str, ...]:
    return tuple(path for group in groups for _, _, path in group)


if get_script_run_ctx(suppress_warning=True):
    main()
else:
    navigation.declared_here()
    page = Middleware(front.Front, paths=addresses(there()))
    app = st.App(Path(__file__), routes=files.ROUTES, middleware=[page])
