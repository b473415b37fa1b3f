"""The passages that a page may use, in reading order: its station's, and those of its drawing and its way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agents.book.story import PageBrief
from agents.craft.story.chance import dealt, generator, spread
from agents.craft.story.fit import ESSENTIAL, Passage
from agents.craft.story.hero import is_drawn, is_hero
from agents.craft.story.lexicon import Sort
from agents.craft.story.outline import Station
from agents.craft.story.pools import asides, replies, sights, ways
from agents.craft.story.shape import Shape
from agents.craft.story.subject import Subject
from agents.craft.story.words import fill, slots

REFRAIN_EVERY = 3
COUNT_EVERY = 4
MOST_COUNTED = 16
LONGEST_NOUN_WORDS = 6

_CARRIES = (*asides.ONWARD, *asides.SETBACKS)


@dataclass(frozen=True, slots=True)
class Page:
    """One page to be written: its brief, what was read out of it, and the values of all slots."""

    brief: PageBrief
    shape: Shape
    station: Station
    subject: Subject
    values: Mapping[str, str]
    seed: int

    @property
    def place(self) -> int:
        """The page's place in the book from 0."""
        return self.brief.number - 1

    @property
    def is_about_hero(self) -> bool:
        """Whether the drawing shows the hero itself."""
        return is_hero(self.subject, self.brief.hero)

    @property
    def names_thing(self) -> bool:
        """Whether the drawing shows something that can be met by name."""
        return bool(self.subject.a) and not self.is_about_hero

    @property
    def is_grave(self) -> bool:
        """Whether the page should be left alone with its event: jokes come in only where words are missing."""
        return self.station in {Station.LOW, Station.TURN, Station.ENDING}

    @property
    def is_expected(self) -> bool:
        """Whether the page before has ended on a look towards this drawing (see `voice`)."""
        before, here = self.brief.beat_before, self.brief.beat.subject
        return before is not None and self.brief.number % 2 == 0 and here not in {"", before.subject}

    def deal(self, pool: Sequence[str], name: str, place: int | None = None) -> str:
        """The page's own template of a pool: no two pages share one while the pool lasts."""
        return dealt(pool, self.place if place is None else place, self.seed, name)


def passages(page: Page) -> list[Passage]:
    """All passages of a page in reading order, filled, each with its worth."""
    return [*_drafts(page)]


def _drafts(page: Page) -> Iterator[Passage]:
    chance = generator("worth", page.seed, page.brief.number)
    for slot, template, worth, needs in _plan(page):
        if all(_has(page.values, name) for name in slots(template)):
            text = fill(template, page.values).replace("…,", "…")
            yield Passage(slot, text, worth + chance.random() * 1.5, needs)


def _has(values: Mapping[str, str], name: str) -> bool:
    return name in values or name[:1].lower() + name[1:] in values


_Draft = tuple[str, str, float, str]
"""Slot, template, worth, and the slot of the passage that it answers to."""


def _plan(page: Page) -> Iterable[_Draft]:
    match page.station:
        case Station.WHOLE:
            return (
                *_introduction(page),
                *_sight(page),
                *_opening(page),
                *_spare(page),
                *_refrain(page),
                *_ending(page),
            )
        case Station.OPENING:
            return (*_introduction(page), *_sight(page), *_opening(page), *_spare(page), *_refrain(page), *_hook(page))
        case Station.TRY:
            return (*_way_in(page), *_sight(page), *_encounter(page), *_deed(page), *_outcome(page), *_aside(page),
                    *_refrain(page), *_hook(page))  # fmt: skip
        case Station.ENDING:
            return (*_way_in(page), *_sight(page), *_reply(page, 2.0), *_spare(page), *_refrain(page), *_ending(page))
        case _:
            return (*_way_in(page), *_sight(page), *_reply(page, 4.0), *_event(page), *_carry(page), *_aside(page),
                    *_refrain(page), *_hook(page))  # fmt: skip


def _introduction(page: Page) -> Iterator[_Draft]:
    hero = page.brief.hero
    pool: Sequence[str]
    if is_drawn(hero):
        pool = asides.INTRODUCTIONS_DRAWN
    elif hero.name.startswith("the "):
        pool = asides.INTRODUCTIONS_COMMON
    elif hero.noun and hero.noun not in hero.name and len(hero.noun.split()) <= LONGEST_NOUN_WORDS:
        pool = asides.INTRODUCTIONS_NAMED
    else:
        pool = asides.INTRODUCTIONS_BARE
    yield "introduction", page.deal(pool, "introduction"), ESSENTIAL, ""


def _opening(page: Page) -> Iterator[_Draft]:
    usable = [opening for opening in page.shape.openings if "{want}" not in opening or "want" in page.values]
    yield "opening", page.deal(usable, "opening"), ESSENTIAL + 20, ""
    if page.station is Station.OPENING:
        yield "want", page.deal(page.shape.wants, Station.WANT, 1), 9.0, ""
    summary = _foreign_summary(page)
    if summary:
        yield "summary", summary, 8.0, ""


def _way_in(page: Page) -> Iterator[_Draft]:
    """From the page before to this one."""
    if page.brief.scene.part > 1:
        return
    if "before" in page.values:
        yield "goodbye", page.deal(ways.GOODBYES, "goodbye", page.place // 2), 7.0, ""
    elif page.station is Station.ENDING:
        yield "arrival", page.deal(ways.LAST, "last"), 6.0, ""
    else:
        yield "arrival", page.deal(ways.ARRIVALS, "arrival"), 4.0, ""
    yield "steps", page.deal(ways.STEPS, "steps"), -3.0 if page.is_grave else -1.0, ""


def _sight(page: Page) -> Iterator[_Draft]:
    """What is to be seen: said once in any case, with a word about the colours where there is room."""
    subject, place = page.subject, page.place
    coloured = "colour" in page.values
    colours: _Draft = ("colours", page.deal(sights.COLOURED, "coloured"), 2.0, "")
    if page.brief.scene.part > 1:
        yield "sight", page.deal(ways.AGAIN, "again"), ESSENTIAL, ""
        yield "closer", page.deal(sights.PLAIN, "plain"), 2.0, ""
    elif page.names_thing:
        if page.is_expected:
            yield "sight", page.deal(sights.EXPECTED, "expected", place // 2), ESSENTIAL, ""
        else:
            yield "sight", page.deal(sights.NAMED, "named"), ESSENTIAL, ""
    elif subject.label and not _is_introduced(page):
        own = page.is_about_hero and page.brief.page_count <= len(sights.OWN)
        yield "sight", page.deal(sights.OWN if own else sights.QUOTED, "quoted"), ESSENTIAL, ""
    elif coloured and place % 3 != 2:
        yield "sight", page.deal(sights.COLOURED, "coloured"), ESSENTIAL, ""
        colours = ("colours", page.deal(sights.PLAIN, "plain"), 2.0, "")
    else:
        yield "sight", page.deal(sights.PLAIN, "plain"), 3.0 if subject.label else ESSENTIAL, ""
    yield colours


def _is_introduced(page: Page) -> bool:
    """Whether the first page's introduction has said all that the caption says."""
    hero = page.brief.hero
    told = (hero.name, f"{hero.name} the {hero.noun}", page.subject.a if hero.name.startswith("the ") else "")
    first = page.station in {Station.OPENING, Station.WHOLE}
    return first and page.is_about_hero and bool(page.subject.a) and page.subject.a in told


def _encounter(page: Page) -> Iterator[_Draft]:
    """The hero turns to the drawing about the want, and the drawing answers in its way."""
    meeting = _rationed(page, page.shape.meetings, "meeting") if page.names_thing else ""
    if meeting:
        yield "meeting", meeting, 8.0, ""
    yield from _reply(page, 6.0)


def _reply(page: Page, worth: float) -> Iterator[_Draft]:
    if not page.names_thing:
        yield "reply", page.deal(replies.NOBODY, "nobody"), worth, ""
        return
    special = _rationed(page, replies.BY_SORT.get(page.subject.sort, ()), "sort")
    if special:
        yield "reply", special, worth, ""
    elif page.subject.sort is Sort.CREATURE:
        yield "reply", page.deal(replies.CREATURE, "creature"), worth, ""
    else:
        yield "reply", page.deal(replies.THING, "thing"), worth, ""


def _rationed(page: Page, pool: Sequence[str], name: str) -> str:
    """A template of a small pool, dealt out evenly over the book and never twice; empty on the pages between."""
    if not pool:
        return ""
    every = -(-page.brief.page_count // len(pool))
    turn, rest = divmod(page.place, every)
    return page.deal(pool, name, turn) if rest == page.seed % every else ""


def _deed(page: Page) -> Iterator[_Draft]:
    shape, place = page.shape, page.place
    if shape.is_ordered:
        filler = spread(shape.fillers, place, page.brief.page_count)
    else:
        filler = page.deal(shape.fillers, "filler")
    yield "deed", page.deal(shape.frames, "frame").replace("{filler}", filler), ESSENTIAL, ""
    if shape.growth:
        growth = spread(shape.growth, place, page.brief.page_count)
        yield "growth", page.deal(shape.growth_frames, "growth").replace("{growth}", growth), 9.0, "deed"
    summary = _foreign_summary(page)
    if summary:
        yield "summary", summary, 8.0, ""


def _outcome(page: Page) -> Iterator[_Draft]:
    counts_pages = any("number_word" in template.lower() for template in page.shape.results)
    if counts_pages:
        yield "result", page.deal(page.shape.results, "result"), 3.0, "deed"
    else:
        result = _rationed(page, page.shape.results, "result")
        if result:
            yield "result", result, 5.0, "deed"
    yield from _carry(page)


def _carry(page: Page) -> Iterator[_Draft]:
    if page.station in {Station.TRY, Station.ALMOST}:
        pool = _CARRIES if page.shape.fails else asides.ONWARD
        yield "carry", page.deal(pool, "carry"), 3.0, ""


def _event(page: Page) -> Iterator[_Draft]:
    """What the plot brings at this station."""
    shape = page.shape
    pools = {Station.WANT: shape.wants, Station.TROUBLE: shape.troubles, Station.ALMOST: shape.almosts,
             Station.LOW: shape.lows, Station.TURN: shape.turns}  # fmt: skip
    second = page.station is Station.ALMOST and 2 * page.brief.number > page.brief.page_count
    yield "event", page.deal(pools[page.station], page.station, int(second)), ESSENTIAL, ""
    summary = _foreign_summary(page)
    if summary:
        yield "summary", summary, 8.0, ""


def _ending(page: Page) -> Iterator[_Draft]:
    if page.station is Station.WHOLE:
        yield "event", page.deal(page.shape.turns, Station.TURN, 0), 12.0, ""
    yield "ending", page.deal(page.shape.endings, "ending", 0), ESSENTIAL + 30, ""


def _aside(page: Page) -> Iterator[_Draft]:
    """How the hero feels, a word to the reader, the count of the pictures that face the page."""
    less = 3.0 if page.is_grave else 0.0
    yield "trail", page.deal(asides.TRAILS, "trail"), 1.5 - less, ""
    if page.station in {Station.LOW, Station.TURN}:
        last = len(asides.TRAILS) - 1 - (page.station is Station.LOW)
        yield "spare", page.deal(asides.TRAILS, "trail", last), -2.0, ""
    yield "aside", page.deal(asides.ASIDES, "aside"), 2.0 - less, ""
    yield "murmur", page.deal(asides.MURMURS, "murmur"), -4.0, ""
    count = len(page.brief.renderings)
    turn, rest = divmod(page.place, COUNT_EVERY)
    if rest == page.seed % COUNT_EVERY and 1 < count <= MOST_COUNTED:
        yield "count", page.deal(asides.COUNTS, "count", turn), 4.0, ""


def _spare(page: Page) -> Iterator[_Draft]:
    """More words to the reader for first and last pages, taken from the end of the pack."""
    last = len(asides.ASIDES) - 1
    ends = page.station is Station.ENDING
    yield "trail", page.deal(asides.TRAILS, "trail"), -2.0, ""
    yield "steps", page.deal(ways.STEPS, "steps", len(ways.STEPS) - 1 - ends), -4.0, ""
    yield "murmur", page.deal(asides.MURMURS, "murmur"), -4.0, ""
    yield "aside", page.deal(asides.ASIDES, "aside"), -2.0, ""
    yield "spare", page.deal(asides.ASIDES, "aside", last - ends), -3.0, ""


def _refrain(page: Page) -> Iterator[_Draft]:
    brief = page.brief
    ends = page.station in {Station.WHOLE, Station.OPENING, Station.ENDING}
    due = page.place % REFRAIN_EVERY == 0 and page.station is not Station.TURN
    short = 0 < len(brief.refrain.split()) <= 12 and "{" not in brief.refrain
    if short and (ends or due or brief.page_count <= REFRAIN_EVERY):
        yield "refrain", brief.refrain, 20.0, ""


def _hook(page: Page) -> Iterator[_Draft]:
    """A look towards the next page."""
    if "after" in page.values:
        yield "hook", page.deal(ways.HOOKS, "hook", page.place // 2), 7.0, ""


def _foreign_summary(page: Page) -> str:
    """The sentence of a beat that was planned elsewhere, if it can be read out as it is."""
    summary = page.brief.beat.summary.strip()
    own = page.brief.beat.kind.startswith(f"{page.shape.name}/")
    plain = summary.endswith((".", "!", "?")) and 3 <= len(summary.split()) <= 13 and not set("{}<>\n") & set(summary)
    return summary if plain and not own else ""
