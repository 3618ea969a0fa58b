"""What Kafka knows of topics and of their readers; nothing is joined, read or committed."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from e2e_validator.access.http import Unreachable
from e2e_validator.access.transports.brokers import end_tls, errors, settings_for
from e2e_validator.access.transports.trouble import Trouble
from e2e_validator.deployment.transport import Kafka
from e2e_validator.errors import Blocked

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaAdminClient


class _Admin(KafkaAdminClient):  # type: ignore[misc] # kafka-python has no types
    """What we may do with a group is not asked for, and some brokers answer it with numbers that mean nothing."""

    def _process_acl_operations(self, obj: dict[str, Any]) -> dict[str, Any]:
        return obj


@dataclass(frozen=True, slots=True)
class Readers:
    """The members of a consumer group, and how many of them were given partitions, None where the brokers do not say.

    ``state`` is Kafka's own word.
    """

    members: int
    at_work: int | None
    state: str


@dataclass(frozen=True, slots=True)
class Brokered:
    """The topics that there are, and the readers of one group."""

    topics: frozenset[str]
    readers: Readers


def brokered(kafka: Kafka, group: str, verify: bool | str = True) -> Brokered:
    """Ask the brokers for their topics and for a group.

    Raises:
        Blocked: we are not let in, or may not ask.
        Unreachable: the brokers do not answer.
    """
    settings = settings_for(kafka, verify)
    client = None
    with Trouble() as trouble:
        try:
            client = _Admin(**settings)
            topics = frozenset(client.list_topics())
            readers = _readers(client.describe_groups([group])[group])
        except errors.AuthorizationError as error:
            raise Blocked(
                f"Kafka lets {kafka.username or 'us'} not look at its topics and at the group {group}; grant Describe.",
                detail=str(error),
            ) from error
        except errors.KafkaError as error:
            raise trouble.meaning(kafka, error) from error
        except (OSError, KeyError) as error:
            raise Unreachable(f"Kafka at {kafka.bootstrap} did not answer: {error!r}") from error
        finally:
            if client is not None:
                client.close()
            end_tls(settings)
    return Brokered(topics, readers)


def _readers(group: dict[str, Any]) -> Readers:
    members = group.get("members") or []
    given = [one for member in members if isinstance(one := member.get("member_assignment"), dict)]
    at_work = sum(any(topic.get("partitions") for topic in one.get("assigned_partitions") or []) for one in given)
    state = str(group.get("group_state") or "unknown")
    return Readers(len(members), at_work if given else None, state)
