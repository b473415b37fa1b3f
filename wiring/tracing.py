"""Traces of a run, sent out only if a setting says so and the environment says where to."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from loguru import logger

from agents.book.settings import Settings
from monitor import WorkflowMonitor
from wiring import VERSION

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


@asynccontextmanager
async def traced(monitor: WorkflowMonitor, settings: Settings) -> AsyncIterator[None]:
    """Until the end of the block the monitor's events are sent as traces, where that is wanted."""
    if not settings.traces:
        yield
    elif not any(map(os.environ.get, ENDPOINTS)):
        logger.bind(missing=ENDPOINTS[0]).warning("traces_have_no_endpoint")
        yield
    else:
        from monitor.traces import exported  # only here, since it costs the start of every run

        async with exported(VERSION) as observe:
            monitor.also(observe)
            yield
