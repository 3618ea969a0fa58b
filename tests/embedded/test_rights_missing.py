"""Least privilege: each permission that is printed is needed for something, and each that is missing is named.

The table is ``rights_table.py``. A missing permission ends the run BLOCKED with its name, or the run goes on and says
what it goes on without; it is never silent, and never a fault of the product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from cluster.backends import Backends
from cluster.installed import Installed
from cluster.picture import start
from cluster.roles import Attempt, Role
from rights_scene import (
    KAFKA,
    KEYCLOAK,
    NS,
    ROUTER,
    STORE,
    TRINO,
    Place,
    Seen,
    a_trino,
    backends,
    brokers_say_the_names_of_their_pods,
    place,
    printed,
)
from rights_table import CASES, STREAMS, Ends, Key

from e2e_validator.cli import cli
from e2e_validator.deployment.manifests.permissions import PERMISSIONS, Permission, Where
from e2e_validator.deployment.namespace.kube import Kube
from e2e_validator.deployment.namespace.kubeconfig import connect
from e2e_validator.errors import Blocked

pytestmark = pytest.mark.embedded
NAMESPACES = {
    Where.DEPLOYMENT: NS,
    Where.KAFKA: KAFKA,
    Where.KEYCLOAK: KEYCLOAK,
    Where.OBJECT_STORE: STORE,
    Where.ROUTER: ROUTER,
    Where.TRINO: TRINO,
}
TABLE: dict[Key, Permission] = {(one.where, one.resource, verb): one for one in PERMISSIONS for verb in one.verbs}


@pytest.fixture(scope="module")
def behind() -> Iterator[Backends]:
    with backends() as found:
        yield found


@pytest.fixture(scope="module")
def usual(behind: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """As the chart installs it on OpenShift."""
    with place(behind, tmp_path_factory.mktemp("usual")) as found:
        yield found


@pytest.fixture(scope="module")
def store_outside(behind: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """With an object store that only the pods reach, which takes the last resort."""
    with place(behind, tmp_path_factory.mktemp("outside"), object_store="external") as found:
        yield found


@pytest.fixture(scope="module")
def trino_apart(behind: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A classic deployment, whose Trino has a namespace of its own."""
    folder = tmp_path_factory.mktemp("trino")
    with (
        a_trino() as address,
        place(replace(behind, trino=address), folder, onprem=False, trino_namespace=TRINO) as found,
    ):
        yield found


def lost(key: Key, allowed: Role) -> Role:
    """The role without this one."""
    where, resource, verb = key
    return allowed.without(verb, resource, TABLE[key].group, NAMESPACES[where])


def sentence(verb: str, resource: str, namespace: str) -> str:
    asked = "get or create" if resource in STREAMS else verb
    return f"not allowed to {asked} {resource} in namespace {namespace}"


def stops(seen: Seen) -> Ends | None:
    """Where the run ends."""
    if seen.blocked:
        return Ends.AT_THE_START
    return Ends.IN_PREFLIGHT if any(line.startswith("FAIL ") for line in seen.preflight) else None


def names(line: str, attempt: Attempt) -> bool:
    """Whether a line names what was refused; Keycloak is looked for in several namespaces, told in one sentence."""
    first, _, others = line.partition(", nor in namespace ")
    if attempt.namespace in others.partition(";")[0].split(", "):
        return sentence(attempt.verb, attempt.resource, KEYCLOAK) in first
    return sentence(attempt.verb, attempt.resource, attempt.namespace) in line


def nothing_is_silent(seen: Seen) -> None:
    """Whatever the API server refused is named where a user reads."""
    for attempt in seen.denied:
        assert any(names(line, attempt) for line in seen.lines), (attempt, seen.lines)


# The sentence names both verbs of a stream, so that the second differs little from the first.
PARAMETERS = [
    pytest.param(
        key,
        id=f"{key[0]}-{key[2]}-{key[1]}",
        marks=[pytest.mark.long] if key[1] in STREAMS and key[2] == "get" else [],
    )
    for key in TABLE
]


def test_every_line_of_the_table_has_its_case() -> None:
    """A new permission needs an entry in ``rights_table.py``: what does a user see when it is missing?"""
    assert CASES.keys() == TABLE.keys()


def test_with_all_of_them_nothing_is_missed(usual: Place, store_outside: Place) -> None:
    for seen in (usual.look(printed(), bundle=True), store_outside.look(printed("--with-exec"))):
        assert (stops(seen), seen.denied) == (None, [])
        assert not [line for line in seen.lines if "not allowed" in line or "grant the permission" in line]


def test_a_trino_in_a_namespace_of_its_own_needs_its_permissions(trino_apart: Place) -> None:
    seen = trino_apart.look(printed("--trino-namespace", TRINO))
    assert (seen.blocked, seen.denied) == ([], [])
    (line,) = [line for line in seen.doctor if line.startswith("ok    trino ")]
    assert line.endswith("Trino 476 answers; port-forward to pod trino-coordinator-0 port 8080")
    nothing = trino_apart.look(printed())
    assert nothing.blocked[0].startswith(f"Namespace {NS}: trino: Cannot be reached: not allowed to get services in")
    assert f"namespace {TRINO}" in nothing.blocked[0]


@pytest.mark.parametrize("key", PARAMETERS)
def test_a_missing_permission_is_named(
    usual: Place, store_outside: Place, trino_apart: Place, monkeypatch: pytest.MonkeyPatch, key: Key
) -> None:
    where, resource, verb = key
    case = CASES[key]
    if case.brokers_by_name:
        brokers_say_the_names_of_their_pods(monkeypatch)
    there, allowed = (store_outside, printed("--with-exec")) if case.exec_allowed else (usual, printed())
    if case.trino_apart:
        there, allowed = trino_apart, printed("--trino-namespace", TRINO)
    in_bundle = resource in {"events", "pods/log"}
    seen = there.look(lost(key, allowed), bundle=in_bundle)
    told = sentence(verb, resource, NAMESPACES[where])
    assert any(attempt.needed[0] == verb and attempt.resource == resource for attempt in seen.denied), "not needed?"
    places = {
        Ends.AT_THE_START: [seen.blocked[:1], seen.blocked[1:] or seen.blocked],
        Ends.IN_PREFLIGHT: [seen.preflight],
        Ends.NOT: [seen.header, seen.doctor],
        Ends.NOT_BUT_THE_BUNDLE_LACKS: [seen.bundle],
    }[case.ends]
    for lines in [*places, *([seen.bundle] if in_bundle else [])]:
        named = [line for line in lines if told in line]
        assert named, lines
        assert all("; grant the permission (e2e-validator manifests " in line for line in named), named
    assert any(told in line and case.line in line for line in seen.lines), seen.lines
    assert stops(seen) is (case.ends if case.ends in {Ends.AT_THE_START, Ends.IN_PREFLIGHT} else None)
    assert not [line for line in seen.lines if "Traceback" in line]
    nothing_is_silent(seen)


@pytest.mark.parametrize(
    ("transport", "key"),
    [
        ("gateway", (Where.KEYCLOAK, "secrets", "get")),
        ("gateway", (Where.KEYCLOAK, "pods", "list")),
        ("kafka", (Where.KAFKA, "services", "get")),
    ],
)
def test_a_way_in_that_was_asked_for_and_needs_it_blocks(usual: Place, transport: str, key: Key) -> None:
    seen = usual.look(lost(key, printed()), f"way={transport}")
    assert f"{transport} is no transport here" in seen.blocked[0]
    named = [line for line in seen.blocked if sentence(key[2], key[1], NAMESPACES[key[0]]) in line]
    assert named
    assert all("grant the permission" in line for line in named)


def test_several_are_named_all_at_once(usual: Place) -> None:
    gone: list[Key] = [
        (Where.DEPLOYMENT, "routes", "list"),
        (Where.DEPLOYMENT, "ingresses", "list"),
        (Where.DEPLOYMENT, "configmaps", "list"),
        (Where.KAFKA, "services", "get"),
        (Where.KEYCLOAK, "routes", "list"),
        (Where.KEYCLOAK, "services", "get"),
        (Where.ROUTER, "configmaps", "get"),
    ]
    allowed = printed()
    for key in gone:
        allowed = lost(key, allowed)
    seen = usual.look(allowed)
    assert stops(seen) is None
    for where, resource, verb in gone:
        told = sentence(verb, resource, NAMESPACES[where])
        assert [line for line in seen.header if told in line], (told, seen.header)
    nothing_is_silent(seen)


def test_a_secret_by_hand_is_enough_to_ask_for_keycloak(
    usual: Place, behind: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the secret nobody knows Keycloak's namespace, and so not the service behind its address."""
    allowed = lost((Where.KEYCLOAK, "secrets", "get"), printed())
    seen = usual.look(allowed, f"keycloak.client_secret={behind.client_secret}")
    told = sentence("get", "secrets", KEYCLOAK)
    (line,) = [line for line in seen.header if told in line]
    assert "keycloak: The service behind Keycloak's address cannot be looked for: " in line
    assert behind.client_secret not in "".join(seen.lines)


def test_what_is_gone_around_by_the_last_resort_is_told(usual: Place) -> None:
    """With commands in pods allowed there is another way to a service that may not be read."""
    seen = usual.look(lost((Where.KAFKA, "services", "get"), printed("--with-exec")))
    assert stops(seen) is None
    (line,) = [line for line in seen.header if sentence("get", "services", KAFKA) in line]
    assert line.startswith("warning   permissions: ")
    assert " is tried by exec in pod " in line
    nothing_is_silent(seen)


def test_the_doctor_ends_as_a_run_would(usual: Place) -> None:
    def doctor(key: Key) -> tuple[int, str, BaseException | None]:
        config = usual.where(lost(key, printed())).kubeconfig
        ended = CliRunner().invoke(cli, ["doctor", "-n", NS, "--kubeconfig", config])
        return ended.exit_code, ended.output, ended.exception

    code, text, _ = doctor((Where.DEPLOYMENT, "secrets", "get"))
    assert code == 10
    (line,) = [line for line in text.splitlines() if line.startswith("fail  database.password ")]
    assert sentence("get", "secrets", NS) in line
    code, text, _ = doctor((Where.KEYCLOAK, "routes", "list"))
    assert code == 0
    (line,) = [line for line in text.splitlines() if line.startswith("warn  keycloak ")]
    assert sentence("list", "routes", KEYCLOAK) in line
    _, _, error = doctor((Where.DEPLOYMENT, "pods", "list"))
    assert isinstance(error, Blocked)  # which the command says, and ends with 10
    assert sentence("list", "pods", NS) in error.headline


def test_what_a_cluster_does_not_have_is_not_missed(usual: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are no Routes, a server refuses them too before it looks whether there are any."""
    allowed = printed()
    for key in (
        (Where.DEPLOYMENT, "routes", "list"),
        (Where.KEYCLOAK, "routes", "list"),
        (Where.ROUTER, "configmaps", "get"),
    ):
        allowed = lost(key, allowed)
    monkeypatch.setattr(Kube, "serves", lambda *_: False)
    seen = usual.look(allowed)
    assert {attempt.namespace for attempt in seen.denied} == {NS, KEYCLOAK, ROUTER}
    assert not [line for line in seen.lines if "not allowed" in line]


def test_which_groups_a_cluster_has_is_asked(usual: Place, behind: Backends, tmp_path: Path) -> None:
    kube = connect(usual.where(printed()).kubeconfig)
    assert kube.serves("route.openshift.io")
    kube.close()
    server, _ = start(Installed(route="none"), behind)
    with server:
        plain = connect(str(server.write_kubeconfig(tmp_path / "config")))
        assert not plain.serves("route.openshift.io")
        plain.close()
