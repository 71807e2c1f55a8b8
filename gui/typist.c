/* Text becomes steps (press, release, wait ...); typist_run() takes those that are due. */
#include "gui/typist.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "gui/keymap.h"
#include "machine/machine.h"
#include "machine/options.h"

#define MS 1000000ull
/* A key is held and let go this long: 25 strokes a second, and 16-byte keyboard buffers are never full. */
#define HOLD_NS (20 * MS)
/* Strokes handed over one by one come from a user's own fingers: no slower than a key that repeats. */
#define CHORD_HOLD_NS (10 * MS)
/* Stillness that is waited for before the first key and after Enter, and the longest wait for it. */
#define SETTLE_NS       (1000 * MS)
#define SETTLE_MAX_NS   (60000 * MS)
#define AFTER_ENTER_NS  (250 * MS)
#define AFTER_ENTER_MAX (10000 * MS)
/* A key's three bytes are sent, and taken by the guest. */
#define KEY_NS (5 * MS)
/* A mouse reports forty to two hundred times a second, up to 255 counts each time: what follows comes after
 * that. */
#define REPORT_COUNTS 256
#define MOUSE_NS      (20 * MS)
#define MOUSE_MAX     4096
#define CHORD_MAX     8

enum step_kind { STEP_PRESS, STEP_RELEASE, STEP_WAIT, STEP_SCREEN, STEP_STILL, STEP_MOUSE };

struct step {
    enum step_kind kind;
    uint16_t key;
    uint64_t ns, max_ns;   /* STEP_WAIT, STEP_STILL */
    char *pattern;         /* STEP_SCREEN */
    int16_t dx, dy, wheel; /* STEP_MOUSE, as machine_mouse() takes them */
    uint8_t buttons;
};

struct typist {
    struct step *steps;
    size_t count, capacity, at;
    uint64_t due;   /* cycle before which nothing is done */
    bool started;   /* the step at `at` has begun to wait */
    uint64_t start; /* cycle at which it began */
    uint64_t still_since;
    uint64_t still_hash; /* of what should stand still */
};

struct typist *typist_create(void)
{
    return xcalloc(1, sizeof(struct typist));
}

void typist_clear(struct typist *typist)
{
    for (size_t i = 0; i < typist->count; i++)
        free(typist->steps[i].pattern);
    typist->count = typist->at = 0;
    typist->started = false;
}

void typist_destroy(struct typist *typist)
{
    if (!typist)
        return;
    typist_clear(typist);
    free(typist->steps);
    free(typist);
}

bool typist_busy(const struct typist *typist)
{
    return typist->at < typist->count;
}

static struct step *add_at_end(struct typist *typist)
{
    if (typist->count == typist->capacity) {
        typist->capacity = typist->capacity ? typist->capacity * 2 : 64;
        typist->steps = xrealloc(typist->steps, typist->capacity * sizeof *typist->steps);
    }
    return &typist->steps[typist->count++];
}

static struct step *add(struct typist *typist, enum step_kind kind)
{
    if (!typist_busy(typist))
        typist_clear(typist);
    struct step *step = add_at_end(typist);
    *step = (struct step){.kind = kind};
    return step;
}

static void add_wait(struct typist *typist, uint64_t ns)
{
    add(typist, STEP_WAIT)->ns = ns;
}

static void add_still(struct typist *typist, uint64_t ns, uint64_t max_ns)
{
    struct step *step = add(typist, STEP_STILL);
    step->ns = ns;
    step->max_ns = max_ns;
}

static void add_stroke(struct typist *typist, const uint16_t *keys, size_t count, uint64_t hold_ns)
{
    for (size_t i = 0; i < count && i < CHORD_MAX; i++)
        add(typist, STEP_PRESS)->key = keys[i];
    add_wait(typist, hold_ns);
    for (size_t i = count < CHORD_MAX ? count : CHORD_MAX; i-- > 0;)
        add(typist, STEP_RELEASE)->key = keys[i];
    add_wait(typist, hold_ns);
}

void typist_add_chord(struct typist *typist, const uint16_t *keys, size_t count)
{
    add_stroke(typist, keys, count, CHORD_HOLD_NS);
}

void typist_add_key(struct typist *typist, uint16_t key, bool down)
{
    add(typist, down ? STEP_PRESS : STEP_RELEASE)->key = key;
    add_wait(typist, KEY_NS);
}

static bool add_character(struct typist *typist, uint32_t character)
{
    struct keystroke stroke;
    if (!keymap_character(character, &stroke))
        return false;
    uint16_t keys[2] = {KEY_SHIFT, stroke.key};
    add_stroke(typist, stroke.shift ? keys : keys + 1, stroke.shift ? 2 : 1, HOLD_NS);
    return true;
}

void typist_add_text(struct typist *typist, const char *text)
{
    for (; *text; text++)
        if (*text != '\r')
            add_character(typist, (uint8_t)*text);
}

/* --- The language of --type -------------------------------------------------------------------------------
 */

bool typist_add_keys(struct typist *typist, const char *names, struct error *err)
{
    uint16_t keys[CHORD_MAX];
    size_t count = 0;
    for (const char *at = names; *at;) {
        size_t length = strcspn(at, "-");
        if (!length)
            length = 1; /* the key '-' itself */
        uint16_t key = keymap_name(at, length);
        if (!key || count == CHORD_MAX)
            return error_set(err, "%s: no such key; say for instance f1 or ctrl-alt-del", names);
        keys[count++] = key;
        at += length;
        if (*at == '-' && at[1])
            at++;
    }
    if (!count)
        return error_set(err, "no key is named; say for instance f1");
    add_stroke(typist, keys, count, HOLD_NS);
    return true;
}

/* "DX DY [WHEEL] [BUTTON ...]": the buttons that are named are held from now on. */
static bool add_mouse(struct typist *typist, const char *words, struct error *err)
{
    static const char *const buttons[] = {"left", "right", "middle"};
    struct step step = {.kind = STEP_MOUSE};
    int16_t *numbers[] = {&step.dx, &step.dy, &step.wheel};
    size_t count = 0;
    bool ok = true;
    for (const char *at = words + strspn(words, " "); *at && ok; at += strspn(at, " ")) {
        size_t length = strcspn(at, " "), button = 0;
        char *end;
        long number = strtol(at, &end, 10);
        while (button < 3 && (strlen(buttons[button]) != length || strncmp(at, buttons[button], length)))
            button++;
        if (button < 3)
            step.buttons |= (uint8_t)(1u << button);
        else if (end == at + length && count < 3 && !step.buttons && number >= -MOUSE_MAX &&
                 number <= MOUSE_MAX)
            *numbers[count++] = (int16_t)number;
        else
            ok = false;
        at += length;
    }
    if (!ok || count == 1)
        return error_set(
            err,
            "--type: \\{mouse%s}: say for instance \\{mouse 40 -10}, \\{mouse left} to hold a button, "
            "\\{mouse} to let go, \\{mouse 0 0 -1} for the wheel",
            words);
    *add(typist, STEP_MOUSE) = step;
    int most = abs(step.dx) > abs(step.dy) ? abs(step.dx) : abs(step.dy);
    add_wait(typist, MOUSE_NS * (uint64_t)(1 + most / REPORT_COUNTS));
    return true;
}

static bool add_braced(struct typist *typist, const char *word, struct error *err)
{
    if (!strncmp(word, "wait ", 5)) {
        uint64_t ns;
        if (!parse_duration(word + 5, &ns))
            return error_set(err, "--type: \\{%s}: say for instance \\{wait 2s} or \\{wait 500ms}", word);
        add_wait(typist, ns);
        return true;
    }
    if (!strncmp(word, "screen ", 7)) {
        regex_t regex;
        if (regcomp(&regex, word + 7, REG_EXTENDED | REG_NEWLINE | REG_NOSUB))
            return error_set(err, "--type: \\{%s}: not a regular expression", word);
        regfree(&regex);
        add(typist, STEP_SCREEN)->pattern = xstrdup(word + 7);
        return true;
    }
    if (!strncmp(word, "mouse", 5) && (!word[5] || word[5] == ' '))
        return add_mouse(typist, word + 5, err);
    return typist_add_keys(typist, word, err) || error_prefix(err, "--type: \\{%s}", word);
}

/* Where the brace that was opened before TEXT ends: braces within are balanced, so regular expressions work.
 */
static const char *closing_brace(const char *text)
{
    unsigned depth = 1;
    for (; *text; text++) {
        if (*text == '{')
            depth++;
        else if (*text == '}' && --depth == 0)
            return text;
    }
    return NULL;
}

/* Takes what follows a backslash; returns where the text goes on, NULL with ERR. */
static const char *add_escape(struct typist *typist, const char *at, struct error *err)
{
    static const char letters[] = "nteb\\", meaning[] = "\n\t\033\b\\";
    if (*at == '{') {
        const char *end = closing_brace(at + 1);
        if (!end) {
            error_set(err, "--type: \\%s: the closing } is missing", at);
            return NULL;
        }
        char *word = xcalloc((size_t)(end - at), 1);
        memcpy(word, at + 1, (size_t)(end - at - 1));
        bool ok = add_braced(typist, word, err);
        free(word);
        return ok ? end + 1 : NULL;
    }
    const char *letter = *at ? strchr(letters, *at) : NULL;
    if (!letter) {
        error_set(err, "--type: \\%.1s: there are \\n \\t \\e \\b \\\\ and \\{...}", at);
        return NULL;
    }
    add_character(typist, (uint8_t)meaning[letter - letters]);
    if (*letter == 'n')
        add_still(typist, AFTER_ENTER_NS, AFTER_ENTER_MAX);
    return at + 1;
}

bool typist_add_script(struct typist *typist, const char *text, struct error *err)
{
    if (strncmp(text, "\\{wait ", 7) && strncmp(text, "\\{screen ", 9))
        add_still(typist, SETTLE_NS, SETTLE_MAX_NS);
    while (*text) {
        if (*text == '\\') {
            text = add_escape(typist, text + 1, err);
            if (!text)
                return false;
            continue;
        }
        if (!add_character(typist, (uint8_t)*text))
            return error_set(err, "--type: a US keyboard has no key for the byte %02Xh in '%s'",
                             (uint8_t)*text, text);
        if (*text == '\n')
            add_still(typist, AFTER_ENTER_NS, AFTER_ENTER_MAX);
        text++;
    }
    return true;
}

/* --- Typing -----------------------------------------------------------------------------------------------
 */

static uint64_t cycles_of_ns(struct machine *machine, uint64_t ns)
{
    return (uint64_t)((unsigned __int128)ns * machine_hz(machine) / 1000000000u);
}

static uint64_t stillness_hash(struct machine *machine)
{
    struct text screen = {0};
    machine_screen_text(machine, &screen);
    uint64_t counts[2] = {machine_floppy_activity(machine), machine_disk_activity(machine)};
    uint64_t hash = hash_bytes(HASH_START, text_chars(&screen), screen.length);
    text_free(&screen);
    return hash_bytes(hash, counts, sizeof counts);
}

static bool is_still(struct typist *typist, const struct step *step, struct machine *machine)
{
    uint64_t now = machine_cycles(machine), hash = stillness_hash(machine);
    if (!typist->started) {
        typist->started = true;
        typist->start = typist->still_since = now;
        typist->still_hash = hash;
    } else if (hash != typist->still_hash) {
        typist->still_since = now;
        typist->still_hash = hash;
    }
    return now - typist->still_since >= cycles_of_ns(machine, step->ns) ||
           now - typist->start >= cycles_of_ns(machine, step->max_ns);
}

static bool screen_shows(struct machine *machine, const char *pattern)
{
    regex_t regex;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB))
        return false;
    struct text screen = {0};
    machine_screen_text(machine, &screen);
    bool found = !regexec(&regex, text_chars(&screen), 0, NULL, 0);
    text_free(&screen);
    regfree(&regex);
    return found;
}

/* Is the step done? A wait that began now is not. */
static bool take_step(struct typist *typist, const struct step *step, struct machine *machine)
{
    switch (step->kind) {
    case STEP_PRESS:
        machine_key(machine, step->key, true);
        return true;
    case STEP_RELEASE:
        machine_key(machine, step->key, false);
        return true;
    case STEP_WAIT:
        typist->due = machine_cycles(machine) + cycles_of_ns(machine, step->ns);
        return true;
    case STEP_SCREEN:
        return screen_shows(machine, step->pattern);
    case STEP_STILL:
        return is_still(typist, step, machine);
    case STEP_MOUSE:
        machine_mouse(machine, step->dx, step->dy, step->wheel, step->buttons);
        return true;
    }
    return true;
}

void typist_run(struct typist *typist, struct machine *machine)
{
    while (typist_busy(typist) && machine_cycles(machine) >= typist->due) {
        if (!take_step(typist, &typist->steps[typist->at], machine))
            return;
        typist->at++;
        typist->started = false;
    }
}

/* --- Snapshots --------------------------------------------------------------------------------------------
 */

#define STEPS_MAX   (1u << 24)
#define PATTERN_MAX 65536u
#define LONGEST_NS  9000000000000000000u

static void write_mouse(struct blob *out, const struct step *step)
{
    blob_u16(out, (uint16_t)step->dx);
    blob_u16(out, (uint16_t)step->dy);
    blob_u16(out, (uint16_t)step->wheel);
    blob_u8(out, step->buttons);
}

static bool read_mouse(struct step *step, struct blob_reader *in)
{
    int16_t *numbers[] = {&step->dx, &step->dy, &step->wheel};
    for (size_t i = 0; i < 3; i++) {
        *numbers[i] = (int16_t)read_u16(in);
        if (*numbers[i] < -MOUSE_MAX || *numbers[i] > MOUSE_MAX)
            return false;
    }
    step->buttons = read_u8(in);
    return !in->failed && step->buttons < 8;
}

void typist_write(const struct typist *typist, struct blob *out)
{
    blob_u64(out, typist->due);
    blob_u8(out, typist->started);
    blob_u64(out, typist->start);
    blob_u64(out, typist->still_since);
    blob_u64(out, typist->still_hash);
    blob_u32(out, (uint32_t)(typist->count - typist->at));
    for (size_t i = typist->at; i < typist->count; i++) {
        const struct step *step = &typist->steps[i];
        blob_u8(out, (uint8_t)step->kind);
        blob_u16(out, step->key);
        blob_u64(out, step->ns);
        blob_u64(out, step->max_ns);
        blob_string(out, step->pattern);
        if (step->kind == STEP_MOUSE)
            write_mouse(out, step);
    }
}

static bool is_pattern(const char *text)
{
    regex_t regex;
    if (regcomp(&regex, text, REG_EXTENDED | REG_NEWLINE | REG_NOSUB))
        return false;
    regfree(&regex);
    return true;
}

/* Makes and releases of keys that there are, as machine_key() takes them. */
static bool is_key(uint16_t key)
{
    return (key & 0x7F) && !(key & 0x80) && (key >> 8 == 0 || key >> 8 == 0xE0 || key == 0xE11D);
}

static bool read_step(struct step *step, struct blob_reader *in)
{
    uint8_t kind = read_u8(in);
    *step = (struct step){.kind = (enum step_kind)kind, .key = read_u16(in), .ns = read_u64(in)};
    step->max_ns = read_u64(in);
    char *pattern = read_string(in, PATTERN_MAX);
    bool screen = kind == STEP_SCREEN, press = kind == STEP_PRESS || kind == STEP_RELEASE;
    bool ok = !in->failed && kind <= STEP_MOUSE && step->ns < LONGEST_NS && step->max_ns < LONGEST_NS &&
              (screen ? is_pattern(pattern) : !*pattern) && (press ? is_key(step->key) : !step->key);
    if (ok && screen)
        step->pattern = pattern;
    else
        free(pattern);
    return ok && (kind != STEP_MOUSE || read_mouse(step, in));
}

bool typist_read(struct typist *typist, struct blob_reader *in)
{
    struct typist read = {.due = read_u64(in), .started = read_u8(in) & 1, .start = read_u64(in)};
    read.still_since = read_u64(in);
    read.still_hash = read_u64(in);
    uint32_t count = read_u32(in);
    if (in->failed || count > STEPS_MAX)
        return false;
    if (typist) {
        typist_clear(typist);
        read.steps = typist->steps;
        read.capacity = typist->capacity;
        *typist = read;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct step step;
        if (!read_step(&step, in))
            return false;
        if (typist)
            *add_at_end(typist) = step;
        else
            free(step.pattern);
    }
    return true;
}
