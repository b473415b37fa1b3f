"""Pictures: what stands in the source, what could be read of it, and what was left out."""

from dataclasses import dataclass
from enum import StrEnum

from swarm import Blob


class Heap(StrEnum):
    """Which of the two heaps of pictures one lies in."""

    INPUT = "input"
    OUTPUT = "output"


class Reason(StrEnum):
    """Why a picture or a page is not in the book."""

    EMPTY = "empty"
    NOT_A_PICTURE = "not-a-picture"
    TRUNCATED = "truncated"
    TOO_LARGE = "too-large"
    UNSUPPORTED = "unsupported"
    UNREADABLE = "unreadable"
    SAME_AS = "same-as"
    FAILED = "failed"
    PAGE_LOST = "page-lost"
    OVER_LIMIT = "over-limit"
    NEAR_DUPLICATE = "near-duplicate"
    BANNED = "banned"
    FLAGGED = "flagged"
    NOT_SCREENED = "not-screened"


@dataclass(frozen=True, slots=True)
class SourcePicture:
    """One object of the source, as listed: the brief of an image step.

    `item` is its path relative to the source, unique within it; `digest` the SHA-256 of its bytes in hex, empty where
    they were not read; `same_as` the earlier path of its heap with the same bytes, if there is one.
    """

    item: str
    heap: Heap
    size_bytes: int
    digest: str
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Omission:
    """A picture that is not in the book, with the reason for machines and the detail for people."""

    path: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Oklab:
    """A colour in OKLab: lightness 0..1, a (green to red) and b (blue to yellow) about -0.4..0.4."""

    lightness: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Swatch:
    """One colour of a palette and the share 0..1 of the picture that it covers."""

    colour: Oklab
    share_ratio: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was read: upright, on white, in sRGB.

    `master` is a JPEG without metadata, with all the detail that the book can use; `thumbnail` one of at most 512 px.
    `width_px` and `height_px` are those of the upright original (of the sheet, where it was straightened),
    `palette` runs from the largest share down.
    """

    path: str
    heap: Heap
    width_px: int
    height_px: int
    master: Blob
    thumbnail: Blob
    mean: Oklab
    palette: tuple[Swatch, ...]

    @property
    def aspect_ratio(self) -> float:
        """Width over height."""
        return self.width_px / self.height_px


class Flaw(StrEnum):
    """What may be wrong with a picture that is in the book all the same."""

    BLURRED = "blurred"
    TINY = "tiny"
    BLANK = "nearly-blank"
    LIKE_ANOTHER = "like-another"


@dataclass(frozen=True, slots=True)
class Blemish:
    """A flaw, and a sentence's part that says it to a person."""

    flaw: Flaw
    detail: str


@dataclass(frozen=True, slots=True)
class Notes:
    """What a picture file says of where it comes from: file names without folders, identifiers in hex, and words; each
    once, in lower case, sorted."""

    names: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Straightened:
    """A photographed sheet that was cut out and straightened.

    `before` is a JPEG of at most 512 px of the photograph, `corners` are the sheet's in shares 0..1 of its width and
    height, top left and on clockwise, `sureness` 0..1 is the least share of a side that could be seen.
    """

    before: Blob
    corners: tuple[tuple[float, float], ...]
    sureness: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What ingest made of one object: a picture with its feature vector, or the reason why not.

    `features` and `mirrored` are 1536 little-endian float16 numbers of unit length (`mirrored`: of the picture
    flipped left to right; empty for renderings), `made_with` names the implementation of the vision port. `notes` is
    what the file says of its source, `blemishes` what is wrong with the picture, `straightened` what was done to it.
    """

    source: SourcePicture
    picture: Picture | None = None
    features: bytes = b""
    mirrored: bytes = b""
    made_with: str = ""
    omission: Omission | None = None
    notes: Notes = Notes()
    blemishes: tuple[Blemish, ...] = ()
    straightened: Straightened | None = None

    def __post_init__(self) -> None:
        if (self.picture is None) == (self.omission is None):
            raise ValueError("a reading holds either a picture or an omission")


@dataclass(frozen=True, slots=True)
class Look:
    """What services made of a picture before it is paired: the categories for which moderation flags it, and what is to
    be seen, in words and as 1536 little-endian float16 numbers of unit length; empty where nobody was asked."""

    flagged: tuple[str, ...] = ()
    description: str = ""
    vector: bytes = b""
    made_with: str = ""
