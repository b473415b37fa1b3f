"""The scheduler, one promise at a time; `test_scheduler_properties` holds them all together in random histories."""

import pytest
from msgspec.structs import replace

from swarm import Plan, StepId
from swarm.plan import Mode, Part
from swarm.scheduler import Done, Gathering, Happening, Send, Status
from tests.swarm.chains import asked, began, chain, done, failed, names, until_review
from tests.swarm.plans import LISTED, role
from tests.swarm.profiling import counted_calls


def test_run_is_not_over_before_it_began() -> None:
    assert not chain().is_over


def test_step_goes_on_at_once_when_its_own_item_is_ready() -> None:
    state = chain()
    first, _second = began(state, "a", "b")

    sends = state.on(done(first))

    assert names(sends) == [("note", "a")]
    assert state.count("write") == 2
    assert state.count("bind") == 1


def test_role_of_the_book_is_sent_at_once_when_there_are_no_items() -> None:
    state = chain()

    sends = began(state)

    assert names(sends) == [("bind", "")]
    assert state.inputs(StepId("bind")).needs == (("write", Gathering((), ())),)


def test_gatherer_waits_for_the_review_though_it_does_not_take_it() -> None:
    state = chain()
    review = until_review(state)

    sends = state.on(done(review))

    assert names(sends) == [("bind", "")]


def test_rework_sends_notes_and_the_rejected_result_to_the_role_asked() -> None:
    state = chain()
    review = until_review(state)

    (again,) = state.on(asked(review, "write", "shorter"))

    assert again == Send(StepId("write", "a"), 2, 1, False, "shorter", "write/a#1")
    assert state.rounds == {(LISTED, "a"): 1}
    assert state.status(StepId("review", "a")) is Status.WAITING


def test_rework_leaves_the_result_standing_when_no_round_is_left() -> None:
    state = chain(max_reworks=0)
    review = until_review(state)

    sends = state.on(asked(review, "write"))

    assert names(sends) == [("bind", "")]
    assert state.digest(review.step) == "review#1"


def test_answer_changes_nothing_when_its_step_is_done_again_meanwhile() -> None:
    state = chain()
    review = until_review(state)
    (again,) = state.on(asked(review, "write"))

    sends = [*state.on(done(review)), *state.on(failed(replace(again, ticket=1)))]

    assert sends == []
    assert state.status(again.step) is Status.SENT
    assert not state.is_over


def test_send_is_awaited_only_with_its_newest_ticket() -> None:
    state = chain()
    review = until_review(state)
    (again,) = state.on(asked(review, "write"))

    assert state.is_awaited(again)
    assert not state.is_awaited(replace(again, ticket=1))
    assert not state.is_awaited(review)


def test_run_does_not_begin_when_an_item_is_listed_twice() -> None:
    with pytest.raises(ValueError, match="the scope image lists a twice"):
        began(chain(), "a", "b", "a")


def test_step_is_unknown_when_the_run_does_not_have_it() -> None:
    state = chain()
    began(state, "a")

    with pytest.raises(KeyError):
        state.on(Done(StepId("look", "z"), 1, "digest"))


def test_gatherer_waits_for_who_may_have_a_reviewer_review_again() -> None:
    # the text is checked by `proofread`, which runs again when `taste` has the picture painted again
    plan = Plan.of(
        [
            role("paint", LISTED),
            role("write", LISTED),
            role("proofread", LISTED, needs=["paint", "write"], may_rework=["write"]),
            role("taste", LISTED, needs=["paint"], may_rework=["paint"]),
            role("bind", needs=["write"]),
        ],
        goal="bind",
        listed=[LISTED],
    )

    waits = {edge.source for edge in plan.incoming["bind"] if edge.part is Part.WAIT and edge.mode is Mode.GATHER}

    assert waits == {"proofread", "taste"}


def dearest_event(items: int) -> int:
    """The calls of the dearest happening of one item, in a run of so many items with failures and reworks."""
    state, dearest = chain(), 0
    in_hand = began(state, *(f"i{n}" for n in range(items)))
    while in_hand[0].step.role != "bind":
        send = in_hand.pop()
        number = int(send.step.item[1:])
        answer: Happening = done(send)
        if send.step.role == "review" and number % 3 == 0:
            answer = asked(send, "write")
        elif send.step.role == "write" and number % 5 == 0:
            answer = failed(send)
        with counted_calls() as calls:
            sends = state.on(answer)
        dearest = max(dearest, calls.number)
        in_hand += sends
    return dearest


def test_happening_costs_the_same_whatever_the_size_of_the_run() -> None:
    small, large = dearest_event(100), dearest_event(2000)

    assert large <= 1.2 * small
