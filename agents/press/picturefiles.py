"""The picture files of a web page or an e-book: each once, however often it is shown."""

from collections.abc import Iterator

from agents.book.design import PlacedPicture
from agents.press.album import Album
from agents.press.htmlview import ImageFile
from agents.press.scaling import SCREEN_DPI

PressFile = tuple[str, bytes]
"""The path of a file, relative to the book's folder and with forward slashes, and its bytes."""


class PictureShelf:
    """Names the file of each picture in a folder, and holds its bytes only until they are handed on."""

    def __init__(self, album: Album, folder: str) -> None:
        self._album = album
        self._folder = folder
        self._given: set[str] = set()
        self._waiting: list[PressFile] = []

    def image_of(self, picture: PlacedPicture) -> ImageFile:
        """The file of a placed picture, at the resolution of screens."""
        scaled = self._album.scaled(picture, SCREEN_DPI)
        path = f"{self._folder}/{scaled.name}"
        if path not in self._given:
            self._given.add(path)
            self._waiting.append((path, scaled.data))
        return ImageFile(path, scaled.width_px, scaled.height_px)

    def new_files(self) -> Iterator[PressFile]:
        """The files that were named since the last call."""
        while self._waiting:
            yield self._waiting.pop(0)
