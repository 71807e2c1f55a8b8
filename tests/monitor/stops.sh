#!/usr/bin/env bash
# Breakpoints of all kinds and the ways of running, through scripts on a guest of their own: stops/NAME.cmd gives
# stops/NAME.out. ACCEPT=1 writes the .out files anew: read what git diff says.
. "$(dirname "$0")/../front/front.inc"
need nasm
nasm -f bin "${here:?}/stops.asm" -o stops.img && truncate -s 1474560 stops.img || exit 1
"$TICK86" --display none --fda stops.img -x 'disassemble/1' </dev/null 2>&1 | grep -q 'db 0x' &&
    { echo "skipped: built without Zydis"; exit 77; }

run() {
    timeout 60 "$TICK86" --display none --snapshot --fda stops.img --limit 20s --stats "$1.stats" --monitor <"$2" 2>&1 |
        sed -E -e 's/in all [0-9]+ and [0-9]+\]$/in all ...]/' \
            -e 's/^\[[0-9]{4,} instructions, [0-9]+ cycles;/[... instructions, ... cycles;/' \
            -e 's/, [0-9]{6,} cycles;/, ... cycles;/' -e 's/\b000f[0-9a-f]{4}\b/000f..../g' -e 's/^(gdtr base).*/\1 .../' -e 's/^(000f.* f000:).*/\1.../' \
            -e '/^     f000:/d' -e 's/^(ffffff..:).*/\1 .../' -e '/ int 1[5c], .* f000:/d' -e 's/^ +[0-9]{6,} / ... /' -e 's/after [0-9]+ instructions:/after ... instructions:/' -e 's/after [0-9]{7,} more/after ... more/'
}
for script in "$here"/stops/*.cmd; do
    name=$(basename "$script" .cmd)
    run "$name" "$script" >"$name.out"
    [ -z "${ACCEPT:-}" ] || cp "$name.out" "$here/stops/$name.out"
    verify "$name" diff -u "$here/stops/$name.out" "$name.out"
done

# A breakpoint on any instruction of several that run as one handler is met each time, whether it was there when they were
# decoded or came when they had run long since; and the machine ends as it does without.
nasm -f bin "$here/fused.asm" -o fused.img -l fused.lst && truncate -s 1474560 fused.img || exit 1
fused() { timeout 60 "$TICK86" --display none --snapshot --fda fused.img --limit 3s --stats fused.stats --monitor 2>&1; }
address() { printf '%x' $((0x7c00 + 0x$(grep -A1 -E "^ *[0-9]+ +$1:" fused.lst | awk 'END { print $2 }'))); }
within() { (($1 >= $2 && $1 <= $3)); }
fused <<<continue >/dev/null
bare=$(grep state_hash fused.stats)
verify "the loops come to their end" [ -n "$bare" ]
while read -r label; do
    count=${label##*_}
    printf 'break %s\nignore 1 1000000\ncontinue\nbreak\n' "$(address "$label")" | fused >out
    verify "$label" grep -q "hit $count times" out
    verify "$label changes nothing" [ "$bare" = "$(grep state_hash fused.stats)" ]
    case $label in *16_*) continue ;; esac
    printf 'break %s\ncontinue\ndelete\nbreak %s\nignore 2 1000000\ncontinue\nbreak\n' "$(address at_later)" "$(address "$label")" | fused >out
    left=$(sed -n 's/.*hit \([0-9]*\) times.*/\1/p' out)
    verify "$label, planted later" within "${left:-0}" $((count * 292 / 300)) $((count * 293 / 300))
done < <(grep -oE '^at_[a-z0-9]+_[0-9]+' "$here/fused.asm")

# Beside the guest's own breakpoints (DR0-DR3), at the same instructions and data: the guest does not notice, and the fast
# way meets as many as the one that runs each instruction by itself.
armed=${TICK86_BUILD:-$here/../../build}/tests/system/armed
if [ -e "$armed.img" ] && command -v nm >/dev/null; then
    beside() { timeout 100 "$TICK86" --display none --snapshot --fda "$armed.img" --limit 60000000i --stats beside.stats --monitor "$@" 2>&1; }
    place() { nm "$armed.elf" | sed -n "s/^0*\([0-9a-f]*\) . $1$/\1/p"; }
    hits() { grep -o 'hit [0-9]* times' out; }
    beside <<<continue >out
    bare=$(grep state_hash beside.stats)
    for label in loop_compare loop_back arms_target patched rep_movs4; do
        printf 'break %s\nignore 1 100000000\nbreak write 0x%s..0x%x\nignore 2 100000000\ncontinue\nbreak\n' "$(place $label)" \
            "$(place data)" $((0x$(place data) + 0x8f)) >commands
        beside <commands >out
        fast=$(hits) end=$(grep state_hash beside.stats)
        beside --cpu-paths single <commands >out
        verify "beside the guest's breakpoints, $label" [ "$(wc -l <<<"$fast")" = 2 -a "$fast" = "$(hits)" ]
        verify "which change nothing, $label" [ -n "$bare" -a "$bare" = "$end" -a "$bare" = "$(grep state_hash beside.stats)" ]
    done
else
    echo "skipped: $armed.img is not built, or there is no nm"
fi

# The log of BIOS calls goes on while breakpoints stand.
timeout 60 "$TICK86" --display none --snapshot --fda stops.img --log int13 --monitor -x 'break int 13' -x continue >out 2>err </dev/null
verify "a BIOS call is logged beside its breakpoint" grep -q '^ *[0-9]* int13: AX=' err

"$TICK86" --display none -x 'break #PF' -x 'info pic' >out 2>err </dev/null
verify "an exception's name alone is a breakpoint" grep -q '^Breakpoint 1: exception 14$' out
verify "info takes a device's name" grep -q '^pic: 8259A' out

# What fails in the commands of a breakpoint names the line where it stands.
script() { printf '%s\n' "$@" >commands; timeout 60 "$TICK86" --display none --snapshot --fda stops.img --monitor-script commands >out 2>err </dev/null; }
script '# one' 'break 7c00 do print 1; nonsense' 'continue'
verify "a mistake behind do is told at once" grep -qx "tick86: commands:2: 'nonsense': there is no command 'nonsense'; help lists them" err
script 'break 7c00' 'commands' 'print 1' 'x/2q 0' 'end'
verify "one of a list too, by its line" grep -q "^tick86: commands:4: 'x/2q 0': " err
script 'break 7c00' 'commands' 'print 1' '' 'load nothing 0x500' 'end' 'continue'
verify "what fails at the stop is told by both lines" grep -qx \
    "tick86: commands:7: commands:5: breakpoint 1, 'load nothing 0x500': nothing: No such file or directory; choose another file" err

# A run without the monitor explains a triple fault by itself.
timeout 60 "$TICK86" --display none --snapshot --fda stops.img >out 2>err </dev/null
verify "a triple fault gives 125" [ $? = 125 ]
verify "and is explained" grep -q 'because vector 03h is beyond the limit 0000 of the interrupt descriptor table' err
verify "with the exceptions on the way" [ "$(grep -c '^[123]\. #GP general protection' err)" = 3 ]
verify "and how it came there" grep -q '0008:[0-9a-f]*  cmp word ptr' err
timeout 60 "$TICK86" --display none --snapshot --fda stops.img -x c -x why >out 2>err </dev/null
verify "after as many instructions as the run had" [ "$(sed -n 's/.*in all \([0-9]*\) .*/\1/p' out)" = \
    "$(sed -n 's/^Triple fault after \([0-9]*\) .*/\1/p' out)" ]

# Ctrl-C at the terminal leads into the monitor of a run that was started without; Ctrl-C at its prompt does no harm.
if command -v tmux >/dev/null; then
    pane() { tmux -L "stops$$" capture-pane -p -t m; }
    shows() { pane | grep -q "$1"; }
    # The prompt stands and reads: what is typed before that is lost.
    asks() { [ "$(pane | grep . | tail -n 1 | sed 's/ *$//')" = 'tick86>' ]; }
    tmux -L "stops$$" new-session -d -s m -x 120 -y 40 \
        "trap : INT; '$TICK86' --display none --speed real --boot d --limit 100000s; echo status \$?; sleep 60"
    sleep 1
    tmux -L "stops$$" send-keys -t m C-c
    verify "Ctrl-C stops a run" wait_for 30 shows 'The machine is stopped'
    wait_for 30 asks
    tmux -L "stops$$" send-keys -t m 'print 0x1234' Enter
    verify "and commands are taken" wait_for 30 shows '0x1234  4660'
    tmux -L "stops$$" send-keys -t m 'continue' Enter
    sleep 1
    tmux -L "stops$$" send-keys -t m C-c
    verify "it goes on, and stops again" wait_for 30 shows 'in all'
    wait_for 30 asks
    tmux -L "stops$$" send-keys -t m 'quit' Enter
    verify "quit ends it with 0" wait_for 30 shows 'status 0'
    tmux -L "stops$$" kill-server
else
    echo "skipped: tmux is not installed"
fi

# Whatever is set, the guest ends the same: each of these stops and goes on at every kind of place.
printf 'c\n' >plain
cat >everything <<'END'
break 7c00..7fff do silent; continue
break 8000..8e00 do silent; continue
break access 0..fff do silent; continue
break access 7000..9fff do silent; continue
break write physical 10000..12000 do silent; continue
break int do silent; continue
break irq do silent; continue
break exception do silent; continue
break io 0..ffff do silent; continue
break cr do silent; continue
break dr do silent; continue
break msr do silent; continue
break mode do silent; continue
break gdtr do silent; continue
break tr do silent; continue
break hlt do silent; continue
break magic do silent; continue
break triple do silent; continue
c
END
printf 'tbreak 7c00\nc\nstep 5000000\n' >steps
state() { grep -o '"state_hash.*\|"instructions.*\|"exceptions.*' "$1.stats"; }
run unbroken plain >/dev/null
for way in everything steps; do
    run $way $way >/dev/null
    verify "the guest is the same with $way" [ "$(state unbroken)" = "$(state $way)" ]
done
verify "whose state is known" [ -n "$(state unbroken)" ]
finish
