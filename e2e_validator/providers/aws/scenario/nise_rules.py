"""A nise report of AWS, checked before nise sees it: one sentence for each of its traps (docs/contract/nise.md 0, 2.2).

What people have in such reports and nise would get wrong in silence is refused with what to write instead.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from e2e_validator.errors import Problem
from e2e_validator.providers.aws.cost_file.columns import CATEGORY_PREFIX, USER_TAG
from e2e_validator.providers.aws.scenario.nise_model import GENERATORS, CostReport
from e2e_validator.scenario import explain
from e2e_validator.scenario.document import Document, KeyPath, dotted

UNGIVEN = "nise would choose a value itself"
_DATES = "the dates come from the scenario's 'period'"
_ROWS = "write data: {rows: ...}"
_EACH_HOUR = f"nise writes it into every hour; {_ROWS} for a fee"
# Key -> why it is refused, below the generator that it is a trap of ('': any).
TRAPS = {
    ("", "start_date"): _DATES,
    ("", "end_date"): _DATES,
    ("EBSGenerator", "amount"): "nise ignores it and takes a disk by chance: write disk_size",
    ("EC2Generator", "reserved_instance"): (
        f"nise ignores it here, and writes the text 'convertible' as a cost where it belongs; {_ROWS} for reservations"
    ),
    ("EC2Generator", "upfront_fee"): _EACH_HOUR,
    ("EC2Generator", "recurring_fee"): _EACH_HOUR,
    ("EC2Generator", "cost"): "it belongs into instance_type; here nise ignores it",
    ("EC2Generator", "rate"): "it belongs into instance_type; here nise ignores it",
    ("RDSGenerator", "processor_arch"): "nise ignores it and takes one by chance; no figure depends on it",
    ("RDSGenerator", "cost"): "it belongs into instance_type; here nise ignores it",
    ("MarketplaceGenerator", "instance_type"): "nise ignores it",
    ("DataTransferGenerator", "saving"): f"nise writes the text 'None' beside it; {_ROWS} for savings plans",
    ("DataTransferGenerator", "negation"): f"nise writes the text 'None' beside it; {_ROWS} for savings plans",
    ("", "finalized_report"): f"nise reads it with --aws-finalize alone; {_ROWS} with InvoiceId",
    ("", "currency_code"): f"{_ROWS} with CurrencyCode for other currencies",
}


def check_report(document: Document, keys: KeyPath) -> list[Problem]:
    """All that is wrong with the nise report at ``keys`` of ``document``."""
    raw = _at(document.data, keys)
    root = "the template" if not keys else "the scenario"
    if other := _of_another_type(document, raw, keys):
        return [other]
    _, problems = explain.check(
        CostReport, document, keys, root=root, unknown=_trap, missing=UNGIVEN, examples=_EXAMPLES
    )
    return problems + list(_together(document, raw, keys))


_EXAMPLES = {
    "nise": "nise: {accounts: {payer: ..., user: [...]}, generators: [...]}",
    "accounts": "accounts: {payer: '100000000001', user: ['100000000001']}",
    "generators": "generators: with '- EC2Generator: {...}' below it",
    "instance_type": "instance_type: {inst_type: m5.large, cost: 0.096, ...}",
    "user": "user: ['100000000001']",
}


def _at(data: Any, keys: KeyPath) -> Any:
    for key in keys:
        data = data[key]
    return data


def _trap(key: str, inside: KeyPath) -> str:
    generator = next((str(one) for one in inside if one in GENERATORS), "")
    return TRAPS.get((generator, key)) or TRAPS.get(("", key), "")


def _of_another_type(document: Document, raw: Any, keys: KeyPath) -> Problem | None:
    """One sentence for a report of another provider, in place of one for each of its keys."""
    entries = raw.get("generators") if isinstance(raw, dict) else None
    names = sorted({name for entry in entries if isinstance(entry, dict) for name in entry}) if isinstance(
        entries, list) else []  # fmt: skip
    if not names or set(names) & GENERATORS.keys() or not all(name.endswith("Generator") for name in names):
        return None
    what = f"this is no report of AWS: its generators are {', '.join(names[:5])}"
    return document.problem((*keys, "generators"), what, f"known: {', '.join(GENERATORS)}", at_key=True)


def _together(document: Document, raw: Any, keys: KeyPath) -> Iterator[Problem]:
    """What the values say together."""
    if not isinstance(raw, dict):
        return
    accounts = raw.get("accounts")
    users = accounts.get("user") if isinstance(accounts, dict) else None
    users = users if isinstance(users, list) else []
    for place, name, own in generators(raw, keys):
        user = own.get("user")
        if name == "MarketplaceGenerator" and len(users) > 1:
            what = f"{dotted(place)}: nise takes one of {len(users)} accounts by chance in each row"
            yield document.problem(place, what, "give accounts.user one account, or write rows")
        elif user is None and len(users) > 1 and name != "MarketplaceGenerator":
            what = f"missing key 'user' in {dotted(place)}"
            yield document.problem(place, what, f"nise would take one of {len(users)} accounts by chance in each row")
        elif user is not None and users and user not in users:
            what = f"{dotted((*place, 'user'))}: '{user}' is none of accounts.user"
            yield document.problem((*place, "user"), what, f"known: {', '.join(map(str, users))}")
    for index, entry in enumerate(raw["generators"] if isinstance(raw.get("generators"), list) else ()):
        if isinstance(entry, dict) and len(entry) != 1:
            here = (*keys, "generators", index)
            what = f"{dotted(here)} has {len(entry)} generators"
            yield document.problem(here, what, "begin each with '- '")


def generators(raw: dict[str, Any], keys: KeyPath = ()) -> Iterator[tuple[KeyPath, str, dict[str, Any]]]:
    """Each generator of a report: where it is, its name, its attributes."""
    entries = raw.get("generators")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        for name, own in (entry if isinstance(entry, dict) else {}).items():
            if isinstance(own, dict):
                yield (*keys, "generators", index, name), str(name), own


# With a value of a tag and a category, even an empty one, nise invents none.
_SELLER = "Red Hat, Inc."
_NO_TAG, _NO_CATEGORY = {f"{USER_TAG}app": ""}, {f"{CATEGORY_PREFIX}Organization": ""}


def settled(raw: dict[str, Any]) -> dict[str, Any]:
    """The report with everything filled in that nise would choose by chance; without ``files``, still without dates."""
    report = copy.deepcopy(raw)
    for place, name, own in generators(report):
        own["tags"] = own.get("tags") or dict(_NO_TAG)
        own["cost_category"] = own.get("cost_category") or dict(_NO_CATEGORY)
        own.setdefault("product_sku", f"SKU{place[1]:09}")
        own.setdefault("legal_entity", _SELLER if name == "MarketplaceGenerator" else "Amazon Web Services, Inc.")
        if name == "EC2Generator":
            own.setdefault("processor_arch", "64-bit")
    report.setdefault("files", 1)
    return report
