"""The same work on other durable runtimes: so many steps that do nothing, 64 at a time. Needs the extra `bench`."""

import asyncio
import operator
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any, TypedDict

from dbos import DBOS
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

STEPS = 300
AT_A_TIME = 64


class _State(TypedDict):
    numbers: list[int]
    results: Annotated[list[int], operator.add]


def seconds_a_step() -> dict[str, float]:
    """Seconds a step of each, with its durable store in SQLite."""
    return {
        "langgraph (AsyncSqliteSaver, sync)": asyncio.run(_langgraph_s()),
        "dbos (SQLite)": asyncio.run(_dbos_s()),
    }


async def _langgraph_s() -> float:
    async def touch(state: Any) -> dict[str, list[int]]:
        return {"results": [1]}

    def spread(state: _State) -> list[Send]:
        return [Send("touch", {"number": number}) for number in state["numbers"]]

    graph = StateGraph(_State)
    graph.add_node("touch", touch)
    graph.add_conditional_edges(START, spread, ["touch"])
    graph.add_edge("touch", END)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        async with AsyncSqliteSaver.from_conn_string(str(Path(folder, "graph.db"))) as saver:
            app = graph.compile(checkpointer=saver)
            settings: Any = {"configurable": {"thread_id": "bench"}, "max_concurrency": AT_A_TIME}
            began = time.perf_counter()
            done = await app.ainvoke({"numbers": list(range(STEPS)), "results": []}, settings, durability="sync")
            seconds = time.perf_counter() - began
    assert len(done["results"]) == STEPS
    return seconds / STEPS


async def _dbos_s() -> float:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        url = f"sqlite:///{folder}/dbos.db"
        DBOS(config={"name": "bench", "system_database_url": url, "run_admin_server": False, "log_level": "ERROR"})

        @DBOS.step()
        async def touch(number: int) -> int:
            return number

        @DBOS.workflow()
        async def work() -> int:
            done = 0
            for start in range(0, STEPS, AT_A_TIME):
                done += len(await asyncio.gather(*(touch(n) for n in range(start, min(STEPS, start + AT_A_TIME)))))
            return done

        DBOS.launch()
        try:
            began = time.perf_counter()
            done = await work()
            seconds = time.perf_counter() - began
        finally:
            DBOS.destroy()
    assert done == STEPS
    return seconds / STEPS
