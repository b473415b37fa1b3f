"""A person's word on pairs: checked against the source and against itself before anything runs."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from agents.book.settings import Settings
from agents.services.errors import SettingsError


def check_word(settings: Settings, drawings: Iterable[str], renderings: Iterable[str]) -> None:
    """Raise SettingsError, one sentence for the first fault, if `[pairs]`, `[ban]` or `[order]` of `book.toml` name
    what is not there, or contradict themselves or each other."""
    inputs, outputs = set(drawings), set(renderings)
    for name, table in (("pairs", settings.pairs), ("ban", settings.ban), ("order", settings.order)):
        for drawing, named in table.items():
            _check_known(name, drawing, inputs, "drawing")
            for rendering in named:
                _check_known(name, rendering, outputs, "rendering")
            if (twice := _twice(named)) is not None:
                raise SettingsError(f"book.toml: [{name}] names {twice!r} twice for {drawing!r}: take one away")
    owner = _owners("pairs", settings.pairs)
    _owners("order", settings.order)
    _check_agreement(settings, owner)


def _check_agreement(settings: Settings, owner: Mapping[str, str]) -> None:
    for rendering, drawing in owner.items():
        if rendering in settings.ban.get(drawing, ()):
            raise SettingsError(
                f"book.toml: [pairs] gives {rendering!r} to {drawing!r} and [ban] forbids it: take one of them away"
            )
    for drawing, named in settings.order.items():
        for rendering in named:
            if owner.get(rendering, drawing) != drawing or rendering in settings.ban.get(drawing, ()):
                raise SettingsError(
                    f"book.toml: [order] puts {rendering!r} on the page of {drawing!r}, where [pairs] or [ban] do not "
                    "let it be: take one of them away"
                )


def _check_known(table: str, path: str, known: set[str], kind: str) -> None:
    if path not in known:
        close = get_close_matches(path, list(known), 1)
        meant = f" (did you mean {close[0]}?)" if close else f": write the path of a {kind} below the source"
        raise SettingsError(f"book.toml: [{table}] names {path!r}, which is no {kind} of the source{meant}")


def _twice(named: Sequence[str]) -> str | None:
    return next((each for index, each in enumerate(named) if each in named[:index]), None)


def _owners(table: str, pairs: Mapping[str, Sequence[str]]) -> dict[str, str]:
    owner: dict[str, str] = {}
    for drawing, named in pairs.items():
        for rendering in named:
            if (other := owner.setdefault(rendering, drawing)) != drawing:
                raise SettingsError(
                    f"book.toml: [{table}] gives {rendering!r} to {other!r} and to {drawing!r}: it has only one page"
                )
    return owner
