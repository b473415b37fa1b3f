"""A Google Cloud Storage server: the JSON API as the real client uses it, over buckets in memory.

Listing with prefix, delimiter, offsets and pages; objects and their media with ranges and checksums; multipart, simple
and resumable uploads; preconditions by generation; delete. Source: the reference of the JSON API at
cloud.google.com/storage/docs/json_api, and the requests that google-cloud-storage 3.17 makes.
"""

import email
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.peers.gcs_objects import Bucket, Object, Refused
from tests.peers.serving import Answer, Asked

_PLACES = re.compile(r"(?:/(upload|download))?/storage/v1/b/([^/]*)(?:/o(?:/(.*))?)?")


@dataclass
class _Upload:
    """A resumable upload on its way."""

    bucket: str
    said: dict[str, Any]
    conditions: dict[str, str]
    data: bytearray = field(default_factory=bytearray)


@dataclass
class Gcs:
    """The server. Objects and buckets whose `bucket/name` begins with one of `forbidden` are answered 403, whoever
    shows none of the `tokens` (if there are any) 401; `after_page` is called when a page of a listing was made."""

    buckets: dict[str, Bucket] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    most_results: int = 1000
    after_page: Callable[[], object] | None = None
    _uploads: dict[str, _Upload] = field(default_factory=dict)

    def bucket(self, name: str) -> Bucket:
        """The bucket of this name, made if it is not there."""
        return self.buckets.setdefault(name, Bucket())

    async def answer(self, asked: Asked) -> Answer:
        """What the server says."""
        try:
            return self._answer(asked)
        except Refused as refused:
            said = {"code": refused.status, "message": str(refused), "errors": [{"message": str(refused)}]}
            return Answer(304) if refused.status == 304 else Answer.of({"error": said}, refused.status)

    def _answer(self, asked: Asked) -> Answer:
        found = _PLACES.fullmatch(urlsplit(asked.target).path)
        if found is None:
            raise Refused(404, "Not Found")
        bucket, name = unquote(found[2]), None if found[3] is None else unquote(found[3])
        self._check_rights(asked, f"{bucket}/{name or ''}")
        if bucket not in self.buckets:
            raise Refused(404, "The specified bucket does not exist.")
        match asked.method, found[1], name:
            case ("GET", None, None) if not urlsplit(asked.target).path.endswith("/o"):
                return Answer.of({"kind": "storage#bucket", "name": bucket, "id": bucket})
            case ("GET", None, None):
                return self._list(bucket, asked.query)
            case ("POST" | "PUT", "upload", None):
                return self._upload(bucket, asked)
            case ("GET", _, str()) if found[1] == "download" or asked.query.get("alt") == "media":
                return _media(self.buckets[bucket].get(name, asked.query), asked.headers.get("range", ""))
            case ("GET", None, str()):
                return Answer.of(self.buckets[bucket].get(name, asked.query).resource(bucket))
            case ("DELETE", None, str()):
                self.buckets[bucket].get(name, asked.query)
                del self.buckets[bucket].objects[name]
                return Answer(204)
        raise Refused(405, "Method Not Allowed")

    def _check_rights(self, asked: Asked, place: str) -> None:
        if self.tokens and asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Refused(401, "Invalid Credentials")
        if any(place.startswith(forbidden) for forbidden in self.forbidden):
            raise Refused(403, f"Permission denied on {place} (or it may not exist).")

    def _list(self, bucket: str, query: dict[str, str]) -> Answer:
        page = self.buckets[bucket].page(query, most=self.most_results)
        said: dict[str, Any] = {"kind": "storage#objects"}
        said |= {"items": [found.resource(bucket) for found in page.objects]} if page.objects else {}
        said |= {"prefixes": page.prefixes} if page.prefixes else {}
        said |= {"nextPageToken": page.token} if page.token else {}
        if self.after_page:
            self.after_page()
        return Answer.of(said)

    # uploads

    def _upload(self, bucket: str, asked: Asked) -> Answer:
        kind, upload = asked.query.get("uploadType"), asked.query.get("upload_id")
        if upload is not None:
            return self._go_on(upload, asked)
        if kind == "resumable":
            return self._begin(bucket, asked)
        said, data = (
            _parts(asked) if kind == "multipart" else ({"contentType": asked.headers["content-type"]}, asked.body)
        )
        return Answer.of(self.buckets[bucket].upload(said, data, asked.query).resource(bucket))

    def _begin(self, bucket: str, asked: Asked) -> Answer:
        said = asked.json if asked.body else {}
        said.setdefault("contentType", asked.headers.get("x-upload-content-type"))
        number = f"upload-{len(self._uploads) + 1}"
        self._uploads[number] = _Upload(bucket, said, asked.query)
        place = f"/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={number}"
        return Answer(200, headers={"location": f"http://{asked.headers['host']}{place}"})

    def _go_on(self, number: str, asked: Asked) -> Answer:
        upload = self._uploads.get(number)
        if upload is None:
            raise Refused(404, "No such upload")
        given = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", asked.headers.get("content-range", "bytes 0-0/*"))
        if given is None or (given[1] is not None and int(given[1]) > len(upload.data)):
            raise Refused(400, "Invalid Content-Range")
        if given[1] is not None:
            upload.data[int(given[1]) :] = asked.body
        if given[2] != str(len(upload.data)):
            held = {"range": f"bytes=0-{len(upload.data) - 1}"} if upload.data else {}
            return Answer(308, headers=held)
        made = self.buckets[upload.bucket].upload(upload.said, bytes(upload.data), upload.conditions)
        return Answer.of(made.resource(upload.bucket))


def _parts(asked: Asked) -> tuple[dict[str, Any], bytes]:
    """What a multipart upload says of its object, and the object's bytes."""
    head = f"content-type: {asked.headers['content-type']}\r\nmime-version: 1.0\r\n\r\n".encode()
    boundary = email.message_from_bytes(head).get_boundary("").encode()
    _, said, media, _ = asked.body.split(b"--" + boundary)
    head, _, data = media.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    description = json.loads(said.partition(b"\r\n\r\n")[2])
    description.setdefault("contentType", email.message_from_bytes(head)["content-type"])
    return description, data.removesuffix(b"\r\n")


def _media(found: Object, wanted: str) -> Answer:
    headers = {
        "content-type": found.content_type,
        "x-goog-hash": f"crc32c={found.crc32c}" + ("" if found.is_composite else f",md5={found.md5}"),
        "x-goog-generation": str(found.generation),
        "x-goog-metageneration": "1",
        "x-goog-stored-content-length": str(len(found.data)),
        "x-goog-stored-content-encoding": found.content_encoding or "identity",
        "etag": found.md5,
    }
    if found.content_encoding:
        headers["content-encoding"] = found.content_encoding
    part = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
    if part is None or part[0] == "bytes=-":
        return Answer(200, found.data, headers)
    size = len(found.data)
    first = int(part[1]) if part[1] else max(0, size - int(part[2]))
    last = min(int(part[2]), size - 1) if part[1] and part[2] else size - 1
    if first >= size or last < first:
        return Answer(416, headers={"content-range": f"bytes */{size}"})
    return Answer(206, found.data[first : last + 1], headers | {"content-range": f"bytes {first}-{last}/{size}"})
