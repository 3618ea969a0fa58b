"""What a run and its scenarios hold on the deployment, so that runs side by side do not disturb each other.

Sources and payloads carry names that no other run has. What is left is the organisation itself, which every run holds
together with others (or, with ``--exclusive``, alone), and the tag keys (``tag_keys.py``). A scenario also holds its
own token, from which others see that its source is not one that was left behind.
"""

from __future__ import annotations

from collections.abc import Callable

from e2e_validator.access.claims import Claims, Holder
from e2e_validator.access.http import Unreachable
from e2e_validator.engine import tag_keys
from e2e_validator.engine.context import Context
from e2e_validator.errors import Blocked, counted

_POLL_SECONDS = 0.25


def organisation(claims: Claims) -> str:
    """The name of the organisation's lock."""
    return f"organisation {claims.schema}"


def hold_organisation(
    claims: Claims,
    *,
    wait_seconds: float = 0.0,
    on_wait: Callable[[str], None] = lambda _: None,
) -> str:
    """Hold the organisation for this run, as long as the process lives; what is now true, in a few words.

    A lock that another process of this run holds is enough. ``on_wait`` is told once, if it has to be waited for.

    Raises:
        Blocked: another run has it, and still had it after ``wait_seconds``; names the run, its owner and the command.
        Unreachable: the database does not answer.
    """
    name = organisation(claims)
    deadline = claims.clock() + wait_seconds
    told = False
    while not _held_by_run(claims, name) and not claims.take(name, shared=not claims.exclusive):
        others = _others(claims, name)
        if not others:
            continue  # gone between the two looks
        if claims.clock() >= deadline:
            raise _blocked(claims, others)
        if not told:
            told = True
            on_wait(f"waiting up to {wait_seconds:.0f} s for {others[0]}")
        claims.sleep(_POLL_SECONDS)
    if claims.exclusive:
        return "this run alone"
    runs = {other.run or str(other.pid) for other in _others(claims, name)}
    return f"shared with {counted(len(runs), 'other run')}" if runs else "no other run"


def hold_scenario(context: Context) -> None:
    """Hold the scenario's token until its cleanup, and its tag keys once they are enabled; again in a new process.

    While the database or masu cannot be reached, nothing can be held and nothing is said: the phase meets the same
    trouble and has a limit for it, and the next phase holds what this one could not.

    Raises:
        Blocked: the database does not keep locks, another run does not give back a short one, or has a key otherwise.
    """
    claims, state, scenario = context.clients.claims, context.state, context.plan.name
    try:
        if not claims.owned(token(state.token), shared=True):
            claims.take(token(state.token), shared=True)
        for wish, keys, change in tag_keys.wishes(state):
            if keys and context.base != "cleanup":
                tag_keys.hold(context.run, claims, context.clients.tags, scenario, keys, wish, change=change)
    except Unreachable:
        return
    except tag_keys.NeededOtherwiseError as error:
        raise Blocked(f"While no process of this run held it, {error}.") from error


def release_scenario(context: Context) -> None:
    """Give the token back; the scenario has nothing on the deployment any more."""
    context.clients.claims.drop(token(context.state.token), shared=True)


def token(text: str) -> str:
    """The name of the lock on a scenario's token, the last 8 digits of its sources' keys."""
    return f"token {text}"


def _held_by_run(claims: Claims, name: str) -> bool:
    return any(holder.run == claims.run_id and holder.shared != claims.exclusive for holder in claims.holders(name))


def _others(claims: Claims, name: str) -> list[Holder]:
    return [holder for holder in claims.holders(name) if holder.run != claims.run_id]


def _blocked(claims: Claims, others: list[Holder]) -> Blocked:
    first = others[0]
    why = "this one wants it alone (--exclusive)" if claims.exclusive else "that one wants it alone (--exclusive)"
    lines = [f"held by     {other}\nto end it   {other.command};" for other in others]
    return Blocked(
        f"The organisation {claims.schema} is held by {first}, and {why}.",
        detail="\n".join([*lines, "to wait     --wait-for-lock 30m"]),
    )
