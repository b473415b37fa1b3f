"""What a bucket holds, as Google Cloud Storage keeps it: objects by name, with generations that grow."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import google_crc32c

_FIRST_GENERATION = 1_700_000_000_000_000
_LONGEST_NAME = 1024


class Refused(Exception):
    """A request that is answered with an error status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Object:
    """An object as it stands; `is_composite` ones have no MD5."""

    name: str
    data: bytes
    generation: int
    content_type: str = "application/octet-stream"
    content_encoding: str = ""
    is_composite: bool = False

    @property
    def crc32c(self) -> str:
        """The CRC32C of the bytes, big-endian, in base64."""
        return base64.b64encode(google_crc32c.value(self.data).to_bytes(4, "big")).decode()

    @property
    def md5(self) -> str:
        """The MD5 of the bytes in base64."""
        return base64.b64encode(hashlib.md5(self.data, usedforsecurity=False).digest()).decode()

    def resource(self, bucket: str) -> dict[str, Any]:
        """The object as the API describes it."""
        said = {
            "kind": "storage#object",
            "id": f"{bucket}/{self.name}/{self.generation}",
            "name": self.name,
            "bucket": bucket,
            "generation": str(self.generation),
            "metageneration": "1",
            "contentType": self.content_type,
            "size": str(len(self.data)),
            "crc32c": self.crc32c,
            "etag": self.md5,
        }
        more = {} if self.is_composite else {"md5Hash": self.md5}
        return said | more | ({"contentEncoding": self.content_encoding} if self.content_encoding else {})


@dataclass
class Page:
    """A page of a listing; without a token it is the last."""

    objects: list[Object]
    prefixes: list[str]
    token: str


@dataclass
class Bucket:
    """The objects of a bucket."""

    objects: dict[str, Object] = field(default_factory=dict)
    generations: Iterator[int] = field(default_factory=lambda: count(_FIRST_GENERATION))

    def put(self, name: str, data: bytes, **more: Any) -> Object:
        """Put an object, over the one that is there; any name goes."""
        made = Object(name, data, next(self.generations), **more)
        self.objects[name] = made
        return made

    def get(self, name: str, conditions: dict[str, str]) -> Object:
        """The object, as asked for by its generation. Raises Refused."""
        found = self.objects.get(name)
        if found is None or conditions.get("generation", str(found.generation)) != str(found.generation):
            raise Refused(404, f"No such object: {name}")
        self.check(found, conditions)
        return found

    def check(self, found: Object | None, conditions: dict[str, str]) -> None:
        """Raise Refused if the object is not as whoever asks thinks."""
        generation = str(found.generation) if found else "0"
        if conditions.get("ifGenerationMatch", generation) != generation:
            raise Refused(412, "At least one of the pre-conditions you specified did not hold.")
        if conditions.get("ifGenerationNotMatch") == generation:
            raise Refused(304, "")

    def upload(self, said: dict[str, Any], data: bytes, conditions: dict[str, str]) -> Object:
        """Put an object as an upload describes it. Raises Refused."""
        name = str(said.get("name") or conditions.get("name") or "")
        if not 0 < len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME or {"\r", "\n"} & set(name):
            raise Refused(400, "Invalid object name")
        self.check(self.objects.get(name), conditions)
        made = Object(name, data, 0, str(said.get("contentType") or "application/octet-stream"))
        if said.get("crc32c", made.crc32c) != made.crc32c or said.get("md5Hash", made.md5) != made.md5:
            raise Refused(400, "Provided checksum doesn't match calculated checksum.")
        return self.put(name, data, content_type=made.content_type)

    def page(self, query: dict[str, str], *, most: int) -> Page:
        """A page of the listing that the query asks for, in the order of the names' bytes."""
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        after = base64.urlsafe_b64decode(query.get("pageToken", "")).decode("utf-8", "surrogatepass")
        first, end = _bytes(query.get("startOffset", "")), _bytes(query.get("endOffset", ""))
        page, last = Page([], [], ""), ""
        size = min(int(query.get("maxResults") or most), most)
        for name in sorted(self.objects, key=_bytes):
            is_in = name.startswith(prefix) and _bytes(name) >= first and (not end or _bytes(name) < end)
            shown = _rolled_up(name, prefix, delimiter)
            if not is_in or (after and _bytes(shown) <= _bytes(after)) or shown in page.prefixes:
                continue
            if len(page.objects) + len(page.prefixes) == size:
                page.token = base64.urlsafe_b64encode(_bytes(last)).decode()
                break
            last = shown
            if shown == name:
                page.objects.append(self.objects[name])
            else:
                page.prefixes.append(shown)
        return page


def _rolled_up(name: str, prefix: str, delimiter: str) -> str:
    """The name, or the common prefix that stands for it in the listing."""
    place = name.find(delimiter, len(prefix)) if delimiter else -1
    return name if place < 0 else name[: place + len(delimiter)]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
