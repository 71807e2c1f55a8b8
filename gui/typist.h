/* Types at the guest's keyboard at a human pace in virtual time: --type, pasted text, keys of a terminal.
 *
 * Everything that it does depends on the guest's clock and screen alone, so the same text gives the same run.
 */
#ifndef TICK86_GUI_TYPIST_H
#define TICK86_GUI_TYPIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/error.h"

struct machine;
struct typist;

struct typist *typist_create(void);
void typist_destroy(struct typist *typist);

/* TEXT of --type: characters, \n \t \e \b \\, and in \{...}: names of keys, several joined by '-'
 * (\{ctrl-alt-del}), "wait 2s", "screen REGEX" (waits until the text screen shows it), or "mouse DX DY WHEEL
 * BUTTON ..." (mickeys, y grows downwards; the buttons that are named are held). Unless it starts with one of
 * the waits, typing begins when the screen and the drives have been still for a second, and after each Enter
 * it waits for a quarter of a second of stillness. False with ERR (which names --type) for what cannot be
 * typed. */
bool typist_add_script(struct typist *typist, const char *text, struct error *err);

/* Names of keys, joined by hyphens, go down in this order and up in the opposite one: "ctrl-alt-del". False
 * with ERR where one is unknown. */
bool typist_add_keys(struct typist *typist, const char *names, struct error *err);

/* Plain text, as pasted: what no key types is left out. */
void typist_add_text(struct typist *typist, const char *text);

/* One stroke: the keys go down in their order and up in the opposite one. At most 8. */
void typist_add_chord(struct typist *typist, const uint16_t *keys, size_t count);

/* A key of the user's own keyboard goes down or up: at once, or where the host has stood still and brings
 * many at a time, so slowly that the guest's keyboard loses none. */
void typist_add_key(struct typist *typist, uint16_t key, bool down);

bool typist_busy(const struct typist *typist);
void typist_clear(struct typist *typist);

/* For snapshots: what is still to be typed, and what it waits for. With TYPIST NULL typist_read() only
 * checks. */
void typist_write(const struct typist *typist, struct blob *out);
bool typist_read(struct typist *typist, struct blob_reader *in);

/* To be called between the slices of a run: presses and releases what is due now. */
void typist_run(struct typist *typist, struct machine *machine);

#endif
