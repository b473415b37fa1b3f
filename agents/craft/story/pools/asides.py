"""How the hero is introduced, how it feels on the way, and the count of the pictures that face the page.

Data only. Every sentence stands once in all pools. For the slots see `voice`.
"""

INTRODUCTIONS_NAMED = (
    "This is {hero}. {Hero} is {a_noun}.",
    "Once there was {a_noun}, and the name was {hero}.",
    "Say hello to {hero}. {Hero} is {a_noun}, as you can see.",
    "Do you know {hero}? {Hero} is {a_noun}, and a good one.",
    "Here comes {hero}, {a_noun} with plans.",
)

INTRODUCTIONS_BARE = (
    "This story is about {hero}.",
    "Once upon a page there {was} {hero}.",
    "Say hello to {hero}!",
    "Here {was} {hero}, all ready to begin.",
)

INTRODUCTIONS_COMMON = (
    "Once there {was} {a_noun}.",
    "Once upon a page there {was} {a_noun}.",
    "This is the story of {a_noun}.",
    "It all began with {a_noun}.",
)

INTRODUCTIONS_DRAWN = (
    "Here is {hero}. {Hero} is {a_noun} and can hide anywhere.",
    "Meet {hero}, {a_noun}. {Hero} can be hard to find. Do not worry.",
    "In this book lives {hero}. {Hero} is only {a_noun}, but a brave one.",
    "Can you see {hero}? {Hero} is {a_noun}, and likes to hide.",
)

COUNTS = (
    "Look across! Somebody has made {count} more pictures of it.",
    "Over on the right there are {count} new ones. Count them!",
    "One drawing here, {count} pictures there. {Hero} counted on two hands.",
    "Can you count to {count}? The other side is waiting.",
    "And there it was again, {count} times, on the other side.",
    "“{Count}!” cried {hero}, looking to the right.",
    "Point at all {count} pictures, as fast as you can.",
    "Which of the {count} do you like best?",
    "It had dressed up in {count} ways. See?",
    "Somebody had looked at it {count} times, and each time it was new.",
    "“Which one is real?” asked {hero}. All {count}, and this one.",
    "Across the fold {count} pictures were showing off.",
)

TRAILS = (
    "{Hero} hummed a bit.",
    "{Hero} felt warm all over.",
    "{Hero} felt glad that you had come.",
    "That made {hero} smile.",
    "{Hero} had to laugh.",
    "{Hero} looked at you and winked.",
    "{Hero} stood up as tall as a pencil.",
    "“Are you still there?” asked {hero}. You were!",
    "{Hero} felt the paper under both feet.",
    "{Hero} took one more look.",
    "“Phew!” said {hero}.",
    "{Hero} whistled two short notes.",
    "It gave {hero} a funny feeling.",
    "{Hero} jumped for joy, but not too high.",
    "“Well, well,” said {hero}.",
    "{Hero} had never done that before.",
    "{Hero} did a little twirl.",
    "“Shall we?” asked {hero}. Yes, let us!",
    "{Hero} held up one finger and thought.",
    "It was hard not to giggle.",
    "{Hero} rubbed a spot until it shone.",
    "{Hero} felt as light as a feather.",
    "“Easy does it,” said {hero}.",
    "{Hero} wished the page were a bit longer.",
    "Nothing like this had ever happened to {hero}.",
    "{Hero} kept one eye on you.",
    "“What fun!” said {hero}.",
    "{Hero} went red, and then went on.",
    "{Hero} tried to look as if nothing had happened.",
    "“Did you see that?” asked {hero}. Of course you did.",
    "{Hero} went hop, hop, stop.",
    "A small song came into the head of {hero}.",
    "{Hero} gave a nod, a small one.",
    "“Brave, brave, brave,” said {hero} softly.",
    "{Hero} waited for one whole second.",
    "It was good to have you so near.",
    "{Hero} blew the dust off the page.",
    "“Hold on tight,” said {hero}.",
    "{Hero} felt a bit like a king.",
    "{Hero} thought of toast, and cheered up.",
    "“This is the life,” said {hero}.",
    "{Hero} swung round like a door.",
    "{Hero} leaned on the edge and looked out at you.",
    "“Left, {i} think,” said {hero}, going right.",
)
