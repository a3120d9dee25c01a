"""The page registry: every page's file, title and address. Serving only a release, it registers no desk page."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from metrics.present.swedish import ASSETS, head

PAGES = Path(__file__).resolve().parent / "pages"
BROWSE = (
    ("overview.py", "Översikt", "oversikt"),
    ("municipality.py", "Kommun", "kommun"),
    ("indicator.py", "Indikator", "indikator"),
    ("method.py", "Metod", "metod"),
)
DESK = (("deliver.py", "Lämna in", "lamna-in"), ("history.py", "Historik", "historik"))
QUIET = (("overview.py", "Start", ""), ("accessibility.py", "Tillgänglighet", "tillganglighet"))

st.set_page_config(page_title="Samsyn", page_icon=ASSETS / "icon.svg", layout="wide")
st.html(head(), unsafe_allow_javascript=True)

shown = [*BROWSE, *([] if os.environ.get("SAMSYN_RELEASE") else DESK)]
pages = [st.Page(PAGES / file, title=title, url_path=path) for file, title, path in shown if (PAGES / file).exists()]
pages += [
    st.Page(PAGES / file, title=title, url_path=path or None, default=not path, visibility="hidden")
    for file, title, path in QUIET
]
st.navigation(pages, position="top", expanded=True).run()
