"""A small plan to answer by hand, step by step."""

from swarm import Plan
from swarm.scheduler import Asked, Began, Done, Failed, ItemRef, RunState, Send
from tests.swarm.plans import LISTED, refs, role


def done(send: Send, digest: str = "", opened: tuple[ItemRef, ...] = ()) -> Done:
    return Done(send.step, send.ticket, digest or f"{send.step.role}/{send.step.item}#{send.ticket}", opened)


def failed(send: Send, reason: str = "no") -> Failed:
    return Failed(send.step, send.ticket, reason)


def asked(send: Send, target: str, notes: str = "better") -> Asked:
    return Asked(send.step, send.ticket, target, notes, f"review#{send.ticket}")


def names(sends: list[Send]) -> list[tuple[str, str]]:
    return [(send.step.role, send.step.item) for send in sends]


def began(state: RunState, *items: str) -> list[Send]:
    return state.on(Began({LISTED: refs(*items)}))


def chain(**options: object) -> RunState:
    """look -> write -> review -> bind, where a review may have the text written again; `note` is optional."""
    plan = Plan.of(
        [
            role("look", LISTED),
            role("write", LISTED, needs=["look"], may_fall_back=True),
            role("review", LISTED, needs=["write"], may_rework=["write"]),
            role("note", LISTED, needs=["look"], before="write"),
            role("bind", needs=["write"]),
        ],
        goal="bind",
        listed=[LISTED],
    )
    return RunState(plan, **options)  # type: ignore[arg-type]  # the options of a run, by name


def until_review(state: RunState, item: str = "a") -> Send:
    """Answer all up to the review of the only item."""
    (look,) = began(state, item)
    (note,) = state.on(done(look))
    (write,) = state.on(done(note))
    (review,) = state.on(done(write))
    return review
