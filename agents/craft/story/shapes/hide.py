"""Hide-and-seek: the hero hides in every drawing, and the reader seeks. Data only."""

from agents.craft.story.shape import Goal, Shape
from agents.craft.story.shapes.places import PLACES

HIDE = Shape(
    name="hide",
    goals=tuple(
        Goal(noun, f"to find the {noun} in the book", "you look everywhere, and you are good at it")
        for noun in ("best hiding place", "smallest hiding place", "cleverest hiding place")
    ),
    refrains=(
        "Ready or not, where can {hero} be?",
        "Peep, said the paper, but who could it be?",
        "No peeking, no squeaking, we are playing hide-and-seek!",
        "You will never, ever find {hero}!",
    ),
    openings=(
        "“Let us play,” said {hero}. “You count, and {i} hide.” {Hero} wanted the {goal} in the book.",
        (
            "{Hero} loved to hide. “This book is full of places,” said {hero}. “{I} will find the {goal}. Close your "
            "eyes!”"
        ),
        "Shh! {Hero} will hide now. There must be one {goal} where nobody looks. Which page is it on?",
    ),
    wants=(
        "To hide well you must not laugh. You must not hum. {Hero} found that very hard.",
        "“If you find {me}, you win,” said {hero}. “If you do not, {i} win.” That was fair.",
    ),
    troubles=(
        "But you have sharp eyes! Wherever {hero} went, you were looking already. It was not fair at all.",
        "Then {hero} had to giggle. You cannot hide and giggle! The whole page heard it.",
    ),
    frames=(
        "{Hero} hid {filler}.",
        "Could {hero} be {filler}?",
        "Quick as a wink {hero} sat {filler}.",
        "“Do not look {filler},” said a voice.",
        "Was that {hero}, {filler}?",
    ),
    fillers=PLACES,
    meetings=(
        "“You have not seen {me},” {hero} told {the}.",
        "{Hero} stood very still and looked like {the}.",
        "{Hero} asked {the}: “Can {i} hide with you?”",
        "Somebody breathed. Was it {the}?",
        "{The} knew where {hero} {was}, and did not tell.",
        "What a good place to hide: right beside {the}!",
    ),
    results=(
        "You nearly had it.",
        "Cold, cold, a bit warmer, cold!",
        "Warm, warmer, hot! Oh, gone.",
        "Was that a toe? No, only a line.",
        "Somebody was holding their breath.",
        "The paper was thicker in one place.",
        "There was a small “tee-hee”. From where?",
        "You looked. You looked again. Clever you!",
    ),
    almosts=(
        "“Found you!” you said. But it was only a funny line. {Hero} laughed so hard that the page shook a little.",
        "{Hero} saw your eye come close, closer, huge! Then it went away. Phew!",
    ),
    lows=(
        "Now {hero} sat in the {goal} of all. It was dark and dull, and a bit too good.",
        "Nobody called and nobody came. “Have they gone home?” whispered {hero}.",
    ),
    turns=(
        "So {hero} made a noise. It was a tiny one, “psst”. Because being found is the best part!",
        "“Here {i} {am}!” called {hero}. “Over here! Look, look!”",
    ),
    endings=(
        (
            "And you found {hero}! You always knew. “Now you hide,” said {hero}, “and {i} will count to ten.” One, "
            "two, three."
        ),
        (
            "There you both were, eye to eye. It was the best moment of the game. “Again, again!” said {hero}. “From "
            "page one!”"
        ),
    ),
    curve=(0.25, 0.4, 0.5, 0.6, 0.55, 0.7, 0.85, 0.3),
    keywords=frozenset({"hide", "hiding", "forest", "jungle", "cave", "secret", "invisible", "mouse", "ghost", "seek"}),
)
