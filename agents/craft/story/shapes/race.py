"""The race: the hero against the hand that turns the pages. Data only."""

from agents.craft.story.shape import Goal, Shape

RACE = Shape(
    name="race",
    goals=tuple(
        Goal(noun, f"to be at the {noun} before you", "you turn the pages, and you are quick")
        for noun in ("last page", "end of the book", "last full stop", "finish")
    ),
    refrains=(
        "Run, {hero}, run to the {goal}!",
        "Faster than a finger, quicker than a thumb!",
        "Do not turn the page too soon!",
        "Who will be first at the {goal}?",
    ),
    openings=(
        "“{I} {am} faster than you,” said {hero}. “{I} will be at the {goal} first. Ready? Steady? Turn!”",
        (
            "{Hero} wanted a race. The track was this book. The other runner was you! “First at the {goal} wins,” "
            "said {hero}."
        ),
        "“You turn and {i} run,” said {hero}. “The {goal} is far away. {I} will still win!”",
    ),
    wants=(
        "To win a race you must want it a lot. {Hero} wanted it down to the toes.",
        "“When {i} win,” said {hero}, “{i} want a medal made of toast.” So that was settled.",
    ),
    troubles=(
        "But you were quick! Your hand was at the corner already. {Hero} gulped and ran.",
        "Then {hero} saw how it was. You can turn a page in one second! That was a problem.",
    ),
    frames=(
        "{Hero} went {filler}.",
        "This time {hero} raced {filler}.",
        "“Watch {me} go {filler}!” called {hero}.",
        "Across the page, {filler}, came {hero}.",
        "{Hero} shot {filler}, all the way.",
    ),
    fillers=(
        "in big hops",
        "on the left side",
        "backwards, to look clever",
        "like a ball",
        "under the lines",
        "over the top",
        "with no brakes",
        "in a zigzag",
        "on one foot",
        "straight through the middle",
        "like the wind",
        "like a snail with a train to catch",
        "along the edge",
        "down the long slope",
        "up the short slope",
        "with a running start",
        "in giant steps",
        "in baby steps, but fast",
        "round every corner",
        "feet first",
        "nose first",
        "like butter on a hot pan",
        "with a whoop",
        "without breathing",
        "in a cloud of dust",
        "past the halfway mark",
        "as flat as paper",
        "by the secret way",
        "at double speed",
        "in a wild spin",
        "with a hop and a skip",
        "like a cork out of a bottle",
        "on squeaky soles",
        "from line to line",
        "at full steam",
        "in one long slide",
        "head down",
        "chin up",
        "with a wobble",
        "like a letter in the post",
        "too fast to see",
        "twice as fast as before",
    ),
    meetings=(
        "{Hero} called to {the}: “Out of the way, please!”",
        "{Hero} flew past {the} in a blur.",
        "{The} wanted to race too, but had no number.",
        "{Hero} asked {the}: “Which way to the {goal}?”",
        "{The} cheered, or it sounded like that.",
        "Round {the} once, and on with the race!",
    ),
    results=(
        "You were still ahead by a nose.",
        "{Hero} {was} in front, but only by a whisker.",
        "Was that cheating? Only a bit.",
        "You turned too soon, and {hero} had to jump.",
        "Neck and neck! Thumb and toe!",
        "{Hero} had to stop and tie a lace. There was no lace.",
        "The crowd went wild. You were the crowd.",
        "It was faster than soup and slower than sneezing.",
    ),
    almosts=(
        "“{I} have won!” cried {hero}, with both arms up. Then {hero} counted the pages. Oh dear. There were more.",
        "{Hero} {was} so far ahead that it was lonely. So {hero} lay down for a bit. Then you turned the page!",
    ),
    lows=(
        "Then {hero} fell flat. Ouch! Your hand was ahead now. The race looked lost.",
        "{Hero} puffed like a kettle. “{I} cannot go on,” said {hero}. “Go without {me}.”",
    ),
    turns=(
        "But you did not turn the page. You waited! {Hero} looked up at you and smiled.",
        "Then {hero} had an idea. Two are faster than one! {Hero} held on to your thumb.",
    ),
    endings=(
        "One, two, three, and you were there together! Who won? “Both,” said {hero}. And you both took a bow.",
        (
            "You got to the {goal} at the very same time. “Again?” asked {hero}. And you know what that means. Back "
            "to page one!"
        ),
    ),
    curve=(0.3, 0.45, 0.55, 0.65, 0.6, 0.8, 0.95, 0.35),
    keywords=frozenset(
        {"race", "fast", "car", "run", "running", "horse", "bike", "train", "rocket", "speed", "winner"}
    ),
)
