"""The keys of tags and cost categories of the data, and which of them a scenario has enabled.

Koku enables every new key as soon as it has read a value of it (docs/contract/clouds.md 11). A scenario that lists
``enable_tags`` or ``enable_categories`` has the other keys of its data disabled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from e2e_validator.errors import Problem
from e2e_validator.providers.aws.cost_file.columns import CATEGORY_KEY, CATEGORY_PREFIX, TAG_KEY, USER_TAG
from e2e_validator.providers.aws.cost_file.manifest import Assembly
from e2e_validator.providers.aws.cost_file.reading import lines_of
from e2e_validator.providers.aws.scenario.nise_rules import generators
from e2e_validator.scenario.document import Document, did_you_mean, dotted
from e2e_validator.scenario.rules import mapping, rejected
from e2e_validator.scenario.source_type import DataKeys, SourceData

# What a scenario lists -> the prefix of these keys in the file, that of their names, and what they are.
_LISTED = {
    "enable_tags": (USER_TAG, TAG_KEY, "tag"),
    "enable_categories": (CATEGORY_PREFIX, CATEGORY_KEY, "cost category"),
}


def data_keys(document: Document, data: SourceData, problems: list[Problem]) -> DataKeys:
    """The keys of the data by what the scenario asks for; what is wrong with that goes to ``problems``."""
    raw = mapping(document.data)
    columns = _columns(data)
    enabled: list[str] = []
    disabled: list[str] = []
    kept: list[str] = []
    for name, (prefix, kind, title) in _LISTED.items():
        known = sorted(column.removeprefix(prefix) for column in columns if column.startswith(prefix))
        if raw.get(name) is None:
            kept += [kind + key for key in known]
            continue
        if rejected(raw):
            what = f"'{name}' is not allowed with expect.rejected"
            problems.append(document.problem((name,), what, "nothing of a rejected bill is shown", at_key=True))
            continue
        wanted = raw[name] if isinstance(raw[name], list) else []
        problems += _wrong(document, name, wanted, known if columns or not problems else None, title)
        enabled += [kind + key for key in known if key in wanted]
        disabled += [kind + key for key in known if key not in wanted]
    return DataKeys(tuple(enabled), tuple(disabled), tuple(kept))


def _wrong(document: Document, name: str, wanted: list[Any], known: list[str] | None, title: str) -> Iterator[Problem]:
    """Keys that are listed twice, or that no row has a value of; ``known`` is None where the data are wrong."""
    seen: list[Any] = []
    for index, key in enumerate(wanted):
        here = (name, index)
        if key in seen:
            yield document.problem(here, f"{dotted(here)}: '{key}' is given twice")
        elif isinstance(key, str) and known is not None and key not in known:
            hint = did_you_mean(key, known) or f"their keys: {', '.join(known) or 'none'}"
            yield document.problem(here, f"{dotted(here)}: no {title} of the data has the key '{key}'", hint)
        seen.append(key)


def _columns(data: SourceData) -> set[str]:
    """The columns of tags and categories that have a value in some row: only these make a key."""
    cells: Iterable[Mapping[str, Any]] = ()
    if data.report is not None:
        cells = (own.get(part) or {} for _, _, own in generators(data.report) for part in ("tags", "cost_category"))
    elif data.rows:
        cells = (line.cells for line in data.rows[0].lines)
    elif data.payloads:
        files = (file for payload in data.payloads for file in Assembly.of(payload.path).files)
        cells = (line.cells for file in files for line in lines_of(file))
    prefixes = (USER_TAG, CATEGORY_PREFIX)
    return {name for row in cells for name, value in row.items() if value and name.startswith(prefixes)}
