/* Commands that do what a user does at the machine: changing media, pressing keys, taking pictures. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "monitor/arguments.h"
#include "monitor/monitor_private.h"

static enum monitor_result result_of(bool ok)
{
    return ok ? MONITOR_DONE : MONITOR_FAILED;
}

/* Is there a session behind the monitor that does such things? */
static bool has_user(const struct monitor *monitor, struct error *err)
{
    return monitor->host.user.change_medium || error_set(err, "there is nobody here to do that");
}

enum monitor_result command_media(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format, (void)arguments;
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
    if (!has_user(monitor, err))
        return MONITOR_FAILED;
    size_t length = strcspn(arguments, " \t");
    const char *rest = arguments + length + strspn(arguments + length, " \t");
    char *drive = xstrdup(arguments), *path = *rest ? argument_last_file(rest, err) : xstrdup("");
    drive[length] = 0;
    bool ok = path && monitor->host.user.change_medium(monitor->host.owner, drive, path, err);
    free(drive);
    free(path);
    return result_of(ok);
}

enum monitor_result command_eject(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    return result_of(has_user(monitor, err) &&
                     monitor->host.user.change_medium(monitor->host.owner, arguments, NULL, err));
}

enum monitor_result command_sendkey(struct monitor *monitor, const char *format, const char *arguments,
                                    struct error *err)
{
    (void)format;
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
    return result_of(has_user(monitor, err) && monitor->host.user.type(monitor->host.owner, arguments, err));
}

/* Calls MAKE with the file that ARGUMENTS name. */
static enum monitor_result with_file(struct monitor *monitor, const char *arguments,
                                     bool (*make)(void *owner, const char *path, struct error *err),
                                     struct error *err)
{
    char *path = has_user(monitor, err) ? argument_last_file(arguments, err) : NULL;
    bool ok = path && make(monitor->host.owner, path, err);
    free(path);
    return result_of(ok);
}

enum monitor_result command_screenshot(struct monitor *monitor, const char *format, const char *arguments,
                                       struct error *err)
{
    (void)format;
    return with_file(monitor, arguments, monitor->host.user.screenshot, err);
}

enum monitor_result command_video(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    if (!strcmp(arguments, "off"))
        return result_of(has_user(monitor, err) && monitor->host.user.video(monitor->host.owner, NULL, err));
    return with_file(monitor, arguments, monitor->host.user.video, err);
}
