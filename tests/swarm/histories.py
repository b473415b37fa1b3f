"""A run of the scheduler under random answers, with every happening checked against a naive reading of the plan."""

from collections.abc import Mapping
from random import Random

from swarm import ROOT_SCOPE, Plan, StepId
from swarm.plan import Mode, Part
from swarm.scheduler import (
    SETTLED,
    Asked,
    Began,
    Done,
    Failed,
    Gathering,
    Happening,
    Inputs,
    RunState,
    Send,
    Status,
)
from tests.swarm.plans import LISTED, awaited, redone, refs, required

Snapshot = Mapping[StepId, tuple[Status, str]]


class History:
    """Plays a run to its end. Each answer is checked: what was sent, what was not, and what stayed as it was."""

    def __init__(self, plan: Plan, rng: Random) -> None:
        self.plan = plan
        self.specs = list(plan.specs.values())
        self.rng = rng
        self.state = RunState(plan, rng.randint(0, 2), rng.random() < 0.15, rng.random() < 0.7)
        self.in_hand: list[Send] = []
        self.answered: list[Happening] = []
        self.tickets: dict[StepId, int] = {}
        self.reworks: dict[tuple[str, str], int] = {}
        self.expected_losses: dict[tuple[str, str], str] = {}
        self.expected_failure: tuple[StepId | None, str] = (None, "")
        self.gathered: dict[StepId, Inputs] = {}
        self.awaited = {spec.role: awaited(self.specs, spec.role) for spec in self.specs}
        self.required = required(self.specs, plan.goal)

    def play(self) -> None:
        """Answer whatever is in hand, in any order, until nothing is."""
        self._happen(Began({LISTED: refs(*(f"i{n}" for n in range(self.rng.randint(0, 3))))}))
        while self.in_hand and not self.state.is_over:
            if self.answered and self.rng.random() < 0.15:
                self._expect_no_change(self.rng.choice(self.answered))
            else:
                self._answer(self.in_hand.pop(self.rng.randrange(len(self.in_hand))))
        self._check_end()

    def steps(self) -> list[StepId]:
        """All steps of the run, as far as their scopes are open."""
        items = self.state.items
        return [StepId(spec.role, item) for spec in self.specs for item in items.get(spec.scope, ())]

    def snapshot(self) -> Snapshot:
        return {step: (self.state.status(step), self.state.digest(step)) for step in self.steps()}

    def _answer(self, send: Send) -> None:
        answer = self._choose(send)
        if self.state.status(send.step) is not Status.SENT or self.tickets[send.step] != send.ticket:
            self._expect_no_change(answer)
            return
        self.answered.append(answer)
        match answer:
            case Failed():
                self._answer_failed(send, answer)
            case Asked():
                self._answer_asked(send, answer)
            case _:
                self._happen(answer)
                assert self.state.status(send.step) is Status.DONE

    def _choose(self, send: Send) -> Happening:
        spec, roll = self.plan.specs[send.step.role], self.rng.random()
        result = f"{send.step.role}/{send.step.item}#{send.ticket}"
        if roll < 0.2:
            return Failed(send.step, send.ticket, f"no {result}")
        if roll < 0.6 and spec.may_rework:
            return Asked(send.step, send.ticket, self.rng.choice(spec.may_rework), f"notes of {result}", result)
        opened = refs(*(f"p{n}" for n in range(self.rng.randint(0, 3)))) if spec.opens else ()
        return Done(send.step, send.ticket, result, opened)

    def _answer_failed(self, send: Send, failed: Failed) -> None:
        spec, place = self.plan.specs[send.step.role], self._place(send.step)
        may_fall_back = spec.may_fall_back and self.state.may_fall_back and place not in self.state.lost
        if may_fall_back and not send.is_fallback:
            (again,) = self._happen(failed)
            assert (again.step, again.is_fallback, again.notes) == (send.step, True, send.notes)
            return
        if spec.role in self.required and (spec.scope == ROOT_SCOPE or self.state.strict):
            self.expected_failure = (send.step, failed.reason)
        elif spec.role in self.required:
            self.expected_losses.setdefault(place, failed.reason)
        self._happen(failed)
        assert self.state.status(send.step) is Status.FAILED

    def _answer_asked(self, send: Send, asked: Asked) -> None:
        place, before = self._place(send.step), self.snapshot()
        is_last = self.reworks.get(place, 0) == self.state.max_reworks or place in self.expected_losses
        sends = self._happen(asked)
        if is_last:
            assert self.snapshot()[send.step] == (Status.DONE, asked.digest)
            return
        self.reworks[place] = self.reworks.get(place, 0) + 1
        target = StepId(asked.role, send.step.item)
        again = redone(self.specs, asked.role)
        after = self.snapshot()
        assert all(after[step] == before[step] for step in before if self._place(step) != place)
        assert all(after[step] == before[step] for step in before if step.role not in again)
        assert all(after[StepId(role, send.step.item)][0] is not Status.DONE for role in again)
        assert [(s.notes, s.rejected) for s in sends if s.step == target] in (
            [(asked.notes, before[target][1])],
            [],
        )

    def _expect_no_change(self, stale: Happening) -> None:
        before = self.snapshot(), dict(self.state.rounds), dict(self.state.lost)
        assert self.state.on(stale) == []
        assert (self.snapshot(), dict(self.state.rounds), dict(self.state.lost)) == before

    def _happen(self, happening: Happening) -> list[Send]:
        sends = self.state.on(happening)
        for send in sends:
            self._check_send(send)
            assert send.is_fallback == (isinstance(happening, Failed) and happening.step == send.step)
        self._check_no_barrier()
        self.in_hand += sends
        return sends

    def _place(self, step: StepId) -> tuple[str, str]:
        return self.plan.specs[step.role].scope, step.item

    def _check_send(self, send: Send) -> None:
        step = send.step
        assert self.state.status(step) is Status.SENT
        assert send.ticket == self.tickets.get(step, 0) + 1
        assert send.round <= self.state.max_reworks
        assert self._place(step) not in self.state.lost
        assert self._is_free(step)
        self.tickets[step] = send.ticket
        inputs = self.state.inputs(step)
        self._check_inputs(step, inputs)
        if self.plan.specs[step.role].scope == ROOT_SCOPE:
            self.gathered[step] = inputs

    def _check_inputs(self, step: StepId, inputs: Inputs) -> None:
        spec = self.plan.specs[step.role]
        assert [name for name, _ in inputs.needs] == list(spec.needs)
        assert bool(inputs.brief) == (spec.scope != ROOT_SCOPE)
        for name, source in (*inputs.needs, *inputs.extras):
            if isinstance(source, Gathering):
                items = self.state.items[self.plan.specs[name].scope]
                held, missed = [ref.item for ref in source.values], dict(source.losses)
                assert sorted([*held, *missed]) == sorted(items)
                assert held == [item for item in items if item in held]
                assert all(self._stands(StepId(name, ref.item), ref.digest) for ref in source.values)
                assert all(missed.values())
            else:
                own = "" if self.plan.specs[name].scope == ROOT_SCOPE else step.item
                assert self._stands(StepId(name, own), source)

    def _stands(self, step: StepId, digest: str) -> bool:
        """Whether this is the newest result of a step whose item is not lost."""
        is_done = self.state.status(step) is Status.DONE
        newest = digest.endswith(f"#{self.tickets[step]}")
        return is_done and newest and self._place(step) not in self.state.lost

    def _is_free(self, step: StepId) -> bool:
        """Whether all that the step waits for is settled, by the declarations alone."""
        return all(self._has_settled(source, step) for source in self.awaited[step.role])

    def _has_settled(self, source: str, step: StepId) -> bool:
        scope, own = self.plan.specs[source].scope, self.plan.specs[step.role].scope
        if scope not in self.state.items:
            return False
        items = ("",) if scope == ROOT_SCOPE else (step.item,) if scope == own else self.state.items[scope]
        return all(self.state.status(StepId(source, item)) in SETTLED for item in items)

    def _check_no_barrier(self) -> None:
        if not self.state.failure:
            held_up = [s for s in self.steps() if self.state.status(s) is Status.WAITING and self._is_free(s)]
            assert held_up == []

    def _check_end(self) -> None:
        state = self.state
        assert state.is_over
        assert (state.failed_step, state.failure) == self.expected_failure
        assert state.rounds == self.reworks
        if state.failure:
            return
        assert state.lost == self.expected_losses
        assert all(status in SETTLED for status, _ in self.snapshot().values())
        assert state.status(StepId(self.plan.goal)) is Status.DONE
        for step, inputs in self.gathered.items():
            self._check_still_true(step, inputs)

    def _check_still_true(self, step: StepId, inputs: Inputs) -> None:
        """What a role of the book was given is what stands at the end, but for items lost since."""
        for name, source in (*inputs.needs, *inputs.extras):
            if isinstance(source, Gathering):
                scope = self.plan.specs[name].scope
                stands = {ref for ref in source.values if ref.digest == self.state.digest(StepId(name, ref.item))}
                assert stands == set(source.values)
                there = {item for item, _ in source.losses if self.state.digest(StepId(name, item))}
                assert all((scope, item) in self.state.lost for item in there)


def modes(plan: Plan) -> set[tuple[Mode, Part]]:
    """The kinds of edges that a plan has."""
    return {(edge.mode, edge.part) for edges in plan.incoming.values() for edge in edges}
