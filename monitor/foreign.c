/* Words of other debuggers that have no counterpart here: each is refused with what does the same, or why
 * nothing does. */
#include "monitor/foreign.h"

#include <string.h>

static const struct foreign_word {
    const char *names; /* separated by blanks */
    const char *answer;
} commands[] =
    {
        {"call", "nothing can be called in the guest; jump ADDRESS goes on there"},
        {"handle",
         "there are no signals; catch exception N and break int N stop at exceptions and interrupts"},
        {"file symbol-file add-symbol-file ldsym slist load-symbols", "there are no symbols; use addresses"},
        {"list edit directory", "there is no source; disassemble shows instructions"},
        {"target attach", "the monitor is in the machine already; --monitor starts stopped in it"},
        {"thread", "there is one processor"},
        {"layout tui focus refresh winheight",
         "there are no windows; display/i $pc and display registers show them at each stop"},
        {"run start starti", "the machine is on already; reset presses its button, continue lets it run"},
        {"reverse-step reverse-stepi reverse-next reverse-nexti reverse-continue reverse-finish rsi rs rni "
         "rn rc",
         "time runs forward here; snapshot save FILE before, and snapshot load FILE to come back"},
        {"checkpoint restart record playback save_state restore_state",
         "snapshot save FILE and snapshot load FILE do that"},
        {"monitor", "this is the monitor: leave that word out"},
        {"shell ! make cd pwd",
         "there is no shell here; Ctrl-Z leads to the one that tick86 was started from"},
        {"define document python", "there are no functions; source FILE runs a file of commands"},
        {"detach disconnect", "continue lets the machine run on, quit ends it"},
        {"up down", "frames cannot be selected; bt shows all of them, x their memory"},
        {"ptype whatis", "there are no types; x/4xw ADDRESS and print *(short *)ADDRESS name sizes"},
        {"printf", "print EXPRESSION and echo TEXT write single values and texts"},
        {"writereg", "set REGISTER = VALUE writes a register"},
        {"addlyt remlyt lyt", "display EXPRESSION or COMMAND shows that at each stop, undisplay ends it"},
        {"trace-on", "trace on shows each instruction"},
        {"trace-off", "trace off ends that"},
        {"query doit", "info events lists what is due, info NAME shows a device"},
        {"cpu", "info cpu tells model, mode and pins, registers all the registers"},
        {"tlb", "info tlb shows what the processor remembers"},
        {"instrument",
         "there is no instrumentation; trace on shows each instruction, break ... do COMMAND acts at events"},
        {"vmexitbp", "these processors have no VMX"},
        {"sse ymm zmm xmm", "these processors have no SSE; fpu and mmx show what they have"},
        {"load32bitosimage", "--kernel FILE loads a kernel"},
        {NULL, NULL},
},
  infos[] = {
      {"threads inferiors", "there is one processor: info cpu"},
      {"source sources locals args symbol symbols functions variables types line scope sharedlibrary",
       "there are no symbols; disassemble ADDRESS and info frame go by addresses"},
      {"linux",
       "the guest's system is not looked into; info idt, info gdt and registers show what it has set up"},
      {"dirty", "info pages tells which pages are dirty"},
      {"ne2k", "this board has no network adapter; info devices lists what it has"},
      {"signals handle program", "there are no signals; info breakpoints lists what stops the run"},
      {"target files proc", "info map shows what lies where, info media what is in the drives"},
      {"sse ymm zmm xmm", "these processors have no SSE; info fpu and info mmx show what they have"},
      {NULL, NULL},
};

static const char *find(const struct foreign_word *table, const char *word, size_t length)
{
    for (; table->names; table++)
        for (const char *at = table->names; *at; at += strspn(at, " ")) {
            size_t n = strcspn(at, " ");
            if (n == length && !strncmp(at, word, n))
                return table->answer;
            at += n;
        }
    return NULL;
}

const char *foreign_command(const char *word, size_t length)
{
    return find(commands, word, length);
}

const char *foreign_info(const char *word, size_t length)
{
    return find(infos, word, length);
}
