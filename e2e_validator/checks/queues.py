"""Workers: one at least for each queue that a payload goes through (docs/contract/chart.md 1.2)."""

from __future__ import annotations

from collections.abc import Iterator

from e2e_validator.checks.check import Check, Issue, error
from e2e_validator.checks.look import Look, is_ready, some
from e2e_validator.deployment.namespace.components import needed_queues, queues_of
from e2e_validator.deployment.namespace.pods import Pod
from e2e_validator.errors import plural


def _queues(look: Look) -> Iterator[Issue]:
    served: dict[str, list[tuple[str, bool]]] = {}
    needed = needed_queues(look.context.target.koku)
    for workload in look.of("worker"):
        for pod in workload.pods:
            for queue in queues_of(Pod.from_json(pod)):
                served.setdefault(queue, []).append((workload.name, is_ready(pod)))
    missing = [queue for queue in needed if queue not in served]
    if missing:
        yield error(
            f"no worker in namespace {look.namespace} serves the {plural(len(missing), 'queue')} {', '.join(missing)}",
            "scale its worker up, or enable it in the chart's values",
        )
    for queue in needed:
        workers = served.get(queue, [])
        if workers and not any(ready for _, ready in workers):
            names = sorted({name for name, _ in workers})
            yield error(
                f"no worker of the queue {queue} in namespace {look.namespace} is ready",
                f"mend deployment {some(names)}",
            )


CHECKS = (Check("queues", "every queue that a payload goes through has a worker", _queues),)
