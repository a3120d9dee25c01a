"""Another indicator is one file: it is found, counted, protected, published, and stands in rug, method page and export."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from metrics import catalogue, cli
from metrics.demo import generate
from metrics.demo.release import desk_at, hand_in_all
from metrics.indicators.year9_results import INDICATORS as KNOWN
from metrics.release.publish import publish
from metrics.values import LOCAL_PRINCIPAL
from metrics.vocabulary import GR, Region

ROOT = Path(__file__).resolve().parents[2]
TITLE = "Godkänt i engelska på prov"
ONE_FILE = f'''"""An indicator of its own, in one file."""

from dataclasses import replace

from metrics.indicators.year9_results import INDICATORS as KNOWN

INDICATORS = (
    replace(
        KNOWN[0],
        name="core_subjects_passed",
        title="{TITLE}",
        short_title="{TITLE}",
        sql=KNOWN[0].sql.replace("core_passes = 3 AND other_passes >= 5", "core_passes = 3"),
        official=(),
        order=9,
    ),
)
'''


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "indicators"
    folder.mkdir()
    (folder / "core_subjects.py").write_text(ONE_FILE, encoding="utf-8")
    generate(tmp_path / "extracts", scale="small", seed=4, only_year9=True)
    alone = Region(name="Göteborg", title="Göteborg", members=(GR.member("1480"),))
    desk = desk_at(tmp_path / "data")
    hand_in_all(desk, tmp_path / "extracts")
    wider = catalogue.load(indicator_folders=[folder])
    made = publish(replace(desk, catalogue=wider, region=alone), principal=LOCAL_PRINCIPAL, note="En fil till")
    return made.folder


def test_one_file_is_enough(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release))
    target = tmp_path / "values.csv"
    assert cli.main(["export", "--indicator", "core_subjects_passed", "--to", str(target)]) == 0
    rows = pd.read_csv(target, sep=";", decimal=",", encoding="utf-8-sig")
    assert (rows["status"] == "shown").any()
    assert set(rows["indicator"]) == {"core_subjects_passed"}
    assert TITLE in json.dumps(
        json.loads((release / "open" / "definitions.json").read_text("utf-8")), ensure_ascii=False
    )
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.query_params["tema"] = KNOWN[0].theme
    app.run()
    assert TITLE in said(app)
    app.switch_page("pages/method.py").run()
    assert TITLE in said(app)


def said(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(each.proto.body for each in app.get("html"))
