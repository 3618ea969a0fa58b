"""``e2e-validator expect``: what the reports must show of some payloads, as JSON and as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from e2e_validator.archive import ArchiveError, extract
from e2e_validator.errors import E2EError, UsageError, printable
from e2e_validator.expect.figure_lines import as_text, foretold_lines, section
from e2e_validator.expect.measures import Measures, exactly
from e2e_validator.providers.ocp.expect.cost_groups import KOKU_DEFAULT, PLATFORM_GROUP, CostGroups
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.deviations.text import deviations_json
from e2e_validator.providers.ocp.expect.expectation import Expectation
from e2e_validator.providers.ocp.expect.fields import TAG_PREFIX

_COSTS = {name: f"cost.{name}" for name in ("raw", "markup", "usage", "total")}
_SHARED = {name: f"cost.{name}" for name in ("distributed", "platform_distributed", "worker_unallocated_distributed")}
_USAGE = {name: name for name in ("usage", "request", "limit", "capacity")}
_VOLUMES = {name: name for name in ("usage", "request", "capacity")}
_FIGURES = {"costs": _COSTS, "compute": _USAGE, "memory": _USAGE, "volumes": _VOLUMES}
_BY = {"by_project": "project", "by_node": "node", "by_cluster": "cluster", "daily": "daily"}


def expect_json(
    payloads: Sequence[Path],
    cost_model_file: Path | None = None,
    enabled_tags: Sequence[str] = (),
    today: date | None = None,
    platform: Sequence[str] = (),
) -> dict[str, Any]:
    """The figures of all days of ``payloads``, ingested in that order; numbers are decimal strings.

    A payload is a tarball as Koku gets it, or a folder with what is in one. ``{"costs": {"total": {"raw", "markup",
    "usage", "total"}, "by_project": {name: {.., "distributed", "platform_distributed",
    "worker_unallocated_distributed"}}, "by_node", "by_cluster", "daily"}, "compute": {"total": {"usage", "request",
    "limit", "capacity"}, ..}, "memory", "volumes"}``; with ``enabled_tags`` also ``by_tag``: key -> value -> figures.
    A group that has data in several months is their sum. Where the data say something else than Koku, a list of
    ``deviations``: ``{"id", "reason", "stage", "reference", "worst", "figures": [{"where", "figure", "by_data",
    "as_koku"}]}``.

    Raises:
        UsageError: a file is no tarball or no cost model.
        Inconclusive: a payload cannot be read.
    """
    with expectation_of(payloads, cost_model_file, enabled_tags, today, platform) as (expectation, _):
        found = as_json(_figures(expectation), expectation.enabled_tags)
        deviating = expectation.deviations(*_span(expectation))
        warnings = [*expectation.unread, *(f"{file} {reason}" for file, reason in expectation.obstacles)]
        found |= {"unread": warnings} if warnings else {}
        return found | ({"deviations": deviations_json(deviating)} if deviating else {})


def expect_text(
    payloads: Sequence[Path],
    cost_model_file: Path | None = None,
    enabled_tags: Sequence[str] = (),
    today: date | None = None,
    platform: Sequence[str] = (),
) -> str:
    """The same figures as lines of text."""
    found = expect_json(payloads, cost_model_file, enabled_tags, today, platform)
    lines = [printable(one) for one in found.pop("unread", ())]
    lines += foretold_lines(found.pop("deviations", ()))
    for report, shapes in found.items():
        for shape, groups in shapes.items():
            lines += section(f"{report} {shape}", groups)
    return "\n".join(lines) + "\n"


@contextmanager
def expectation_of(
    payloads: Sequence[Path],
    cost_model_file: Path | None = None,
    enabled_tags: Sequence[str] = (),
    today: date | None = None,
    platform: Sequence[str] = (),
) -> Iterator[tuple[Expectation, CostModel | None]]:
    """The expectation of tarballs or folders, and the cost model it was computed with."""
    model = CostModel.read(cost_model_file) if cost_model_file else None
    with TemporaryDirectory() as temporary:
        # Messages name a payload by its folder's name.
        places = {str(Path(temporary, str(number), path.name)): path for number, path in enumerate(payloads)}
        try:
            folders = [_folder(path, Path(place)) for place, path in places.items()]
            expectation = Expectation.from_payloads(
                folders,
                cluster_alias="",
                cost_model=model,
                enabled_tags=enabled_tags,
                today=today,
                cost_groups=CostGroups.of((*KOKU_DEFAULT.patterns, *((name, PLATFORM_GROUP) for name in platform))),
            )
        except E2EError as error:
            raise _named(error, places) from error
        yield expectation, model


def _named(error: E2EError, places: Mapping[str, Path]) -> E2EError:
    """The error with the payload as the user wrote it, in place of the folder it was unpacked into."""
    texts = [error.headline, error.detail]
    for place, path in places.items():
        texts = [text.replace(f"{place}/", f"{path}: ").replace(place, str(path)) for text in texts]
    return type(error)(texts[0], detail=texts[1])


def _folder(path: Path, into: Path) -> Path:
    try:
        if path.is_dir():
            return path
        if not path.is_file() and path.exists():
            raise UsageError(f"The payload is neither a file nor a folder: {path}.")
        extract(path, into)
    except ArchiveError as error:
        raise UsageError(f"The payload is no tarball that can be unpacked: {path}: {error}.") from error
    except OSError as error:
        raise UsageError(f"The payload cannot be read: {path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise UsageError(f"The payload's name is not the name of a file: {path}.") from error
    return into


def _figures(expectation: Expectation) -> Measures:
    return expectation.figures(*_span(expectation))


def _span(expectation: Expectation) -> tuple[date, date]:
    days = expectation.days()
    nothing = date(2026, 1, 1)
    return (days[0], days[-1]) if days else (nothing, nothing)


@exactly
def as_json(figures: Measures, enabled_tags: Sequence[str] = ()) -> dict[str, Any]:
    """``figures`` (as ``expect.figures`` keys them) in the shape of ``expect_json``."""
    found: dict[str, Any] = {}
    for report, shown in _FIGURES.items():
        found[report] = {"total": _texts(figures[report, "total", "", ""], shown)}
        for name, grouping in _BY.items():
            fields = shown | _SHARED if (report, grouping) == ("costs", "project") else shown
            found[report][name] = _groups(figures, report, grouping, fields)
        if enabled_tags:
            found[report]["by_tag"] = {
                key: _groups(figures, report, f"{TAG_PREFIX}{key}", shown) for key in enabled_tags
            }
    return found


def _groups(figures: Measures, report: str, grouping: str, shown: Mapping[str, str]) -> dict[str, dict[str, str]]:
    sums: dict[str, dict[str, Decimal]] = {}
    for key, row in sorted(figures.items()):
        if key[:2] == (report, grouping) and key[3]:
            into = sums.setdefault(key[3] if grouping == "daily" else key[2], {})
            for field in shown.values():
                into[field] = into.get(field, Decimal(0)) + row[field]
    return {group: _texts(row, shown) for group, row in sums.items()}


def _texts(row: Mapping[str, Decimal], shown: Mapping[str, str]) -> dict[str, str]:
    return {name: as_text(row[field]) for name, field in shown.items()}
