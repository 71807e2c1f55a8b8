/* Commands that do what a user does at the machine: changing media, pressing keys, taking pictures. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "monitor/monitor_private.h"

static enum monitor_result result_of(bool ok)
{
    return ok ? MONITOR_DONE : MONITOR_FAILED;
}

static enum monitor_result fail(struct error *err, const char *usage)
{
    error_set(err, "say %s", usage);
    return MONITOR_FAILED;
}

/* Is there a session behind the monitor that does such things? */
static bool has_user(const struct monitor *monitor, struct error *err)
{
    return monitor->host.user.change_medium || error_set(err, "there is nobody here to do that");
}

enum monitor_result command_media(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    if (*arguments)
        return fail(err, "media");
    if (!has_user(monitor, err))
        return MONITOR_FAILED;
    struct text out = {0};
    monitor->host.user.print_media(monitor->host.owner, &out);
    fputs(text_chars(&out), monitor->out);
    text_free(&out);
    return MONITOR_DONE;
}

enum monitor_result command_insert(struct monitor *monitor, const char *format, const char *arguments,
                                   struct error *err)
{
    (void)format;
    if (!*arguments)
        return fail(err, "insert DRIVE FILE, or insert DRIVE for the next one at hand");
    if (!has_user(monitor, err))
        return MONITOR_FAILED;
    char *drive = xstrdup(arguments), *path = drive + strcspn(drive, " \t");
    if (*path)
        *path++ = 0;
    bool ok = monitor->host.user.change_medium(monitor->host.owner, drive, path + strspn(path, " \t"), err);
    free(drive);
    return result_of(ok);
}

enum monitor_result command_eject(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    if (!*arguments)
        return fail(err, "eject DRIVE");
    return result_of(has_user(monitor, err) &&
                     monitor->host.user.change_medium(monitor->host.owner, arguments, NULL, err));
}

enum monitor_result command_sendkey(struct monitor *monitor, const char *format, const char *arguments,
                                    struct error *err)
{
    (void)format;
    if (!*arguments)
        return fail(err, "sendkey ctrl-alt-del, for instance");
    if (!has_user(monitor, err))
        return MONITOR_FAILED;
    char *copy = xstrdup(arguments), *rest = copy, *word;
    bool ok = true;
    while (ok && (word = strsep(&rest, " \t")))
        ok = !*word || monitor->host.user.send_keys(monitor->host.owner, word, err);
    free(copy);
    return result_of(ok);
}

enum monitor_result command_type(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    (void)format;
    if (!*arguments)
        return fail(err, "type TEXT, with \\n for Enter");
    return result_of(has_user(monitor, err) && monitor->host.user.type(monitor->host.owner, arguments, err));
}

enum monitor_result command_screenshot(struct monitor *monitor, const char *format, const char *arguments,
                                       struct error *err)
{
    (void)format;
    if (!*arguments)
        return fail(err, "screenshot FILE.png");
    return result_of(has_user(monitor, err) &&
                     monitor->host.user.screenshot(monitor->host.owner, arguments, err));
}

enum monitor_result command_video(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    if (!*arguments)
        return fail(err, "video FILE.gif, or video off");
    const char *path = strcmp(arguments, "off") ? arguments : NULL;
    return result_of(has_user(monitor, err) && monitor->host.user.video(monitor->host.owner, path, err));
}
