#!/usr/bin/env bash
# Every command that looks, helps or sets, through scripts on a guest of their own: views/NAME.cmd gives views/NAME.out.
# Where a line begins with "mask ", what follows is a sed command for output that depends on firmware or time.
# ACCEPT=1 writes the .out files anew: read what git diff says.
. "$(dirname "$0")/../front/front.inc"
need nasm
nasm -f bin "${here:?}/lab.asm" -o lab.img && truncate -s 1474560 lab.img || exit 1
nasm -f bin "$here/disk.asm" -o disk.img && truncate -s 8257536 disk.img || exit 1
"$TICK86" --display none --fda lab.img -x 'disassemble/1' </dev/null 2>&1 | grep -q 'db 0x' &&
    { echo "skipped: built without Zydis"; exit 77; }

run_view() {
    local name=$1
    sed -n 's/^mask //p' "$here/views/$name.cmd" >mask
    grep -v '^mask ' "$here/views/$name.cmd" |
        timeout 60 "$TICK86" --display none --snapshot --fda lab.img --hda disk.img --limit 20s --monitor 2>&1 |
        sed -E -e 's/^\[[0-9]+ instructions?, .*\]$/[counts]/' -f mask >"$name.out"
    [ -z "${ACCEPT:-}" ] || cp "$name.out" "$here/views/$name.out"
    verify "$name" diff -u "$here/views/$name.out" "$name.out"
}
for script in "$here"/views/*.cmd; do
    run_view "$(basename "$script" .cmd)"
done

# Every subject of info and every command appears in a script whose output is compared.
cat "$here"/*/*.cmd >all
names() { printf '%s\nquit\n' "$1" | "$TICK86" --display none --fda lab.img --monitor 2>&1; }
names info | sed -n 's/^info \([a-z0-9-]*\).*/info \1/p' >wanted
names help | sed -n 's/^\([a-z-]*\)\( .*\)\?  [a-z].*/\1/p' | grep -v '^fffffff0' >>wanted
while read -r name; do
    grep -Eq "(^|[\"' ])$name([\"' /]|\$)" all || echo "no test has '$name'"
done <wanted >missing
verify "every command that looks has a test" [ ! -s missing ]
cat missing
# Each has a short form, of at most four letters.
names help | sed '1d; /^help COMMAND or TOPIC/d' | grep -Ev '^[a-z]{1,3} |\(([^)]* )?[a-z?]{1,4}( [^)]*)?\)$' | cut -d' ' -f1 >long
verify "every command has a short form" [ ! -s long ]
cat long
# The page on Bochs's debugger and gdb speaks of commands that there are.
sed -n 's/^| [^|]* | `\([^`]*\)`.*/\1/p' "$here/../../docs/bochs-debugger.md" |
    sed -E 's/^(i|info) ([a-z0-9-]+).*/info \2/; t; s/^([a-z?-]+).*/\1/' | sort -u | sed 's/^/help /' >helps
"$TICK86" --display none --fda lab.img --monitor <helps >out 2>&1
verify "the page on other debuggers names commands that there are" [ "$(grep -Ec '^there is no|cannot show' out)" = 0 ]
grep -E '^there is no|cannot show' out
verify "and not a few" [ "$(wc -l <helps)" -gt 60 ]
# A script stops at its first mistake, and says where.
printf '# a script\n\nsource inner\n' >outer
printf 'echo inside\nnonsense\necho never\n' >inner
timeout 20 "$TICK86" --display none --fda lab.img --monitor-script outer >out 2>err </dev/null
verify "a mistake in a script gives 2" [ $? = 2 ]
verify "and tells files and lines" grep -q "outer:3: inner:2: there is no command 'nonsense'" err
verify "after what came before it" grep -qx inside out
verify "and nothing after it" [ "$(grep -c never out)" = 0 ]
printf 'echo inside\n' >inner
timeout 20 "$TICK86" --display none --fda lab.img --monitor-script outer >out 2>err </dev/null
verify "scripts call scripts" grep -qx inside out
printf 'source loop\n' >loop
timeout 20 "$TICK86" --display none --fda lab.img --monitor-script loop >out 2>err </dev/null
verify "but not themselves without end" grep -q 'too many scripts within scripts' err
timeout 20 "$TICK86" --display none --fda lab.img -x 'x/2q 0' -x 'echo never' >out 2>err </dev/null
verify "-x stops at the first mistake with 2" [ $? = 2 ]
# So does a pipe, but the commands behind it run; how the guest ended comes first.
piped() { timeout 20 "$TICK86" --display none --fda lab.img "$@" --monitor >out 2>err; }
printf 'nonsense\necho behind it\n' | piped
verify "a mistake in piped input gives 2 at the end" [ $? = 2 ]
verify "after what follows it" grep -qx 'behind it' out
echo 'print 1' | piped
verify "and none gives 0" [ $? = 0 ]
printf 'nonsense\ncontinue\n' | piped --limit 1000i
verify "the guest's own end has its status" [ $? = 124 ]
mkfifo commands
"$TICK86" --display none --fda lab.img --monitor <commands >out 2>err &
reader=$!
cleanup_jobs="$cleanup_jobs $reader"
exec 3>commands
echo 'echo ready' >&3
wait_for 20 grep -q ready out
kill -TERM $reader
wait $reader
verify "SIGTERM while it reads gives 143" [ $? = 143 ]
exec 3>&-
verify "unattended output has no escape sequences" [ -z "$(cat ./*.out | tr -cd '\033')" ]
finish
