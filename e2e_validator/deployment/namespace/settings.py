"""How a setting is found: given by hand, or in the environment of Koku's pods, which must agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from e2e_validator.deployment.namespace.components import Component
from e2e_validator.deployment.namespace.found import Found
from e2e_validator.deployment.namespace.names import SETTINGS, VARIABLES
from e2e_validator.deployment.namespace.overrides import Overrides
from e2e_validator.deployment.namespace.pod_env import EnvValue, KeyReader, PodEnv, main_env

_TELLING = tuple(name for names in VARIABLES.values() for name in names)
# Masu has all variables; any other workload that has them must have the same.
_KOKU = ("masu", "api", "listener", "worker", "beat")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where settings are looked for."""

    given: Overrides
    koku: Sequence[PodEnv]
    ingress: PodEnv | None
    gateway: Component | None = None

    @classmethod
    def of(cls, components: Mapping[str, Component], reader: KeyReader, given: Overrides) -> Sources:
        """The environments of the components' pods."""
        koku = []
        for name in _KOKU:
            if name in components:
                env = main_env(components[name].best, reader, _TELLING)
                if env is not None:
                    koku.append(env)
        ingress = components.get("ingress")
        env = main_env(ingress.best, reader, ("INGRESS_STAGEBUCKET", "INGRESS_KAFKABROKERS")) if ingress else None
        return cls(given, koku, env, components.get("gateway"))


def settle(name: str, sources: Sources, found: Found, *, needed: bool = False) -> str:
    """Find one setting of Koku's pods and keep it with its origin; say what is wrong. Empty when there is none."""
    chosen = sources.given.get(name)
    if chosen is not None:
        found.add(chosen)
        return chosen.value
    told = [(env, value) for env in sources.koku if (value := env.first(VARIABLES[name])) is not None]
    readable = [(env, value) for env, value in told if not value.problem]
    by_value: dict[str, str] = {}
    for env, value in readable:
        by_value.setdefault(value.value, env.pod.name)
    if len(by_value) > 1:
        found.fail(name, _disagree(name, by_value))
        return ""
    if readable:
        first = readable[0][1]
        found.put(name, first.value, first.origin, secret=SETTINGS[name].secret)
        return first.value
    if needed or told:
        remedy = f"{told[0][1].remedy}; or " if told and told[0][1].remedy else ""
        found.fail(name, f"{_sentence(name, told)}; {remedy}give it with --set {name}=...")
    return ""


def _disagree(name: str, by_value: Mapping[str, str]) -> str:
    if SETTINGS[name].secret:
        said = " and ".join(by_value.values())
    else:
        said = ", ".join(f"{pod} has {value}" for value, pod in by_value.items())
    return f"The pods disagree about {name}: {said}; restart what is old, or choose with --set {name}=..."


def _sentence(name: str, told: Sequence[tuple[PodEnv, EnvValue]]) -> str:
    what = SETTINGS[name].what
    if told:
        problem = told[0][1].problem
        return f"The {what} cannot be read: {problem}"
    return f"No pod of Koku says the {what} ({', '.join(VARIABLES[name])})"
