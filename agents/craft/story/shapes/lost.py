"""Lost and found: something of the hero's has slipped away, and was nearer than anybody thought. Data only."""

from agents.craft.story.shape import Goal, Shape
from agents.craft.story.shapes.places import PLACES

LOST = Shape(
    name="lost",
    goals=tuple(
        Goal(noun, f"to find the lost {noun}", f"the {noun} runs off to another page each time")
        for noun in ("giggle", "song", "whistle", "hum")
    ),
    refrains=(
        "{Goal}, {goal}, where are you?",
        "Up the page and down the page {hero} looked for the {goal}.",
        "Not here, not there, but surely somewhere!",
        "Come out, come out, little {goal}!",
    ),
    openings=(
        (
            "One morning {hero} felt for the {goal}. It was gone! “{I} had it yesterday,” said {hero}. “{I} will look "
            "on every page.”"
        ),
        "{Hero} had lost something. It was not a sock. It was a {goal}! “{I} must find it,” said {hero}.",
        "“Where is {my} {goal}?” said {hero}. It was not up. It was not down. So {hero} went to look for it.",
    ),
    wants=(
        "A day without a {goal} is a flat day. {Hero} wanted it back before bedtime.",
        "It was only a small {goal}. But it was the only one that {hero} had.",
    ),
    troubles=(
        "Then {hero} heard it, far away. The {goal} was running! It did not want to be caught.",
        "Something tickled and was gone. The {goal} had jumped to another page! That made things hard.",
    ),
    frames=(
        "{Hero} looked {filler}.",
        "“Is it {filler}?” asked {hero}.",
        "{Hero} tiptoed up and peeped {filler}.",
        "“{I} bet it is {filler},” said {hero}.",
        "Did the {goal} sit {filler}?",
    ),
    fillers=PLACES,
    meetings=(
        "{Hero} asked {the}: “Have you seen a {goal}?”",
        "“Open up,” said {hero} to {the}. “Is {my} {goal} in there?”",
        "{Hero} looked under {the}, just in case.",
        "“It is small and it is mine,” {hero} told {the}.",
        "Had {the} seen the {goal} go by? {Hero} thought so.",
        "“Any {goal} you find is mine,” {hero} told {the}.",
    ),
    results=(
        "No {goal}.",
        "Only a bit of fluff.",
        "There was a noise, but it was the wrong noise.",
        "The {goal} had been there. The place was still warm.",
        "Nothing, and a lot of it!",
        "{Hero} found an old yawn and put it back.",
        "Was that a {goal}? No, it was a hiccup.",
        "A {goal} does not like to be looked at.",
    ),
    almosts=(
        "“There!” cried {hero}, and jumped. The {goal} slipped away like soap. But now {hero} knew that it was real.",
        "{Hero} had the {goal} by one end! It wriggled. It giggled. It got away.",
    ),
    lows=(
        "{Hero} sat down in the corner. “Maybe it does not like {me},” said {hero}. The page was very still.",
        "There was nowhere left to look. {Hero} felt as flat as paper.",
    ),
    turns=(
        (
            "Then {hero} thought of the whole silly walk. Something began to wobble inside. It wobbled up, and up, "
            "and up!"
        ),
        "{Hero} stopped looking and sat still. And then, deep inside, something moved. Could it be?",
    ),
    endings=(
        (
            "Out it came, bigger than before! The {goal} had been inside all the time. {Hero} passed it round, and "
            "you got some too."
        ),
        (
            "It was the {goal}! It had only been asleep. {Hero} held it close and then shared it with you. There was "
            "plenty."
        ),
    ),
    fails=True,
    curve=(0.2, 0.4, 0.45, 0.6, 0.65, 0.85, 0.9, 0.25),
    keywords=frozenset({"lost", "find", "look", "search", "hidden", "treasure", "key", "map", "where"}),
)
