"""The settings of a book: every knob that there is, with its default, its limits and its meaning."""

import datetime as dt
import re
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from agents.book.design import Theme, Trim
from agents.book.prices import Price, known_price

NO_DATE = "2026-01-01"
"""The date of a book that names none, so that the same book has the same bytes on any day."""


class Format(StrEnum):
    """What a book is made as."""

    HTML = "html"
    PDF = "pdf"
    EPUB = "epub"
    PRINT = "print"


class Printer(StrEnum):
    """For whom the files of the format `print` are made."""

    KDP = "kdp"
    INGRAMSPARK = "ingramspark"


def _prefix(value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError("must be a folder below the source, like inputs/")
    return f"{path}/"


def _iso_date(value: str) -> str:
    try:
        return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError("must be a date like 2026-05-01") from None


def _language_tag(value: str) -> str:
    if not re.fullmatch(r"en(-[A-Z]{2})?", value):
        raise ValueError("must be en (the offline storyteller writes English)")
    return value


def _bucket_place(value: str) -> str:
    if not re.fullmatch(r"(gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/.*)?)?", value):
        raise ValueError("must be a place like gs://bucket/prefix")
    return value.rstrip("/")


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Prefix = Annotated[str, AfterValidator(_prefix)]
IsoDate = Annotated[str, AfterValidator(_iso_date)]
Model = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[\w.:/-]+$")]
Upload = Annotated[str, AfterValidator(_bucket_place)]
Formats = Annotated[tuple[Format, ...], Field(min_length=1)]


def _none_lifts(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() == "none" else value


Number = TypeVar("Number", int, float)
Lifted = Annotated[Number | None, BeforeValidator(_none_lifts)]
"""A cap, which the word `none` lifts."""


class Settings(BaseModel):
    """All settings of one book; frozen, and complete once it exists."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: Line = Field("", description="The title; without one, the author's name makes it.")
    author: Line = Field("", description="The child whose drawings these are.")
    age: int = Field(5, ge=3, le=7, description="The reader's age in years, 3 to 7: sets words and sentences.")
    dedication: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = Field(
        "", description="A dedication, on a page of its own."
    )
    book_language: Annotated[str, AfterValidator(_language_tag)] = Field(
        "en", description="The language of the book (`language` in `book.toml`)."
    )
    date: IsoDate = Field(NO_DATE, description="The date in the documents, as 2026-05-01.")
    captions: dict[str, Line] = Field({}, description="Captions by picture (table `[captions]` in `book.toml`).")
    text: dict[str, Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]] = Field(
        {}, description="Fixed page text by picture (table `[text]` in `book.toml`), kept to the letter."
    )
    pairs: dict[str, tuple[str, ...]] = Field(
        {}, description="Renderings by the drawing they belong to (table `[pairs]` in `book.toml`)."
    )
    ban: dict[str, tuple[str, ...]] = Field(
        {}, description="Renderings by a drawing they do not belong to (table `[ban]` in `book.toml`)."
    )
    order: dict[str, tuple[str, ...]] = Field(
        {}, description="Renderings of a drawing in the order of their cells (table `[order]` in `book.toml`)."
    )
    seed: int = Field(0, ge=0, lt=2**32, description="Another seed tells another story.")
    input_prefix: Prefix = Field("inputs/", description="Where the drawings lie below the source.")
    output_prefix: Prefix = Field("outputs/", description="Where the renderings lie below the source.")
    out: str = Field("books", min_length=1, description="The folder that finished books are put into.")
    formats: Formats = Field(
        (Format.HTML, Format.PDF, Format.EPUB), description="What to make: some of html, pdf, epub, print."
    )
    trim: Trim = Field(Trim.SQUARE, description="The size of a page: square (8.5 x 8.5 in), 8x10 (in), a4-landscape.")
    theme: Theme = Field(Theme.CALM, description="Papers, inks and ornaments: calm, bright, night.")
    printer: Printer = Field(Printer.KDP, description="For whom the format print is made: kdp, ingramspark.")
    max_pages: int | None = Field(None, ge=1, description="At most so many pages; the surest pairs stay.")
    flag_below: float = Field(0.7, ge=0, le=1, description="Pairs less sure than this are flagged for a person.")
    max_reworks: int = Field(2, ge=0, le=10, description="How often a page is redone before it stays as it is.")
    strict: bool = Field(False, description="Fail the run instead of leaving a page out.")
    fallback: bool = Field(True, description="Let the offline storyteller step in where a service fails.")
    max_pictures: int = Field(2000, ge=1, description="At most so many pictures in a source.")
    max_picture_bytes: int = Field(64 * 2**20, ge=1, description="Larger picture files are left out.")
    max_picture_pixels: int = Field(64_000_000, ge=1, description="Pictures with more pixels are left out.")
    straighten: bool = Field(True, description="Find, straighten and whiten photographed sheets of paper.")
    near_duplicates: Literal["apart", "drop"] = Field(
        "apart", description="Renderings that look alike: keep them apart on their page, or drop all but the first."
    )
    language: Literal["offline", "openai"] = Field("offline", description="Who tells the story: offline, openai.")
    vision: Literal["offline", "openai"] = Field("offline", description="Who looks at the pictures: offline, openai.")
    vectors: Literal["memory", "qdrant"] = Field("memory", description="Where likeness is indexed: memory, qdrant.")
    min_pages: int = Field(1, ge=1, description="With fewer pages left, the run fails instead of making a book.")
    drain_s: float = Field(5.0, ge=0, le=600, description="Seconds for what is in hand when a run is stopped.")
    durability: Literal["full", "normal"] = Field(
        "full", description="Whether the journal outlives a loss of power (full), or only of the process (normal)."
    )
    keep_days: float = Field(90.0, ge=0, description="Runs that ended longer ago are forgotten.")
    monitor: int | None = Field(None, ge=0, le=65535, description="Answer health on this local port during the run.")
    traces: bool = Field(False, description="Send traces to where OTEL_EXPORTER_OTLP_ENDPOINT says (extra otel).")
    log_form: Literal["auto", "human", "json"] = Field(
        "auto", description="How log lines look on stderr: human, json, or auto: human on a terminal, else json."
    )
    in_flight: int = Field(16, ge=1, le=1024, description="Steps in hand at the same time, over all agents.")
    threads: int = Field(4, ge=1, le=64, description="Threads for blocking work.")

    moderation: bool | None = Field(None, description="Have pictures and texts moderated; by default when online.")
    language_model: Model = Field("gpt-5-mini", description="The model that tells the story.")
    vision_model: Model = Field("gpt-5-mini", description="The model that describes the pictures.")
    embedding_model: Model = Field("text-embedding-3-small", description="The model that makes vectors of texts.")
    moderation_model: Model = Field("omni-moderation-latest", description="The model that moderates.")
    prices: dict[Model, Price] = Field({}, description="Prices of models that are not known, or other ones.")
    service_concurrency: int = Field(8, ge=1, le=64, description="Calls to OpenAI or Qdrant at the same time.")
    requests_per_minute: int = Field(500, ge=1, le=1_000_000, description="At most so many calls to OpenAI a minute.")
    tokens_per_minute: int = Field(200_000, ge=1000, description="At most so many tokens to OpenAI a minute.")
    max_cost_usd: Lifted[float] = Field(5.0, gt=0, allow_inf_nan=False, description="A run stops at so many dollars.")
    max_calls: Lifted[int] = Field(None, ge=1, description="A run stops at so many paid calls.")
    max_tokens: Lifted[int] = Field(None, ge=1, description="A run stops at so many tokens.")

    upload: Upload = Field("", description="A place gs://bucket/prefix that the finished book is put into as well.")
    storage_deadline_s: float = Field(
        60.0, gt=0, le=3600, description="Seconds that a small object in a bucket may take, retries included."
    )

    @model_validator(mode="after")
    def _keep_heaps_apart(self) -> Self:
        one, other = self.input_prefix, self.output_prefix
        if one.startswith(other) or other.startswith(one):
            raise ValueError(f"input_prefix ({one}) and output_prefix ({other}) must be two folders, none in the other")
        return self

    @property
    def is_online(self) -> bool:
        """Whether pictures or texts go to OpenAI."""
        return "openai" in (self.language, self.vision)

    @property
    def is_moderated(self) -> bool:
        """Whether pictures and texts are moderated, which takes OpenAI."""
        return self.is_online and self.moderation is not False

    @property
    def models(self) -> tuple[str, ...]:
        """The models that a run with these settings calls."""
        telling = (self.language_model,) if self.language == "openai" else ()
        looking = (self.vision_model, self.embedding_model) if self.vision == "openai" else ()
        return (*telling, *looking, *((self.moderation_model,) if self.is_moderated else ()))

    def price(self, model: str) -> Price | None:
        """What a model costs: as `prices` says, else as is known; None when nobody knows."""
        return self.prices.get(model) or known_price(model)

    @property
    def shown_title(self) -> str:
        """The title that the book bears."""
        return self.title or (f"{self.author}’s Picture Book" if self.author else "My Picture Book")

    @property
    def slug(self) -> str:
        """The name of the book's folder: the title in lower case ASCII, else `book`."""
        plain = self.shown_title.replace("’", "").encode("ascii", "ignore").decode().lower()
        return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "book"
