"""Keys of tags and cost categories before the data come: enabled or disabled as the scenario says, else as they are.

Koku cuts disabled tags when it summarises, so a key must be as it is to be before the poll, and stay so until the last
look (docs/contract/clouds.md 8, 11). Keys are the organisation's: cleanup gives back what a run switched.
"""

from __future__ import annotations

from collections.abc import Sequence

from e2e_validator.engine import tag_keys
from e2e_validator.engine.context import Context
from e2e_validator.engine.tag_keys import NeededOtherwiseError, Wish
from e2e_validator.errors import Blocked, PhaseFailed, PhaseTimeout, counted
from e2e_validator.providers.aws.cost_file.columns import CATEGORY_KEY, TAG_KEY
from e2e_validator.providers.aws.key_introduction import introduce
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.waiting import Reading, done, pending


def disabled_keys(loaded: LoadedScenario) -> tuple[list[str], list[str]]:
    """The keys of tags and of cost categories that the scenario has disabled, as they stand in Koku."""
    kinds = (TAG_KEY, CATEGORY_KEY)
    tags, categories = (
        [key.removeprefix(kind) for key in loaded.keys.disabled if key.startswith(kind)] for kind in kinds
    )
    return tags, categories


def settle_keys(context: Context) -> list[str]:
    """Have every key of the data as the scenario says, and see that no other changes it; a fact for what was switched.

    They are noted before they are switched, so that cleanup gives them back whatever comes in between.

    Raises:
        Blocked: another scenario needs one the other way round, or the organisation has one disabled of which the
            scenario says nothing.
        PhaseFailed: Koku was asked to, and a key is not as it must be.
    """
    keys, state = context.loaded.keys, context.state
    if context.plan.negative or not (keys.enabled or keys.disabled or keys.kept):
        return []
    state.enabled_tags, state.disabled_tags, state.kept_tags = list(keys.enabled), list(keys.disabled), list(keys.kept)
    state.save()
    facts = []
    switch = context.clients.tags
    unknown = switch.unknown_tags(keys.disabled) if keys.disabled else []
    if unknown or state.control is not None:
        # Also when they are known by now: a process that was ended in between goes on with the assembly that it sent.
        facts.append(introduce(context, unknown or keys.disabled))
    wants = [want for want in tag_keys.wishes(state) if want[1]]
    for (wish, wanted, change), left in zip(wants, _claimed(context, wants), strict=True):
        names = ", ".join(left)
        if left and not change:
            raise Blocked(
                f"The organisation has the keys {names} disabled, and the scenario does not say so: Koku cuts them."
                " Enable them in the settings, or list the enabled ones as enable_tags or enable_categories."
            )
        if left:
            raise PhaseFailed(f"the keys {names} are still not {wish.state} after {switch.title} was asked to")
        if change:
            facts.append(f"{counted(len(wanted), 'key')} {wish.state}")
    return facts


def _claimed(context: Context, wants: Sequence[tuple[Wish, Sequence[str], bool]]) -> list[list[str]]:
    """The keys of each wish that are not so once all are claimed; scenarios that need one otherwise are waited for."""
    found: list[list[str]] = []
    last: list[NeededOtherwiseError] = []
    clients, scenario = context.clients, context.plan.name

    def attempt() -> Reading:
        try:
            found[:] = tag_keys.enable_all(context.run, clients.claims, clients.tags, scenario, wants)
        except NeededOtherwiseError as error:
            last[:] = [error]
            return pending(str(error))
        return done("claimed")

    try:
        context.waiter().wait_for("the keys to be free for the scenario", attempt)
    except PhaseTimeout as error:
        if last:
            raise Blocked(
                f"The key {last[0].key} is needed otherwise by {last[0].holder}. Run them one after the other, or give"
                " their data different keys."
            ) from error
        raise
    return found
