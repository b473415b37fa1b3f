"""The passages that a page may use, in reading order: how the drawing is met, and the act of the plot."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agents.book.story import PageBrief
from agents.craft.story.chance import dealt, one_of
from agents.craft.story.fit import ESSENTIAL, Passage
from agents.craft.story.hero import is_drawn, is_hero
from agents.craft.story.outline import OWN_TRIES, stations
from agents.craft.story.pools import asides, natures, sights, ways
from agents.craft.story.shape import Act, Shape, Station
from agents.craft.story.subject import Subject
from agents.craft.story.tales import manners
from agents.craft.story.words import fill, number_word, slots

SEEN = ESSENTIAL + 15
"""Worth of the words that say what is on the page."""
REFRAIN_EVERY = 3
COUNT_EVERY = 4
MOST_COUNTED = 16
LONGEST_NOUN_WORDS = 6
LONGEST_REFRAIN_WORDS = 12
FIRST_STATIONS = frozenset({Station.WHOLE, Station.OPENING})
LAST_STATIONS = frozenset({Station.WHOLE, Station.ENDING, Station.FINALE})

CHEERFUL_STATIONS = frozenset({Station.OPENING, Station.TROUBLE, Station.TRY})


@dataclass(frozen=True, slots=True)
class Page:
    """One page to be written: its brief, what was read out of it, and the values of the slots."""

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
    def tries_before(self) -> int:
        """How many tries the book has had before this page."""
        return stations(self.brief.page_count)[: self.place].count(Station.TRY)

    @property
    def tries(self) -> int:
        """How many tries the whole book has."""
        return stations(self.brief.page_count).count(Station.TRY)

    def deal(self, pool: Sequence[str], name: str) -> str:
        """The page's own template of a pool: no two pages share one while the pool lasts."""
        return dealt(pool, self.place, self.seed, name)


_Draft = tuple[str, str, float]
"""Slot, template, worth."""


def passages(page: Page) -> list[Passage]:
    """All passages of a page in reading order, filled, each with its worth."""
    values = {**page.values, **_handed_words(page)}
    drafts = (*_introduction(page), *_way_in(page), *_sight(page), *_act(page), *_aside(page))
    return [
        Passage(slot, fill(template, values).replace("…,", "…"), worth)
        for slot, template, worth in _with_refrain(page, drafts)
        if all(_has(values, name) for name in slots(template))
    ]


def _has(values: Mapping[str, str], name: str) -> bool:
    return name in values or name[:1].lower() + name[1:] in values


def _handed_words(page: Page) -> dict[str, str]:
    """The shape's words that this page has from the tries before it, makes of them, and that the book began with."""
    tally = {"tally": number_word(page.brief.number)}
    ring = page.shape.words
    if not ring:
        return tally
    start, _ = _lead(page)
    at = start + min(page.tries_before, OWN_TRIES)
    return tally | {"word": ring[at % len(ring)], "next": ring[(at + 1) % len(ring)], "first": ring[start % len(ring)]}


def _lead(page: Page) -> tuple[int, str]:
    """The number of the book's first try in the ring, and the words that lead there."""
    troubles = page.shape.acts[Station.TROUBLE]
    leads = one_of(troubles, page.seed, Station.TROUBLE).leads
    return one_of(leads, page.seed, "lead") if leads else (0, "")


def _introduction(page: Page) -> Iterator[_Draft]:
    if page.station not in FIRST_STATIONS:
        return
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
    yield "introduction", one_of(pool, page.seed, "introduction"), ESSENTIAL


def _way_in(page: Page) -> Iterator[_Draft]:
    """From the page before to this one."""
    if page.station in FIRST_STATIONS or page.brief.scene.part > 1:
        return
    if page.station in LAST_STATIONS:
        yield "arrival", page.deal(ways.LAST, "last"), 4.0
    else:
        yield "arrival", page.deal(ways.ARRIVALS, "arrival"), 3.0 if page.place % 2 else 0.0


def _sight(page: Page) -> Iterator[_Draft]:
    """What is to be seen: said once in any case, with a word about the colours where there is room."""
    subject, coloured = page.subject, "colour" in page.values
    named = bool(subject.a) and not page.is_about_hero
    plain: _Draft = ("sight", page.deal(sights.PLAIN, "plain"), SEEN)
    colours: _Draft = ("colours", page.deal(sights.COLOURED, "coloured"), 2.0)
    if page.brief.scene.part > 1:
        yield "sight", page.deal(ways.AGAIN, "again"), SEEN
    elif named:
        yield "sight", page.deal(sights.NAMED, "named"), SEEN
    elif subject.label and not _is_introduced(page):
        own = page.is_about_hero and page.brief.page_count <= len(sights.OWN)
        yield "sight", page.deal(sights.OWN if own else sights.QUOTED, "quoted"), SEEN
    elif not subject.label and (not coloured or page.place % 3 == 2):
        yield plain
    elif not subject.label:
        colours = ("colours", colours[1], SEEN)
    yield colours
    yield "steps", page.deal(ways.STEPS, "steps"), -2.0
    if named and (nature := _nature(page)):
        yield "nature", nature, 5.0


def _nature(page: Page) -> str:
    """A word on the sort of thing that is met, dealt out evenly over the book; empty on the pages between."""
    pool = natures.BY_SORT[page.subject.sort]
    every = -(-page.brief.page_count // len(pool))
    turn, rest = divmod(page.place, every)
    is_due = rest == page.seed % every and page.station in {Station.TRY, Station.TROUBLE}
    return dealt(pool, turn, page.seed, "nature") if is_due else ""


def _is_introduced(page: Page) -> bool:
    """Whether the first page's introduction has said all that the caption says."""
    hero = page.brief.hero
    told = (hero.name, f"{hero.name} the {hero.noun}", page.subject.a if hero.name.startswith("the ") else "")
    return page.station in FIRST_STATIONS and page.is_about_hero and bool(page.subject.a) and page.subject.a in told


def _act(page: Page) -> Iterator[_Draft]:
    """What the plot brings, line by line; of the lines that must stand, the first and the last are dearest."""
    act = _act_of(page)
    texts = _with_pronouns(page, [line.text for line in act.lines])
    for number, line in enumerate(act.lines):
        if number == act.refrain_at:
            yield "refrain", "", 0.0
        is_edge = number in {0, len(act.lines) - 1}
        worth = ESSENTIAL + number + 20 * is_edge if line.is_essential else 8.0 - number / 4
        yield "act", texts[number], worth
    if act.leads:
        yield "lead", _lead(page)[1], ESSENTIAL + 30
    if page.station is Station.ALMOST and page.tries_before < page.tries:
        yield from (("anew", line.text, ESSENTIAL) for line in manners()[Station.ALMOST][0].lines)
    summary = _foreign_summary(page)
    if summary:
        yield "summary", summary, 8.0


def _with_pronouns(page: Page, texts: Sequence[str]) -> list[str]:
    """The lines of an act with every second "said the owl" as "it said", where nobody else can be meant."""
    the, hero = page.values["the"], page.brief.hero
    is_clear = the.startswith("the ") and page.values["s_i"] == "I" and hero.subject != "it"
    parts = "\n".join(texts).split(" said {the}")
    tags = [" it said" if is_clear and number % 2 else " said {the}" for number in range(len(parts) - 1)]
    return "".join(itertools.chain(*zip(parts, [*tags, ""], strict=True))).split("\n")


def _act_of(page: Page) -> Act:
    own = page.shape.acts.get(page.station, ())
    if page.station is not Station.TRY:
        return one_of(own, page.seed, page.station)
    turn = page.tries_before
    if turn < OWN_TRIES and own:
        return own[(_lead(page)[0] + turn) % len(own)]
    ring = manners()[Station.TRY]
    return ring[(turn - (OWN_TRIES if own else 0)) % len(ring)]


def _aside(page: Page) -> Iterator[_Draft]:
    """How the hero feels, and a count of the pictures that face the page; a grave page is left alone with its event."""
    if page.station not in CHEERFUL_STATIONS:
        return
    yield "trail", page.deal(asides.TRAILS, "trail"), -1.0
    count = len(page.brief.renderings)
    turn, rest = divmod(page.place, COUNT_EVERY)
    if rest == page.seed % COUNT_EVERY and 1 < count <= MOST_COUNTED and page.station not in FIRST_STATIONS:
        yield "count", dealt(asides.COUNTS, turn, page.seed, "count"), 3.0


def _with_refrain(page: Page, drafts: Sequence[_Draft]) -> list[_Draft]:
    """The drafts with the refrain in its place, where the page has one."""
    brief = page.brief
    ends = page.station in FIRST_STATIONS | LAST_STATIONS
    due = page.place % REFRAIN_EVERY == 0 and page.station not in {Station.LOW, Station.TURN}
    short = 0 < len(brief.refrain.split()) <= LONGEST_REFRAIN_WORDS and "{" not in brief.refrain
    kept = [draft for draft in drafts if draft[1]]
    if not (short and (ends or due)):
        return kept
    refrain: _Draft = ("refrain", brief.refrain, 20.0)
    at = next((place for place, draft in enumerate(drafts) if not draft[1]), len(kept))
    return [*kept[:at], refrain, *kept[at:]]


def _foreign_summary(page: Page) -> str:
    """The sentence of a beat that was planned elsewhere, if it can be read out as it is."""
    summary = page.brief.beat.summary.strip()
    own = page.brief.beat.kind.startswith(f"{page.shape.name}/")
    plain = summary.endswith((".", "!", "?")) and 3 <= len(summary.split()) <= 13 and not set("{}<>\n") & set(summary)
    return summary if plain and not own else ""
