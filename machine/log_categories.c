#include "machine/log_categories.h"

#include <string.h>

#include "base/text.h"

const struct log_category log_categories[] = {
    {"floppy", "commands of the floppy controller, changes of disks"},
    {"fw_cfg", "failures of the firmware configuration device"},
    {"i8042", "unknown commands of the keyboard controller"},
    {"ide", "commands of hard disks and CD-ROM drives, changes of discs"},
    {"int10", "calls of the video BIOS, with their registers"},
    {"int13", "calls of the BIOS for floppies and disks"},
    {"int15", "calls of the BIOS for memory, mouse, power"},
    {"int16", "calls of the BIOS for the keyboard"},
    {"pci", "devices that cannot be where the guest puts them"},
    {"pic", "spurious interrupts, interrupt controllers that do not answer"},
    {"ports", "accesses to ports that nothing answers"},
    {"vga", "video modes that do not exist"},
    {0},
};

static bool is_known(const char *name, size_t length)
{
    if (length == 3 && !memcmp(name, "all", 3))
        return true;
    for (const struct log_category *row = log_categories; row->name; row++)
        if (strlen(row->name) == length && !memcmp(row->name, name, length))
            return true;
    return false;
}

bool log_categories_check(const char *text, struct error *err)
{
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        if (!is_known(at, length)) {
            struct text names = {0};
            for (const struct log_category *row = log_categories; row->name; row++)
                text_add(&names, "%s, ", row->name);
            error_set(err, "--log %s: there is no category '%.*s'; there are %sall", text, (int)length, at,
                      text_chars(&names));
            text_free(&names);
            return false;
        }
        at += length;
        if (!*at)
            return true;
    }
}
