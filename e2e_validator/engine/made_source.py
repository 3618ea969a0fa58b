"""A source of this run: asked for once, taken up after an interruption, linked, with its copy in the tenant's schema.

Without the tenant copy the first file fails on a foreign key, and a naive repair doubles usage
(docs/contract/koku.md 7.4); so it is looked at before anything is sent.
"""

from __future__ import annotations

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.koku import Source
from e2e_validator.engine.context import Context, name_of
from e2e_validator.engine.provider import provider_of
from e2e_validator.engine.stall_monitor import StallMonitor
from e2e_validator.errors import Inconclusive, PhaseFailed, PhaseTimeout
from e2e_validator.waiting import Reading, done, pending

# How often a source is asked for while Koku answers 500.
TRIES = 10
_SERVER_ERROR = 500
# How long a source is looked for by name whose creation was asked for before an interruption and not answered.
APPEARANCE_SECONDS = 5.0
# How long Koku is asked again that does not answer, or whose answer was lost.
ANSWER_SECONDS = 60.0


def create(context: Context, key: str, slot: str) -> tuple[Source, int]:
    """Create one source and wait until it is linked; the source and how many tries it took (0: it was there).

    It is noted in the state before and after, so that cleanup finds it even when the answer of Koku got lost.
    """
    waiter = context.waiter(limit_seconds=min(context.plan.limits["source"], ANSWER_SECONDS))
    try:
        made = waiter.wait_for_value(f"Koku to make the source {key}", lambda: _ask(context, key, slot))
    except Inconclusive as error:
        # The server that did not answer says more than that there was a wait.
        raise (error.__cause__ or error) from None
    source, tries = made
    record = {"id": source.id, "uuid": source.uuid, "name": source.name, "key": key}
    setattr(context.state, slot, record)
    context.state.save()
    context.waiter().wait_for(f"source {source.id} to be linked to its provider", lambda: _linked(context, source))
    if slot == "source":
        what = "the provider's row in the tenant's schema"
        context.waiter().wait_for(what, StallMonitor(context, _copied))
    elif not context.clients.database.observe(source.uuid).tenant_copy:
        raise PhaseFailed(
            f"the provider {source.uuid} has no row in the tenant's schema",
            detail=f"expected    one row in {context.target.schema_name}.reporting_tenant_api_provider\n"
            "consequence the first file of any payload fails on a foreign key (docs/contract/koku.md 7.4)",
        )
    return source, tries


def _ask(context: Context, key: str, slot: str) -> tuple[Source, int]:
    """The source that was noted and is there, or a new one; after an answer that was lost it may be called again."""
    noted: dict[str, str] | None = getattr(context.state, slot)
    source = _made_before(context, noted) if noted else None
    if source is not None:
        return source, 0
    setattr(context.state, slot, {"id": "", "uuid": "", "name": name_of(key), "key": key})
    context.state.save()
    provider_of(context).delivery.open(context, key)
    return _asked_for(context, key, again=noted is not None)


def _copied(context: Context) -> Reading:
    """Whether the provider has its copy; Koku makes both in one transaction, so a missing one does not come later."""
    if context.observe().tenant_copy:
        return done("tenant copy there")
    return pending(f"no row in {context.target.schema_name}.reporting_tenant_api_provider")


def _made_before(context: Context, noted: dict[str, str]) -> Source | None:
    """The source that was noted before an interruption, if Koku knows it; one without an id is looked for by name."""
    koku = context.clients.koku
    if noted["uuid"]:
        known = koku.source(noted["uuid"]) is not None
        return Source(noted["id"], noted["uuid"], noted["name"], noted["key"]) if known else None

    def look() -> Reading:
        if _named(context, noted["key"]) is None:
            return pending("Koku lists no source of that name; it may not have been asked for one")
        return done("Koku has made it")

    try:
        context.waiter(limit_seconds=APPEARANCE_SECONDS).wait_for("what was asked for before the interruption", look)
    except PhaseTimeout:
        return None
    except Inconclusive as error:
        raise Unreachable(str(error)) from error
    return _named(context, noted["key"])


def _named(context: Context, key: str) -> Source | None:
    """The source that is called after ``key``, which is this scenario's own: both hold its token."""
    name = name_of(key)
    found = context.clients.koku.sources(name)
    return Source(str(found[0]["id"]), str(found[0]["uuid"]), name, key) if found else None


def _asked_for(context: Context, key: str, *, again: bool) -> tuple[Source, int]:
    """The source that Koku made, and at which try.

    Koku numbers sources by the highest number there is; of two that are made at the same time one is rolled back with
    500, a duplicate key. That is this run's own doing when scenarios run side by side, so it is tried again; never
    when a source of that name is there after all. If it was asked for before (``again``), that one is what is wanted:
    Koku was still at work on the first request.
    """
    koku, name = context.clients.koku, name_of(key)
    body = provider_of(context).source_body(name, key)
    for tries in range(1, TRIES):
        try:
            return koku.create_source(name, key, body), tries
        except Refused as error:
            if again and (there := _named(context, key)) is not None:
                return there, 0
            if error.status != _SERVER_ERROR or koku.sources(name):
                raise
    return koku.create_source(name, key, body), TRIES


def _linked(context: Context, source: Source) -> Reading:
    detail = context.clients.koku.source(source.uuid)
    if detail is None:
        return pending("the API does not know the source yet")
    exists = context.clients.database.observe(source.uuid).exists
    if detail.get("provider_linked") is True and exists:
        return done("linked")
    return pending(
        f"provider_linked is {detail.get('provider_linked')}, provider row {'there' if exists else 'missing'}"
    )
