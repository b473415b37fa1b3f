"""A Qdrant server: collections of points in memory, compared by cosine, over the REST API as the real client uses it.

Collections made, told of, listed and dropped; points put, fetched, counted, scrolled through, deleted and searched for
(one query or many) with filters by `match` and `range`; an index of payloads is taken for granted. Source: the OpenAPI
definition at api.qdrant.tech, and the requests that qdrant-client 1.20 makes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.peers.serving import Answer, Asked, Delivery

_COLLECTION = re.compile(r"/collections/([^/]+)(/.*)?")
_BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
}


class Refused(Exception):
    """The request is answered with this status."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


@dataclass
class Collection:
    """Points by id: vectors of `size` numbers and of unit length, and payloads."""

    size: int
    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    payloads: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put(self, points: list[dict[str, Any]]) -> None:
        """Add points; those of the same id are replaced. Nothing is put when one of them is refused."""
        vectors = {str(point["id"]): self.unit(point["vector"]) for point in points}
        self.vectors |= vectors
        self.payloads |= {str(point["id"]): point.get("payload") or {} for point in points}

    def unit(self, vector: Any) -> NDArray[np.float32]:
        """A vector brought to length 1."""
        if not isinstance(vector, list) or len(vector) != self.size:
            got = len(vector) if isinstance(vector, list) else 0
            raise Refused(400, f"Wrong input: Vector dimension error: expected dim: {self.size}, got {got}")
        numbers = np.asarray(vector, dtype=np.float32)
        length = float(np.linalg.norm(numbers))
        return numbers / length if length else numbers

    def found(self, condition: dict[str, Any] | None) -> list[str]:
        """The ids of the points that a filter lets through, sorted."""
        return sorted(name for name, payload in self.payloads.items() if _passes(payload, condition))

    def nearest(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        """The points nearest to what is asked for, best first."""
        query = asked.get("query")
        target = self.unit(query["nearest"] if isinstance(query, dict) else query)
        names = self.found(asked.get("filter"))
        scores = [(float(self.vectors[name] @ target), name) for name in names]
        best = sorted(scores, key=lambda score: (-score[0], score[1]))[: asked.get("limit", 10)]
        return [self.point(name, asked) | {"score": score, "version": 0} for score, name in best]

    def point(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        """A point as it is told, with payload and vector where these are asked for."""
        told: dict[str, Any] = {"id": name}
        if asked.get("with_payload"):
            told["payload"] = self.payloads[name]
        if asked.get("with_vector"):
            told["vector"] = self.vectors[name].tolist()
        return told


@dataclass
class Qdrant:
    """The server. With a `key`, whoever shows another is refused. Each answer begins `latency_s` after its request."""

    key: str | None = None
    latency_s: float = 0.0
    collections: dict[str, Collection] = field(default_factory=dict)

    async def answer(self, asked: Asked) -> Answer:
        """What the server says."""
        try:
            answer = Answer.of({"result": self._result(asked), "status": "ok", "time": 0.0001})
        except Refused as refused:
            answer = Answer.of({"status": {"error": str(refused)}, "time": 0.0001}, refused.status)
        return replace(answer, delivery=Delivery(after_s=self.latency_s))

    def _result(self, asked: Asked) -> Any:
        if self.key is not None and asked.headers.get("api-key") != self.key:
            raise Refused(401, "Must provide an API key or an Authorization bearer token")
        if asked.path == "/collections":
            return {"collections": [{"name": name} for name in self.collections]}
        found = _COLLECTION.fullmatch(asked.path)
        if found is None:
            raise Refused(404, "Not found")
        name, rest = found[1], found[2] or ""
        said = asked.json if asked.body else {}
        if not rest:
            return self._of_collection(asked.method, name, said)
        if rest == "/exists":
            return {"exists": name in self.collections}
        return self._of_points(asked.method, rest, self._known(name), said)

    def _of_collection(self, method: str, name: str, said: Any) -> Any:
        match method:
            case "PUT":
                if name in self.collections:
                    raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
                if said["vectors"]["distance"] != "Cosine":
                    raise Refused(400, "this server compares by cosine only")
                self.collections[name] = Collection(said["vectors"]["size"])
                return True
            case "DELETE":
                return self.collections.pop(name, None) is not None
            case "GET":
                return _told(self._known(name))
        raise Refused(405, "Method not allowed")

    def _of_points(self, method: str, rest: str, collection: Collection, said: Any) -> Any:
        match method, rest:
            case "PUT", "/index":
                return _done()
            case "PUT", "/points":
                collection.put(said["points"] if "points" in said else _of_batch(said["batch"]))
                return _done()
            case "POST", "/points":
                ids = [str(name) for name in said["ids"] if str(name) in collection.vectors]
                return [collection.point(name, {"with_payload": True} | said) for name in ids]
            case "POST", "/points/count":
                return {"count": len(collection.found(said.get("filter")))}
            case "POST", "/points/delete":
                gone = said["points"] if "points" in said else collection.found(said["filter"])
                for name in map(str, gone):
                    collection.vectors.pop(name, None)
                    collection.payloads.pop(name, None)
                return _done()
            case "POST", "/points/query":
                return {"points": collection.nearest(said)}
            case "POST", "/points/query/batch":
                return [{"points": collection.nearest(one)} for one in said["searches"]]
            case "POST", "/points/scroll":
                return _page(collection, said)
        raise Refused(404, "Not found")

    def _known(self, name: str) -> Collection:
        if name not in self.collections:
            raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
        return self.collections[name]


def _of_batch(batch: Any) -> list[dict[str, Any]]:
    payloads = batch.get("payloads") or [None] * len(batch["ids"])
    rows = zip(batch["ids"], batch["vectors"], payloads, strict=True)
    return [{"id": name, "vector": vector, "payload": payload} for name, vector, payload in rows]


def _page(collection: Collection, said: Any) -> dict[str, Any]:
    names = [name for name in collection.found(said.get("filter")) if name >= str(said.get("offset") or "")]
    limit = said.get("limit", 10)
    page = [collection.point(name, {"with_payload": True} | said) for name in names[:limit]]
    return {"points": page, "next_page_offset": names[limit] if len(names) > limit else None}


def _passes(payload: dict[str, Any], condition: dict[str, Any] | None) -> bool:
    """Whether a payload meets a filter of `must`, `should` and `must_not`, or one condition of it."""
    if not condition:
        return True
    if "key" in condition:
        value = payload.get(condition["key"])
        if "match" in condition:
            return bool(value == condition["match"]["value"])
        bounds = {name: bound for name, bound in condition["range"].items() if bound is not None}
        return value is not None and all(_BOUNDS[name](value, bound) for name, bound in bounds.items())
    must, should, never = (condition.get(name) or [] for name in ("must", "should", "must_not"))
    return (
        all(_passes(payload, one) for one in must)
        and (not should or any(_passes(payload, one) for one in should))
        and not any(_passes(payload, one) for one in never)
    )


def _done() -> dict[str, Any]:
    return {"operation_id": 1, "status": "completed"}


def _told(collection: Collection) -> dict[str, Any]:
    count = len(collection.vectors)
    return {
        "status": "green",
        "optimizer_status": "ok",
        "points_count": count,
        "indexed_vectors_count": 0,
        "segments_count": 1,
        "config": {
            "params": {"vectors": {"size": collection.size, "distance": "Cosine"}},
            "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
            "optimizer_config": {
                "deleted_threshold": 0.2,
                "vacuum_min_vector_number": 1000,
                "default_segment_number": 0,
                "flush_interval_sec": 5,
            },
        },
        "payload_schema": {},
    }
