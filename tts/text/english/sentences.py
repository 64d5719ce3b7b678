"""How English sentences begin: whether a capital letter begins a sentence or a name."""

import re

from tts.text.context import FINAL

# Words that more often begin a sentence than they continue a name.
STARTERS = {
    "A", "After", "All", "Also", "An", "And", "Are", "As", "At", "Because", "Before", "But", "By",
    "Can", "Did", "Do", "Does", "During", "Each", "Even", "Every", "Finally", "For", "From", "He",
    "Her", "Here", "His", "How", "However", "I", "If", "In", "Is", "It", "Its", "Let", "Many",
    "Maybe", "Meanwhile", "Most", "My", "Nobody", "Not", "Now", "Of", "On", "Once", "One", "Or",
    "Our", "Perhaps", "Please", "She", "Since", "So", "Some", "Still", "That", "The", "Their",
    "Then", "There", "These", "They", "This", "Those", "Though", "To", "Today", "Two", "Under",
    "Until", "Was", "We", "Were", "What", "When", "Where", "Which", "While", "Who", "Why", "Will",
    "With", "Yes", "Yet", "You", "Your",
}  # fmt: skip


def begins_sentence(word: str) -> bool:
    """Whether a capitalized word more likely begins a sentence than a name; "A." is an initial."""
    is_initial = len(word) == 2 and word.endswith(".")
    return re.split("['’]", word.rstrip(FINAL))[0] in STARTERS and not is_initial
