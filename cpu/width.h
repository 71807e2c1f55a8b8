/* Names by operand width: define BITS (8, 16 or 32), include this file, use UINT, INT, NAME(x), FLAG_KIND(x).
 * No include guard: it is included once for each width. */
#undef UINT
#undef INT
#undef NAME
#undef FLAG_KIND
#undef WIDTH_PASTE
#undef WIDTH_PASTE2
#undef TYPE_PASTE
#undef TYPE_PASTE2
#define WIDTH_PASTE2(a, b)   a##b
#define WIDTH_PASTE(a, b)    WIDTH_PASTE2(a, b)
#define TYPE_PASTE2(a, b, c) a##b##c
#define TYPE_PASTE(a, b, c)  TYPE_PASTE2(a, b, c)
#define UINT                 TYPE_PASTE(uint, BITS, _t)
#define INT                  TYPE_PASTE(int, BITS, _t)
#define NAME(x)              WIDTH_PASTE(x, BITS)
#define FLAG_KIND(x)         WIDTH_PASTE(FLAGS_##x, BITS)
