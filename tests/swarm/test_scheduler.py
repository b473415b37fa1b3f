"""The scheduler, one promise at a time; `test_scheduler_properties` holds them all together in random histories."""

import pytest

from swarm import Plan, StepId
from swarm.plan import Mode, Part
from swarm.scheduler import Asked, Began, Done, Failed, Gathering, Happening, ItemRef, RunState, Send, Status
from tests.swarm.plans import LISTED, OPENED, refs, role
from tests.swarm.profiling import counted_calls


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

    sends = [*state.on(done(review)), *state.on(failed(again._replace(ticket=1)))]

    assert sends == []
    assert state.status(again.step) is Status.SENT
    assert not state.is_over


def test_send_is_awaited_only_with_its_newest_ticket() -> None:
    state = chain()
    review = until_review(state)
    (again,) = state.on(asked(review, "write"))

    assert state.is_awaited(again)
    assert not state.is_awaited(again._replace(ticket=1))
    assert not state.is_awaited(review)


def test_failed_step_is_sent_once_more_as_fallback_when_its_agent_can() -> None:
    state = chain()
    (look,) = began(state, "a")
    (note,) = state.on(done(look))
    (write,) = state.on(failed(note))

    (fallback,) = state.on(failed(write))
    sends = state.on(failed(fallback, "both ways failed"))

    assert fallback == Send(StepId("write", "a"), 2, 0, is_fallback=True)
    assert names(sends) == [("bind", "")]
    assert state.lost == {(LISTED, "a"): "both ways failed"}


def test_failed_step_does_not_fall_back_when_the_run_may_not() -> None:
    state = chain(may_fall_back=False)
    (look,) = began(state, "a")
    (note,) = state.on(done(look))
    (write,) = state.on(done(note))

    sends = state.on(failed(write))

    assert names(sends) == [("bind", "")]


def test_gatherer_is_told_why_an_item_is_missing() -> None:
    state = chain()
    first, second = began(state, "a", "b")
    state.on(failed(first, "a is torn"))
    (note,) = state.on(done(second))
    (write,) = state.on(done(note))
    (review,) = state.on(done(write))

    state.on(done(review))

    (gathered,) = state.inputs(StepId("bind")).needs
    assert gathered == ("write", Gathering((ItemRef("b", "write/b#1"),), (("a", "a is torn"),)))
    assert state.status(StepId("review", "a")) is Status.SKIPPED


def test_no_step_of_a_lost_item_is_sent_when_its_loss_lets_one_go() -> None:
    plan = Plan.of(
        [
            role("look", LISTED, before="stray"),
            role("stray", LISTED),
            role("bind", needs=["look"]),
        ],
        goal="bind",
        listed=[LISTED],
    )
    state = RunState(plan)
    (look,) = began(state, "a")

    sends = state.on(failed(look))

    assert names(sends) == [("bind", "")]


def test_step_of_a_lost_item_does_not_fall_back_when_it_fails_late() -> None:
    plan = Plan.of(
        [
            role("look", LISTED),
            role("listen", LISTED, may_fall_back=True),
            role("bind", needs=["look", "listen"]),
        ],
        goal="bind",
        listed=[LISTED],
    )
    state = RunState(plan)
    look, listen = began(state, "a")
    state.on(failed(look, "torn"))

    sends = state.on(failed(listen, "deaf"))

    assert names(sends) == [("bind", "")]
    assert state.lost == {(LISTED, "a"): "torn"}


def test_review_of_a_lost_item_stands_when_it_asks_for_rework_late() -> None:
    plan = Plan.of(
        [
            role("look", LISTED),
            role("write", LISTED),
            role("review", LISTED, needs=["write"], may_rework=["write"]),
            role("bind", needs=["look", "write"]),
        ],
        goal="bind",
        listed=[LISTED],
    )
    state = RunState(plan)
    look, write = began(state, "a")
    (review,) = state.on(done(write))
    state.on(failed(look, "torn"))

    sends = state.on(asked(review, "write"))

    assert names(sends) == [("bind", "")]
    assert state.rounds == {}
    assert state.inputs(StepId("bind")).needs[1] == ("write", Gathering((), (("a", "torn"),)))


def test_gathered_result_is_missing_when_its_step_failed_in_the_last_round() -> None:
    plan = Plan.of(
        [
            role("write", LISTED),
            role("note", LISTED, needs=["write"], before="bind"),
            role("review", LISTED, needs=["write"], may_rework=["write"]),
            role("bind", needs=["write"]),
        ],
        goal="bind",
        listed=[LISTED],
    )
    state = RunState(plan)
    (write,) = began(state, "a")
    note, review = state.on(done(write))
    state.on(done(note))
    (write,) = state.on(asked(review, "write"))
    note, review = state.on(done(write))
    state.on(failed(note, "no more ink"))

    (bind,) = state.on(done(review))

    assert state.inputs(bind.step).extras == (("note", Gathering((), (("a", "no more ink"),))),)


def test_extra_is_left_out_when_its_optional_role_has_failed() -> None:
    state = chain()
    (look,) = began(state, "a")
    (note,) = state.on(done(look))

    (write,) = state.on(failed(note))

    assert state.inputs(write.step).extras == ()
    assert state.lost == {}


def test_run_fails_when_a_required_step_of_the_book_fails() -> None:
    state = chain()
    (bind,) = began(state)

    sends = state.on(failed(bind, "the disk is full"))

    assert (sends, state.is_over, state.failure) == ([], True, "the disk is full")
    assert state.failed_step == StepId("bind")


def test_run_fails_when_an_item_is_lost_and_the_run_is_strict() -> None:
    state = chain(strict=True)
    first, _second = began(state, "a", "b")

    sends = state.on(failed(first, "a is torn"))

    assert (sends, state.is_over, state.failure) == ([], True, "a is torn")


def test_pages_are_none_when_the_optional_role_that_opens_them_fails() -> None:
    plan = Plan.of(
        [role("dream", opens=OPENED), role("paint", OPENED), role("hang", needs=["paint"]), role("bind")],
        goal="bind",
    )
    state = RunState(plan)
    dream, bind = state.on(Began({}))
    state.on(done(bind))

    (hang,) = state.on(failed(dream))

    assert hang.step == StepId("hang")
    assert state.items[OPENED] == ()


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
