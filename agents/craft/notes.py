"""Notes: what a picture file says of where it comes from, as image models and editors write it, and never when.

Read are PNG's text chunks, EXIF's descriptions, XMP and comments. Of all that only three things are kept: file names
that are mentioned, identifiers, and plain words; the text itself goes no further.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from agents.book.picture import Notes
from agents.craft.formats import PICTURE_SUFFIXES
from agents.craft.names import name_words

_MOST_CHARACTERS: Final = 100_000
_MOST_KEPT: Final = 300
_APART: Final = r"\s\"'<>|:/\\=,;()\[\]{}"
_SUFFIXES: Final = "|".join(sorted(suffix[1:] for suffix in PICTURE_SUFFIXES))
_FILE_NAME: Final = re.compile(rf"(?i)(?<![^{_APART}])[^{_APART}]{{1,80}}\.(?:{_SUFFIXES})\b")
_QUOTED_NAME: Final = re.compile(rf"(?i)(?<=[\"'>/\\])[^\"'<>|:/\\]{{1,80}}\.(?:{_SUFFIXES})(?=[\"'<])")
_IDENTIFIER: Final = re.compile(
    r"(?i)(?<![0-9a-z])(?:[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-z])"
)
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_MARKUP: Final = re.compile(r"</?[\w:.-]{1,80}|(?<![\w:.-])[\w:.-]{1,80}=(?=[\"'])|\b[a-z]{1,10}://\S+")
_TEXT_TAGS: Final = (
    ExifTags.Base.ImageDescription,
    ExifTags.Base.DocumentName,
    ExifTags.Base.PageName,
    ExifTags.Base.XPTitle,
    ExifTags.Base.XPComment,
    ExifTags.Base.XPSubject,
    ExifTags.Base.XPKeywords,
)
_CAMERA_TAGS: Final = (ExifTags.Base.UserComment, ExifTags.Base.ImageUniqueID)
_NOT_TEXT: Final = frozenset({"icc_profile", "exif", "photoshop", "mp", "mpoffset", "transparency"})
_ENCODINGS: Final = {b"ASCII\0\0\0": "ascii", b"UNICODE\0": "utf-16", b"JIS\0\0\0\0\0": "iso2022_jp"}


@dataclass(frozen=True, slots=True)
class Source:
    """A drawing as notes may speak of it: its path, the SHA-256 of its file in hex, and its own notes."""

    path: str
    digest: str
    notes: Notes


def notes_of(image: Image.Image) -> Notes:
    """The notes in an opened picture; a PNG may hold some behind its pixels, so load it first. Damaged ones are passed
    over; of each text at most 100,000 characters are read."""
    texts = [text[:_MOST_CHARACTERS] for text in (*_texts_of_info(image.info), *_texts_of_exif(image))]
    names = (found for text in texts for found in _names_in(text))
    identifiers = (found.replace("-", "").lower() for text in texts for found in _IDENTIFIER.findall(text))
    words = (word.casefold() for text in texts for word in _WORD.findall(_MARKUP.sub(" ", text)))
    return Notes(_kept(names), _kept(identifiers), _kept(words))


def notes_likeness(sources: Sequence[Source], outputs: Sequence[Notes]) -> NDArray[np.float64]:
    """How surely the notes of each output speak of each drawing, 0..1: shape (outputs, sources).

    1 where an output names the drawing's file, bears the digest of its file, or an identifier that this drawing alone
    bears. Else the share of the drawing's words (of its file name and its own title), weighed by how rare they are
    among the drawings, that an output's words (its prompt) hold.
    """
    bearers = Counter(each for source in sources for each in set(source.notes.identifiers))
    words = [_words_of(source) for source in sources]
    weight = _weights(words)
    wholes = [math.fsum(weight[word] for word in sorted(held)) for held in words]
    likeness = np.zeros((len(outputs), len(sources)))
    for row, output in enumerate(outputs):
        said, names, identifiers = set(output.words), set(output.names), set(output.identifiers)
        for column, source in enumerate(sources):
            own = {each for each in source.notes.identifiers if bearers[each] == 1} | {source.digest.lower()}
            if _file_name(source.path) in names or own & identifiers - {""}:
                likeness[row, column] = 1.0
            elif said and wholes[column]:
                shared = math.fsum(weight[word] for word in sorted(words[column] & said))
                likeness[row, column] = shared / wholes[column]
    return likeness


def _file_name(path: str) -> str:
    return path.rpartition("/")[2].casefold()


def _words_of(source: Source) -> frozenset[str]:
    return frozenset({*name_words(source.path), *source.notes.words})


def _weights(words: Iterable[frozenset[str]]) -> Mapping[str, float]:
    held = list(words)
    bearers = Counter(word for each in held for word in each)
    return {word: math.log((len(held) + 1) / (count + 0.5)) for word, count in bearers.items()}


def _kept(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(found)))[:_MOST_KEPT]


def _names_in(text: str) -> Iterator[str]:
    for pattern in (_FILE_NAME, _QUOTED_NAME):
        for found in pattern.findall(text):
            yield found.casefold()


def _texts_of_info(info: Mapping[str | tuple[int, int], object]) -> Iterator[str]:
    for key, value in info.items():
        if key not in _NOT_TEXT and isinstance(value, str | bytes):
            yield value if isinstance(value, str) else _plain(value)


def _texts_of_exif(image: Image.Image) -> Iterator[str]:
    try:
        exif = image.getexif()
        camera = exif.get_ifd(ExifTags.IFD.Exif)
        values = [*(exif.get(tag) for tag in _TEXT_TAGS), *(camera.get(tag) for tag in _CAMERA_TAGS)]
    except Exception:  # damaged EXIF says nothing
        return
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, bytes):
            yield _plain(value)


def _plain(value: bytes) -> str:
    """Text of EXIF and XMP, whichever of their ways it is written in."""
    if (encoding := _ENCODINGS.get(value[:8])) is not None:
        return value[8:].decode(encoding, "ignore")
    is_wide = value[1::2].count(0) * 4 > len(value)
    return value.decode("utf-16-le" if is_wide else "utf-8", "ignore")
