"""``status/`` (docs/contract/koku.md 5.1): needs Valkey and the database; for liveness alone there is ``?liveness``."""

from __future__ import annotations

import platform
import sys

import redis
from starlette.responses import Response

from e2e_validator.embedded.standin.masu.answer import Call, Context, DrfJson
from e2e_validator.embedded.standin.queues import RUNNING

API_VERSION = 1


def status(context: Context, call: Call) -> Response:
    """Health; 500 with Valkey down."""
    if "liveness" in call.query:
        return DrfJson({"alive": True})
    try:
        active = context.valkey.hlen(RUNNING)
    except redis.RedisError:
        return Response("<h1>Server Error (500)</h1>", status_code=500, media_type="text/html")
    if call.query.get("celery", "false").lower() == "true":
        return DrfJson({"scheduled_count": 0, "reserved_count": 0, "active_count": active})
    with context.pool.connection() as conn:
        databases = conn.execute(
            "SELECT datname, numbackends FROM pg_stat_database WHERE datname = current_database()"
        ).fetchall()
    answer = {
        "api_version": API_VERSION,
        "celery_status": {},
        "commit": None,
        "config": {"debug": True, "masu_retain_num_months": 4},
        "current_datetime": context.clock.shown(),
        "database_status": databases,
        "modules": {},
        "platform_info": platform.uname()._asdict(),
        "python_version": sys.version.replace("\n", ""),
    }
    return DrfJson(answer)
