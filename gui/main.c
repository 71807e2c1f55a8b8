/* tick86: reads the options, runs the session, tells how it ended. All messages to the user are printed here.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "gui/cpu_models.h"
#include "gui/demo.h"
#include "gui/session.h"
#include "gui/session_monitor.h"
#include "machine/log_categories.h"
#include "machine/options.h"

static int complain(const struct error *err)
{
    fprintf(stderr, "tick86: %s\n", err->text);
    return 2;
}

static int run(const struct run_options *options)
{
    struct session session;
    struct error err;
    if (!session_open(&session, options, &err))
        return complain(&err);
    int status = 0;
    if (session.has_monitor) {
        if (!monitor_run_session(&session, &err)) {
            session_close(&session);
            return complain(&err);
        }
    } else {
        monitor_run_unasked(&session);
    }
    status = session_exit_status(&session);
    const char *line = session_end_line(&session);
    if (session.end == SESSION_TRIPLE_FAULT && !session.has_monitor)
        monitor_explain_triple_fault(&session);
    bool written = session_write_outputs(&session, &err);
    session_close(&session);
    if (line)
        fprintf(stderr, "tick86: %s\n", line);
    return written ? status : complain(&err);
}

static void print_log_categories(FILE *out)
{
    for (const struct log_category *row = log_categories; row->name; row++)
        fprintf(out, "%-8s  %s\n", row->name, row->tells);
}

/* Started with standard input, output or error closed (daemons do that), the first files opened would take
 * their places: a serial port on stdio would then write into a disk image. */
static void fill_standard_descriptors(void)
{
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = dup(fd);
    if (fd > STDERR_FILENO)
        close(fd);
}

/* What was printed, by the guest or for the user, is lost if it did not get out; but the reader of a pipe may
 * have seen enough. */
static int finish_output(int status)
{
    struct stat out;
    bool to_pipe = !fstat(STDOUT_FILENO, &out) && (S_ISFIFO(out.st_mode) || S_ISSOCK(out.st_mode));
    if ((fflush(stdout) == 0 && !ferror(stdout)) || to_pipe)
        return status;
    fputs("tick86: standard output cannot be written; is the disk full?\n", stderr);
    return status ? status : 2;
}

int main(int argc, char **argv)
{
    fill_standard_descriptors();
    struct run_options options;
    struct error err;
    int status = 0;
    run_options_init(&options);
    if (!run_options_parse(&options, argc, argv, &err))
        status = complain(&err);
    else if (options.help)
        run_options_print_help(stdout);
    else if (options.version)
        puts(PACKAGE_STRING);
    else if (options.cpu_help)
        print_cpu_models(stdout);
    else if (options.log_help)
        print_log_categories(stdout);
    else if (options.create.count)
        status = run_options_create_images(&options, &err) ? 0 : complain(&err);
    else if (!run_options_place_images(&options, &err) || !demo_use_if_nothing_given(&options, &err))
        status = complain(&err);
    else
        status = run(&options);
    run_options_free(&options);
    return finish_output(status);
}
