"""The source types there are. Adding one: its folder beside this file, and its lines here.

A package of its own adds one by an entry point of the group ``e2e_validator.providers``. A provider is imported when
it is first asked for: what a scenario does not use costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

GROUP = "e2e_validator.providers"
# Module and attribute of each part. Rules and flow stand apart from the provider: ``lint`` needs them alone, and none
# of the clients of a run.
SHIPPED = {
    "AWS": {
        "provider": "e2e_validator.providers.aws.provider:PROVIDER",
        "flow": "e2e_validator.providers.aws.flow:FLOW",
        "rules": "e2e_validator.providers.aws.scenario.own_rules:RULES",
    },
    "OCP": {
        "provider": "e2e_validator.providers.ocp.provider:PROVIDER",
        "flow": "e2e_validator.providers.ocp.flow:FLOW",
        "rules": "e2e_validator.providers.ocp.scenario.own_rules:RULES",
    },
}
# What looks at files for ``check-files``; a source type may have this before it has scenarios.
FILE_CHECKS = {
    "AWS": "e2e_validator.providers.aws.completeness.check:FILES",
    "OCP": "e2e_validator.providers.ocp.check_files:FILES",
}
# What a scenario means that names none.
USUAL = "OCP"
# Those that Koku has and this version has not: named in the refusal, so that it reads as what it is.
LATER = ("Azure", "GCP")

_ADDED: dict[str, Any] = {}


def types() -> tuple[str, ...]:
    """The names of all source types, as scenarios write them, in alphabetical order."""
    return tuple(sorted({*SHIPPED, *_ADDED, *_installed()}))


def find(name: str) -> Any:
    """The provider of this source type; what it can do is told by ``engine.provider.Provider``.

    Raises:
        KeyError: there is no such source type.
    """
    if name in SHIPPED:
        return _shipped(name, "provider")
    return _ADDED[name] if name in _ADDED else _installed()[name].load()


def rules(name: str) -> Any:
    """What this source type says of its scenarios: ``scenario.source_type.SourceRules``.

    Raises:
        KeyError: there is no such source type.
    """
    return _shipped(name, "rules") if name in SHIPPED else find(name).rules


def flow(name: str) -> Any:
    """The phases of this source type, in order: ``scenario.flow.Flow``.

    Raises:
        KeyError: there is no such source type.
    """
    return _shipped(name, "flow") if name in SHIPPED else find(name).flow


def flows() -> list[Any]:
    """The flow of each source type, that of the usual one first."""
    return [flow(name) for name in sorted(types(), key=lambda name: (name != USUAL, name))]


def file_checks() -> list[Any]:
    """What looks at files of each source type: ``expect.file_findings.FileCheck``."""
    return [_named(path) for path in FILE_CHECKS.values()]


def _shipped(name: str, part: str) -> Any:
    return _named(SHIPPED[name][part])


def _named(path: str) -> Any:
    module, _, attribute = path.partition(":")
    return getattr(import_module(module), attribute)


@cache
def _installed() -> dict[str, EntryPoint]:
    """The source types of other packages: looked for once, since every scenario asks and each look reads them all."""
    return {point.name: point for point in entry_points(group=GROUP)}


@contextmanager
def added(provider: Any) -> Iterator[None]:
    """Have one source type more in this process, as long as the block lasts."""
    _ADDED[provider.type] = provider
    try:
        yield
    finally:
        del _ADDED[provider.type]
