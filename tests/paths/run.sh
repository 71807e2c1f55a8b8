#!/usr/bin/env bash
# The processor's fast ways and its plain one give the same state, bit for bit: with each of the ways of --cpu-paths, the
# system tests' images, pages of the demonstration floppy, a DOS boot, and pieces of GRUB, memtest86+ and Linux.
#   run.sh          the short form of `make check`: one seed
#   run.sh SEEDS    that many seeds of each random way, and longer pieces, for hours if you like
# PATHS_ONLY=REGEX: only guests whose names match. PATHS_SEED=N: the seeds begin with N, not 1.
set -u
top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
build=${TICK86_BUILD:-$PWD}
TICK86=${TICK86:-$build/tick86}
[ -x "$TICK86" ] || { echo "skipped: $TICK86 is not built"; exit 77; }
seeds=${1:-1}
first=${PATHS_SEED:-1}
only=${PATHS_ONLY:-.}
dos=$top/../shared/guests/freedos722.img
memtest=/usr/lib/memtest86+/memtest86+ia32.iso
linux=/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386
grub=/usr/lib/grub/i386-pc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
long=$((seeds > 1))

# state ARGUMENTS ...: the figures of the run but those of the host, with the hash of everything at its end
state() {
    rm -f "$work/stats"
    timeout -k 5 "${PATHS_TIMEOUT:-600}" "$TICK86" --display none --snapshot --stats "$work/stats" "$@" >/dev/null 2>"$work/err" </dev/null
    if [ -e "$work/stats" ]; then
        grep -v '"host_' "$work/stats" | tr -d '{}" \n'
    else
        echo "no state: $(tail -n 1 "$work/err")"
    fi
}

fixed="plain nolinks nofusion allflags"
# Random ways of seed $1.
random() {
    echo "cuts:$1 drops:$1 breaks:$1 nolinks,allflags,cuts,drops,breaks:$1"
}
few() { echo "plain,cuts,drops,breaks:$1 nolinks,nofusion,allflags,cuts,breaks:$1"; }

# same NAME WAYS ARGUMENTS ...
same() {
    local name=$1 ways=$2 want got way
    shift 2
    [[ $name =~ $only ]] || return
    want=$(state "$@")
    case $want in *state_hash*) ;; *) echo "FAIL $name: $want"; failed=1; return ;; esac
    for way in $ways; do
        got=$(state "$@" --cpu-paths "$way")
        if [ "$got" = "$want" ]; then
            echo "ok $name, $way"
        else
            echo "FAIL $name: $way gives $got, the fast way $want"
            failed=1
        fi
    done
}

all() { # every way, with every seed
    local ways="$fixed single" seed
    for ((seed = first; seed < first + seeds; seed++)); do ways+=" $(random "$seed")"; done
    echo "$ways"
}
some() { # several at once
    local ways="" seed
    if ((long)); then all; return; fi
    for ((seed = first; seed < first + seeds; seed++)); do ways+=" $(few "$seed")"; done
    echo "$ways"
}

# GRUB's menu and some commands, from a floppy that holds nothing else.
make_grub() {
    command -v grub-mkimage >/dev/null && [ -e "$grub/boot.img" ] || return 1
    echo 'set timeout=2; menuentry one { ls; lspci; hexdump (memory)0x400; } menuentry two { halt; }' >"$work/grub.cfg"
    mkdir -p "$work/memdisk/boot/grub" && cp "$work/grub.cfg" "$work/memdisk/boot/grub" &&
        tar -cf "$work/memdisk.tar" -C "$work/memdisk" boot &&
        grub-mkimage -d "$grub" -O i386-pc -p '(memdisk)/boot/grub' -m "$work/memdisk.tar" -o "$work/core.img" \
            memdisk tar normal biosdisk ls lspci hexdump halt sleep minicmd &&
        cat "$grub/boot.img" "$work/core.img" >"$work/grub.img" && truncate -s 1440K "$work/grub.img"
}

for image in protect tasks v86 debug armed paging misc real reset smm; do
    file=$build/tests/system/$image.img
    [ -e "$file" ] || { echo "skipped: $image, not built"; continue; }
    ways=$(some)
    [[ $ways == *single* || $image != @(debug|armed) ]] || ways+=" single" # where the fast way has most to leave out
    for model in 386 486 pentium p6; do
        same "system test $image on a $model" "$ways" --cpu $model -m 32M --limit 60000000i "$file"
    done
done
for page in 2 4 9; do
    same "demonstration page $page" "$(all)" --limit 1500ms --type "\\{wait 900ms}$page"
done
for model in 386 486; do
    same "demonstration on a $model" "$(all)" --cpu $model --limit 1500ms --type '\{wait 900ms}9'
done
if [ -e "$dos" ]; then
    same "DOS boot" "$(all)" --limit $((long ? 12 : 5))s "$dos"
else
    echo "skipped: DOS boot, no ../shared/guests/freedos722.img"
fi
if make_grub; then
    same "GRUB" "$(some)" --limit $((long ? 6 : 3))s "$work/grub.img"
else
    echo "skipped: GRUB, no grub-pc-bin"
fi
if [ -e $memtest ]; then
    same "memtest86+" "$(some)" -m 16M --limit $((long ? 8000 : 3000))ms --cdrom $memtest
else
    echo "skipped: memtest86+ is not installed"
fi
if [ -e $linux/linux ]; then
    same "Linux" "$(some)" -m 64M --limit $((long ? 12000 : 4000))ms --kernel $linux/linux --initrd $linux/initrd.gz \
        --append console=ttyS0
else
    echo "skipped: Linux, no debian-installer-12-netboot-i386"
fi
exit $failed
