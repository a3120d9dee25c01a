"""Words, signs and colours for verdicts, trends and statuses: never colour alone, never red against green."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metrics.values import Status


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How something is shown: a word, a sign beside it, and the class that colours it."""

    word: str
    sign: str
    css: str


VERDICTS: Mapping[str, Mark] = {
    "much_better": Mark(word="klart bättre", sign="++", css="v-bb"),
    "better": Mark(word="bättre", sign="+", css="v-b"),
    "not_distinguishable": Mark(word="går inte att skilja", sign="", css="v-0"),
    "worse": Mark(word="sämre", sign="–", css="v-w"),
    "much_worse": Mark(word="klart sämre", sign="– –", css="v-ww"),
    "much_higher": Mark(word="klart högre", sign="▲", css="v-n"),
    "higher": Mark(word="högre", sign="△", css="v-n"),
    "lower": Mark(word="lägre", sign="▽", css="v-n"),
    "much_lower": Mark(word="klart lägre", sign="▼", css="v-n"),
}
NO_VERDICT = Mark(word="jämförs inte", sign="", css="v-x")

TRENDS: Mapping[str, Mark] = {
    "rising": Mark(word="ökar", sign="↗", css="t"),
    "falling": Mark(word="minskar", sign="↘", css="t"),
    "none": Mark(word="ingen säker trend", sign="", css="t"),
    "too_few": Mark(word="trend kan inte beräknas ännu", sign="", css="t"),
    "stopped": Mark(word="trend kan inte beräknas: serien bröts nyligen", sign="", css="t"),
}

STATUSES: Mapping[str, Mark] = {
    Status.HIDDEN: Mark(word="dold", sign="", css="s-hidden"),
    Status.NOT_YET_OBSERVABLE: Mark(word="ännu ej", sign="", css="s-not-yet"),
    Status.MISSING: Mark(word="saknas", sign="", css="s-missing"),
    Status.NOT_APPLICABLE: Mark(word="ej aktuell", sign="", css="s-none"),
    Status.NOT_COMPARABLE: Mark(word="ej jämförbar", sign="", css="s-none"),
}

BETTER = ("much_better", "better")
WORSE = ("much_worse", "worse")
HIGHER = ("much_higher", "higher")
LOWER = ("much_lower", "lower")
GOOD_TREND = {"higher_is_better": "rising", "lower_is_better": "falling"}
BAD_TREND = {"higher_is_better": "falling", "lower_is_better": "rising"}


def trend_word(trend: str, polarity: str) -> str:
    """förbättras or försämras where there is a polarity, otherwise ökar or minskar."""
    if GOOD_TREND.get(polarity) == trend:
        return "förbättras"
    if BAD_TREND.get(polarity) == trend:
        return "försämras"
    return TRENDS[trend].word


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours of pictures; marks keep 3:1 and text 4.5:1 against the ground."""

    ground: str
    ink: str
    quiet: str
    line: str
    accent: str
    grey: str
    better: str
    worse: str
    neutral: str
    official: str
    faint: str


LIGHT = Palette(
    ground="#FBFAF7",
    ink="#1B2326",
    quiet="#586165",
    line="#DDD9CF",
    accent="#0B5C6B",
    grey="#7C8488",
    better="#2166AC",
    worse="#C4560E",
    neutral="#6E6787",
    official="#8A5A00",
    faint="#E4E1D8",
)
DARK = Palette(
    ground="#14191B",
    ink="#ECE9E2",
    quiet="#AEB6B9",
    line="#333C40",
    accent="#6BC5D4",
    grey="#8C979B",
    better="#6AA9E9",
    worse="#F0914F",
    neutral="#B3A9D3",
    official="#E0B25A",
    faint="#2A3235",
)
PALETTES: Mapping[str, Palette] = {"light": LIGHT, "dark": DARK}


def verdict_colour(verdict: str, palette: Palette) -> str:
    """The colour of a mark with this verdict; grey where nothing can be told apart."""
    if verdict in BETTER:
        return palette.better
    if verdict in WORSE:
        return palette.worse
    return palette.neutral if verdict in (*HIGHER, *LOWER) else palette.grey
