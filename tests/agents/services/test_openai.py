"""OpenAI's adapters before a server at which everything goes wrong: each fault has its name, and its price."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

from agents.book.story import PageBrief, Proposal
from agents.services.calling import Policy
from agents.services.errors import AccountRefused, BadAnswer, ServiceError, ServiceUnavailable
from agents.services.openai_client import seconds_of, usage_of
from agents.services.paid import Usage
from swarm.events import CallEnded
from tests.agents.craft.story.books import CAPTIONS, briefs, scenes
from tests.peers.another import another_server
from tests.peers.faults import Fault, Reset, Rule, Slow, Status, Truncate
from tests.peers.openai import OpenAI
from tests.peers.openai_content import Prompt
from tests.peers.openai_faults import (
    BARE,
    BLANK,
    BROKEN_BASE64,
    EMPTY,
    FAILED,
    FEWER_VECTORS,
    FILTERED,
    GARBAGE,
    HOSTILE_TEXT,
    HTML,
    INCOMPLETE,
    NAN_VECTORS,
    NEGATIVE_USAGE,
    NO_JSON,
    NO_OUTPUT,
    NO_USAGE,
    NOTHING,
    REFUSAL,
    SHORT_VECTORS,
    TOO_LONG,
    TRUNCATED,
    WRONG_LANGUAGE,
    WRONG_SHAPE,
    ZERO_VECTORS,
    no_quota,
    rate_limited,
    server_error,
    vectors,
)
from tests.peers.openai_ports import QUICK, Ports, ports_to
from tests.peers.proxy import Proxy, proxied
from tests.peers.serving import served

PIXELS = np.zeros((40, 40, 3), dtype=np.uint8)


@asynccontextmanager
async def troubled(
    *rules: Rule, peer: OpenAI | None = None, policy: Policy = QUICK
) -> AsyncIterator[tuple[Ports, Proxy, OpenAI]]:
    """The ports to a peer by way of a proxy with these rules."""
    peer = peer or OpenAI()
    with served(peer) as here, proxied(here.url, *rules) as proxy:
        async with ports_to(proxy.url, policy=policy) as ports:
            yield ports, proxy, peer


def _brief() -> PageBrief:
    from agents.craft.story import propose

    told = scenes(*CAPTIONS[:3])
    first = propose(told, age=5, seed=0, title="")[0]
    return briefs([told[index] for index in first.order], first.outline)[1]


async def _write(ports: Ports, **more: Any) -> str:
    asked: dict[str, Any] = {"age": 5, "seed": 0, "notes": "", "rejected": ""} | more
    return await ports.language.write(_brief(), **asked)


def _paths(proxy: Proxy) -> list[str]:
    return [exchange.asked.path for exchange in proxy.log]


async def test_request_says_what_it_must_and_nothing_more() -> None:
    async with troubled() as (ports, proxy, _):
        await _write(ports)

    (exchange,) = proxy.log
    asked = exchange.asked.json
    assert asked["store"] is False
    assert asked["text"]["format"]["strict"] is True
    assert exchange.asked.headers["authorization"] == "Bearer sk-test"
    assert exchange.asked.headers["x-stainless-retry-count"] == "0"
    assert "inputs/" not in exchange.asked.body.decode()  # no path of the family's disk
    assert "tools" not in asked


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (TRUNCATED, "no JSON"),
        (INCOMPLETE, "truncated"),
        (GARBAGE, "no JSON"),
        (NOTHING, "empty"),
        (NO_OUTPUT, "empty"),
        (FAILED, "failed"),
        (WRONG_SHAPE, "shape"),
        (WRONG_LANGUAGE, "not in English"),
        (HOSTILE_TEXT, "markup"),
        (TOO_LONG, "too long"),
        (BLANK, "empty"),
    ],
)
async def test_bad_content_is_named_and_repaired_once(fault: Fault, said: str) -> None:
    async with troubled(Rule(fault, path="/responses", times=1)) as (ports, proxy, _):
        text = await _write(ports)

    assert 50 <= len(text.split()) <= 100
    first, second = (exchange.asked.json["instructions"] for exchange in proxy.log)
    assert second.startswith(first)
    assert said in second.removeprefix(first)


@pytest.mark.parametrize(
    ("fault", "said"),
    [(INCOMPLETE, "truncated"), (GARBAGE, "no JSON"), (WRONG_LANGUAGE, "not in English"), (HOSTILE_TEXT, "markup")],
)
async def test_content_that_stays_bad_is_an_error_and_forgotten(fault: Fault, said: str) -> None:
    async with troubled(Rule(fault, path="/responses", times=2)) as (ports, proxy, _):
        with pytest.raises(BadAnswer, match=said) as caught:
            await _write(ports)
        assert ports.ledger.answers == {}
        assert ports.purse.spent.calls == 2
        await _write(ports)

    assert caught.value.retryable
    assert len(proxy.log) == 3


@pytest.mark.parametrize(("fault", "said"), [(REFUSAL, "refused"), (FILTERED, "content filter")])
async def test_refusal_is_not_asked_about_again(fault: Fault, said: str) -> None:
    async with troubled(Rule(fault, path="/responses")) as (ports, proxy, _):
        with pytest.raises(BadAnswer, match=said):
            await _write(ports)

    assert len(proxy.log) == 1
    assert [outcome for _, outcome, *_ in ports.ledger.ended] == ["ok"]  # it was answered, and is paid for


@pytest.mark.parametrize("fault", [HTML, NO_JSON, BARE, EMPTY], ids=["html", "no-json", "bare", "empty"])
async def test_body_that_is_no_answer_is_asked_for_again(fault: Fault) -> None:
    async with troubled(Rule(fault, path="/responses", times=2)) as (ports, proxy, _):
        await _write(ports)

    assert [outcome for _, outcome, *_ in ports.ledger.ended] == ["bad-answer", "bad-answer", "ok"]
    assert len({exchange.asked.body for exchange in proxy.log}) == 1


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (server_error(500), "failed"),
        (server_error(503), "failed"),
        (Status(502, b"<html>bad gateway</html>"), "failed"),
        (Status(408), "failed"),
        (Status(409), "failed"),
        (rate_limited(("retry-after", "0.01")), "rate-limited"),
        (rate_limited(("retry-after-ms", "10")), "rate-limited"),
        (rate_limited(), "rate-limited"),
        (Reset(), "lost"),
        (Reset(0.5), "lost"),
        (Truncate(0.5), "lost"),
    ],
)
async def test_what_may_pass_is_retried_by_us_alone(fault: Fault, outcome: str) -> None:
    async with troubled(Rule(fault, path="/responses", times=2)) as (ports, proxy, _):
        await _write(ports)

    assert [event.outcome for event in ports.events if isinstance(event, CallEnded)] == [outcome, outcome, "ok"]
    assert [ended[1] for ended in ports.ledger.ended] == [outcome, outcome, "ok"]
    assert {exchange.asked.headers["x-stainless-retry-count"] for exchange in proxy.log} == {"0"}
    assert len(proxy.log) == 3


async def test_answer_that_does_not_come_in_time_is_asked_for_again() -> None:
    policy = Policy(attempt_s=0.5, first_wait_s=0.01, longest_wait_s=0.02)
    async with troubled(Rule(Slow(30), path="/responses", times=1), policy=policy) as (ports, _, _):
        await ports.calls.reject(await _warm(ports))
        await _write(ports)

    assert [ended[1] for ended in ports.ledger.ended[1:]] == ["timeout", "ok"]
    assert ports.ledger.ended[1][-1] > 0  # booked at its most


async def _warm(ports: Ports) -> Any:
    """The client is imported and connected before anything is measured in parts of a second."""
    from agents.services.paid import Question

    question = Question("moderations", "m", {"input": ["warm"]}, 0)
    await ports.calls.ask(question)
    return question


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Status(401, b'{"error": {"code": "invalid_api_key", "message": "Incorrect API key: sk-secret"}}'), "the key"),
        (no_quota(), "quota is used up"),
        (Status(403), "no right to it"),
        (Status(404, b'{"error": {"code": "model_not_found"}}'), "no such model"),
    ],
)
async def test_account_that_is_refused_stops_everything_at_once(fault: Fault, said: str) -> None:
    async with troubled(Rule(fault)) as (ports, proxy, _):
        with pytest.raises(AccountRefused, match=said) as caught:
            await _write(ports)

    assert len(proxy.log) == 1
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 422])
async def test_request_that_is_refused_is_not_made_again(status: int) -> None:
    async with troubled(Rule(Status(status, b'{"error": {"message": "no"}}'))) as (ports, proxy, _):
        with pytest.raises(ServiceError) as caught:
            await _write(ports)

    assert len(proxy.log) == 1
    assert not caught.value.retryable


async def test_server_that_asks_not_to_be_asked_again_is_not() -> None:
    async with troubled(Rule(server_error(500, ("x-should-retry", "false")))) as (ports, proxy, _):
        with pytest.raises(ServiceError):
            await _write(ports)

    assert len(proxy.log) == 1


async def test_server_that_asks_for_too_long_a_wait_is_given_up() -> None:
    async with troubled(Rule(rate_limited(("retry-after", "900")))) as (ports, proxy, _):
        with pytest.raises(ServiceUnavailable, match="asked too often"):
            await _write(ports)

    assert len(proxy.log) == 1


@pytest.mark.parametrize("fault", [NO_USAGE, NEGATIVE_USAGE], ids=["missing", "negative"])
async def test_answer_whose_usage_cannot_be_is_booked_at_its_most(fault: Fault) -> None:
    async with troubled(Rule(fault, path="/responses")) as (ports, _, _):
        await _write(ports)

    ((_, outcome, tokens, cost, unsure),) = ports.ledger.ended
    assert (outcome, tokens, cost) == ("ok", {}, 0)
    assert unsure > 0


async def test_usage_of_an_error_is_booked() -> None:
    body = json.dumps({"error": {"message": "no"}, "usage": {"input_tokens": 1000, "output_tokens": 50}}).encode()
    async with troubled(Rule(Status(500, body), times=1)) as (ports, _, _):
        await _write(ports)

    (_, outcome, tokens, cost, _), _ = ports.ledger.ended
    assert (outcome, tokens, cost) == ("failed", {"input": 1000, "output": 50}, 350)


async def test_ledger_says_what_the_server_billed() -> None:
    async with troubled() as (ports, _, peer):
        await _write(ports)
        await ports.vision.look(PIXELS)
        await ports.moderation.check_texts(["a fox"])

    billed = sum(bill.input_tokens + bill.output_tokens for bill in peer.bills)
    assert ports.purse.spent.tokens == billed
    assert ports.purse.spent.calls == len(peer.bills) == 4


@pytest.mark.parametrize(
    "fault",
    [
        *(SHORT_VECTORS, NAN_VECTORS, ZERO_VECTORS, FEWER_VECTORS, BROKEN_BASE64, NO_OUTPUT),
        vectors(lambda data: [one | {"index": 7} for one in data]),
        vectors(lambda data: [*data, *data]),
        vectors(lambda data: [one | {"embedding": None} for one in data]),
    ],
)
async def test_vector_that_is_none_is_asked_for_once_more_and_then_an_error(fault: Fault) -> None:
    async with troubled(Rule(fault, path="/embeddings", times=3)) as (ports, proxy, _):
        with pytest.raises(BadAnswer):
            await ports.vision.look(PIXELS)
        proxy.now(Rule(fault, path="/embeddings", times=1))
        sight = await ports.vision.look(PIXELS)

    assert np.linalg.norm(sight.features) == pytest.approx(1)
    assert _paths(proxy).count("/v1/embeddings") == 4
    assert _paths(proxy).count("/v1/responses") == 1  # the description was paid for


@pytest.mark.parametrize("fault", [NO_OUTPUT, WRONG_SHAPE, BARE])
async def test_verdict_that_is_none_is_an_error_and_not_a_pass(fault: Fault) -> None:
    rule = Rule(fault, path="/moderations") if fault is not WRONG_SHAPE else Rule(Status(200, b'{"results": [{}]}'))
    async with troubled(rule) as (ports, _, _):
        with pytest.raises(ServiceError):
            await ports.moderation.check_texts(["a fox"])


async def test_proposals_that_are_no_orders_of_the_drawings_are_refused() -> None:
    def bad_order(prompt: Prompt, schema: dict[str, Any]) -> Any:
        from tests.peers.openai_schemas import made_of

        plan = made_of(schema, prompt)
        plan["proposals"][1]["order"][0] = plan["proposals"][1]["order"][1]
        return plan

    async with troubled(peer=OpenAI(answers={"story_plan": bad_order})) as (ports, proxy, _):
        with pytest.raises(BadAnswer, match="each index from 0 to 3 exactly once"):
            await _proposed(ports)

    assert len(proxy.log) == 2


async def test_parts_of_a_drawing_stand_in_a_row_whatever_the_model_says() -> None:
    from dataclasses import replace

    told = [*scenes("a fox", "an owl"), *scenes("a fox")]
    told = [replace(told[0], part=1, parts=2), told[1], replace(told[2], part=2, parts=2)]
    async with troubled() as (ports, _, _):
        proposals = await ports.language.propose(told, age=5, seed=0, title="")

    for proposal in proposals:
        places = [proposal.order.index(0), proposal.order.index(2)]
        assert places[1] == places[0] + 1


async def test_another_seed_asks_another_question() -> None:
    async with troubled() as (ports, proxy, _):
        for seed in (0, 1, 0):
            await _write(ports, seed=seed)

    assert len(proxy.log) == 2


async def _proposed(ports: Ports) -> tuple[Proposal, ...]:
    return await ports.language.propose(scenes(*CAPTIONS[:4]), age=5, seed=0, title="Pip")


@pytest.mark.parametrize(
    ("said", "usage"),
    [
        ({"usage": {"input_tokens": 5, "output_tokens": 2}}, Usage(5, 2)),
        ({"usage": {"prompt_tokens": 5}}, Usage(5)),
        (
            {"usage": {"input_tokens": 5, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 3}}},
            Usage(5, 2, 3),
        ),
        ({"usage": {"input_tokens": 5, "input_tokens_details": {"cached_tokens": 9}}}, Usage(5, 0, 5)),
        *(
            ({"usage": usage}, Usage(is_known=False))
            for usage in (None, {}, 7, {"input_tokens": -1}, {"input_tokens": 5.5}, {"input_tokens": True})
        ),
        (None, Usage(is_known=False)),
    ],
)
def test_usage_is_read_only_where_it_can_be(said: dict[str, Any] | None, usage: Usage) -> None:
    assert usage_of(said) == usage


@pytest.mark.parametrize(
    ("span", "seconds"),
    [("120ms", 0.12), ("6m0s", 360), ("1h2m3s", 3723), ("1.5", 1.5), ("8.64s", 8.64), ("", None), ("soon", None)],
)
def test_span_of_a_header_is_read(span: str, seconds: float | None) -> None:
    assert seconds_of(span) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize("ratio", [0.1, 0.3, 0.5])
async def test_flapping_server_is_not_stormed_and_each_call_is_in_the_ledger(ratio: float) -> None:
    faults = (server_error(500), rate_limited(("retry-after", "0.01")), Reset(), HTML)
    policy = Policy(attempt_s=5, first_wait_s=0.01, longest_wait_s=0.02, breaker_open_s=0.05)
    async with troubled(Rule(faults, ratio=ratio, seed=7), policy=policy) as (ports, proxy, _):
        texts = [[f"text {number}"] for number in range(60)]
        ends = await asyncio.gather(*(ports.moderation.check_texts(one) for one in texts), return_exceptions=True)

    failed = [end for end in ends if isinstance(end, BaseException)]
    assert all(isinstance(end, ServiceError) for end in failed)
    assert len(proxy.log) <= len(ports.ledger.begun) == len(ports.ledger.ended)  # some are lost on their way
    assert len(ports.ledger.begun) <= 60 + 60 / 5
    assert len(failed) <= 60 * ratio


async def test_adapters_understand_a_server_that_is_not_of_our_making() -> None:
    with another_server() as url:
        async with ports_to(url) as ports:
            sight = await ports.vision.look(PIXELS)
            critique = await ports.language.criticise(_brief(), "The fox ran.", age=5)
            with pytest.raises(BadAnswer, match="has 1 words"):  # it writes no stories
                await _write(ports)

    assert sight.features.shape == (1536,)
    assert critique is not None
    assert [ended[1] for ended in ports.ledger.ended] == ["ok"] * 5
    assert ports.purse.spent.cost > 0
