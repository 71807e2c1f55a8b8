# Turns a text font (cp437-8x8.txt and its like) into .byte lines for the GNU assembler, one glyph a line.
#   last=127   stop after this code            codes=1   put each glyph's code before its rows (the form of alternate fonts)
function flush_glyph() {
	if (code != "" && number <= last)
		printf "\t.byte %s%s\t/* %s */\n", codes ? "0x" code "," : "", bytes, title
	code = ""
}
BEGIN { if (last == "") last = 255 }
/^[0-9A-F][0-9A-F]: / {
	flush_glyph()
	code = substr($0, 1, 2)
	number = (index("0123456789ABCDEF", substr(code, 1, 1)) - 1) * 16 + index("0123456789ABCDEF", substr(code, 2, 1)) - 1
	title = $0
	bytes = ""
	next
}
/^[.#][.#][.#][.#][.#][.#][.#][.#]$/ && code != "" {
	value = 0
	for (i = 1; i <= 8; i++)
		value = value * 2 + (substr($0, i, 1) == "#")
	bytes = bytes (bytes == "" ? "" : ",") value
}
END { flush_glyph() }
