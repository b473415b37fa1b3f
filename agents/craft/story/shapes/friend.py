"""The new friend: a shy hello that grows from page to page until somebody answers. Data only."""

from agents.craft.story.shape import Goal, Shape

FRIEND = Shape(
    name="friend",
    goals=tuple(
        Goal(noun, f"to say one brave {noun}", f"the {noun} gets stuck halfway out")
        for noun in ("hello", "good morning", "hi")
    ),
    refrains=(
        "Maybe a bit louder next time!",
        "Hush, here comes a very shy {goal}.",
        "A friend is only one {goal} away.",
        "One small {goal}, and then one more.",
    ),
    openings=(
        "{Hero} {was} shy. “{I} would like a friend,” said {hero}. “All {i} need is one brave {goal}.”",
        "{Hero} had a {goal} inside and could not get it out. It was stuck. Without it you cannot make a friend!",
        "How do you find a friend? You say {goal}. {Hero} knew that, and was too shy to do it.",
    ),
    wants=(
        "A friend can play with you. A friend can laugh with you. {Hero} wanted one very much.",
        "“{I} will practise,” said {hero}. “On every page, a little.” That was brave already.",
    ),
    troubles=(
        "{Hero} opened up, and nothing came. The {goal} sat inside and would not move. It was shy too!",
        "Out came something, but it was only a squeak. {Hero} turned red from top to toe.",
    ),
    frames=(
        "{Hero} said {goal} {filler}.",
        "“{Goal},” went {hero}, {filler}.",
        "Out came a {goal}, {filler}.",
        "{Hero} tried a {goal} {filler}.",
    ),
    fillers=(
        "with no sound at all",
        "inside the head",
        "in a voice like a crumb",
        "to the floor",
        "to nobody in particular",
        "as softly as snow",
        "in a whisper",
        "behind one hand",
        "into the collar",
        "like a mouse in socks",
        "with a tiny cough",
        "to a line",
        "to a shadow",
        "in a small round voice",
        "with closed eyes",
        "sideways",
        "to the corner",
        "a bit too fast",
        "a bit too slow",
        "with a wobble in it",
        "backwards, by mistake",
        "in a nearly normal voice",
        "while looking up",
        "with half a smile",
        "to the whole left side",
        "twice in a row",
        "with one foot forward",
        "quite clearly",
        "with a wave",
        "with a whole smile",
        "like a bell",
        "so that the paper heard it",
        "with a little tune",
        "loud enough for two",
        "from the tummy",
        "with both arms up",
        "like a trumpet",
        "across the whole page",
        "so that the corners shook",
        "right out of the book",
        "as loud as a lion",
        "with all the air there was",
    ),
    is_ordered=True,
    meetings=(
        "Did {the} hear it? Perhaps a little.",
        "{Hero} looked at {the}, and then at the floor.",
        "“You first,” thought {hero}, looking at {the}.",
        "{The} seemed nice. That made it harder.",
        "Maybe {the} felt shy as well.",
        "{Hero} took one step closer to {the}.",
    ),
    results=(
        "It fell down before it got anywhere.",
        "It was the best one so far.",
        "Somebody may have heard it. Who knows?",
        "It came out as a burp. That happens.",
        "It hung in the air for a moment.",
        "It was shy, but it was out.",
        "That one had a good ring to it.",
        "It flew off and did not come back.",
    ),
    almosts=(
        "“{Goal}!” said somebody. {Hero} jumped for joy. But it was only the echo.",
        "Somebody waved! {Hero} waved back like mad. Oh. It was only the page, flapping.",
    ),
    lows=(
        "{Hero} hid in the fold. “{I} cannot do it,” said {hero}. “{I} {am} too small.”",
        "It was so quiet. {Hero} had used up every brave bit. Only one was left, a tiny one.",
    ),
    turns=(
        "{Hero} took the last brave bit and shouted. “{Goal}!” It went right out of the book. And somebody heard it!",
        "“{Goal}!” said {hero}, loud and clear. It was quite easy! Then {hero} listened, and listened.",
    ),
    endings=(
        (
            "And it was you! You had been there on every page. “Will you be {my} friend?” asked {hero}. Say it now, "
            "good and loud."
        ),
        (
            "You said it back, did you not? {Hero} heard it. And so the book had a friend in it, and a friend outside "
            "it."
        ),
    ),
    curve=(0.2, 0.35, 0.5, 0.45, 0.6, 0.7, 0.85, 0.15),
    keywords=frozenset({"friend", "friends", "shy", "lonely", "hello", "together", "alone", "new", "play", "school"}),
)
