"""The parade: drawings that have nothing to do with each other fall in behind the hero. Data only."""

from agents.craft.story.shape import Goal, Shape

PARADE = Shape(
    name="parade",
    goals=tuple(
        Goal(noun, f"to lead the longest {noun} in the world", f"the {noun} gets longer than the page")
        for noun in ("parade", "march", "dance")
    ),
    refrains=(
        "Step, step, hop, the {goal} goes on!",
        "Come along, come along, there is room for one more!",
        "Left foot, right foot, follow {hero}!",
        "Rum-tum-tum, and here they come!",
    ),
    openings=(
        (
            "{Hero} wanted to lead a {goal}. But one alone is not a {goal}. “{I} will ask every drawing to come,” "
            "said {hero}."
        ),
        "“Today {i} will make the longest {goal} in the world,” said {hero}. It began with {hero}. It was short.",
        (
            "{Hero} walked in a line, all alone. “This {goal} needs more people,” said {hero}. So {hero} went to get "
            "them."
        ),
    ),
    wants=(
        "A {goal} wants all sorts. It wants big ones and odd ones. {Hero} wanted every single one.",
        "“Nobody is too strange for {my} {goal},” said {hero}. “The stranger the better.”",
    ),
    troubles=(
        "But soon the {goal} was longer than the page! The front was here, and the end was nowhere to be seen.",
        "Then they got into a knot. Somebody stood on somebody. “Who has {my} foot?” cried the {goal}.",
    ),
    frames=(
        "They all went {filler}.",
        "“Now {filler}!” called {hero}.",
        "The whole {goal} moved {filler}.",
        "{Hero} led them {filler}.",
    ),
    fillers=(
        "on tiptoe",
        "in a zigzag",
        "round in a ring",
        "backwards for a bit",
        "two steps left",
        "two steps right",
        "under a line",
        "over a line",
        "at a slow trot",
        "with a skip",
        "with a stamp",
        "in a wiggle",
        "with a jump",
        "once round the page",
        "up to the top",
        "down to the bottom",
        "along the edge",
        "through the middle",
        "with knees up high",
        "with tiny steps",
        "with huge steps",
        "very, very quietly",
        "very, very loudly",
        "like ducks",
        "like kings and queens",
        "like jelly",
        "like a train",
        "in slow motion",
        "with a spin",
        "hand in hand",
        "nose to tail",
        "one by one",
        "two by two",
        "with a bow",
        "to a drum that nobody had",
        "in and out",
        "past the same corner twice",
        "over the fold",
        "sideways",
        "with eyes shut",
        "with a cheer",
        "straight on",
    ),
    meetings=(
        "{Hero} asked {the}: “Are you coming?”",
        "{The} fell in at the end of the line.",
        "Up came {the} and took a place in the line.",
        "“You are just what we need,” {hero} told {the}.",
        "“Follow {me},” said {hero} to {the}.",
        "Now {the} belonged to the {goal} as well.",
        "{Hero} asked {the}: “Can you march?” And how!",
        "The {goal} stopped to let {the} in.",
        "{The} came along. It was that easy.",
        "“There is a place behind {me},” {hero} told {the}.",
        "Who would not want {the} in a {goal}?",
        "So {the} joined in, and not a step too soon.",
    ),
    results=(
        "That made number {number_word} in the {goal}.",
        "Now there were {number_word} in the line.",
        "“{Number_word}!” counted {hero}.",
        "The {goal} was {number_word} pages long.",
    ),
    almosts=(
        "“Is that the longest {goal} in the world?” asked {hero}. You said no. You wanted more!",
        "The front of the {goal} met its own end. For a while nobody knew who was first.",
    ),
    lows=(
        "Then the {goal} stopped. Nobody knew the way. {Hero} looked back along the line and felt quite hot.",
        "“{I} have led you in a circle,” said {hero}. Nobody moved. It was a long, long line of nobody moving.",
    ),
    turns=(
        "Then somebody at the back began to sing. It went up the line like a tickle. Everybody took a step!",
        "“Which way?” {hero} asked you. You pointed at the last page. Of course!",
    ),
    endings=(
        (
            "And there they all stood and took a bow. You clapped. {Hero} bowed the lowest. It was the best {goal} "
            "ever, and you saw it all."
        ),
        "At the end {hero} looked round. There was still one place free. It is yours! Get up and march, right now.",
    ),
    curve=(0.2, 0.3, 0.45, 0.5, 0.6, 0.6, 0.8, 0.4),
    keywords=frozenset({"circus", "parade", "party", "music", "dance", "band", "zoo", "animals", "friends", "clown"}),
)
