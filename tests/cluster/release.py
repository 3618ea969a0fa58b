"""What the release has beside its workloads: secrets, config maps, claims, routes, jobs, policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cluster import objects
from cluster.backends import Backends
from cluster.environment import CACHE_SECRET
from cluster.installed import Installed
from cluster.workloads import KOKU_IMAGE

Json = dict[str, Any]
# Passwords of what no embedded server stands behind; they must not be seen in any report either.
PLANTED = "planted-other-password"


def secrets(installed: Installed, backends: Backends) -> Iterator[Json]:
    """The secrets of docs/contract/chart.md 1.4."""
    namespace, labels = installed.namespace, installed.chart.release_labels(installed.release)
    user, password = backends.database_user, backends.database_password
    values: dict[str, str] = {}
    if installed.generation == "first":
        values = {"password": password}
        database = backends.database_name or installed.chart.database_name
        own = {"database": database, "username": user, "password": password}
        yield objects.secret(namespace, "postgres-credentials", own, labels)
    else:
        admin = "postgres" if installed.generation == "current" else "admin"
        values = {f"{admin}-user": user, f"{admin}-password": password}
        values |= {"koku-user": user, "koku-password": password}
        for service in ("ros", "kruize", "rbac" if installed.generation == "current" else "sources"):
            values |= {f"{service}-user": f"{service}_user", f"{service}-password": PLANTED}
        if installed.generation == "current":
            values["django-secret-key"] = PLANTED
    yield objects.secret(namespace, installed.database_secret_name, values, labels)
    keys = {"access-key": backends.s3_access_key, "secret-key": backends.s3_secret_key}
    yield objects.secret(namespace, installed.storage_secret_name, keys, labels)
    django = installed.chart.secret("django", installed.release)
    yield objects.secret(namespace, django, {"secret-key": PLANTED}, labels)
    if not installed.onprem and "metastore" in installed.chart.secrets:
        metastore = installed.chart.secret("metastore", installed.release)
        yield objects.secret(namespace, metastore, {"password": PLANTED}, labels)
    if backends.cache_password:
        yield objects.secret(namespace, CACHE_SECRET, {"redis-password": backends.cache_password})
    if installed.generation == "current":
        yield objects.secret(namespace, f"{installed.full_name}-ui-cookie-secret", {"session-secret": PLANTED}, labels)
        client = {"client-id": "cost-management-ui", "client-secret": PLANTED}
        yield objects.secret(namespace, f"{installed.full_name}-ui-oauth-client", client, labels)
    if installed.ca:
        yield objects.secret(namespace, "keycloak-ca-cert", {"ca.crt": installed.ca})


def config_maps(installed: Installed) -> Iterator[Json]:
    """The config maps that something can be read from, and those that pods mount."""
    namespace, labels, name = (
        installed.namespace,
        installed.chart.release_labels(installed.release),
        installed.full_name,
    )
    aws = "[default]\nregion = onprem\ns3 =\n    signature_version = s3v4\n    addressing_style = path\n"
    yield objects.config_map(namespace, f"{name}-aws-config", {"config": aws}, labels)
    yield objects.config_map(namespace, "kube-root-ca.crt", {"ca.crt": installed.ca})
    if installed.generation == "current":
        yield objects.config_map(namespace, f"{name}-db-init", {"init.sh": "#!/bin/bash\n"}, labels)
        yield objects.config_map(namespace, f"{name}-service-ca", {"service-ca.crt": installed.ca}, labels)
        yield objects.config_map(namespace, f"{name}-ca-combine", {"combine-ca.sh": "#!/bin/sh\n"}, labels)
        envoy = _ENVOY.format(issuer=f"{installed.keycloak_address}/realms/kubernetes")
        yield objects.config_map(namespace, f"{name}-gateway-envoy-config", {"envoy.yaml": envoy}, labels)


_ENVOY = """\
static_resources:
  listeners:
  - name: listener_0
    address: {{socket_address: {{address: 0.0.0.0, port_value: 9080}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          http_filters:
          - name: envoy.filters.http.jwt_authn
            typed_config:
              providers:
                keycloak:
                  issuer: "{issuer}"
                  audiences:
                  - "cost-management-operator"
                  - "cost-management-ui"
                  remote_jwks:
                    http_uri:
                      uri: "{issuer}/protocol/openid-connect/certs"
                      cluster: keycloak_jwks
                      timeout: 5s
                    cache_duration: {{seconds: 300}}
"""


def claims(installed: Installed) -> Iterator[Json]:
    """The storage of database and cache."""
    namespace = installed.namespace
    if installed.database == "bundled":
        labels = installed.selector("database")
        yield objects.claim(namespace, f"postgres-storage-{installed.name('database')}-0", "30Gi", labels)
    if installed.cache == "bundled":
        labels = installed.labels("cache")
        yield objects.claim(namespace, f"{installed.name('cache')}-data", "5Gi", labels)


def ways_in(installed: Installed) -> Iterator[Json]:
    """Routes, or the Ingress of a Kubernetes that has none."""
    chart, namespace, name = installed.chart, installed.namespace, installed.full_name
    gated = "gateway" in chart.components
    if installed.route == "route":
        server = installed.name("gateway" if gated else "ingress")
        labels = installed.labels("gateway" if gated else "ingress")
        paths = {"api": "/api"} if gated else {"ingress": "/api/ingress", "api": "/api/cost-management"}
        for suffix, path in paths.items():
            yield route(
                namespace, f"{name}-{suffix}", installed.gateway_host, server, "http", labels, path, installed.tls
            )
        if "ui" in chart.components:
            host, labels = f"{name}-ui-{namespace}.{installed.domain}", installed.labels("ui")
            yield route(namespace, f"{name}-ui", host, installed.name("ui"), "https", labels, "", tls=True)
    elif installed.route == "ingress":
        server = installed.name("gateway" if gated else "ingress")
        backend = {"service": {"name": server, "port": {"number": 80 if gated else 8081}}}
        rule = {"paths": [{"path": "/api", "pathType": "Prefix", "backend": backend}]}
        spec: Json = {"rules": [{"host": installed.gateway_host.partition(":")[0], "http": rule}]}
        if installed.tls:
            spec["tls"] = [{"hosts": [installed.gateway_host], "secretName": f"{name}-tls"}]
        labels = installed.labels("gateway" if gated else "ingress")
        yield objects.make("Ingress", namespace, f"{name}-api", labels, spec=spec, status={"loadBalancer": {}})


def route(
    namespace: str, name: str, host: str, service: str, port: str, labels: objects.Labels, path: str, tls: bool
) -> Json:
    """A Route that a router has admitted."""
    spec: Json = {
        "host": host,
        "to": {"kind": "Service", "name": service, "weight": 100},
        "port": {"targetPort": port},
        "wildcardPolicy": "None",
    }
    if path:
        spec["path"] = path
    if tls:
        spec["tls"] = {"termination": "edge" if port == "http" else "reencrypt"}
    admitted = [{"type": "Admitted", "status": "True", "lastTransitionTime": objects.SINCE}]
    status = {"ingress": [{"host": host, "routerName": "default", "conditions": admitted}]}
    return objects.make("Route", namespace, name, labels, spec=spec, status=status)


def jobs(installed: Installed) -> Iterator[Json]:
    """The migration, which is done."""
    namespace = installed.namespace
    labels, name = installed.labels("migration"), installed.name("migration")
    spec: Json = {"restartPolicy": "Never", "containers": [objects.container("migrate", KOKU_IMAGE)]}
    job = objects.make(
        "Job",
        namespace,
        name,
        labels,
        spec={"backoffLimit": 0, "template": {"metadata": {"labels": labels}, "spec": spec}},
        status={
            "succeeded": 1,
            "startTime": objects.SINCE,
            "completionTime": objects.SINCE,
            "conditions": [{"type": "Complete", "status": "True", "lastTransitionTime": objects.SINCE}],
        },
    )
    yield job
    done = objects.pod(
        namespace, f"{name}-x7k2p", {**labels, "job-name": name}, {"containers": spec["containers"]}, objects.owner(job)
    )
    ended = {"exitCode": 0, "reason": "Completed", "startedAt": objects.SINCE, "finishedAt": objects.SINCE}
    done["spec"]["restartPolicy"] = "Never"
    done["status"] |= {"phase": "Succeeded", "conditions": objects.conditions(ready=False)}
    done["status"]["containerStatuses"][0] |= {"ready": False, "started": False, "state": {"terminated": ended}}
    yield done


def policies(installed: Installed) -> Iterator[Json]:
    """The network policies of docs/contract/chart.md 1.10, with the label of no pod that RBAC's has (7.4)."""
    if installed.generation != "current":
        return
    component = "app.kubernetes.io/component"
    allowed = {
        "api": (8000, ("gateway", "ingress", "housekeeper")),
        "rbac": (8000, ("gateway", "cost-management-api", "cost-management-masu", "ros-api")),
        "ingress": (8081, ("gateway",)),
    }
    for workload, (port, sources) in allowed.items():
        peers = [{"podSelector": {"matchLabels": {component: source}}} for source in sources]
        spec = {
            "podSelector": {"matchLabels": installed.selector(workload)},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": peers, "ports": [{"port": port, "protocol": "TCP"}]}],
        }
        labels = installed.labels(workload)
        yield objects.make(
            "NetworkPolicy", installed.namespace, f"{installed.name(workload)}-access", labels, spec=spec
        )


def accounts(installed: Installed) -> Iterator[Json]:
    """The service accounts, whose names are fixed (docs/contract/chart.md 1.2)."""
    for name in ("default", "koku", "ros-backend", "kruize"):
        yield objects.make("ServiceAccount", installed.namespace, name)
