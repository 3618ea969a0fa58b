"""What kind of project each group is: ``classification`` and ``cost_group`` (docs/contract/koku.md 5.5)."""

from __future__ import annotations

from collections.abc import Iterator

from e2e_validator.providers.ocp.expect.fields import REPORTS
from e2e_validator.providers.ocp.expect.surface.check import Judged, same, together
from e2e_validator.providers.ocp.expect.surface.shown import Shown, ShownRow
from e2e_validator.providers.ocp.expect.surface.subject import Subject

_PLATFORM_STARTS = ("openshift-", "kube-")
_LEFT_OVER = {
    "Platform unallocated": "unallocated",
    "Worker unallocated": "unallocated",
    "GPU unallocated": "unallocated",
    "Storage unattributed": "unattributed",
    "Network unattributed": "unattributed",
}


def kind_of(project: str) -> str:
    """``default`` for a project of the platform, ``unallocated``, ``unattributed``, or ``project``."""
    if project == "openshift" or project.startswith(_PLATFORM_STARTS):
        return "default"
    return _LEFT_OVER.get(project, "project")


def projects(subject: Subject, shown: Shown) -> Judged:
    """Each project is of its kind; costs also say its cost group, and whether overhead was shared out."""
    found = [*_rows(subject, shown)]
    if shown.report == REPORTS[-1]:
        found.append(same("meta.distributed_overhead", subject.distributed, shown.meta.get("distributed_overhead")))
    return together(found)


def _rows(subject: Subject, shown: Shown) -> Iterator[Judged]:
    for row in shown.rows:
        where = f"{row.group} on {row.date}"
        # A row that was put in for a date without this project has neither (docs/contract/koku.md 5.4).
        if _is_there(row) or row.said.get("classification") is not None:
            yield same(f"classification of {where}", kind_of(row.group), row.said.get("classification"))
        if shown.report == REPORTS[-1] and _is_there(row):
            yield same(f"cost_group of {where}", subject.cost_group(row.group), cost_group(row))


def _is_there(row: ShownRow) -> bool:
    """Whether the project has anything on the row's date; capacity is the whole cluster's, it says nothing of it."""
    return any(value for name, value in row.figures.items() if name.partition(".")[0] != "capacity")


def cost_group(row: ShownRow) -> str | None:
    """The cost group of a project, None for none: asked with a limit, Koku shows 0 there."""
    found = row.said.get("cost_group")
    return str(found) if found else None
