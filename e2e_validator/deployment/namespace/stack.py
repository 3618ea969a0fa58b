"""Which Koku it is, and where the classic one finds its Trino (docs/contract/chart.md 1.13)."""

from __future__ import annotations

from e2e_validator.deployment.namespace.found import Found, Value
from e2e_validator.deployment.namespace.names import KOKU_DEFAULTS, ONPREM
from e2e_validator.deployment.namespace.settings import Sources, settle
from e2e_validator.deployment.target import CLASSIC, ON_PREM

_TRUE = {"true", "1", "yes", "y", "t", "on"}
_BY_HAND = f"give --set stack={ON_PREM} or --set stack={CLASSIC}"


def find_stack(sources: Sources, found: Found) -> None:
    """``stack``: with ONPREM everything is in PostgreSQL, without it Koku needs Trino.

    There is no value where the variable cannot be read, which is said.
    """
    chosen = sources.given.get("stack")
    if chosen is not None:
        if chosen.value in {ON_PREM, CLASSIC}:
            found.add(chosen)
        else:
            found.fail("stack", f"{chosen.origin}: {chosen.value} is no stack; it is {ON_PREM} or {CLASSIC}.")
        return
    told = next((value for env in sources.koku if (value := env.get(ONPREM)) is not None), None)
    if told is not None and told.problem:
        remedy = f"{told.remedy}; or {_BY_HAND}" if told.remedy else _BY_HAND
        found.warn("stack", f"Whether this is ONPREM cannot be read: {told.problem}; {remedy}.")
    elif told is not None and told.value.lower() in _TRUE:
        found.put("stack", ON_PREM, told.origin)
    else:
        found.put("stack", CLASSIC, told.origin if told else f"no pod of Koku has {ONPREM}")


def find_trino(sources: Sources, found: Found) -> None:
    """``trino.host`` and ``trino.port`` of a classic Koku, as its pods have them; an on-premise one asks no Trino."""
    if found.get("stack") != CLASSIC:
        return
    for name in ("trino.host", "trino.port"):
        wrong = len(found.failures)
        if not settle(name, sources, found) and len(found.failures) == wrong:
            found.add(Value(name, KOKU_DEFAULTS[name], "Koku's default, where its pods say nothing"))
    port = found.value("trino.port")
    if port is not None and not port.value.isdigit():
        found.fail("trino.port", f"{port.origin}: {port.value} is no port; give it with --set trino.port=8080")
