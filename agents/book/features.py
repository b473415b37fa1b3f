"""What can be switched on and off: each feature with its setting, its meaning, and what it costs."""

from collections.abc import Callable
from dataclasses import dataclass

from agents.book.settings import Settings


@dataclass(frozen=True, slots=True)
class Feature:
    """One switch: the setting that it stands in, what is on in these words, and its cost in time or money."""

    setting: str
    meaning: str
    cost: str
    is_on: Callable[[Settings], bool]

    @property
    def default(self) -> str:
        """Whether it is on where nobody says."""
        return "on" if self.is_on(Settings.model_validate({})) else "off"


FEATURES = (
    Feature(
        "language",
        "OpenAI proposes the story, writes the pages and criticises them",
        "about a cent a page; captions, names and what the pictures show go to OpenAI",
        lambda settings: settings.language == "openai",
    ),
    Feature(
        "vision",
        "OpenAI describes each picture once, and pairing uses the description as well",
        "about a tenth of a cent a picture; small copies of the pictures go to OpenAI",
        lambda settings: settings.vision == "openai",
    ),
    Feature(
        "moderation",
        "OpenAI checks pictures, texts, titles and captions, where anything goes to OpenAI at all",
        "no money; one more call for each picture and page",
        lambda settings: settings.is_moderated,
    ),
    Feature(
        "vectors",
        "a Qdrant server keeps the pictures of all books, for `similar`",
        "some calls a book; vectors and paths of the pictures go to the server",
        lambda settings: settings.vectors == "qdrant",
    ),
    Feature(
        "upload",
        "the finished book is put into a bucket of Google Cloud Storage as well (`--upload`)",
        "the traffic of a book; whoever may read the bucket may read the book",
        lambda settings: bool(settings.upload),
    ),
    Feature(
        "traces",
        "how long each step and call took goes to where `OTEL_EXPORTER_OTLP_ENDPOINT` says",
        "names of roles and models go to that place; no picture, name, path or text",
        lambda settings: settings.traces,
    ),
    Feature(
        "fallback",
        "the offline storyteller steps in for a page that a service fails at, and the book says so",
        "a plainer page",
        lambda settings: settings.fallback,
    ),
    Feature(
        "straighten",
        "photographed sheets of paper are found, straightened and whitened",
        "some 0.1 s a drawing",
        lambda settings: settings.straighten,
    ),
    Feature(
        "near_duplicates",
        "all but the first of renderings that look alike are dropped (`drop`)",
        "renderings that somebody may miss",
        lambda settings: settings.near_duplicates == "drop",
    ),
    Feature(
        "strict",
        "the run fails instead of leaving a page out",
        "a run that may have to be resumed",
        lambda settings: settings.strict,
    ),
)
"""All features, in the order of the README's table."""
