"""masu's routes (docs/contract/koku.md 5.1); what is not here answers 404, as cloud endpoints do on-premise."""

from __future__ import annotations

from collections.abc import Callable

import redis
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Pool
from e2e_validator.embedded.standin.masu import download, ingest, manifests, queues, sources, status, summary, tags
from e2e_validator.embedded.standin.masu.answer import Call, Context, DrfJson
from e2e_validator.embedded.standin.objects import ObjectStore

PREFIX = "/api/cost-management/v1"
Answer = Callable[[Context, Call], Response]

ROUTES: dict[str, dict[str, Answer]] = {
    "status/": {"GET": status.status},
    "ingest_ocp_payload/": {"GET": ingest.announce_uploaded, "POST": ingest.upload_and_announce},
    "report_data/": {"GET": summary.report_data},
    "update_cost_model_costs/": {"GET": summary.update_cost_model_costs},
    "enabled_tags/": {"GET": tags.enabled_tags, "POST": tags.change_enabled_tags},
    "invalidate_cache/": {"POST": tags.invalidate_cache},
    "manifests/": {"GET": manifests.listing},
    "manifests/{id:int}/": {"GET": manifests.detail},
    "manifests/{id:int}/reports/": {"GET": manifests.reports},
    "sources/": {"GET": sources.listing},
    "sources/{id:int}/": {"GET": sources.detail},
    "running_celery_tasks/": {"GET": queues.running_tasks},
    "celery_queue_tasks/": {"GET": queues.queued_tasks},
    "celery_queue_lengths/": {"GET": queues.lengths},
    "clear_celery_queues/": {"GET": queues.clear},
}
# What the classic stack has besides.
CLASSIC_ROUTES: dict[str, dict[str, Answer]] = {"download/": {"GET": download.download}}


def build_masu(config: StandinConfig, clock: Clock, pool: Pool, valkey: redis.Redis) -> Starlette:
    """The application; every request has a thread, for the clients it uses are not asynchronous."""
    context = Context(config, clock, pool, valkey, ObjectStore(config))

    def route(path: str, answers: dict[str, Answer]) -> Route:
        async def endpoint(request: Request) -> Response:
            call = await Call.read(request)
            return await run_in_threadpool(answers[request.method], context, call)

        return Route(f"{PREFIX}/{path}", endpoint, methods=list(answers))

    async def not_found(_request: Request, _error: Exception) -> Response:
        return DrfJson({"detail": "Not found."}, status_code=404)

    known = ROUTES | (CLASSIC_ROUTES if config.classic is not None else {})
    return Starlette(
        routes=[route(path, answers) for path, answers in known.items()], exception_handlers={404: not_found}
    )
