#!/usr/bin/env python3
"""Writes cp437-8x16.txt, cp437-8x14.txt and cp437-8x8.txt, the console fonts of the VGA BIOS, from the fonts named in README.

usage: import.py TERMINUS_DIR MISC_DIR
  TERMINUS_DIR  holds ter-u16b_unicode.pcf.gz and ter-u14b_unicode.pcf.gz (Debian package xfonts-terminus)
  MISC_DIR      holds clR8x8.pcf.gz (Debian package xfonts-base)

It is run by hand when a font is taken anew; the build reads only the text files. The rules by which glyphs are derived are
in the functions below, and in README.
"""
import gzip
import struct
import sys
import unicodedata

# Code page 437 with the graphic meanings of the control codes. Codes 00, 20 and FF are blank.
SYMBOLS = "\u263a\u263b\u2665\u2666\u2663\u2660\u2022\u25d8\u25cb\u25d9\u2642\u2640\u266a\u266b\u263c" \
          "\u25ba\u25c4\u2195\u203c\u00b6\u00a7\u25ac\u21a8\u2191\u2193\u2192\u2190\u221f\u2194\u25b2\u25bc"
CP437 = [" "] + list(SYMBOLS) + [chr(c) for c in range(32, 127)] + ["\u2302"] + \
        [bytes([c]).decode("cp437") for c in range(128, 256)]


def read_pcf(name):
    """Returns {code: (ascent, rows)}, rows as bytes with the leftmost dot in bit 7. Format: X11 Portable Compiled Font."""
    data = gzip.open(name).read()
    tables = {}
    for i in range(struct.unpack_from("<I", data, 4)[0]):
        kind, _, _, offset = struct.unpack_from("<4I", data, 8 + 16 * i)
        tables[kind] = offset

    def table(kind):
        offset = tables[kind]
        form = struct.unpack_from("<I", data, offset)[0]
        return offset, form, ">" if form & 4 else "<"

    offset, form, end = table(4)
    if form & 0x100:
        count = struct.unpack_from(end + "H", data, offset + 4)[0]
        metrics = [tuple(x - 128 for x in data[offset + 6 + 5 * i:offset + 11 + 5 * i]) for i in range(count)]
    else:
        count = struct.unpack_from(end + "I", data, offset + 4)[0]
        metrics = [struct.unpack_from(end + "5h", data, offset + 8 + 12 * i) for i in range(count)]
    offset, form, end = table(8)
    pad, most_significant_first = 1 << (form & 3), form & 8
    count = struct.unpack_from(end + "I", data, offset + 4)[0]
    starts = struct.unpack_from(end + "%dI" % count, data, offset + 8)
    bits = offset + 8 + 4 * count + 16
    offset, form, end = table(32)
    first, last, first_row, last_row, _ = struct.unpack_from(end + "5H", data, offset + 4)
    glyphs = {}
    for high in range(first_row, last_row + 1):
        for low in range(first, last + 1):
            place = offset + 14 + 2 * ((high - first_row) * (last - first + 1) + low - first)
            index = struct.unpack_from(end + "H", data, place)[0]
            if index == 0xFFFF:
                continue
            left, right, _, ascent, descent = metrics[index]
            stride = ((right - left + 7) // 8 + pad - 1) // pad * pad
            rows = []
            for y in range(ascent + descent):
                row = 0
                for x in range(right - left):
                    byte = data[bits + starts[index] + y * stride + x // 8]
                    dot = byte >> (7 - x % 8) if most_significant_first else byte >> (x % 8)
                    if dot & 1 and 0 <= left + x < 8:
                        row |= 0x80 >> (left + x)
                rows.append(row)
            glyphs[high << 8 | low] = (ascent, rows)
    return glyphs


def place(glyph, baseline, height):
    ascent, rows = glyph
    out = [0] * height
    for y, row in enumerate(rows):
        if 0 <= baseline - ascent + y < height:
            out[baseline - ascent + y] = row
    return out


def terminus(name, baseline, height):
    source = read_pcf(name)
    font = [place(source[ord(c)], baseline, height) for c in CP437]
    font[0] = [0] * height
    return font


# Accents over Clean letters, two rows: lower-case letters leave rows 0 and 1 free.
ACCENTS = {"\u0300": (0x30, 0x08), "\u0301": (0x18, 0x20), "\u0302": (0x38, 0x44), "\u0303": (0x64, 0x98),
           "\u0308": (0x44, 0x00), "\u030a": (0x38, 0x28)}


def squash(base, rows):
    """A capital of rows 0-6 in rows 2-6. The two rows that go are parts of plain stems: 1 and 3 in an A, 1 and 5 in C E N O U."""
    kept = (0, 2, 4, 5, 6) if base == "A" else (0, 2, 3, 4, 6)
    return [0, 0] + [rows[y] for y in kept] + [0]


def accented(clean, char):
    base, accent = unicodedata.normalize("NFD", char)
    rows = place(clean[ord(base)], 7, 8)
    if accent == "\u0327":  # cedilla
        return rows[:6] + [rows[6] | 0x10, 0x30]
    if base == "i":
        rows[0] = rows[1] = 0
    if base.isupper():
        rows = squash(base, rows)
    return [rows[0] | ACCENTS[accent][0], rows[1] | ACCENTS[accent][1]] + rows[2:]


def box(char):
    """A box drawing character, from its Unicode name: arms up, down, left, right, each light or double."""
    name = unicodedata.name(char).replace("BOX DRAWINGS ", "")
    arms = {}
    words = name.replace(" AND", "").split()
    weights = {"LIGHT": 1, "SINGLE": 1, "DOUBLE": 2}
    spread = {"VERTICAL": ("UP", "DOWN"), "HORIZONTAL": ("LEFT", "RIGHT")}
    weight, pending = 1, []
    for word in words:
        if word in weights:
            weight = weights[word]
            for p in pending:
                arms[p] = weight
            pending = []
        else:
            pending = list(spread.get(word, (word,)))
            for p in pending:
                arms[p] = weight
    if name.startswith(("LIGHT", "DOUBLE")):
        arms = {p: weights[words[0]] for p in arms}
    vertical = max(arms.get("UP", 0), arms.get("DOWN", 0))
    horizontal = max(arms.get("LEFT", 0), arms.get("RIGHT", 0))
    columns = {0: (), 1: (3, 4), 2: (2, 5)}
    lines = {0: (), 1: (4,), 2: (3, 5)}
    dots = [[0] * 8 for _ in range(8)]

    def draw_vertical(x, top, bottom):
        for y in range(top, bottom):
            dots[y][x] = 1

    def draw_horizontal(y, left, right):
        for x in range(left, right):
            dots[y][x] = 1

    inner_top, inner_bottom = (min(lines[horizontal]), max(lines[horizontal])) if horizontal else (4, 4)
    inner_left, inner_right = (min(columns[vertical]), max(columns[vertical])) if vertical else (4, 4)
    for i, x in enumerate(columns[vertical]):
        side = arms.get("LEFT" if i == 0 else "RIGHT", 0)
        crossing = vertical == 2 and horizontal == 2
        if "UP" in arms:
            # A double stem ends at the near line where a double arm leaves on its side.
            draw_vertical(x, 0, (inner_top if crossing and side else inner_bottom) + 1)
        if "DOWN" in arms:
            draw_vertical(x, inner_bottom if crossing and side else inner_top, 8)
    for i, y in enumerate(lines[horizontal]):
        stem = arms.get("UP" if i == 0 else "DOWN", 0)
        crossing = vertical == 2 and horizontal == 2
        if "LEFT" in arms:
            draw_horizontal(y, 0, (inner_left if crossing and stem else inner_right) + 1)
        if "RIGHT" in arms:
            draw_horizontal(y, inner_right if crossing and stem else inner_left, 8)
    return [sum(d << (7 - x) for x, d in enumerate(row)) for row in dots]


BLOCKS = {0x2591: [0x22, 0x88] * 4, 0x2592: [0x55, 0xAA] * 4, 0x2593: [0xDD, 0x77] * 4, 0x2588: [0xFF] * 8,
          0x2584: [0] * 4 + [0xFF] * 4, 0x258C: [0xF0] * 8, 0x2590: [0x0F] * 8, 0x2580: [0xFF] * 4 + [0] * 4}


def drawn(name):
    glyphs, code = {}, None
    for line in open(name, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith(("#", ".")) and len(line) == 8 and code is not None:
            glyphs[code].append(sum(0x80 >> x for x, c in enumerate(line) if c == "#"))
        elif ":" in line and not line.startswith("#"):
            code = int(line.split(":")[0], 16)
            glyphs[code] = []
    return glyphs


def shifted_left(glyph):
    """Clean keeps the left column free, code page 437 fonts the right one: one dot to the left where nothing is lost."""
    ascent, rows = glyph
    return glyph if any(row & 0x80 for row in rows) else (ascent, [row << 1 for row in rows])


def clean_8x8(name, drawings):
    clean = {code: shifted_left(glyph) for code, glyph in read_pcf(name).items()}
    font = []
    for code, char in enumerate(CP437):
        u = ord(char)
        if code in drawings:
            font.append(drawings[code])
        elif code in (0, 255):
            font.append([0] * 8)
        elif u < 0x80:
            font.append(place(clean[u], 7, 8))
        elif u in BLOCKS:
            font.append(BLOCKS[u])
        elif 0x2500 <= u < 0x2580:
            font.append(box(char))
        elif char in "\u00e6\u00c6":  # ae, AE: the left half of a or A, the right half of e or E
            left, right = (place(clean[ord(c)], 7, 8) for c in ("ae" if char == "\u00e6" else "AE"))
            font.append([(a & 0xE0) | (a << 1 & 0x10) | (b >> 3 & 0x1F) for a, b in zip(left, right)])
        else:
            font.append(accented(clean, char))
    return font


# The characters for which the IBM VGA has other shapes in nine-dot modes: those that fill their cell.
NINE_DOT = {14: (0x1D, 0x22, 0x2B, 0x2D, 0x4D, 0x54, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x6D, 0x76, 0x77, 0x78, 0x91, 0x9B, 0x9D,
                 0x9E, 0xF1, 0xF6),
            16: (0x1D, 0x30, 0x4D, 0x54, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x6D, 0x76, 0x77, 0x78, 0x91, 0x9B, 0x9D, 0x9E, 0xAB,
                 0xAC)}


def nine_dot(font, height):
    """The alternate shapes: a glyph that fills columns 0-6 becomes eight wide by doubling column 3, so that the blank ninth
    column does not make it look narrow. Glyphs with a stem in columns 3 and 4 stay as they are and need no entry."""
    alternates = {}
    for code in NINE_DOT[height]:
        rows = font[code]
        used = 0
        for row in rows:
            used |= row
        stem = any(row & 0x3C == 0x18 for row in rows)
        if used & 0x80 and not used & 1 and not stem:
            alternates[code] = [(row & 0xF0) | (row & 0x1E) >> 1 for row in rows]
    return alternates


def write(name, font, height, heading):
    with open(name, "w", encoding="utf-8") as out:
        out.write("".join("# %s\n" % line for line in heading))
        for code, rows in font.items() if isinstance(font, dict) else enumerate(font):
            char = CP437[code]
            label = unicodedata.name(char, "") if code else "BLANK"
            out.write("%02X: U+%04X %s\n" % (code, ord(char), label))
            for row in rows:
                out.write("".join("#" if row >> (7 - x) & 1 else "." for x in range(8)) + "\n")


def main():
    terminus_dir, misc_dir = sys.argv[1:3]
    form = "One glyph: a line \"code: Unicode name\", then its rows of eight dots. Written by import.py; see README."
    notice = "Derived from a font under the SIL Open Font License 1.1, see OFL.txt. Copyright (c) 2010-2014 Dimitar Toshkov Zhekov."
    for height, baseline in ((16, 12), (14, 12)):
        font = terminus("%s/ter-u%db_unicode.pcf.gz" % (terminus_dir, height), baseline, height)
        write("cp437-8x%d.txt" % height, font, height, ["8x%d console font, code page 437." % height, notice, form])
        write("cp437-9x%d.txt" % height, nine_dot(font, height), height,
              ["8x%d console font: other shapes for nine-dot cells, code page 437." % height, notice, form])
    font = clean_8x8(misc_dir + "/clR8x8.pcf.gz", drawn("drawn-8x8.txt"))
    write("cp437-8x8.txt", font, 8,
          ["8x8 console font, code page 437. ASCII: Copyright 1989 Dale Schumacher, see CLEAN.txt; the rest: tick86.", form])


main()
