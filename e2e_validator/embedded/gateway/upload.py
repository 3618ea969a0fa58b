"""The ingress: takes a file, stores it under a name of its own, and announces it (docs/contract/chart.md 1.8)."""

from __future__ import annotations

import base64
import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import urllib3
from confluent_kafka import Producer
from minio import Minio
from minio.error import MinioException
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from e2e_validator.embedded.gateway.config import GatewayConfig

LIMIT_BYTES = 104_857_600
ANNOUNCE_TOPIC = "platform.upload.announce"
_SERVICES = {"hccm"}
_CONTENT_TYPE = re.compile(r"application/vnd\.redhat\.([a-z0-9-]+)\.([a-z0-9-]+).*")
_URL_LIVES = timedelta(days=1)


class Ingress:
    """What ``/api/ingress/`` leads to."""

    def __init__(self, config: GatewayConfig) -> None:
        self._bucket = config.bucket
        self._store = Minio(
            urlsplit(config.s3_url).netloc,
            config.s3_access_key,
            config.s3_secret_key,
            secure=False,
            region="us-east-1",
            http_client=urllib3.PoolManager(timeout=60, retries=urllib3.Retry(total=1)),
        )
        self._producer = Producer({"bootstrap.servers": config.bootstrap, "log_level": 0, "linger.ms": 0})

    async def take(self, request: Request, identity: str) -> Response:
        """202 and the request id, for a file that is stored and announced; nothing is said of what is in it."""
        said = int(request.headers.get("content-length", 0) or 0)
        # Counted with the form around it; only what is certainly too large is not even read.
        if said > LIMIT_BYTES + 65_536:
            return _too_large(said)
        try:
            form = await request.form()
        except HTTPException:
            return PlainTextResponse("File or upload field not found", 400)
        try:
            return await self._accept(request, form, identity)
        finally:
            await form.close()

    async def _accept(self, request: Request, form: FormData, identity: str) -> Response:
        part = form.get("file") or form.get("upload")
        if not isinstance(part, UploadFile):
            return PlainTextResponse("File or upload field not found", 400)
        found = _CONTENT_TYPE.match(part.content_type or "")
        if found is None or found[1] not in _SERVICES:
            return Response(status_code=415)
        size = part.size or 0
        if size > LIMIT_BYTES:
            return _too_large(size)
        request_id = request.headers.get("x-rh-insights-request-id") or uuid.uuid4().hex
        who = json.loads(base64.b64decode(identity))["identity"]
        message = {
            "account": who["account_number"],
            "b64_identity": identity,
            "category": found[2],
            "content_type": part.content_type,
            "metadata": {"reporter": "", "stale_timestamp": "0001-01-01T00:00:00Z"},
            "org_id": who["org_id"],
            "principal": who["org_id"],
            "request_id": request_id,
            "service": found[1],
            "size": size,
            "timestamp": datetime.now(UTC).isoformat(),
        }
        try:
            await run_in_threadpool(self._stage, part, size, message)
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            print(f"Error staging {request_id}: {error}", flush=True)
            return Response(status_code=500)
        upload = {"account_number": who["account_number"], "org_id": who["org_id"]}
        return JSONResponse({"request_id": request_id, "upload": upload}, 202)

    def _stage(self, part: UploadFile, size: int, message: dict[str, Any]) -> None:
        key = message["request_id"]
        self._store.put_object(self._bucket, key, part.file, size)
        url = self._store.presigned_get_object(self._bucket, key, _URL_LIVES)
        value = json.dumps(message | {"url": url}).encode()
        # Not waited for: the ingress has a buffer, and its 202 says nothing of Kafka.
        self._producer.produce(ANNOUNCE_TOPIC, value, headers=[("service", message["service"].encode())])
        self._producer.poll(0)


def _too_large(size: int) -> Response:
    return PlainTextResponse(f"File exceeds maximum file size ({LIMIT_BYTES}) for upload: {size}", 413)
