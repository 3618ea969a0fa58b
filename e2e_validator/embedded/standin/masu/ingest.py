"""``ingest_ocp_payload/``: the transport where no Kafka is (docs/contract/koku.md 3.2)."""

from __future__ import annotations

import uuid
from typing import Any

from minio.error import MinioException
from starlette.responses import Response
from urllib3.exceptions import HTTPError

from e2e_validator.embedded.standin.ingest.listener import announce
from e2e_validator.embedded.standin.masu.answer import Call, Context, DrfJson


def announce_uploaded(context: Context, call: Call) -> Response:
    """GET: announce objects of the ingress bucket; 202 does not even say that they are there."""
    answer = _new_answer()
    if refusal := _refused(answer, call, payload=bool(call.query.get("payload_name"))):
        return refusal
    for name in call.query["payload_name"].split(","):
        _announce(context, answer, call, name)
    return DrfJson(answer | {"ingest-started": True}, status_code=202)


def upload_and_announce(context: Context, call: Call) -> Response:
    """POST: write the uploaded files into the ingress bucket under their own names, and announce them."""
    answer = _new_answer()
    if refusal := _refused(answer, call, payload=bool(call.uploads)):
        return refusal
    for upload in call.uploads:
        try:
            context.store.put(context.config.bucket_ingress, upload.name, upload.content)
        except (MinioException, HTTPError) as error:
            answer["payload-name"].append(upload.name)
            return DrfJson(answer | {"upload": "failed", "failed-reason": str(error)}, status_code=500)
        _announce(context, answer, call, upload.name)
        answer["upload"] = "success"
    return DrfJson(answer | {"ingest-started": True}, status_code=202)


def _new_answer() -> dict[str, Any]:
    return {"request-id": uuid.uuid4().hex, "payload-name": []}


def _refused(answer: dict[str, Any], call: Call, *, payload: bool) -> Response | None:
    if not call.query.get("org_id"):
        return DrfJson(answer | {"error": "org_id is required"}, status_code=400)
    if not payload:
        return DrfJson(answer | {"error": "no payload sent"}, status_code=400)
    return None


def _announce(context: Context, answer: dict[str, Any], call: Call, name: str) -> None:
    config = context.config
    announce(context.valkey, answer["request-id"], call.query["org_id"], bucket=config.bucket_ingress, key=name)
    answer["payload-name"].append(name)
