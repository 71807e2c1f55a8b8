/* metadata.json and revocation_list.txt; see metadata.h. */
#include "tests/vectors/metadata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FILE_MAX  (16u << 20)
#define MAX_DEPTH 16

/* --- a walk over JSON, RFC 8259: keeps the path of keys, looks at numbers only --- */

struct json {
    const char *at;
    char key[MAX_DEPTH][24];
    unsigned depth;
    struct metadata *out;
};

static void skip_space(struct json *j)
{
    while (*j->at == ' ' || *j->at == '\t' || *j->at == '\n' || *j->at == '\r')
        j->at++;
}

static bool eat(struct json *j, char c)
{
    skip_space(j);
    if (*j->at != c)
        return false;
    j->at++;
    return true;
}

/* Into OUT, cut to SIZE; escapes are kept as they stand. */
static bool string(struct json *j, char *out, size_t size)
{
    size_t n = 0;
    if (!eat(j, '"'))
        return false;
    while (*j->at != '"') {
        if (!*j->at || (*j->at == '\\' && !*++j->at))
            return false;
        if (n + 1 < size)
            out[n++] = *j->at;
        j->at++;
    }
    out[n] = 0;
    j->at++;
    return true;
}

static void add_mask(struct metadata *m, const char *opcode, const char *reg, uint16_t mask)
{
    if (m->count == m->capacity) {
        m->capacity = m->capacity ? 2 * m->capacity : 256;
        m->masks = xrealloc(m->masks, m->capacity * sizeof *m->masks);
    }
    struct flags_mask *new = &m->masks[m->count++];
    snprintf(new->opcode, sizeof new->opcode, "%.8s%s%.4s", opcode, reg ? "." : "", reg ? reg : "");
    new->mask = mask;
}

/* opcodes / 08 / flags-mask, or opcodes / F6 / reg / 4 / flags-mask */
static void number(struct json *j, double value)
{
    if (j->depth < 3 || strcmp(j->key[0], "opcodes") || strcmp(j->key[j->depth - 1], "flags-mask") ||
        !(value >= 0) || value > 65535)
        return;
    if (j->depth == 3)
        add_mask(j->out, j->key[1], NULL, (uint16_t)value);
    else if (j->depth == 5 && !strcmp(j->key[2], "reg"))
        add_mask(j->out, j->key[1], j->key[3], (uint16_t)value);
}

static bool value(struct json *j);

/* Members of an object or elements of an array, up to CLOSE. */
static bool members(struct json *j, bool object, char close)
{
    if (eat(j, close))
        return true;
    if (j->depth == MAX_DEPTH)
        return false;
    do {
        j->key[j->depth][0] = 0;
        if (object && (!string(j, j->key[j->depth], sizeof j->key[0]) || !eat(j, ':')))
            return false;
        j->depth++;
        bool ok = value(j);
        j->depth--;
        if (!ok)
            return false;
    } while (eat(j, ','));
    return eat(j, close);
}

static bool value(struct json *j)
{
    static const char *const words[] = {"true", "false", "null"};
    char text[2], *end;
    if (eat(j, '{'))
        return members(j, true, '}');
    if (eat(j, '['))
        return members(j, false, ']');
    if (*j->at == '"')
        return string(j, text, sizeof text);
    for (unsigned i = 0; i < 3; i++)
        if (!strncmp(j->at, words[i], strlen(words[i]))) {
            j->at += strlen(words[i]);
            return true;
        }
    double n = strtod(j->at, &end);
    if (end == j->at)
        return false;
    j->at = end;
    number(j, n);
    return true;
}

/* --- files --- */

/* NULL: not there. */
static char *read_text(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *text = xcalloc(1, FILE_MAX + 1);
    text[fread(text, 1, FILE_MAX, f)] = 0;
    fclose(f);
    return text;
}

/* Lines of 40 hexadecimal digits; others are comments. */
static void read_revoked(struct metadata *m, char *text)
{
    for (char *save, *line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
        if (strspn(line, "0123456789abcdefABCDEF") < 40)
            continue;
        if (m->revoked_count == m->revoked_capacity) {
            m->revoked_capacity = m->revoked_capacity ? 2 * m->revoked_capacity : 64;
            m->revoked = xrealloc(m->revoked, m->revoked_capacity * sizeof *m->revoked);
        }
        memcpy(m->revoked[m->revoked_count], line, 40);
        m->revoked[m->revoked_count++][40] = 0;
    }
}

bool metadata_load(struct metadata *m, const char *folder)
{
    *m = (struct metadata){0};
    char *text = read_text(folder, "metadata.json");
    if (text) {
        struct json j = {.at = text, .out = m};
        if (!value(&j))
            m->error = "metadata.json is not JSON";
        free(text);
    }
    text = read_text(folder, "revocation_list.txt");
    if (text)
        read_revoked(m, text);
    free(text);
    return !m->error;
}

void metadata_free(struct metadata *m)
{
    free(m->masks);
    free(m->revoked);
    *m = (struct metadata){0};
}

uint16_t metadata_flags(const struct metadata *m, const char *opcode)
{
    for (size_t i = 0; i < m->count; i++)
        if (!strcmp(m->masks[i].opcode, opcode))
            return m->masks[i].mask;
    return 0xFFFF;
}

bool metadata_is_revoked(const struct metadata *m, const char *hash)
{
    for (size_t i = 0; i < m->revoked_count; i++)
        if (!strcasecmp(m->revoked[i], hash))
            return true;
    return false;
}
