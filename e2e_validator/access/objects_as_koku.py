"""The object store through boto3, the client that Koku itself has.

That another client is served says little of this one: since 1.36 boto3 sends checksums behind what it uploads, which
some stores that speak S3 refuse. Koku's archive is then never written, and its files stay in processing.
"""

from __future__ import annotations

import os
from typing import Any

from e2e_validator.deployment import Target
from e2e_validator.errors import first_line

_ANSWER_SECONDS = 10


class RefusedAsKokuError(Exception):
    """The store refuses the client, or the client does not understand it; the text is one short line."""


class ObjectsAsKoku:
    """Writes and reads objects as Koku does: explicit keys, default settings, nothing of the user's own files."""

    def __init__(self, target: Target) -> None:
        """Connect lazily; nothing is sent yet. boto3 takes half a second to load, so it is loaded at the first use."""
        self._target = target
        self._made: Any = None

    def put_and_read(self, bucket: str, key: str, content: bytes) -> bytes:
        """Write an object and give back what the store then has of it.

        Raises:
            RefusedAsKokuError: it cannot be written or read.
        """
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            client = self._client()
            client.put_object(Bucket=bucket, Key=key, Body=content)
            body = client.get_object(Bucket=bucket, Key=key)["Body"]
            with body:
                return bytes(body.read())
        except ClientError as error:
            answer = error.response.get("Error", {})
            raise RefusedAsKokuError(f"{error.operation_name}: {answer.get('Code')} {answer.get('Message')}") from error
        except (BotoCoreError, Boto3Error, OSError) as error:
            raise RefusedAsKokuError(first_line(error)) from error

    def _client(self) -> Any:
        if self._made is None:
            import boto3
            import botocore.session
            from botocore.config import Config

            # Profiles and credentials of the user have no part in it.
            nothing = (None, None, os.devnull, None)
            session = botocore.session.Session(
                session_vars={
                    "profile": (None, None, None, None),
                    "config_file": nothing,
                    "credentials_file": nothing,
                }
            )
            self._made = boto3.session.Session(
                aws_access_key_id=self._target.s3_access_key,
                aws_secret_access_key=self._target.s3_secret_key,
                region_name="us-east-1",
                botocore_session=session,
            ).client(
                "s3",
                endpoint_url=self._target.s3_url,
                config=Config(
                    connect_timeout=_ANSWER_SECONDS, read_timeout=_ANSWER_SECONDS, retries={"total_max_attempts": 2}
                ),
            )
        return self._made
