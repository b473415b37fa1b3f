"""The client of one bucket: blocking requests, each made once, bounded in time and size, with checksums.

This is the only module that imports google-cloud-storage; who needs it imports it when it is needed. The client's own
retries are off: they would go on for two minutes, and `calling` retries. Its `timeout` is one for each read, so that a
body that drips would never end; here a response ends at its deadline. Nothing of an answer is used as an address: links
to media are not followed, nor are redirections.
"""

import base64
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, local
from typing import Any

import google_crc32c
import requests
from google.auth.exceptions import GoogleAuthError
from google.cloud import storage
from requests.adapters import HTTPAdapter

from agents.services.errors import BadAnswer, ServiceRefused

_CONNECT_S = 5.0
_LONGEST_BODY, _LONGEST_ERROR = 2**31, 2**20
_FIELDS = "items(name,size,generation,crc32c,md5Hash,contentType,contentEncoding),nextPageToken"


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as the bucket describes it. `size_bytes` and checksums (base64, MD5 empty where there is none) are of
    what is stored, which with an `encoding` is not yet what the object means."""

    name: str
    size_bytes: int
    generation: int
    crc32c: str
    md5: str
    content_type: str
    encoding: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a listing; without a token it is the last."""

    objects: tuple[Stored, ...]
    token: str


def crc32c_of(data: bytes) -> str:
    """The CRC32C of bytes as buckets write it: big-endian, in base64."""
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


class BucketClient:
    """A bucket. It blocks, may be used by several threads, and makes its connections when the first request is made;
    `timeout_s` is what a request may take in all, `stall_s` how long nothing may come. Raises what google-cloud-storage
    and requests raise, BadAnswer."""

    def __init__(self, bucket: str, *, stall_s: float) -> None:
        self._name = bucket
        self._stall_s = stall_s
        self._lock = Lock()
        self._client: Any = None  # the SDK has no types
        self._until = local()

    def page(self, prefix: str, token: str, *, timeout_s: float, most: int = 1000) -> Page:
        """A page of what lies below a prefix, in the order of names."""
        timeout = self._begin(timeout_s)
        with _understood():
            found = self._bucket().list_blobs(
                prefix=prefix,
                page_token=token or None,
                page_size=most,
                fields=_FIELDS,
                timeout=timeout,
                retry=None,
            )
            objects = tuple(_stored(blob) for blob in next(found.pages))
            return Page(objects, str(found.next_page_token or ""))

    def about(self, name: str, *, timeout_s: float) -> Stored | None:
        """What is known of an object; None if there is none."""
        timeout = self._begin(timeout_s)
        with _understood():
            blob = self._bucket().get_blob(name, timeout=timeout, retry=None)
            return None if blob is None else _stored(blob)

    def head(self, name: str, size: int, *, timeout_s: float) -> bytes:
        """The first bytes of an object, not checked."""
        sink = _Sink(size)
        timeout = self._begin(timeout_s)
        blob = self._bucket().blob(name)
        blob.download_to_file(sink, start=0, end=size - 1, raw_download=True, timeout=timeout, retry=None)
        return bytes(sink.data)

    def download(self, wanted: Stored, *, most_bytes: int, timeout_s: float) -> bytes:
        """All bytes of an object in the generation that was listed, checked against the listed checksum; a compressed
        one is unpacked. More than `most_bytes` are refused."""
        sink = _Sink(min(most_bytes, wanted.size_bytes))
        timeout = self._begin(timeout_s)
        self._bucket().blob(wanted.name).download_to_file(
            sink,
            raw_download=True,
            if_generation_match=wanted.generation,
            timeout=timeout,
            checksum="crc32c",
            retry=None,
        )
        data = bytes(sink.data)
        if crc32c_of(data) != wanted.crc32c:
            raise BadAnswer("it arrived damaged")
        return _unpacked(data, most_bytes) if wanted.encoding == "gzip" else data

    def upload(self, name: str, data: bytes, *, over: int, content_type: str, timeout_s: float) -> Stored:
        """Put an object over the one of generation `over`; where that is 0, where there is none."""
        timeout = self._begin(timeout_s, is_sent=True)
        how = {"if_generation_match": over, "timeout": timeout, "checksum": "crc32c", "retry": None}
        with _understood():
            blob = self._bucket().blob(name)
            blob.upload_from_string(data, content_type=content_type, **how)
            return _stored(blob)

    def delete(self, name: str, *, generation: int, timeout_s: float) -> None:
        """Remove an object, if it has this generation."""
        timeout = self._begin(timeout_s)
        self._bucket().blob(name).delete(if_generation_match=generation, timeout=timeout, retry=None)

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _begin(self, timeout_s: float, *, is_sent: bool = False) -> tuple[float, float]:
        """Set the end of this thread's request, and give the client's own timeouts: to connect, and for each read. What
        is sent goes to the socket in one piece, which may take all the time."""
        self._until.s = time.monotonic() + timeout_s
        return min(_CONNECT_S, timeout_s), timeout_s if is_sent else min(self._stall_s, timeout_s)

    def _bucket(self) -> Any:
        with self._lock:
            if self._client is None:
                client = storage.Client(project=None)
                client._bucket_metadata_cache = None  # noqa: SLF001  (asks for the bucket behind our back, and retries)
                session = client._http  # noqa: SLF001  (the session that the client itself hands to its requests)
                session.max_redirects = 0
                for scheme in ("https://", "http://"):
                    session.mount(scheme, _Timely(self._until))
                self._client = client
            return self._client.bucket(self._name)


class _Timely(HTTPAdapter):
    """Lets the body of a response come until the thread's request should have ended, and no longer; that of an error,
    which somebody may forget to read, at once."""

    def __init__(self, until: local) -> None:
        super().__init__(pool_connections=2, pool_maxsize=16)
        self._until = until

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().send(*args, **kwargs)
        raw, until_s = response.raw, self._until.s
        most_bytes = _LONGEST_ERROR if response.status_code >= 400 else _LONGEST_BODY

        def stream(amt: int = 2**16, decode_content: bool | None = None) -> Iterator[bytes]:
            size_bytes = 0
            while data := raw.read1(amt, decode_content=decode_content):
                size_bytes += len(data)
                if time.monotonic() > until_s or size_bytes > most_bytes:
                    raw.close()
                    raise requests.exceptions.Timeout("the body came too slowly, or was too long")
                yield data

        raw.stream = stream
        if response.status_code >= 400:
            response.content  # noqa: B018  (reads it, and gives the connection back)
        return response


class _Sink:
    """Takes the bytes of a download, and no more than `most`."""

    def __init__(self, most: int) -> None:
        self.data = bytearray()
        self._most = most

    def write(self, data: bytes) -> None:
        """Take some more. Raises BadAnswer."""
        if len(self.data) + len(data) > self._most:
            raise BadAnswer("more bytes arrived than it should have")
        self.data += data


def _unpacked(data: bytes, most_bytes: int) -> bytes:
    try:
        plain = zlib.decompressobj(wbits=31).decompress(data, most_bytes + 1)
    except zlib.error:
        raise ServiceRefused("it says that it is compressed and cannot be unpacked") from None
    if len(plain) > most_bytes:
        raise ServiceRefused(f"it unpacks to more than {most_bytes >> 20} MiB")
    return plain


@contextmanager
def _understood() -> Iterator[None]:
    """The client takes what it is told for a description of objects, and stumbles over what is none."""
    try:
        yield
    except (GoogleAuthError, requests.RequestException):  # some of these are ValueErrors as well
        raise
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise BadAnswer("the bucket's answer is none") from error


def _stored(blob: Any) -> Stored:
    size_bytes, generation = int(blob.size), int(blob.generation)
    if not isinstance(blob.name, str) or not blob.crc32c or size_bytes < 0:
        raise ValueError
    texts = (blob.crc32c, blob.md5_hash, blob.content_type, blob.content_encoding)
    return Stored(blob.name, size_bytes, generation, *(str(text or "") for text in texts))
