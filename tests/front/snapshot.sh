#!/usr/bin/env bash
# Snapshots by the monitor and --load: what is said, what is refused, and that refusing changes nothing.
# shellcheck disable=SC2317,SC2154  # functions called by name; variables of front.inc
. "$(dirname "$0")/front.inc"
. "$here/../snapshot/points.inc"
make_guest

tick() { timeout 60 "$TICK86" --display none "$@" </dev/null; }
# refused NAME PATTERN OPTIONS ...: exit status 2 and one line that matches.
refused() {
    local name=$1 pattern=$2
    shift 2
    tick "$@" >out 2>err
    if [ $? = 2 ] && [ "$(wc -l <err)" = 1 ] && grep -Eq -- "$pattern" err; then
        ok "$name"
    else
        bad "$name: $(cat err)"
    fi
}
# loaded NAME OPTIONS ...: it goes on to the end of the guest, which says 3 to the debug-exit port.
loaded() {
    local name=$1
    shift
    tick "$@" --limit 60s >out 2>err
    if [ $? = 7 ]; then ok "$name"; else bad "$name: $(cat err)"; fi
}

typed='\{screen READY}abc\{wait 1s}def\{f9}'
tick --snapshot guest.img --type "$typed" -m 4M --limit 300000i -x c -x 'snapshot save "a b.t86"' >out 2>err
verify "save tells where the machine stands" grep -Eq '^Saved a b.t86: [0-9]\.[0-9]{9} s, 300000 instructions$' out
mv 'a b.t86' s.t86
verify "others may read the file as umask says" [ "$(stat -c %a s.t86)" = "$(printf '%o' $((0666 & ~0$(umask))))" ]

# The machine, its image, and what was still to be typed come back by themselves.
(cd / && loaded "--load alone goes on" --load "$work/s.t86")
tick --load s.t86 -x 'info registers' -x 'snapshot save again.t86' >out 2>err
verify "saved again it is the same file" cmp s.t86 again.t86
loaded "options that agree are taken" --load s.t86 --snapshot -m 4096K guest.img
cp guest.img moved.img
loaded "an image may have moved" --load s.t86 --fda moved.img
tick --load s.t86 --type 'xyz' --limit 60s --debugcon file:typed >out 2>err
verify "what was to be typed is" grep -q 'abcdef' typed

# Forth and back within a run.
printf 'snapshot load s.t86\nbreak 0:7c00\nregisters\nc\nregisters\nsnapshot load s.t86\nsnap nonsense\nsnapshot load\n' >script
tick --snapshot guest.img -m 4M --monitor-script script >out 2>err
verify "a wrong word is told" grep -q "script:7: snapshot nonsense: something is missing; say snapshot save|load FILE" err
verify "load tells where the machine stands" [ "$(grep -c '^Loaded s.t86: [0-9.]* s, 300000 instructions$' out)" = 2 ]
printf 'tb 0:7e00\nc\nsnapshot save back.t86\nregisters\nstep 1000\nsnapshot load back.t86\nregisters\n' >script
tick --snapshot guest.img -m 4M --monitor-script script >out 2>err
verify "the registers are those of before" [ "$(grep '^eax' out | sort -u | wc -l)" = 1 ]

# What happened before is known after: the fault of an instruction that there is not.
printf 'tb 0:7c00\nc\nwhy\nsnapshot save early.t86\nwrite 7c00 0x0f 0xff\nbreak #UD\nc\nsnapshot save fault.t86\nwhy\n%s\nwhy\n' \
    'snapshot load early.t86' >script
tick --snapshot guest.img -m 4M --monitor-script script >out 2>err
verify "what came after the snapshot has not happened" [ "$(grep -c '^no exception has been raised' out)" = 2 ]
sed -n '/^Fault after/,/^Loaded/p' out | grep -v ^Loaded >why
tick --load fault.t86 --snapshot -m 4M -x why 2>err | sed -n '/^Fault after/,$p' >out
verify "a restored machine knows why it stands there" grep -q '^1\. #UD invalid opcode at 0000:7c00' out
verify "just as the saved one does" cmp why out

# A recording goes on where the clock is set back to before it began.
printf '%s\n' 'tb 0:7c00' c 'snapshot save v.t86' 'sb 3000' c 'video v.gif' 'sb 3000' c 'snapshot load v.t86' 'sb 3000' c 'video off' >script
(ulimit -f 2048 && tick --snapshot guest.img -m 4M --monitor-script script >out 2>err)
verify "a recording over a load ends" [ $? = 0 ]
verify "and is a whole picture" [ "$(tail -c 1 v.gif)" = ';' ]

# An image that is written directly: F8 writes the next letter to it. A is there when it is saved, B and C come later.
cp guest.img disk.img
truncate -s 1440K disk.img
letter() { dd if=disk.img bs=512 skip=4 count=1 status=none | od -An -tu1 -N1 | tr -d ' '; }
presses() { printf 'break io e9 w\n'; printf 'type \\{f8}%s\ncontinue\n' "$@"; printf 'screen\n'; }
cat >script <<'EOF'
break io e9 w
continue
type \{f8}1
continue
snapshot save w.t86
type \{f8}\{f8}2
continue
echo -
snapshot load w.t86
type \{f8}3
continue
screen
EOF
tick disk.img --monitor-script script >out 2>err
verify "load takes back what this run has written to a disk" grep -qx 'A1B3' out
verify "and the image has it" [ "$(letter)" = 2 ]
cp disk.img later.img
refused "a disk that another run has written to" '^tick86: w.t86: .*disk.img was written after that; tick86 --load with --snapshot goes' \
    --load w.t86
refused "also in the monitor" "^tick86: -x 'snapshot load w.t86': w.t86: disk.img was written after that" \
    disk.img -x 'snapshot load w.t86'
verify "it stays as it is" cmp disk.img later.img
presses 4 >script
tick --load w.t86 --snapshot --monitor-script script >out 2>err
verify "with --snapshot the disk is as it was then" grep -qx 'A1B4' out
verify "and the image as it is now" cmp disk.img later.img
head -c 1000448 later.img >disk.img
refused "a disk of another size" '^tick86: w.t86: .*disk.img has changed since' --load w.t86 --snapshot

# What the machine is not.
refused "another memory" '^tick86: --memory does not agree with s.t86' --load s.t86 -m 8M
refused "another processor" '^tick86: --cpu 486 does not agree with s.t86' --load s.t86 --cpu 486
refused "more processors" '^tick86: --cpus 2 does not agree with s.t86, which has one' --load s.t86 --cpus 2
refused "another clock" '^tick86: --mhz does not agree' --load s.t86 --mhz 33
refused "another drive" '^tick86: --hda does not agree' --load s.t86 --hda guest.img
refused "another port" '^tick86: --com3 does not agree' --load s.t86 --com3 none
tick --snapshot guest.img -m 4M --mouse com2 --serial-rate line --boot-menu --limit 1000i -x c -x 'snapshot save o.t86' >out 2>err
refused "another mouse" '^tick86: --mouse does not agree' --load o.t86 --mouse com1
refused "the default mouse, if asked for" '^tick86: --mouse does not agree' --load o.t86 --mouse ps2
refused "the default rate" '^tick86: --serial-rate does not agree' --load o.t86 --serial-rate max
printf '[boot]\nboot-menu = no\n' >no-menu.ini
refused "the default of a switch, in a file" '^tick86: --boot-menu does not agree' --load o.t86 -c no-menu.ini
tick --load o.t86 --mouse com2 --serial-rate line --boot-menu --limit 2000i >out 2>err
verify "the same ones are taken" [ $? = 124 ]
refused "the host's time" '^tick86: --time host does not go with --load' --load s.t86 --time host
refused "a limit that has passed" '^tick86: --limit: s.t86 was saved after .* give a higher limit' --load s.t86 --limit 1ms
dd if=/dev/urandom of=moved.img bs=1 seek=1000 count=4 conv=notrunc status=none
refused "another image" '^tick86: s.t86: it was saved with .*guest.img in fda, not moved.img; name that or a copy of it' --load s.t86 --fda moved.img
mkdir folder
echo one >folder/one.txt
tick --snapshot guest.img --hda fat:folder -m 4M --limit 1000i -x c -x 'snapshot save f.t86' >out 2>err
echo two >folder/two.txt
refused "a folder that has changed" '^tick86: f.t86: the files in fat:.*/folder are not as they were; bring them back' --load f.t86
mv guest.img away.img
refused "an image that is gone" '^tick86: s.t86: .*guest.img: no such file' --load s.t86
refused "an image that has changed" '^tick86: s.t86: moved.img has changed since' --load s.t86 --fda moved.img
mv away.img guest.img
printf 'until 7c00\nregisters\nsnapshot load s.t86\nregisters\n' >script
timeout 60 "$TICK86" --display none --snapshot guest.img -m 8M --monitor <script >out 2>err
verify "refused, the registers stay" [ "$(grep '^eip 00007c00' out | wc -l) $(grep '^e[abi]' out | sort -u | wc -l)" = "2 2" ]
tick --snapshot guest.img -m 8M -x 'snapshot load s.t86' >out 2>err
verify "the monitor refuses another machine's" [ "$? $(cat err)" = \
    "2 tick86: -x 'snapshot load s.t86': s.t86: that is of a machine with another --memory; start tick86 anew with --load" ]

refused "an output in the file itself" '^tick86: --stats s.t86: is the file of --load too; choose another' --load s.t86 --stats s.t86

# What the file is not.
size=$(stat -c %s s.t86)
refused "a file that is not there" '^tick86: none.t86: No such file' --load none.t86
refused "a folder" '^tick86: / is not a snapshot of tick86' --load /
: >empty
refused "an empty file" '^tick86: empty is not a snapshot' --load empty
refused "another kind of file" '^tick86: guest.img is not a snapshot of tick86' --load guest.img
for part in 8 15 100 $((size / 2)) $((size - 1)); do
    head -c "$part" s.t86 >cut.t86
    refused "the first $part bytes" '^tick86: cut.t86 is truncated' --load cut.t86
done
for at in 16 40 $((size / 3)) $((size - 3)); do
    cp s.t86 hurt.t86
    printf '\x5a' | dd of=hurt.t86 bs=1 seek="$at" conv=notrunc status=none
    refused "a byte changed at $at" '^tick86: hurt.t86 is truncated or damaged' --load hurt.t86
done
{ cat s.t86; echo; } >long.t86
refused "a byte too many" '^tick86: long.t86 is truncated or damaged' --load long.t86
{ head -c 8 s.t86; printf '\x63'; tail -c +10 s.t86; } >newer.t86
refused "a newer version" '^tick86: newer.t86 has format version 99, this tick86 reads [0-9]+; load it with' --load newer.t86

# Where it cannot be saved.
tick --snapshot guest.img -x 'snapshot save none/s.t86' >out 2>err
verify "a folder that is not there" grep -q "none/s.t86: cannot be written: No such file or directory" err
tick --snapshot guest.img -x 'snapshot save /dev/null' >out 2>err
verify "a device stays one" grep -q "/dev/null is not a file; choose another name" err
verify "nothing else is left behind" [ -z "$(find . -name '*.t86.*')" ]

# Saved after the guest has ended the run: there is nothing to go on with, and the end is the same.
tick --snapshot guest.img --type "$typed" -m 4M --limit 60s -x c -x 'snapshot save end.t86' >out 2>err
tick --load end.t86 >out 2>err
verify "the guest's end is the end of a loaded run" [ "$? $(cat err)" = "7 tick86: the guest had ended the run before the snapshot was saved" ]
printf 'snapshot load end.t86\ncontinue\nsnapshot load s.t86\nstep\nsnapshot load end.t86\nreset\nsnapshot save anew.t86\nquit\n' >script
timeout 60 "$TICK86" --display none --snapshot guest.img -m 4M --monitor <script >out 2>&1
verify "the monitor says so" [ "$(grep -c '^The run has ended: the guest wrote to the debug-exit port.$' out)" = 2 ]
verify "and does not go on" [ "$(grep -c '^the run has ended; quit' out)" = 1 ]
loaded "after a reset it has not ended" --load anew.t86 --type "$typed"
verify "and nobody says so" [ ! -s err ]
cp guest.img fault.img
printf '\x0f\x01\x1e\x07\x7c\xcc\xf4\0\0\0\0\0\0' | dd of=fault.img conv=notrunc status=none # lidt of no limit, int3
tick --snapshot fault.img -m 4M --limit 60s --screen-text whole.txt >out 2>whole
verify "a triple fault ends a run" [ $? = 125 ]
tick --snapshot fault.img -m 4M --limit 60s -x c -x 'snapshot save fault.t86' >out 2>err
tick --load fault.t86 --screen-text restored.txt >out 2>err
verify "and one that is restored" [ $? = 125 ]
verify "with the same words and screen" eval 'cmp whole err && cmp whole.txt restored.txt'
tick --load fault.t86 --on-triple-fault reset --limit 2s >out 2>err
verify "unless it is to reset the machine" [ $? = 124 ]
tick --load fault.t86 -x reset >out 2>err
verify "a reset takes the end back" [ "$? $(cat err)" = "0 " ]

# Bit for bit.
points typed 8 1 --snapshot guest.img --type "$typed" -- --limit 10s
points serial 4 1 --snapshot guest.img --serial file:com1 --type '\{f1}\{wait 1s}\{f3}xy' --cpu 486 -- --limit 5s
finish
