"""Which resources the API server knows, and how each is called in a path, in an object and in a message."""

from __future__ import annotations

from dataclasses import dataclass

ALL = frozenset(
    ("pods", "services", "deployments", "statefulsets", "replicasets", "daemonsets", "jobs", "cronjobs", "kafkas")
)
"""What ``kubectl get all`` means."""
READ_VERBS = ("get", "list", "watch")
WRITE_VERBS = ("create", "update", "patch", "delete")
ALL_VERBS = (*READ_VERBS, *WRITE_VERBS)


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource of the API, such as ``pods``."""

    kind: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """What stands in ``apiVersion``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def custom(self) -> bool:
        """Whether it comes from a custom resource definition."""
        return self.group in {"kafka.strimzi.io", "k8s.keycloak.org"}

    @property
    def qualified(self) -> str:
        """How messages name the resource: ``pods``, ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


_AUTHORIZATION = "authorization.k8s.io"
KINDS = (
    Kind("Pod", "pods", short=("po",), subresources=("exec", "log", "portforward")),
    Kind("Service", "services", short=("svc",)),
    Kind("Endpoints", "endpoints", short=("ep",)),
    Kind("Secret", "secrets"),
    Kind("ConfigMap", "configmaps", short=("cm",)),
    Kind("Event", "events", short=("ev",)),
    Kind("PersistentVolumeClaim", "persistentvolumeclaims", short=("pvc",)),
    Kind("ServiceAccount", "serviceaccounts", short=("sa",)),
    Kind("ResourceQuota", "resourcequotas", short=("quota",)),
    Kind("Namespace", "namespaces", namespaced=False, short=("ns",)),
    Kind("Node", "nodes", namespaced=False, short=("no",)),
    Kind("Deployment", "deployments", "apps", short=("deploy",)),
    Kind("StatefulSet", "statefulsets", "apps", short=("sts",)),
    Kind("ReplicaSet", "replicasets", "apps", short=("rs",)),
    Kind("DaemonSet", "daemonsets", "apps", short=("ds",)),
    Kind("Job", "jobs", "batch"),
    Kind("CronJob", "cronjobs", "batch", short=("cj",)),
    Kind("NetworkPolicy", "networkpolicies", "networking.k8s.io", short=("netpol",)),
    Kind("Ingress", "ingresses", "networking.k8s.io", short=("ing",)),
    Kind("Role", "roles", "rbac.authorization.k8s.io"),
    Kind("RoleBinding", "rolebindings", "rbac.authorization.k8s.io"),
    Kind("SelfSubjectAccessReview", "selfsubjectaccessreviews", _AUTHORIZATION, namespaced=False, verbs=("create",)),
    Kind("SelfSubjectRulesReview", "selfsubjectrulesreviews", _AUTHORIZATION, namespaced=False, verbs=("create",)),
    Kind("Route", "routes", "route.openshift.io"),
    Kind("Kafka", "kafkas", "kafka.strimzi.io", "v1beta2", short=("k",)),
    Kind("KafkaTopic", "kafkatopics", "kafka.strimzi.io", "v1beta2", short=("kt",)),
    Kind("Keycloak", "keycloaks", "k8s.keycloak.org", "v2alpha1"),
)
OPENSHIFT_GROUPS = frozenset({"route.openshift.io"})
"""Groups that a plain Kubernetes does not serve."""


class Kinds:
    """The kinds that one server serves."""

    def __init__(self, without_groups: frozenset[str] = frozenset()) -> None:
        self.all = tuple(kind for kind in KINDS if kind.group not in without_groups)
        self._by_path = {(kind.group, kind.version, kind.plural): kind for kind in self.all}
        self._by_object = {(kind.api_version, kind.kind): kind for kind in self.all}

    def at(self, group: str, version: str, plural: str) -> Kind | None:
        """The kind that a path names."""
        return self._by_path.get((group, version, plural))

    def of(self, api_version: str, kind: str) -> Kind | None:
        """The kind of an object."""
        return self._by_object.get((api_version, kind))

    def named(self, kind: str) -> Kind | None:
        """The kind with this name, such as ``Pod`` or ``pods``."""
        return next((known for known in self.all if kind in {known.kind, known.plural}), None)

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Group name to its versions, the core group left out."""
        found: dict[str, dict[str, None]] = {}
        for kind in self.all:
            if kind.group:
                found.setdefault(kind.group, {})[kind.version] = None
        return {group: tuple(versions) for group, versions in found.items()}
