#!/usr/bin/env python3
"""Takes secrets out of a text on standard input.

Arguments: JSON files with the shapes by which they could be seen, as mask.rs of provision makes them; one that does not
exist has none. Runs on the host with Python 3.5 or newer; needs nothing but the standard library.
"""
import json
import os
import sys

MASK = b"********"
# How often a text is gone through, at most; mask.rs does the same.
PASSES = 8
# The format of those files. The first one named no version.
FORMAT = 2


def places(text, shape):
    """Where a shape stands in a text, overlapping places too."""
    start = text.find(shape)
    while start >= 0:
        yield start, start + len(shape)
        start = text.find(shape, start + 1)


def is_word(character):
    """Could that be part of a word? What is not ASCII could."""
    return character.isalnum() or character == b"_" or character >= b"\x80"


def stands_alone(text, start, end):
    """Is that place a word of its own?"""
    return not is_word(text[max(0, start - 1):start]) and not is_word(text[end:end + 1])


def masked(text, texts, words):
    """The text without those shapes, and without words that stand alone once their neighbours are masked."""
    for _ in range(PASSES):
        before, text = text, once(text, texts, words)
        if text == before:
            break
    return text


def once(text, texts, words):
    """The text without those shapes."""
    hidden = [place for shape in texts for place in places(text, shape)]
    hidden += [place for shape in words for place in places(text, shape) if stands_alone(text, *place)]
    parts, end = [], 0
    for start, stop in sorted(hidden):
        # What overlaps, or follows without a gap, is one secret to the eye.
        if start > end or not parts:
            parts += [text[end:start], MASK]
        end = max(end, stop)
    return b"".join(parts + [text[end:]])


def main():
    """Reads all, and only then writes."""
    texts, words = set(), set()
    for path in sys.argv[1:]:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                shapes = json.load(file)
            if shapes.get("format", 1) not in range(1, FORMAT + 1):
                sys.exit("the secrets in {} are of format {}, and this version of provision knows formats 1 to {}\n"
                         "help: update `provision`".format(path, shapes["format"], FORMAT))
            texts.update(text.encode("utf-8", "surrogatepass") for text in shapes["texts"])
            words.update(word.encode("utf-8", "surrogatepass") for word in shapes["words"])
    sys.stdout.buffer.write(masked(sys.stdin.buffer.read(), texts, words))


if __name__ == "__main__":
    main()
