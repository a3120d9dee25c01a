"""Finds every declaration (extracts, indicators, model types), checks them together and refuses what is wrong."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType
from typing import Any

from metrics.declare import DeclarationError, Extract, Indicator, ModelType, require

PACKAGE = Path(__file__).resolve().parent
COHORTS = PACKAGE / "cohorts"


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All declarations by name; indicators in the order they are shown."""

    extracts: Mapping[str, Extract]
    indicators: Mapping[str, Indicator]
    model_types: Mapping[str, ModelType]
    cohorts: Mapping[str, str]

    def __post_init__(self) -> None:
        for indicator in self.indicators.values():
            for name in indicator.extracts:
                require(name in self.extracts, f"{indicator.name} reads declared extracts", name)
            if indicator.elsewhere:
                told = self.indicators.get(indicator.elsewhere)
                other = told is not None and told.population != indicator.population
                require(other, f"{indicator.name} is told elsewhere by another family's indicator", indicator.elsewhere)
            if indicator.linkage:
                said = self.indicators.get(indicator.linkage.indicator)
                own = (
                    said is not None
                    and said.unit in ("share", "flow")
                    and (said.population == indicator.population or indicator.needs_join)
                )
                require(own, f"the linkage of {indicator.name} is a share of its family", indicator.linkage.indicator)
            for name in {*indicator.implies, *({indicator.at_models} - {"", "outcome"})}:
                own = name in self.indicators and self.indicators[name].population == indicator.population
                require(own, f"what {indicator.name} implies is of its family", name)
        for model in self.model_types.values():
            for result in model.expected_results:
                require(
                    result.indicator in self.indicators, f"{model.name} expects declared indicators", result.indicator
                )
        for name, sql in self.cohorts.items():
            require(sql.startswith("-- One row per "), "a cohort's first line states its unit", name)

    def in_space(self, space: str | None) -> list[str]:
        """The names of the extracts whose pseudonyms lie in this space."""
        return [extract.name for extract in self.extracts.values() if extract.space == space]

    @functools.cached_property
    def reads(self) -> Mapping[str, frozenset[str]]:
        """The names (cohorts, extracts, columns) that each cohort's SQL says."""
        return {name: frozenset(_words(sql)) for name, sql in self.cohorts.items()}

    @functools.cached_property
    def cohorts_in_order(self) -> tuple[str, ...]:
        """The cohorts' names, each after the cohorts that its SQL reads; the same order in every process."""
        reads = {name: sorted(words & (self.cohorts.keys() - {name})) for name, words in sorted(self.reads.items())}
        return tuple(TopologicalSorter(reads).static_order())

    def sources(self, sql: str) -> tuple[str, ...]:
        """The cohorts behind `sql`, directly or through each other, in the order they are built."""
        needed: set[str] = set()
        found = _words(sql) & self.cohorts.keys()
        while found - needed:
            needed |= found
            found = set().union(*(self.reads[name] for name in found)) & self.cohorts.keys()
        return tuple(name for name in self.cohorts_in_order if name in needed)

    @property
    def populations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(indicator.population for indicator in self.indicators.values()))

    def family(self, population: str) -> tuple[Indicator, ...]:
        """The indicators of one population, in the order they are shown."""
        return tuple(each for each in self.indicators.values() if each.population == population)


def load(
    *, indicator_folders: Iterable[Path] = (), extract_folders: Iterable[Path] = (), model_folders: Iterable[Path] = ()
) -> Catalogue:
    """The catalogue of this package, plus declarations found in further folders."""
    extracts = _collect((PACKAGE / "extracts", *extract_folders), "EXTRACT", Extract)
    indicators = _collect((PACKAGE / "indicators", *indicator_folders), "INDICATORS", Indicator)
    models = _collect((PACKAGE / "models", *model_folders), "MODEL_TYPES", ModelType)
    ordered = dict(sorted(indicators.items(), key=lambda item: (item[1].order, item[0])))
    return Catalogue(extracts=extracts, indicators=ordered, model_types=models, cohorts=_cohorts())


@functools.cache
def default() -> Catalogue:
    """The catalogue of this package, loaded once."""
    return load()


def _words(sql: str) -> set[str]:
    """The names in a statement, without its comments."""
    return set(re.findall(r"[a-z_][a-z0-9_]*", re.sub(r"--[^\n]*", "", sql)))


def _cohorts() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(COHORTS.glob("*.sql"))}


def _collect(folders: Iterable[Path], attribute: str, kind: type[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.py")):
            for declaration in _declared(_module(path), attribute):
                require(isinstance(declaration, kind), f"{attribute} holds {kind.__name__}", type(declaration).__name__)
                require(declaration.name not in found, f"a {kind.__name__} name stands once", declaration.name)
                found[declaration.name] = declaration
    return found


def _declared(module: ModuleType, attribute: str) -> tuple[Any, ...]:
    value = getattr(module, attribute, ())
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _module(path: Path) -> ModuleType:
    """The module at `path`: by its package name inside this package, by file otherwise."""
    if path.is_relative_to(PACKAGE):
        return importlib.import_module(".".join(("metrics", *path.relative_to(PACKAGE).with_suffix("").parts)))
    name = f"declared_{path.stem}_{abs(hash(path))}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise DeclarationError(f"a declaration file can be loaded, got: {path.name!r}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
