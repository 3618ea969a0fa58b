"""preflight: the environment is ready, or the run says nothing of the product.

All checks run, so that one look tells everything that is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import psycopg
from minio.error import S3Error

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.checks import registry
from e2e_validator.checks.check import Severity
from e2e_validator.checks.retry_unreachable import retry_unreachable
from e2e_validator.engine.claims import hold_organisation, hold_scenario
from e2e_validator.engine.context import Context
from e2e_validator.engine.inventory import BEFORE, EARLIER, in_words, left_by_earlier_runs, own_names, write
from e2e_validator.engine.outcome import Outcome
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.sending import transport_for
from e2e_validator.errors import Blocked, first_line, plural

# On 15 the cost step fails and no manifest completes (docs/contract/koku.md 0.8).
OLDEST_POSTGRESQL = 160000


def run(context: Context) -> Outcome:
    """Check API, masu, the transport, database and object store; of a deployment more, and the cluster if it is in one.

    Raises:
        Blocked: at least one is not ready; the detail has a line per check.
    """
    checks: tuple[tuple[str, Callable[[Context], str]], ...] = (
        ("Koku API", _koku),
        ("identity", _identity),
        ("stack", _stack),
        ("masu", _masu),
        ("transport", _transport),
        ("PostgreSQL", _postgresql),
        ("tables", _tables),
        ("object store", _objects),
        ("source key", _source_key),
        ("locks", _locks),
        ("inventory", _inventory),
    )
    lines: list[str] = []
    failed: list[str] = []
    around = _around(context)
    blind: list[str] = []
    for result in around:
        lines += result.lines()
        # First what is wrong with the deployment: it tells why what follows does not answer.
        found = blind if result.blind else failed
        found += [f"{result.name}: {told}" for told in result.errors[:1]]
        if context.strict:
            blind += [f"{result.name}: {told} (--fail-on-skip)" for told in result.having(Severity.UNSEEN)]
    for name, check in checks:
        try:
            lines.append(f"ok    {name}: {retry_unreachable(partial(check, context))}")
        except (Blocked, Unreachable, Refused, S3Error, psycopg.Error) as error:
            reason = first_line(error)
            lines.append(f"FAIL  {name}: {reason}")
            failed.append(f"{name}: {reason}")
    failed += blind
    count = len(around) + len(checks)
    if failed:
        raise Blocked(f"{len(failed)} of {count} preflight checks failed; {failed[0]}", detail="\n".join(lines))
    unseen = {result.name: "; ".join(map(str, told)) for result in around if (told := result.having(Severity.UNSEEN))}
    seen = count - len(unseen)
    return Outcome(
        f"{seen}/{count} checks ok{f', {len(unseen)} not looked at' * bool(unseen)}{registry.summary(around)}",
        {"checks": seen, **({"not_looked_at": unseen} if unseen else {})},
        {"preflight.txt": "\n".join(lines)},
    )


def _around(context: Context) -> list[registry.Result]:
    """What a deployment is like; nothing of a stack that is our own."""
    return [] if context.target.kind == "embedded" else registry.results(context)


def _koku(context: Context) -> str:
    context.clients.koku.status()
    return "answers"


def _identity(context: Context) -> str:
    context.clients.koku.sources(context.source_name)
    return f"organisation {context.target.org_id} may list its sources"


def _stack(context: Context) -> str:
    """Which Koku the target is: a source that another one takes would say nothing of it."""
    there, needed = context.target.koku, context.plan.stack
    if there != needed:
        kind = context.loaded.scenario.source.type
        says = (
            "its pods say so by their variable ONPREM, and --set stack=... says it by hand; run the scenario where Koku"
            f" is {needed}, such as on an embedded stack"
            if context.target.kind == "namespace"
            else "stack: in the target's file says which it is, and so does its trino_url"
        )
        raise Blocked(f"sources of type {kind} are judged on Koku's {needed} stack, and the target is {there}; {says}")
    return there


def _masu(context: Context) -> str:
    if not context.clients.masu.alive():
        raise Blocked("masu answers, but does not say that it is alive")
    return "alive"


def _transport(context: Context) -> str:
    """Only the transport that the payloads will take has to be open: in production masu takes no announcements."""
    return transport_for(context).check()


def _postgresql(context: Context) -> str:
    version = context.clients.database.server_version()
    if version < OLDEST_POSTGRESQL:
        raise Blocked(f"PostgreSQL is {version // 10000}; Koku needs 16, on 15 no manifest ever completes")
    return f"version {version // 10000}.{version % 10000}"


def _tables(context: Context) -> str:
    """The tables are there; on a deployment that was never used Koku makes the tenant's with the first source.

    Where other organisations are, a schema that is missing is a misspelt one, and a source would make a new tenant.
    """
    database, schema = context.clients.database, context.target.schema_name
    there = database.schema_exists()
    missing = database.missing_tables(tenant=there)
    if missing:
        raise Blocked(f"{len(missing)} tables are missing, first {missing[0]}; did Koku's migrations run?")
    if there:
        return f"schema {schema}"
    if others := database.tenants():
        raise Blocked(
            f"there is no schema {schema}, only {', '.join(others[:3])}; are org_id and schema right?"
            " A new organisation gets its schema with its first source: create one in the UI or by POST sources/, then"
            " run again"
        )
    if schema != f"org{context.target.org_id}":
        raise Blocked(f"there is no schema {schema}, and Koku will call the organisation's org{context.target.org_id}")
    return f"no schema {schema} yet; the first source makes it, which takes Koku some minutes"


def _objects(context: Context) -> str:
    objects = context.clients.objects
    needed = [objects.archive]
    if not provider_of(context).delivery.own_bucket:
        needed.insert(0, objects.ingress)
    if missing := [bucket for bucket in objects.missing_buckets() if bucket in needed]:
        raise Blocked(f"bucket {' and '.join(missing)} does not exist")
    return f"{plural(len(needed), 'bucket')} {' and '.join(needed)}"


def _source_key(context: Context) -> str:
    known = context.clients.database.manifests_of(context.source_key)
    if known:
        raise Blocked(f"the source key {context.source_key} already has {known} manifests")
    return f"{context.source_key} is free"


def _locks(context: Context) -> str:
    """The organisation is held by this run, in whichever of its processes; the scenario's token by this one."""
    held = hold_organisation(context.clients.claims)
    hold_scenario(context)
    return f"organisation {context.target.schema_name} held, {held}"


def _inventory(context: Context) -> str:
    """Nothing has this scenario's names yet, but what it made itself before it was interrupted."""
    stock = own_names(context)
    write(context.folder / BEFORE, stock)
    resumed = context.state.source or context.state.control_source or context.state.payloads
    if stock.left and not resumed:
        first = stock.left[0]
        raise Blocked(f"{in_words(stock.left)} of {context.source_key} are there already; remove with: {first.command}")
    earlier, here = left_by_earlier_runs(context)
    said = (
        f"nothing of {context.source_key} is there" if not stock.left else f"{in_words(stock.left)} of an earlier run"
    )
    if not earlier.left:
        return said
    lines = [f"{said}; left by earlier runs: {in_words(earlier.left)}, with commands in {EARLIER}"]
    return "\n".join(lines + [f"      {line}" for line in earlier.table().splitlines() if here])
