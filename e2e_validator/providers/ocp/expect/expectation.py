"""The expectation of a scenario: every stage after every payload, and the API's figures; kept on disk as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from e2e_validator.errors import HarnessError
from e2e_validator.expect.kept import keep, kept
from e2e_validator.expect.measures import Measures, from_json, to_json
from e2e_validator.providers.ocp.expect import line_items, texts
from e2e_validator.providers.ocp.expect.archived import archived
from e2e_validator.providers.ocp.expect.by_data.balance import Balance
from e2e_validator.providers.ocp.expect.cost_groups import KOKU_DEFAULT, CostGroups
from e2e_validator.providers.ocp.expect.cost_model import CostModel
from e2e_validator.providers.ocp.expect.days import complete, counted, new_files
from e2e_validator.providers.ocp.expect.deviations.clue import Clue
from e2e_validator.providers.ocp.expect.deviations.clues import Scene, clues
from e2e_validator.providers.ocp.expect.deviations.finding import Deviation, deviations
from e2e_validator.providers.ocp.expect.digest import as_sent, digest
from e2e_validator.providers.ocp.expect.fields import groupings
from e2e_validator.providers.ocp.expect.figures import figures
from e2e_validator.providers.ocp.expect.money import rate_rows
from e2e_validator.providers.ocp.expect.payload import read_payloads
from e2e_validator.providers.ocp.expect.rate_rows import by_claim_and_label, rates
from e2e_validator.providers.ocp.expect.roles import Nodes, learn, with_foreign
from e2e_validator.providers.ocp.expect.summarised import summarised, visible
from e2e_validator.providers.ocp.expect.summary import Roles, UsageRow, by_label, summary
from e2e_validator.providers.ocp.expect.ui_tables import ui_tables
from e2e_validator.providers.ocp.expect.usage import usage_rows

_VERSION = 8
_STAGES = ("payload", "archive", "line_items", "daily_line_items", "summary", "rates")
_TEXTS = ("archive_texts", "line_item_texts", "daily_texts")
# The usage rows with their labels; without an enabled key they say no more than the summary.
_LABELLED = "summary_by_label"
_HELD = {*_STAGES, *_TEXTS, _LABELLED}
# Stages that follow from what is held.
_DERIVED: Mapping[str, Callable[[dict[str, Measures]], Measures]] = {
    "costs": lambda held: rates(held["rates"]),
    "ui": lambda held: ui_tables(held["summary"], held["rates"]),
}


@dataclass(frozen=True)
class Expectation:
    """What must be seen. ``stages[k]`` maps the name of a stage to its measures after payloads 0..k were ingested.

    ``balance`` is what the data say without Koku's joins, and ``clues`` say why that may be something else.
    """

    cluster_id: str
    cluster_alias: str
    uuids: tuple[str, ...]
    stages: tuple[dict[str, Measures], ...]
    enabled_tags: tuple[str, ...] = ()
    today: date | None = None
    balance: Balance = field(default_factory=Balance)
    clues: tuple[Clue, ...] = ()
    touched: tuple[tuple[str, ...], ...] = ()
    """The days that are summarised after each payload."""
    unread: tuple[str, ...] = ()
    """A sentence for each place of a CSV file that Koku does not take as it is written."""
    obstacles: tuple[tuple[str, str], ...] = ()
    """Files that Koku cannot load, and why."""
    foreign_roles: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The roles that Koku knows of nodes of other clusters, by node and resource id."""
    cost_groups: CostGroups = KOKU_DEFAULT

    @classmethod
    def from_payloads(
        cls,
        folders: Sequence[Path],
        *,
        cluster_alias: str,
        cluster_id: str | None = None,
        cost_model: CostModel | None = None,
        enabled_tags: Sequence[str] = (),
        today: date | None = None,
        foreign_roles: Mapping[tuple[str, str], str] | None = None,
        cost_groups: CostGroups = KOKU_DEFAULT,
    ) -> Expectation:
        """Compute the expectation of the payloads in ``folders``, ingested in that order.

        Without a payload everything is expected to be empty; ``cluster_id`` is the first payload's otherwise.
        ``cost_model`` is the source's before the first payload comes, and ``enabled_tags`` are the keys enabled
        by then. Days after ``today`` are not shown by the API. ``cost_groups`` are the organisation's,
        ``foreign_roles`` the roles, by node and resource id, that Koku knows of nodes of other clusters.

        Raises:
            Inconclusive: a payload cannot be read, or its cost cannot be computed.
        """
        payloads = read_payloads(folders)
        effective = new_files(payloads)
        digests = [digest(payload) for payload in effective]
        stages: list[dict[str, Measures]] = []
        nodes: Nodes = {}
        roles: dict[str, Roles] = {}
        by_day: dict[str, list[UsageRow]] = {}
        touched: list[tuple[str, ...]] = []
        for last, payload in enumerate(payloads):
            rows = counted(effective[: last + 1])
            days = summarised(effective[: last + 1], rows) if complete(payloads[: last + 1]) else set()
            touched.append(tuple(sorted(days)))
            if days:
                fresh: dict[str, list[UsageRow]] = {}
                found = visible(effective, rows, days)
                nodes = learn(nodes, digests[: last + 1], found)
                known = {node: one.role for node, one in nodes.items()}
                roles |= dict.fromkeys(days, with_foreign(known, foreign_roles or {}))
                for row in usage_rows(digests, found, roles, enabled_tags):
                    fresh.setdefault(row.day, []).append(row)
                # A day keeps the rows, and in them the roles, of the time when it was last summarised.
                by_day |= fresh
            usage = [row for day in sorted(by_day) for row in by_day[day]]
            measures = (
                as_sent(payload.tables, payload.dropped),
                archived(effective[: last + 1]),
                line_items.raw(digests, rows),
                line_items.daily(digests, rows),
                summary(usage),
                by_claim_and_label(rate_rows(usage, cost_model, cost_groups)),
            )
            said = (texts.archived(effective[: last + 1]), texts.raw(digests, rows), texts.daily(digests, rows))
            named = zip((*_STAGES, *_TEXTS), (*measures, *said), strict=True)
            stages.append({**dict(named), _LABELLED: by_label(usage)})
        name = cluster_id or (payloads[0].cluster_id if payloads else cluster_alias)
        uuids = tuple(payload.uuid for payload in payloads)
        rows = counted(effective)
        balance, owners = Balance.of(effective, rows, cost_model, enabled_tags)
        hints = clues(
            Scene(
                digests=digests,
                counted=rows,
                roles=roles,
                enabled_tags=enabled_tags,
                owners=owners,
                rates=stages[-1]["rates"] if stages else {},
                foreign=foreign_roles or {},
                summarised=frozenset(by_day),
                unread=[one for payload in effective for one in payload.unread],
                facts=balance.facts,
                priced=frozenset(metric for metric, _ in cost_model.rates) if cost_model else frozenset(),
            )
        )
        unread = tuple(str(one) for payload in effective for one in payload.unread)
        obstacles = tuple(
            (one.file.rpartition("/")[2], one.reason) for payload in effective for one in payload.obstacles
        )
        return cls(
            name, cluster_alias, uuids, tuple(stages), tuple(enabled_tags), today,
            balance, tuple(hints), tuple(touched), unread, obstacles, dict(foreign_roles or {}), cost_groups,
        )  # fmt: skip

    def months(self, payload: int) -> tuple[str, ...]:
        """The months (YYYY-MM) of which something is summarised after the payload; none if nothing is."""
        return tuple(sorted({day[:7] for day in self.touched[payload]}))

    def summarises(self, payload: int) -> bool:
        """Whether any day is summarised after one of the payloads 0..``payload``."""
        return any(self.touched[: payload + 1])

    def stage(self, name: str, payload: int) -> Measures:
        """What the stage ``name`` must hold after payloads 0..``payload`` (``expect.expected``).

        ``payload``: rows and sums of the CSV files of this payload alone, by (report type, day); ``archive``: of the
        objects that its manifest has (``expect.archived``); ``line_items`` and ``daily_line_items``: all days, not
        those of this payload alone; ``archive_texts``, ``line_item_texts``, ``daily_texts``: see ``expect.texts``;
        ``summary``, ``summary_by_label``: see ``expect.summary``; ``rates``: the rows with costs by claim and label,
        ``costs``: as the daily summary shows them (``expect.rate_rows.rates``); ``ui``: see ``expect.ui_tables``.
        """
        held = self.stages[payload]
        if derive := _DERIVED.get(name):
            return derive(held)
        if name not in _HELD:
            raise HarnessError(f"A source of this type has no stage {name}.")
        return held.get(name, {})

    def usage(self) -> list[UsageRow]:
        """The usage rows of the last summary; those that differ only in volume (and labels, if not kept) are one."""
        last: dict[str, Measures] = self.stages[-1] if self.stages else {}
        rows = last.get(_LABELLED if self.enabled_tags else "summary", {})
        return [
            UsageRow(day, source, namespace, node, claim, "", labels[0] if labels else "", values)
            for (day, source, namespace, node, claim, *labels), values in rows.items()
        ]

    def labels_before(self) -> list[str]:
        """The JSON texts of the labels that rows had after any payload; those of days that came anew among them."""
        return sorted({key[-1] for stage in self.stages for key in stage.get(_LABELLED, {})})

    def figures(self, start: date, end: date) -> Measures:
        """What the API must show of the days ``start`` to ``end``, both included; see ``expect.figures``."""
        last: dict[str, Measures] = self.stages[-1] if self.stages else {name: {} for name in _STAGES}
        return figures(
            last["summary"],
            self.cluster_id,
            start,
            min(end, self.today) if self.today else end,
            rates=last["rates"],
            labelled=last.get(_LABELLED),
            enabled_tags=self.enabled_tags,
        )

    def by_data(self, start: date, end: date) -> Measures:
        """The figures of these days that the data decide without Koku's joins; see ``expect.by_data``."""
        last = min(end, self.today) if self.today else end
        return self.balance.figures(self.cluster_id, start, last, groupings=groupings(self.enabled_tags))

    def deviations(self, start: date, end: date) -> list[Deviation]:
        """Where ``figures`` are not what the data say, each with the name of its cause.

        All days of the data count, also those that the API is not asked for because Koku has none of them.
        """
        days = [date.fromisoformat(day) for day in self.balance.facts.days()] or [start, end]
        first, last = min(start, *days), max(end, *days)
        return deviations(self.by_data(first, last), self.figures(first, last), self.clues)

    def nodes(self) -> list[str]:
        """The names of the nodes in the data."""
        return sorted({node for _, node in self.balance.facts.nodes})

    def days(self) -> list[date]:
        """The days that have a row in the last summary, in order."""
        return sorted({date.fromisoformat(key[0]) for key in (self.stages[-1]["summary"] if self.stages else {})})

    def write(self, path: Path) -> None:
        """Keep the expectation: later changes of the CSV files do not change it."""
        content = {
            "cluster_id": self.cluster_id,
            "cluster_alias": self.cluster_alias,
            "uuids": list(self.uuids),
            "enabled_tags": list(self.enabled_tags),
            "today": self.today.isoformat() if self.today else None,
            "by_data": self.balance.as_json(),
            "foreign_roles": [[*node, role] for node, role in self.foreign_roles.items()],
            "clues": [clue.as_json() for clue in self.clues],
            "touched": [list(days) for days in self.touched],
            "unread": list(self.unread),
            "obstacles": [list(one) for one in self.obstacles],
            "cost_groups": [list(one) for one in self.cost_groups.patterns],
            "stages": [{name: to_json(measures) for name, measures in stage.items()} for stage in self.stages],
        }
        keep(path, _VERSION, content)

    @classmethod
    def read(cls, path: Path) -> Expectation:
        """The inverse of ``write``.

        Raises:
            Inconclusive: the file is missing or is no expectation of this version.
        """
        return kept(path, _VERSION, cls._of)

    @classmethod
    def _of(cls, content: Mapping[str, Any]) -> Expectation:
        return cls(
            content["cluster_id"],
            content["cluster_alias"],
            tuple(content["uuids"]),
            tuple({name: from_json(rows) for name, rows in stage.items()} for stage in content["stages"]),
            tuple(content["enabled_tags"]),
            date.fromisoformat(content["today"]) if content["today"] else None,
            Balance.from_json(content["by_data"]),
            tuple(map(Clue.from_json, content["clues"])),
            tuple(tuple(days) for days in content["touched"]),
            tuple(content["unread"]),
            tuple((str(file), str(reason)) for file, reason in content["obstacles"]),
            {(node, resource): role for node, resource, role in content["foreign_roles"]},
            CostGroups.of((pattern, group) for pattern, group in content["cost_groups"]),
        )
