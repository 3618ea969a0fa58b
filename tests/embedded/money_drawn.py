"""Random small clusters and cost models, in everything that the scenario format accepts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from money_cluster import Claim, Cluster, Node, Pod, Upload

from e2e_validator.providers.ocp.scenario.cost_model import METRICS, TAG_METRICS
from e2e_validator.scenario.source_type import EffectiveDates

USERS = ("app-a", "app-b", "kubelike", "openshiftish")
SYSTEM = ("openshift-etcd", "openshift-kube-apiserver", "kube-system", "openshift", "openshift-", "kube-")
# The tag keys and the values that they have in ``LABELS``.
VALUES = {"app": ("web", "db"), "environment": ("prod", "stage"), "team": ("front",), "tier": ("gold",)}
INFRA, ARCHITECTURE = "label_node_role_kubernetes_io:infra", "label_kubernetes_io_arch:amd64"
COST_TYPES = ("Infrastructure", "Supplementary")
# Days within the retention period of 2026-11-21; some stand at a month's end.
FIRST_DAYS = (
    *(date(2026, 11, day) for day in (1, 9, 18)),
    *(date(2026, 10, day) for day in (1, 14, 29, 30, 31)),
    *(date(2026, 9, day) for day in (29, 30)),
)


@dataclass(frozen=True)
class Example:
    """What is sent, priced how, with which tag keys enabled; ``effective`` are the price list's days."""

    uploads: tuple[Upload, ...]
    model: dict[str, Any] | None
    tags: tuple[str, ...] = ()
    effective: EffectiveDates | None = None

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of the data."""
        ends = max(upload.end for upload in self.uploads)
        return min(upload.start for upload in self.uploads).date(), (ends - timedelta(hours=1)).date()


def _mixed(*parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*parts)


MILLICORES = _mixed(st.sampled_from((0, 500, 1000)), st.integers(0, 9000))
SIZES = _mixed(st.sampled_from((0, 1024)), st.integers(0, 40000))
LABELS = st.sampled_from(
    (
        "",
        "label_app:web",
        "label_app:db|label_environment:prod",
        "label_environment:stage",
        "label_team:front|label_app:web",
        "label_tier:gold",
        "label_other:x",
        "label_app:a:b|label_environment:never",
    )
)


@st.composite
def prices(draw: st.DrawFn, *, zero: bool = False) -> Decimal:
    """A price of at most 15 digits, of which at most ten are decimals."""
    if draw(st.booleans()):
        return Decimal(draw(st.sampled_from(("0.007", "0.25", "2", "31", "1000"))))
    decimals = draw(st.integers(0, 10))
    digits = draw(st.integers(1, min(15, decimals + 5)))
    least = 0 if zero else 1
    return Decimal(draw(st.integers(least, 10**digits - 1))).scaleb(-decimals)


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """One to three nodes with up to six pods and three claims."""
    nodes = [
        Node(
            name,
            draw(st.integers(1, 9)),
            draw(_mixed(st.just(16384), st.integers(1, 70000))),
            draw(st.sampled_from(("", "", "label_nodeclass:a", "label_team:back", INFRA, ARCHITECTURE))),
            draw(st.sampled_from((True, True, True, True, True, False))),
        )
        for name in draw(st.sampled_from((("n1",), ("n1", "n2"), ("n1", "n2", "n3"))))
    ]
    triple = st.tuples
    names = [node.name for node in nodes]
    # A project of a user, mostly one of the platform, and whatever else there is.
    spaces = [draw(st.sampled_from(USERS)), draw(st.sampled_from((*SYSTEM, *SYSTEM, *USERS)))]
    spaces += draw(st.lists(st.sampled_from((*USERS, *SYSTEM)), max_size=4))
    pods = [
        Pod(
            draw(st.sampled_from(("p1", "p2", "p3"))),
            namespace,
            draw(st.sampled_from(names)),
            draw(triple(MILLICORES, MILLICORES, MILLICORES)),
            draw(triple(SIZES, SIZES, SIZES)),
            draw(LABELS),
            draw(st.none() | st.tuples(MILLICORES, SIZES)),
            draw(st.sampled_from(((0, 23), (0, 23), (0, 0), (0, 7), (3, 20), (23, 23)))),
        )
        for namespace in spaces[draw(st.sampled_from((0, 0, 0, 0, 1))) :]
    ]
    # Every hour has a row, so that a day with data is one for everybody.
    pods[0] = replace(pods[0], hours=(0, 23))
    namespaces = sorted({pod.namespace for pod in pods})
    claims = draw(
        st.lists(
            st.builds(
                Claim,
                st.sampled_from(("c1", "c2")),
                st.sampled_from([*namespaces, "app-a"]),
                st.sampled_from(("p1", "p2", "p3", "gone")),
                st.sampled_from(("v1", "v2", "v3")),
                triple(SIZES, SIZES, SIZES),
                LABELS,
                LABELS,
                st.sampled_from(("gp2", "gp2", "io1")),
            ),
            max_size=3,
        )
    )
    labelled = {name: draw(LABELS) for name in namespaces if draw(st.booleans())}
    return Cluster(tuple(nodes), tuple(pods), tuple(claims), labelled)


@st.composite
def _tiered(draw: st.DrawFn, metrics: list[str]) -> dict[str, Any]:
    return {
        "metric": {"name": draw(st.sampled_from(metrics))},
        "cost_type": draw(st.sampled_from(COST_TYPES)),
        "tiered_rates": [{"unit": "USD", "value": draw(prices())}],
    }


@st.composite
def _tagged(draw: st.DrawFn, keys: tuple[str, ...], metrics: list[str]) -> dict[str, Any]:
    key = draw(st.sampled_from(keys))
    names = draw(st.lists(st.sampled_from((*VALUES[key], "never")), min_size=1, unique=True))
    default = draw(st.none() | st.integers(0, len(names) - 1))
    values = [
        {"tag_value": name, "unit": "USD", "value": draw(prices(zero=True)), "default": position == default}
        for position, name in enumerate(names)
    ]
    return {
        "metric": {"name": draw(st.sampled_from(metrics))},
        "cost_type": draw(st.sampled_from(COST_TYPES)),
        "tag_rates": {"tag_key": key, "tag_values": values},
    }


def _of_tag(rate: dict[str, Any]) -> tuple[str, str, str]:
    return rate["metric"]["name"], rate["cost_type"], rate["tag_rates"]["tag_key"]


@st.composite
def models(draw: st.DrawFn, tags: tuple[str, ...]) -> dict[str, Any]:
    """A cost model with up to six rates and three by tag."""
    # Few metrics, so that some have several rates.
    metrics = draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=4, unique=True))
    rates = draw(st.lists(_tiered(metrics), min_size=draw(st.sampled_from((0, 1, 2, 4))), max_size=6))
    if tags:
        tagged = draw(st.lists(st.sampled_from(TAG_METRICS), min_size=1, max_size=2, unique=True))
        rates += draw(st.lists(_tagged(tags, tagged), min_size=1, max_size=3, unique_by=_of_tag))
    kind = draw(st.sampled_from(("cpu", "memory")))
    # What is not said is the API's default.
    flags: tuple[str, ...] = ("platform_cost", "worker_cost")
    said = draw(st.sampled_from([(), flags[:1], flags[1:], flags, flags, flags]))
    info: dict[str, Any] = {"distribution_type": kind} | {
        name: draw(st.sampled_from((True, True, False))) for name in said
    }
    return {
        "rates": draw(st.permutations(rates)),
        "distribution": kind,
        **({"distribution_info": info} if bool(said) or draw(st.booleans()) else {}),
        "markup": {"value": draw(st.sampled_from((Decimal(0), Decimal(10), Decimal("-7.25")))), "unit": "percent"},
        "currency": "USD",
    }


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Data, cost model and tags."""
    cluster = draw(clusters())
    first = draw(st.sampled_from(FIRST_DAYS))
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    # The summary of more than six days is made in steps.
    last = start + timedelta(days=draw(st.sampled_from((0, 0, 1, 1, 2, 2, 6) if first.day < 14 else (0, 1, 2))))
    uploads = [Upload(cluster, start, last + timedelta(days=1))]
    if draw(st.sampled_from((False, False, True))):
        # The last day comes again: with more hours it replaces what was there, with as many it is skipped.
        uploads[0] = replace(uploads[0], end=last + timedelta(hours=draw(st.sampled_from((6, 12, 24)))))
        other = replace(draw(clusters()), nodes=cluster.nodes) if draw(st.booleans()) else cluster
        places = {node.name for node in cluster.nodes}
        pods = tuple(pod if pod.node in places else replace(pod, node="n1") for pod in other.pods)
        uploads.append(Upload(replace(other, pods=pods), last, last + timedelta(days=1)))
    tags = tuple(key for key in VALUES if draw(st.booleans())) if draw(st.booleans()) else ()
    model = draw(models(tags))
    effective = draw(st.none() | st.just(draw(_effective(first)))) if model["rates"] else None
    return Example(tuple(uploads), model, tags, effective)


@st.composite
def _effective(draw: st.DrawFn, first: date) -> EffectiveDates:
    """Whole months around the data's first."""
    months = [date(2026, month, 1) for month in range(8, 13)]
    start = draw(st.sampled_from([month for month in months if abs(month.month - first.month) <= 1]))
    ends = [date(2026, month, 30) for month in (9, 11) if month >= start.month]
    end = draw(st.sampled_from([date(2099, 12, 31), *ends]))
    return EffectiveDates(start, end)
