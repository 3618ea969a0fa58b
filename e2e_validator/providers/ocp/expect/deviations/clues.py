"""The clues in some payloads: which known deviations their data bring about (docs/contract/koku.md 6.1, 6.2, 6.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import unescape

from e2e_validator.expect.deviation import clues_in
from e2e_validator.expect.ledger import SMALLEST, number
from e2e_validator.expect.measures import Measures
from e2e_validator.providers.ocp.expect.by_data.cells import CORES, MEMORY, Cells
from e2e_validator.providers.ocp.expect.by_data.facts import Facts
from e2e_validator.providers.ocp.expect.by_data.roles import NOBODY, PLATFORM, WORKER, Owners
from e2e_validator.providers.ocp.expect.cells import NO_VALUE, as_kept
from e2e_validator.providers.ocp.expect.days import Counted
from e2e_validator.providers.ocp.expect.deviations.clue import CLAIM_REPORTS, USAGE_REPORTS, Clue
from e2e_validator.providers.ocp.expect.digest import Digest, Group
from e2e_validator.providers.ocp.expect.rate_rows import DISTRIBUTED, SHARES
from e2e_validator.providers.ocp.expect.row_labels import RowLabels
from e2e_validator.providers.ocp.expect.summary import UNALLOCATED, Roles
from e2e_validator.providers.ocp.expect.unread import Unread

_NO_PROJECT = "No-project"
_IDLE = frozenset({WORKER, PLATFORM, _NO_PROJECT})
_ALL = (*USAGE_REPORTS, "volumes")
_MONEY = ("infrastructure.total", "supplementary.total", "cost.total", "cost.distributed")


@dataclass(frozen=True)
class Scene:
    """What Koku makes its joins of: the rows that count, the roles of each day, the enabled keys of tags.

    ``owners`` is what the data say of the roles, ``foreign`` what other clusters say of nodes of the same names,
    ``rates`` the rows with costs as Koku makes them, ``summarised`` the days that Koku ever summarises.
    ``facts`` are the sums by the data, ``priced`` the metrics of the cost model.
    """

    digests: Sequence[Digest]
    counted: Counted
    roles: Mapping[str, Roles]
    enabled_tags: Sequence[str]
    owners: Owners
    rates: Measures
    foreign: Roles
    summarised: frozenset[str]
    unread: Sequence[Unread]
    facts: Facts
    priced: frozenset[str] = frozenset()

    def days(self) -> list[str]:
        """The days that have rows, in order."""
        return sorted({day for _, day in self.counted})

    def groups(self, report_type: str, day: str) -> Iterator[Group]:
        """The daily rows of one kind."""
        for position in self.counted.get((report_type, day), ()):
            yield from self.digests[position].groups.get((report_type, day), [])


def clues(scene: Scene) -> list[Clue]:
    """Every clue, one for each name and cause."""
    return clues_in(scene, _LOOKS)


def _several_labels(scene: Scene) -> Iterable[Clue]:
    namespaces: dict[str, list[str]] = defaultdict(list)
    nodes: dict[str, list[str]] = defaultdict(list)
    for day in scene.days():
        labels = RowLabels(scene.enabled_tags, scene.groups("node_labels", day), scene.groups("namespace_labels", day))
        for name in labels.several_of_namespaces():
            namespaces[name].append(day)
        for name in labels.several_of_nodes():
            nodes[name].append(day)
    for name, days in namespaces.items():
        places = {pod["node"] for day in days for pod in scene.groups("pod_usage", day) if pod["namespace"] == name}
        sentence = f"project {name} has several sets of labels on {_days(days)}: what is in it counts once for each"
        yield Clue(
            "namespace_labels_multiply", sentence, tuple(days), _ALL, _IDLE | {_project(name)}, frozenset(places)
        )
    for name, days in nodes.items():
        projects = {pod["namespace"] for day in days for pod in scene.groups("pod_usage", day) if pod["node"] == name}
        sentence = f"node {name} has several sets of labels on {_days(days)}: what runs on it counts once for each"
        yield Clue(
            "node_labels_multiply",
            sentence,
            tuple(days),
            _ALL,
            _IDLE | {_project(project) for project in projects},
            frozenset({name}),
        )


def _claims_again(scene: Scene) -> Iterable[Clue]:
    """Claims on several nodes, or with several volumes, or of several pods."""
    again: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for day in scene.days():
        places: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for pod in scene.groups("pod_usage", day):
            places[pod["namespace"], pod["pod"]].add((pod["node"], pod["resource_id"]))
        volumes: dict[tuple[str, str], set[str]] = defaultdict(set)
        pods: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in scene.groups("storage_usage", day):
            owner = (str(row["namespace"]), str(row["persistentvolumeclaim"]))
            volumes[owner].add(row["persistentvolume"])
            pods[owner].add(row["pod"])
        for namespace, claim in volumes:
            whose = (namespace, claim)
            moved = [pod for pod in pods[whose] if len(places[namespace, pod]) > 1]
            if moved:
                name, why = "claim_capacity_again", f"its pod {min(moved)} was on several nodes"
            elif len(volumes[whose]) > 1:
                name, why = "claim_capacity_again", "it was bound to several volumes"
            elif len(pods[whose]) > 1:
                name, why = "claim_counted_per_pod", "several pods mount it"
            else:
                continue
            again[name, namespace, claim, why].append(day)
    for (name, namespace, claim, why), days in again.items():
        sentence = f"claim {claim or '(none)'} of project {_project(namespace)} on {_days(days)}: {why}"
        yield Clue(name, sentence, tuple(days), CLAIM_REPORTS, frozenset({_project(namespace)}))


def _roles(scene: Scene) -> Iterable[Clue]:
    """Nodes whose idle capacity Koku gives to another project than the data do, or to none."""
    other: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for day in sorted(scene.summarised):
        pods = [pod for pod in scene.groups("pod_usage", day) if pod["node"]]
        labelled = {row["node"] for row in scene.groups("node_labels", day)}
        resources: dict[str, str] = {}
        given: dict[str, str] = {}
        for pod in pods:
            node = pod["node"]
            resources[node] = max(resources.get(node, ""), pod["resource_id"])
            if "node_role" in pod:
                given[node] = max(given.get(node, ""), pod["node_role"])
        for node, resource in resources.items():
            role = scene.roles.get(day, {}).get((node, resource), "")
            written = next((name for name in (node, unescape(node)) if (day, name) in scene.owners), node)
            owner, koku = scene.owners.get((day, written)), UNALLOCATED.get(role, NOBODY)
            if role and role == scene.foreign.get((node, resource)) and owner != koku:
                other["node_roles_of_other_clusters", node, f"is a {role} in another cluster"].append(day)
            elif node in given and given[node] not in UNALLOCATED and koku == NOBODY:
                said = f"has the role {given[node]}" if given[node] else "has no role"
                other["role_unknown_unpriced", node, said].append(day)
            elif koku == NOBODY and node not in labelled:
                other["node_labels_missing_unpriced", node, "has no row of labels"].append(day)
            elif owner != koku:
                other["node_role_kept", node, f"is a {role or 'node of no role'} for Koku"].append(day)
    for (name, node, said), days in other.items():
        sentence = f"node {node} {said} on {_days(days)}"
        yield Clue(name, sentence, tuple(days), USAGE_REPORTS, _IDLE, frozenset({node}))


def _words_for_nothing(scene: Scene) -> Iterable[Clue]:
    """Projects and nodes whose names Koku reads as no name."""
    rows = [(key[0], key[1], key[2]) for key in scene.facts.pods]
    rows += [(key[0], key[1], "") for key in scene.facts.claims]
    for word in sorted(NO_VALUE - {""}):
        mine = [row for row in rows if word in row[1:]]
        if mine:
            days = sorted({day for day, _, _ in mine})
            what = "node" if all(node == word for _, _, node in mine) else "project"
            yield Clue(
                "project_null_lost",
                f"{what} {word} on {_days(days)}",
                tuple(days),
                _ALL,
                _IDLE | {_project(project) for _, project, _ in mine},
                frozenset(node or "No-node" for _, _, node in mine) | {"No-node"},
            )


def _escaped_names(scene: Scene) -> Iterable[Clue]:
    """Projects and nodes whose names Koku writes for HTML, under which their figures then stand."""
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for day, project, node, *_ in scene.facts.pods:
        names["project", project].add(day)
        names["node", node].add(day)
    for day, project, *_ in scene.facts.claims:
        names["project", project].add(day)
    for (what, name), days in sorted(names.items()):
        if (kept := as_kept("namespace", name)) not in {"", name}:
            both = frozenset({name, kept})
            projects, nodes = (both, frozenset[str]()) if what == "project" else (frozenset[str](), both)
            sentence = f"{what} {name} is called {kept}"
            yield Clue("name_escaped", sentence, tuple(sorted(days)), _ALL, projects, nodes)


def _days_left_out(scene: Scene) -> Iterable[Clue]:
    """Days that Koku has line items of, and never summarises."""
    days = [day for day in scene.facts.days() if day not in scene.summarised]
    if days:
        pods = [key for key in scene.facts.pods if key[0] in days]
        projects = {_project(key[1]) for key in (*pods, *scene.facts.claims) if key[0] in days}
        yield Clue(
            "month_end_never_summarised",
            f"Koku never summarises {_days(days)}",
            tuple(days),
            _ALL,
            _IDLE | projects,
            frozenset(key[2] for key in pods),
        )


def _unread(scene: Scene) -> Iterable[Clue]:
    """Rows that Koku leaves out."""
    for row in scene.unread:
        cells = Cells(row.cells)
        if not row.kept and row.cells:
            yield Clue(
                "unread_rows",
                str(row),
                (cells.day,),
                _ALL,
                _IDLE | {_project(cells.text("namespace"))},
                frozenset({cells.text("node")}),
            )


def _prices(scene: Scene) -> Iterable[Clue]:
    """Prices that Koku does not take as many times as there is something to pay for."""
    claims: dict[tuple[str, str], set[str]] = defaultdict(set)
    for day, namespace, claim, _ in scene.facts.claims:
        if claim:
            claims[namespace, day].add(claim)
    for namespace in sorted({namespace for namespace, _ in claims}):
        days = sorted(day for (project, day), names in claims.items() if project == namespace and len(names) > 1)
        if days and "pvc_cost_per_month" in scene.priced:
            sentence = f"project {_project(namespace)} has several claims on {_days(days)}"
            projects = frozenset({_project(namespace)})
            yield Clue("claim_price_divided", sentence, tuple(days), CLAIM_REPORTS, projects, fields=_MONEY)
    days = sorted({key[0] for key, volume in scene.facts.claims.items() if not key[2] and volume["capacity"]})
    if days and "pvc_cost_per_month" in scene.priced:
        names = sorted({key[3] for key in scene.facts.claims if not key[2]})
        sentence = f"the volume {names[0]} has no claim on {_days(days)}"
        projects = frozenset({_project(key[1]) for key in scene.facts.claims if not key[2]})
        yield Clue("volume_pays_claim_price", sentence, tuple(days), CLAIM_REPORTS, projects, fields=_MONEY)
    days = sorted({day for day, node in scene.facts.nodes if _is_for_part(scene.facts, day, node)})
    if days and "cluster_cost_per_hour" in scene.priced:
        charged = {_project(key[1]) for key in scene.facts.pods if key[0] in days}
        nodes = {node for day, node in scene.facts.nodes if day in days}
        yield Clue(
            "cluster_hour_of_part_days",
            f"not every node is there in every hour of the cluster on {_days(days)}",
            tuple(days),
            USAGE_REPORTS,
            _IDLE | charged,
            frozenset(nodes),
            _MONEY,
        )


def _is_for_part(facts: Facts, day: str, name: str) -> bool:
    """Whether a node's part of the cluster's hours is not its part of the day's capacity, times its own hours."""
    node = facts.nodes[day, name]
    for unit in (CORES, MEMORY):
        whole = sum((other[unit] for (when, _), other in facts.nodes.items() if when == day), Decimal(0))
        size = node[f"{unit}.size"]
        if size.is_nan():
            return True
        koku = node[unit] / whole * (node[unit] / size) if whole and size else Decimal(0)
        if abs(koku - node[f"{unit}.hours"]) > SMALLEST:
            return True
    return False


def _not_shared_out(scene: Scene) -> Iterable[Clue]:
    """Days on which costs are taken from their owners, and not given to others."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for key, costs in scene.rates.items():
        if key[5] in SHARES:
            sums[SHARES[key[5]], key[0]] += costs[DISTRIBUTED]
    for share in SHARES.values():
        days = [day for (name, day), total in sorted(sums.items()) if name == share and abs(total) > SMALLEST]
        if days:
            lost = -sum((sums[share, day] for day in days), Decimal(0))
            sentence = f"{share} on {_days(days)}: {number(lost)} is taken and not given to any project"
            yield Clue(
                "distribution_not_conserved",
                sentence,
                tuple(days),
                ("costs",),
                fields=("cost.distributed", f"cost.{share}"),
            )


_LOOKS: tuple[Callable[[Scene], Iterable[Clue]], ...] = (
    _several_labels,
    _claims_again,
    _roles,
    _prices,
    _words_for_nothing,
    _escaped_names,
    _days_left_out,
    _unread,
    _not_shared_out,
)


def _project(namespace: str) -> str:
    return namespace or _NO_PROJECT


def _days(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]} ({len(days)} days)"
