"""The page registry: every page's file, title and address. Serving only a release, it registers no desk page."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from metrics.present.swedish import ASSETS, head

PAGES = Path(__file__).resolve().parent / "pages"
BROWSE = (
    ("overview.py", "Översikt", ""),
    ("municipality.py", "Kommun", "kommun"),
    ("indicator.py", "Indikator", "indikator"),
    ("method.py", "Metod", "metod"),
)
DESK = (("deliver.py", "Lämna in", "lamna-in"), ("history.py", "Historik", "historik"))
QUIET = (("overview.py", "Översikt", "oversikt"), ("accessibility.py", "Tillgänglighet", "tillganglighet"))

st.set_page_config(page_title="Samsyn", page_icon=ASSETS / "icon.svg", layout="wide")
shown = [*BROWSE, *([] if os.environ.get("SAMSYN_RELEASE") else DESK)]
st.html(head(tuple(path for _, _, path in (*shown, *QUIET))), unsafe_allow_javascript=True)
pages = [
    st.Page(
        PAGES / file,
        title=title,
        url_path=path or None,
        default=not path,
        visibility="hidden" if (file, title, path) in QUIET else "visible",
    )
    for file, title, path in (*shown, *QUIET)
    if (PAGES / file).exists()
]
st.navigation(pages, position="top", expanded=True).run()
