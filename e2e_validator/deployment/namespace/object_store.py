"""The object store: endpoint, keys, buckets, and how buckets are addressed (docs/contract/chart.md 1.5, 1.6)."""

from __future__ import annotations

import configparser
from urllib.parse import urlsplit

from e2e_validator.deployment.namespace.found import Found, Value
from e2e_validator.deployment.namespace.names import AWS_CONFIG, INGRESS_BUCKET, KOKU_DEFAULTS, VARIABLES
from e2e_validator.deployment.namespace.pod_env import EnvValue
from e2e_validator.deployment.namespace.settings import Sources, settle
from e2e_validator.deployment.target import CLASSIC


def find_object_store(sources: Sources, found: Found) -> None:
    """Everything that is said of the store; ``s3.bucket.ingress`` depends on the transport and is settled later."""
    endpoint = settle("s3.endpoint", sources, found, needed=True)
    if endpoint and not urlsplit(endpoint).hostname:
        origin = found.value("s3.endpoint")
        found.fail(
            "s3.endpoint",
            f"{origin.origin if origin else 's3.endpoint'}: {endpoint} is no URL; give it with"
            " --set s3.endpoint=http://host:port",
        )
    settle("s3.access_key", sources, found, needed=True)
    settle("s3.secret_key", sources, found, needed=True)
    settle("s3.region", sources, found)
    settle("s3.bucket.archive", sources, found, needed=True)
    settle("s3.bucket.ros", sources, found)
    _find_style(sources, found)


def _find_style(sources: Sources, found: Found) -> None:
    """The addressing style that the pods' AWS configuration asks for."""
    refused: list[EnvValue] = []
    for env in sources.koku:
        path = env.get(AWS_CONFIG)
        config = env.file(path.value) if path is not None and path.value else None
        if config is None or config.problem:
            refused += [one for one in (path, config) if one is not None and one.remedy]
            continue
        parser = configparser.ConfigParser(strict=False)
        try:
            parser.read_string(config.value)
        except configparser.Error:
            continue
        for section in parser.sections():
            # The s3 settings are an indented block of its own, which the parser gives as text.
            for line in parser.get(section, "s3", fallback="").splitlines():
                key, _, value = line.partition("=")
                if key.strip() == "addressing_style":
                    found.put("s3.addressing", value.strip(), config.origin)
                    return
    for one in refused[:1]:
        found.warn("s3.addressing", f"The pods' AWS configuration cannot be read: {one.problem}; {one.remedy}.")


def ingress_bucket(transport: str, sources: Sources, found: Found) -> None:
    """Settle the bucket that payloads are put into: by the ingress service, or by ourselves for masu.

    Masu reads from a bucket of its own setting, which has a default in Koku (docs/contract/koku.md 3.2). Sources that
    the classic stack polls have buckets of their own, so that no ingress is needed.
    """
    polled = found.get("stack") == CLASSIC
    name = "s3.bucket.ingress"
    chosen = sources.given.get(name)
    if chosen is not None:
        found.add(chosen)
        return
    if transport == "masu" or polled:
        told = [value for env in sources.koku if (value := env.first(VARIABLES[name])) is not None]
        if told and not told[0].problem:
            found.put(name, told[0].value, told[0].origin)
        elif told and told[0].remedy and not polled:
            found.fail(name, f"The ingress bucket cannot be read: {told[0].problem}; {_remedy(told[0], name)}")
        else:
            found.add(Value(name, KOKU_DEFAULTS[name], "Koku's default, where its pods say nothing"))
        return
    stage = sources.ingress.get(INGRESS_BUCKET) if sources.ingress else None
    if stage is not None and not stage.problem and stage.value:
        found.put(name, stage.value, stage.origin)
    elif stage is not None and stage.remedy:
        found.fail(name, f"The ingress bucket cannot be read: {stage.problem}; {_remedy(stage, name)}")
    else:
        found.fail(name, f"The ingress does not say its bucket ({INGRESS_BUCKET}); give it with --set {name}=...")


def _remedy(refused: EnvValue, name: str) -> str:
    return f"{refused.remedy}; or give it with --set {name}=..."
