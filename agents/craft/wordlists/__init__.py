"""Lists of familiar words: Spache's revised list (1974), the new Dale-Chall list (1995); see LICENSE.txt."""
