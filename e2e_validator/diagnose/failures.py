"""What each kind of failure means where no detector knows more, and what an operator can do."""

from __future__ import annotations

from typing import NamedTuple

from e2e_validator.finding import Finding

_REFUSED = "refused_"
_KOKU = "docs/contract/koku.md"


class Advice(NamedTuple):
    """What a cause means, what can be done, and where the facts are written down."""

    sentence: str
    remedy: str
    reference: str


FAILURES: dict[str, Advice] = {
    "numbers_differ": Advice(
        "a figure is not what the data say; the headline names the first stage at which it is not",
        "read the phase's ledger.txt in the scenario's folder: the stage before is right, so look at what Koku does in"
        " between",
        f"{_KOKU} 3.11, 6.1",
    ),
    "neighbour_changed": Advice(
        "something of a source that is none of the scenario's is not as it was",
        "find out what else wrote into this organisation meanwhile; if nothing did, Koku touched a source that it was"
        " not working on",
        f"{_KOKU} 2.1",
    ),
    "wrong_life": Advice(
        "a row says of a source or payload what cannot be: another name, no time, or times in the wrong order",
        "compare the row that the headline names with the contract; look in Koku's log for what wrote it",
        f"{_KOKU} 1.1, 1.4, 2.1",
    ),
    "time_limit": Advice(
        "what the phase waits for did not come within its limit, and no known fault explains why",
        "see in the bundle whether Koku still works on it; if it only needs longer, raise the phase's limit in the"
        " scenario",
        f"{_KOKU} 3.11",
    ),
    "given_up": Advice(
        "Koku has come to an end that waiting cannot change",
        "find the last lines of this payload in the bundle's logs, and their text in the contract",
        f"{_KOKU} 7.1, 7.2, 7.3",
    ),
    "scenario_contradicts": Advice(
        "a figure that was worked out by hand does not follow from the scenario's data and prices",
        "correct the figure or the data at the line that the headline names",
        f"{_KOKU} 6.4",
    ),
    "data_incomplete": Advice(
        "Koku would lose a part of the scenario's data, or count it as 0, and the scenario does not say so",
        "correct the data at the place that the headline names, or accept the deviation that the lines below it name:"
        " expect: {deviates: [NAME]}",
        "docs/contract/clouds.md 12",
    ),
    "not_ready": Advice(
        "the environment does not allow a judgement; nothing is said of the product",
        "do what the headline and the lines below it say and run again; e2e-validator doctor shows how each part is"
        " reached",
        f"{_KOKU} 8",
    ),
    "not_reachable": Advice(
        "a part of the deployment did not answer",
        "see whether its pods run and whether an address or a network policy has changed (e2e-validator doctor), then"
        " go on with --resume",
        "docs/contract/chart.md 1.2, 1.10",
    ),
    "not_readable": Advice(
        "something could not be read, so nothing can be said",
        "look at the answer or row that the headline names; another version of Koku may show it in another form",
        f"{_KOKU} 5.5",
    ),
    "object_store_refused": Advice(
        "the object store answered with an error",
        "check access key, secret, bucket and clock of the object store; the headline has its own words",
        "docs/contract/components.md b",
    ),
    "database_refused": Advice(
        "the database answered with an error",
        "check the user, its rights and the disk of the database; the headline has its own words",
        "docs/contract/components.md a",
    ),
    "left_behind": Advice(
        "something that this run made is left in the deployment",
        "run the commands below the headline, or go on with --resume: it tries the cleanup again",
        f"{_KOKU} 2.1, 5.1",
    ),
    "failed": Advice(
        "the product did not do what it must, and no known fault explains why",
        "read the headline, then the timeline and the logs in the bundle",
        f"{_KOKU} 7.1, 7.2, 7.3",
    ),
}
_REFUSALS: dict[str, Advice] = {
    "401": Advice(
        "the identity was not accepted",
        "check user, organisation and secret of the target, and what the gateway accepts as a token",
        f"{_KOKU} 5.2",
    ),
    "403": Advice(
        "the user may not do this",
        "make the user an administrator of the organisation, or give it the right; entitlement is needed too",
        f"{_KOKU} 5.2",
    ),
    "424": Advice(
        "the service that decides on rights did not answer Koku",
        "look at the RBAC service, its pods and its log; Koku itself is not at fault",
        f"{_KOKU} 5.2",
    ),
}
_FAILED_ITSELF = Advice(
    "the service failed while it answered",
    "find the traceback in that service's log at the time of the request; the bundle has the logs of a cluster",
    f"{_KOKU} 7.1, 7.2, 7.3",
)
_OTHER = Advice(
    "the service refused the request",
    "compare the answer below the headline with what the contract says of this address",
    f"{_KOKU} 5.1, 5.3",
)


def finding_of_failure(cause: str) -> Finding:
    """The finding of a kind of failure: a name of ``FAILURES``, or ``refused_<status>``.

    Raises:
        KeyError: no kind has this name.
    """
    status = cause.removeprefix(_REFUSED)
    if status == cause:
        advice = FAILURES[cause]
    else:
        advice = _REFUSALS.get(status) or (_FAILED_ITSELF if status.startswith("5") else _OTHER)
    return Finding(cause, advice.sentence, remedy=advice.remedy, reference=advice.reference)
