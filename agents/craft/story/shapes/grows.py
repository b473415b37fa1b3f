"""The problem grows: a small noise gets bigger with every cure. Data only."""

from agents.craft.story.shape import Goal, Shape

GROWS = Shape(
    name="grows",
    goals=tuple(
        Goal(noun, f"to get rid of the {noun}", f"the {noun} grows with every page")
        for noun in ("hiccup", "squeak", "tickle")
    ),
    refrains=(
        "Oh no, oh dear, the {goal} is still here!",
        "Bigger and bigger, and what can you do?",
        "Go away, {goal}, go away!",
        "And still the {goal} grew and grew.",
    ),
    openings=(
        "It began with a {goal}. It was a very small one. “Go away,” said {hero}. The {goal} did not go away.",
        "One day {hero} had a {goal}. Nobody knows where it came from. “{I} want it to stop,” said {hero}.",
        "“Oops,” said {hero}. It was a {goal}! {Hero} wanted to get rid of it, and quickly.",
    ),
    wants=(
        "There must be a cure. There is a cure for everything! {Hero} went to find it.",
        "“{I} will try all that there is,” said {hero}. “Even the silly things.” The silly things came first.",
    ),
    troubles=(
        "But it did not get smaller. It got bigger! Each time {hero} tried something, the {goal} grew.",
        "There it was again, twice as big. {Hero} held on to the page. This was getting serious.",
    ),
    frames=(
        "{Hero} tried {filler}.",
        "“What about {filler}?” said {hero}.",
        "Some people say that {filler} helps.",
        "The next cure was {filler}.",
        "{Hero} gave {filler} a go.",
    ),
    fillers=(
        "standing on one leg", "counting back from ten", "holding on tight", "thinking of porridge", "a big gulp of air",
        "hopping in a ring", "saying the days of the week", "lying very flat", "looking stern", "a slow walk to the edge",
        "asking it nicely", "singing it to sleep", "pulling a face", "blowing very hard", "being quite, quite still",
        "a tap on the back", "rolling left", "rolling right", "a long drink of nothing", "pretending to be a chair",
        "a rhyme about mud", "shutting one eye", "shutting both eyes", "crossing all fingers", "a walk on tiptoe",
        "spelling a hard word", "thinking of a blue cow", "saying sorry to it", "ten quick nods", "a dance with no music",
        "turning round three times", "whispering to it", "shouting at it", "doing the opposite", "a warm scarf",
        "a cold stare", "a very old trick", "a brand new trick", "patting the head and rubbing the tummy",
        "waiting, just waiting", "a spoonful of patience", "not thinking of it",
    ),
    growth=(
        "a crumb", "a pea", "a bean", "a button", "a grape", "a cherry", "a nut", "a plum", "an egg", "a bun",
        "an apple", "a shoe", "a hat", "a teapot", "a melon", "a bucket", "a pillow", "a drum", "a chair", "a barrel",
        "a table", "a door", "a bed", "a cow", "a piano", "a car", "a shed", "a bus", "an elephant", "a house",
        "a barn", "a whale", "a ship", "a train", "a tower", "a hill", "a town", "a mountain", "an island", "a desert",
        "the moon", "the sea",
    ),
    growth_frames=(
        "Now the {goal} was as big as {growth}.",
        "The {goal} grew to the size of {growth}!",
        "“It is as big as {growth}!” cried {hero}.",
        "Think of {growth}. That is how big the {goal} was.",
    ),
    meetings=(
        "“Can you cure a {goal}?” {hero} asked {the}.",
        "The {goal} gave {the} quite a shock.",
        "Even {the} shook a bit.",
        "“Sorry about that,” {hero} said to {the}.",
        "{Hero} hoped that {the} would not catch it.",
        "Now {the} had heard the {goal} as well.",
    ),
    results=(
        "It only made the {goal} laugh.",
        "It helped for as long as a blink.",
        "The {goal} had never felt better.",
        "That one was worse than useless.",
        "Wait for it. Wait. There it was!",
        "It went quiet, took a breath, and came back.",
        "The {goal} seemed to enjoy it.",
        "The lines shook from top to bottom.",
    ),
    almosts=(
        "Then it stopped. It really stopped! {Hero} smiled, counted to three, and, oh no. There it was.",
        "“It is gone,” whispered {hero}. Everybody kept still. You could hear it tiptoe back.",
    ),
    lows=(
        "Now the {goal} filled the whole page. {Hero} had no room to stand. “What shall {i} do?” cried {hero}.",
        "{Hero} had tried every cure there is. The book shook. Hold on to it!",
    ),
    turns=(
        "Then you said one word. You said “boo”! {Hero} jumped up to the top of the page.",
        "Then {hero} did a new thing. {Hero} said, “All right, {goal}, you may stay.” There was a long, long silence.",
    ),
    endings=(
        "And it was gone. It was so quiet! {Hero} listened for a while and smiled. Then it came from somewhere else. "
        "Was that you?",
        "The {goal} got smaller, and smaller, and popped. {Hero} missed it a little. But if you get one, "
        "you know where it came from.",
    ),
    curve=(0.15, 0.3, 0.45, 0.6, 0.7, 0.85, 1.0, 0.2),
    keywords=frozenset({"monster", "big", "giant", "storm", "volcano", "dinosaur", "funny", "silly", "noise", "elephant"}),
)
