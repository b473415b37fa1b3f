"""The scheduler when steps fail: what is lost, what is tried once more, what goes on."""

from swarm import Plan, StepId
from swarm.scheduler import Began, Gathering, ItemRef, RunState, Send, Status
from tests.swarm.chains import asked, began, chain, done, failed, names
from tests.swarm.plans import LISTED, OPENED, role


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
