"""Checks against the sender's earlier deliveries; each has numbers it lets through and numbers it asks about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class HistoryCheck:
    """One comparison: its sentence may hold {count}; `good` and `bad` are the fields of history.Compared."""

    sentence: str
    advice: str
    good: Mapping[str, Any]
    bad: Mapping[str, Any]


HISTORY_CHECKS: Mapping[str, HistoryCheck] = {
    "key_changed": HistoryCheck(
        sentence="Nyckeln verkar vara en annan än förra gången: nästan inga pseudonymer går att koppla till tidigare uttag.",
        advice="Pseudonymisera om med samma nyckel som sist. Är bytet medvetet: skriv det som skäl.",
        good={"expected": 100, "linked": 93},
        bad={"expected": 100, "linked": 4},
    ),
    "other_key": HistoryCheck(
        sentence="Nyckeln är en annan än förra gången: filen säger vilken nyckel dess pseudonymer är gjorda med.",
        advice="Pseudonymisera om med samma nyckel som sist. Är bytet medvetet: lämna in alla år igen och skriv det som skäl.",
        good={"other_key": False},
        bad={"other_key": True},
    ),
    "units_missing": HistoryCheck(
        sentence="Skolor som fanns förra gången saknas nu ({count} st).",
        advice="Kontrollera urvalet. Har skolorna lagts ner eller bytt kod: skriv det som skäl.",
        good={"rows": {"10000001": 50}, "rows_before": {"10000001": 50}},
        bad={"rows": {"10000001": 50}, "rows_before": {"10000001": 50, "10000002": 10}},
    ),
    "unit_size_changed": HistoryCheck(
        sentence="Antalet rader har ändrats med mer än 30 procent vid några skolor ({count} st).",
        advice="Kontrollera urvalet vid de skolorna, eller skriv varför antalet ändrats.",
        good={"rows": {"10000001": 110, "10000002": 85}, "rows_before": {"10000001": 100, "10000002": 100}},
        bad={"rows": {"10000001": 180, "10000002": 20}, "rows_before": {"10000001": 100, "10000002": 100}},
    ),
    "size_changed": HistoryCheck(
        sentence="Uttaget är mer än 30 procent större eller mindre än förra gången.",
        advice="Kontrollera att uttaget gäller samma skolor och årskurser, eller skriv varför det ändrats.",
        good={"rows": {"10000001": 100}, "rows_before": {"10000001": 90}},
        bad={"rows": {"10000001": 40}, "rows_before": {"10000001": 90}},
    ),
    "counting_rule_changed": HistoryCheck(
        sentence="Källsystemet räknar på ett annat sätt än förra gången.",
        advice="Skriv som skäl när bytet skedde. Värden före och efter visas då inte som en utveckling.",
        good={"counting_rule_changed": False},
        bad={"counting_rule_changed": True},
    ),
    "unit_not_there": HistoryCheck(
        sentence="Skolenheter finns inte i registret för er kommun det läsåret: {units}.",
        advice="Kontrollera skolenhetskoden. Är skolan ny eller flyttad: be GR uppdatera registret och skriv det som skäl.",
        good={"strange_units": ()},
        bad={"strange_units": ("10000009",), "strange_rows": (2, 3), "strange_total": 2},
    ),
    "pupil_delivered_before": HistoryCheck(
        sentence="Elever i filen finns redan i en annan leverans från er för samma läsår ({count} st).",
        advice="Ersätt den tidigare leveransen eller ta bort eleverna i den ena. Annars räknas de två gånger.",
        good={"delivered_elsewhere": 0},
        bad={"delivered_elsewhere": 3},
    ),
    "pupil_with_another": HistoryCheck(
        sentence="Minst {count} elever i filen finns för samma läsår också hos en annan organisation.",
        advice="Kontrollera vilka elever som har bytt skola under läsåret. Vilka det gäller visas inte. Är det rätt: skriv varför.",
        good={"delivered_by_others": 0},
        bad={"delivered_by_others": 5},
    ),
    "official_size": HistoryCheck(
        sentence="Antalet elever skiljer sig med mer än 30 procent från det officiella antalet för era skolor.",
        advice="Kontrollera att alla era skolor är med och inga andras, eller skriv varför antalet skiljer sig.",
        good={"own": 95, "official": 100},
        bad={"own": 60, "official": 100},
    ),
}
