"""Every browse page in every state a release can be in, run as the server runs it."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.fixture import VARIANTS

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = (
    "overview",
    "municipality",
    "indicator",
    "models",
    "compare",
    "effect",
    "pathway",
    "support_chain",
    "early_signs",
    "method",
    "accessibility",
)
ReleaseOf = Callable[[str], Path]


@pytest.fixture(autouse=True)
def browse_only(monkeypatch: pytest.MonkeyPatch, release_of: ReleaseOf) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("full")))


def run(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=180)
    if page != "overview":
        app.run()
        app.switch_page(f"pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, [each.value for each in app.exception]
    return app


def text(app: AppTest) -> str:
    """What the page itself says, without the style and script that every page carries."""
    return "\n".join(each.proto.body for each in app.get("html") if not each.proto.body.startswith("<style>"))


def choices(app: AppTest) -> dict[str, str]:
    """What is chosen in every box of a page, by its part of the address."""
    boxes = re.findall(r'<select data-part="(\w+)"[^>]*>(.*?)</select>', text(app))
    return {name: html.unescape(re.findall(r'value="([^"]*)" selected', listed)[0]) for name, listed in boxes}


def heading(app: AppTest) -> str:
    return text(app).split("<h1>")[1].split("</h1>")[0]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("variant", list(VARIANTS))
def test_every_page_stands_in_every_state(
    page: str, variant: str, release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of(variant)))
    app = run(page)
    said = text(app)
    assert heading(app).endswith("?")
    assert 'class="sy-answer"' in said
    assert "Exempeldata" in said
    assert "Utgåva nr" in said
    assert not re.search(r"\b(nan|None|inf)\b", said)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_stands_with_every_kind_of_indicator(
    page: str, release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("families")))
    said = text(run(page))
    assert not re.search(r"\b(nan|None|inf)\b", said)
    assert "Exempeldata" in said


def test_the_first_page_leads_and_a_theme_shows_all_of_it(
    release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("families")))
    first, whole = text(run("overview")), text(run("overview", tema="Närvaro"))
    assert "tema=N%C3%A4rvaro" in first
    assert first.count("indikator=attendance_time") == 0 < whole.count("indikator=attendance_time")
    assert "åk 7–9 · VT 2025" in first
    assert "Uppgifter saknas delvis från Tjörn och Öckerö" in first
    assert whole.count(">saknas<") >= 2 * 3


@pytest.mark.parametrize(
    ("name", "box", "words"),
    [
        ("absence_20", "VT 2025", ("vårterminen 2025", "11 av 13 kommuner har lämnat in")),
        ("decision_within_14_days_all", "2025", ("år 2025",)),
        ("reports_per_child", "2025", ("år 2025",)),
        ("diploma_within_4_years_all", "2023/24", ("bland dem som började läsåret 2023/24",)),
        ("covered_by_model", "VT 2025", ("vårterminen 2025",)),
        ("resource_centre_returned_within_2_terms", "2024/25", ("läsåret 2024/25",)),
    ],
)
def test_an_indicator_of_each_kind_is_told_by_its_own_period(
    name: str, box: str, words: tuple[str, ...], release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("families")))
    app = run("indicator", indikator=name, kommun="Ale")
    assert box in choices(app).values()
    said = text(app)
    assert all(word in said for word in words)
    assert not re.search(r"\b(nan|None|inf)\b", said)


def test_a_link_with_a_school_year_finds_the_term(release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("families")))
    assert "höstterminen 2023" in text(run("indicator", indikator="absence_20", kommun="Ale", period="HT 2023"))


def test_the_rug_holds_value_n_and_a_link_for_every_cell(release_of: ReleaseOf) -> None:
    said = text(run("overview"))
    assert said.count('class="sy-rug"') == 3
    assert 'scope="col"' in said
    assert 'scope="row"' in said
    assert "n&nbsp;" in said
    assert "indikator?indikator=eligibility_vocational&amp;kommun=Ale&amp;period=2024%2F25" in said


def test_real_official_numbers_stand_on_the_first_page() -> None:
    said = text(run("overview"))
    assert "Riktiga siffror" in said
    assert "hämtat 23 november 2026" in said
    assert ">81,6<" in said  # Ale 2024/25, all providers: Skolverket
    assert ">84,1<" in said  # the nation 2024/25: Skolverket


def test_an_incomplete_region_is_named_and_never_judged(release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("incomplete")))
    assert "Uppgifter saknas delvis från Stenungsund och Öckerö." in text(run("overview"))
    said = text(run("overview", lasar="2024/25"))
    assert "11 av 13" in said
    assert "Uppgifter saknas från Stenungsund och Öckerö." in said
    rug = said.split('class="sy-rug"')[2]
    assert not any(f'class="{css}"' in rug for css in ("v-bb", "v-b", "v-w", "v-ww", "v-n"))
    one = text(run("indicator", kommun="Ale"))
    assert "bara 11 av 13 kommuner har lämnat in" in one


def test_a_link_restores_the_view() -> None:
    app = run("indicator", indikator="all_subjects_passed", kommun="Tjörn", lasar="2022/23", jamfor="region")
    assert list(choices(app).values()) == ["all_subjects_passed", "Tjörn", "2022/23", "region", "all"]
    assert "i Tjörn läsåret 2022/23" in text(app)
    assert app.query_params["utgava"] == "full-3"


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"kommun": "Atlantis"}, "”Atlantis” går inte att välja under ”Kommun”"),
        ({"period": "1999/00"}, "”1999/00” går inte att välja under ”Läsår”"),
        ({"indikator": "<script>"}, "”&lt;script&gt;” går inte att välja under ”Mått”"),
        ({"utgava": "finns-ej"}, "Länken gäller utgåvan ”finns-ej”, som inte finns här"),
        ({"fargval": "rosa"}, "”fargval” i länken betyder ingenting"),
    ],
)
def test_a_bad_part_of_a_link_is_said_in_swedish(query: dict[str, str], word: str) -> None:
    assert word in text(run("indicator", **query))


def test_a_link_may_use_swedish_words_in_any_case() -> None:
    app = run("indicator", kommun="tjörn", huvudman="Fristående skolor")
    assert choices(app)["kommun"] == "Tjörn"
    assert choices(app)["huvudman"] == "independent"


def test_choices_survive_a_change_of_page() -> None:
    app = run("municipality", kommun="Lerum", lasar="2021/22")
    app.switch_page("pages/overview.py")
    app.query_params.clear()
    app.run()
    assert choices(app)["lasar"] == "2021/22"
    app.switch_page("pages/municipality.py")
    app.query_params.clear()
    app.run()
    assert heading(app) == "Hur går det för eleverna i Lerum?"


def test_what_a_link_leaves_out_is_the_default_and_not_what_was_chosen_last() -> None:
    app = run("indicator", kommun="Lerum", huvudman="independent")
    app.query_params.clear()
    app.query_params["kommun"] = "Ale"
    app.run()
    assert choices(app)["kommun"] == "Ale"
    assert choices(app)["huvudman"] == "all"


def test_a_definition_is_one_click_from_its_title_and_an_unknown_one_is_said() -> None:
    listed = text(run("method"))
    assert re.search(r"metod\?indikator=absence_10[^>]*>Elever med minst 10", listed)
    assert "<dt>Täljare</dt>" not in listed
    assert "<dt>Täljare</dt>" in text(run("method", indikator="absence_10"))
    assert "”finns_inte” finns inte som mått" in text(run("method", indikator="finns_inte"))


def test_nothing_is_drawn_where_every_value_is_hidden(release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = len(run("indicator").get("vega_lite_chart"))
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("hidden")))
    app = run("indicator")
    assert len(app.get("vega_lite_chart")) < shown
    assert "dold" in text(app)


def test_search_finds_measures_members_and_words() -> None:
    said = text(run("overview", sok="tjör"))
    assert re.search(r"kommun\?[^\"]*kommun=Tj%C3%B6rn", said)
    assert re.search(r"indikator\?[^\"]*indikator=absence_10[^>]*>Elever med", text(run("overview", sok="franvaro")))
    assert "metod?" in text(run("overview", sok="orosanmälan"))
    assert re.search(r"modeller\?[^\"]*modell=sspf", text(run("overview", sok="sspf")))
    assert "tidiga-tecken" in text(run("overview", sok="tidiga tecken"))
    assert "stämmer med ”xyzzy”" in text(run("overview", sok="xyzzy"))


@pytest.fixture
def own_releases(tmp_path: Path, release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two releases of one's own: full-2 with other numbers, and the current full-3."""
    monkeypatch.delenv("SAMSYN_RELEASE")
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path))
    releases = tmp_path / "releases"
    shutil.copytree(release_of("full"), releases / "full-3")
    shutil.copytree(release_of("sparse"), releases / "sparse-3")
    (releases / "current").write_text("full-3", encoding="utf-8")
    return releases


def test_an_older_release_says_that_the_value_has_changed(own_releases: Path) -> None:
    said = text(run("indicator", utgava="sparse-3", kommun="Öckerö", indikator="absence_10"))
    assert "Det finns en nyare." in said
    assert "Ett värde i vyn har ändrats i den." in said
    assert "utgava=full-3" in said


def test_an_older_release_says_that_the_value_is_the_same(own_releases: Path) -> None:
    said = text(run("indicator", utgava="sparse-3", kommun="Göteborg", indikator="absence_10"))
    assert "Värdena i vyn är desamma i den." in said


@pytest.mark.parametrize("page", [each for each in PAGES if each != "accessibility"])
def test_every_page_says_of_an_older_release_whether_the_view_has_changed(page: str, own_releases: Path) -> None:
    said = text(run(page, utgava="sparse-3"))
    assert "Det finns en nyare." in said
    assert re.search(r"(har ändrats|är desamma|är detsamma) i den\.", said)


@pytest.mark.parametrize("page", ["method", "effect", "models"])
def test_a_release_that_differs_only_in_name_and_day_has_changed_nothing(page: str, own_releases: Path) -> None:
    folder = own_releases / "same-2"
    shutil.copytree(own_releases / "full-3", folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest |= {"id": "same-2", "number": 2, "created": "2026-11-01T08:00:00", "note": "En annan anmärkning"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "Det som står i vyn är detsamma i den." in text(run(page, utgava="same-2"))


def test_a_withdrawn_release_says_why_and_shows_nothing(own_releases: Path) -> None:
    withdrawn = '{"day": "2026-11-23", "reason": "Fel betyg från en skola"}'
    (own_releases / "sparse-3" / "withdrawn.json").write_text(withdrawn, encoding="utf-8")
    said = text(run("indicator", utgava="sparse-3", kommun="Ale"))
    assert "drogs tillbaka 23 november 2026: Fel betyg från en skola." in said
    assert "Samma vy i den nuvarande utgåvan" in said
    assert "kommun=Ale" in said
    assert "sy-table" not in said


def test_a_damaged_release_is_said_in_swedish(
    tmp_path: Path, release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(release_of("full"), tmp_path / "damaged")
    (folder / "open" / "trends.parquet").write_bytes(b"not what it was")
    monkeypatch.setenv("SAMSYN_RELEASE", str(folder))
    assert "stämmer inte med sin kontrollsumma" in text(run("overview"))


def test_no_desk_page_is_registered_when_only_a_release_is_served() -> None:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=180).run()
    with pytest.raises(ValueError, match="deliver"):
        app.switch_page("pages/deliver.py").run()


@pytest.mark.parametrize(
    ("page", "query", "words"),
    [
        (
            "pathway",
            {"kohort": "gymnasiestart", "kommun": "Ale"},
            ("Gymnasieexamen inom tre, fyra och fem år", "Räknas:", "Ingen uppdelning på modell"),
        ),
        (
            "support_chain",
            {"kommun": "Ale", "stadium": "4-6"},
            ("Steg för steg", "Räknas:", "Ålder vid första anmälan", "Okänd anmälare"),
        ),
        (
            "early_signs",
            {"stadium": "7-9"},
            ("grupper, aldrig elever", "Orosanmälda inom ett år efter frånvaro", "Så är det räknat"),
        ),
        ("early_signs", {"kommun": "Ale", "tecken": "franvaro", "battre": "ja"}, ("Skiljer sig från det väntade",)),
    ],
)
def test_the_way_and_the_chain_say_who_is_counted(
    page: str, query: dict[str, str], words: tuple[str, ...], release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("families")))
    said = text(run(page, **query))
    assert [word for word in words if word not in said] == []
    assert "betyder ingenting" not in said
    assert not re.search(r"\b(nan|None|inf)\b", said)


def test_every_group_of_the_example_release_can_be_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(ROOT / "data" / "demo"))
    for group in ("arskurs-9", "gymnasiestart", "introduktionsprogram", "efter-gymnasiet", "resurscentrum"):
        for area in ("*", "Ale"):
            said = text(run("pathway", kohort=group, kommun=area))
            assert "går inte att välja" not in said
            assert not re.search(r"\b(nan|None|inf)\b", said)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"elever": "girls"}, ("flickor i GR som slutade årskurs 9", "slutade årskurs 9, flickor")),
        (
            {"modell": "social_worker_in_school"},
            ("vid skolor med socialsekreterare i skolan", "Annat än nationellt program", "De andra delas inte upp"),
        ),
        (
            {"kommun": "Ale", "elever": "girls"},
            ("flickor i Ale", "De andra delas inte upp så långt. Uppdelningen finns för hela GR."),
        ),
    ],
)
def test_the_way_is_divided_where_the_release_is(
    query: dict[str, str], words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(ROOT / "data" / "demo"))
    said = text(run("pathway", **query))
    assert [word for word in words if word not in said] == []
    assert "går inte att välja" not in said


def test_an_older_release_lists_what_has_changed(own_releases: Path) -> None:
    said = text(run("municipality", utgava="sparse-3", kommun="Öckerö"))
    assert "har ändrats i den." in said
    assert "Vad som har ändrats" in said
    assert re.search(r"<li>[^<]+: dold här, [^<]+ i den nyaste</li>", said)
