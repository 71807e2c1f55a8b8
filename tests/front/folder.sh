#!/usr/bin/env bash
# Folders of the host as FAT disks (fat:FOLDER): fsck.fat and mtools read what the guest would, and DOS does.
. "$(dirname "$0")/front.inc"
need fsck.fat mcopy mdir
export LC_ALL=C.UTF-8 MTOOLS_SKIP_CHECK=1 TZ=UTC
dump=$(dirname "$TICK86")/tests/dump_image

# The partition of a disk, as a file of its own.
partition() { # IMAGE FILE
    dd if="$1" of="$2" bs=32256 skip=1 conv=sparse status=none
}
sound() { # IMAGE BITS: fsck finds nothing, and the FAT has so many bits
    fsck.fat -n -v "$1" >fsck.out 2>&1 || { cat fsck.out; return 1; }
    grep -qi "$2[- ]bit" fsck.out || { cat fsck.out; return 1; }
}

mkdir -p small/sub/deeper
echo hello >small/readme.txt
echo upper >small/UPPER.TXT
echo long >"small/a rather long name, with blanks.text"
echo long2 >"small/a rather long name, with commas.text"
echo umlaut >"small/Grüße 漢字.txt"
: >small/empty
head -c 100000 /dev/urandom >small/sub/random.bin
echo deep >small/sub/deeper/deep.c
ln -s ../sub small/sub/circle
mkfifo small/pipe
touch -d 1999-12-31T23:59:58Z small/readme.txt

verify "a small folder becomes a disk" "$dump" fat:small small.img
partition small.img small.part
verify "with a sound FAT12" sound small.part 12
verify "short and long names are those of the folder" [ "$(mdir -b -i small.part :: | sort | tr '\n' '|')" = \
    "$(printf '::/Grüße 漢字.txt\n::/UPPER.TXT\n::/a rather long name, with blanks.text\n::/a rather long name, with commas.text\n::/empty\n::/readme.txt\n::/sub/\n' | sort | tr '\n' '|')" ]
verify "times are those of the files" grep -q '1999-12-31  23:59' <(mdir -i small.part ::readme.txt)
mcopy -s -i small.part ::sub copied
verify "contents are the files'" cmp small/sub/random.bin copied/random.bin
verify "at any depth" cmp small/sub/deeper/deep.c copied/deeper/deep.c
"$dump" fat:small/ again.img
verify "the same folder gives the same image" cmp small.img again.img

verify "a floppy" "$dump" fat:small floppy.img floppy
verify "has 1.44 MB" [ "$(stat -c %s floppy.img)" = 1474560 ]
verify "and a sound FAT12" sound floppy.img 12
head -c 2000000 /dev/zero >small/sub/more.bin
"$dump" fat:small floppy.img floppy
verify "of 2.88 MB if there is more" [ "$(stat -c %s floppy.img)" = 2949120 ]
verify "sound as well" sound floppy.img 12

mkdir middle big empty many
truncate -s 100M middle/hole
verify "100 MB" "$dump" fat:middle middle.img
partition middle.img middle.part
verify "become a sound FAT16" sound middle.part 16
truncate -s 700M big/hole
echo last >big/last
verify "700 MB" "$dump" fat:big big.img
partition big.img big.part
verify "become a sound FAT32" sound big.part 32
verify "with its last file" [ "$(mtype -i big.part ::last)" = last ]
verify "an empty folder" "$dump" fat:empty empty.img
partition empty.img empty.part
verify "is a sound disk" sound empty.part 12
for i in $(seq 600); do echo "$i" >"many/a name that is long $i.txt"; done
verify "600 long names" "$dump" fat:many many.img
partition many.img many.part
verify "fit into the root" sound many.part 12
verify "with short names of their own" [ "$(mdir -i many.part :: | grep -c '^ANAMET~\|^ANAME\|^ANA')" = 600 ]
rm -f ./*.img ./*.part

# --- Refusals
refuse() { # PART ARGUMENTS ...
    local part=$1
    shift
    timeout 20 "$TICK86" --display none --limit 1s "$@" >out 2>err </dev/null
    local status=$?
    verify "$* is refused" [ $status = 2 ]
    verify "in one line with '$part'" [ "$(grep -cF -- "$part" err)-$(wc -l <err)" = 1-1 ]
}
refuse nowhere --hda fat:nowhere
refuse "2.88 MB" --fda fat:middle
refuse missing fat:
refuse small/readme.txt --hda fat:small/readme.txt
mkdir huge
truncate -s 5G huge/film.bin
refuse film.bin --hda fat:huge

# --- The guest
need_guest freedos722.img
dos() { timeout 100 "$TICK86" --display none --fda "${guest_file:?}" --snapshot "$@" --limit 60s 2>err; }
verify "DOS reads a disk" dos --hda fat:small --type 'type c:\\readme.txt\n' --until-screen '^hello'
verify "and its folders" dos fat:small --type 'type c:\\sub\\deeper\\deep.c\n' --until-screen '^deep$'
verify "a floppy" dos --fdb fat:small --type 'dir b:\n' --until-screen 'README +TXT'
verify "and writes into the overlay" dos --hda fat:small \
    --type 'echo new >c:\\new.txt\ntype c:\\new.txt\n' --until-screen '^new'
verify "which leaves the folder as it was" [ ! -e small/NEW.TXT ]
timeout 60 "$TICK86" --display none fat:small --limit 20s --until-screen 'starts no system' 2>err
verify "starting from a folder says that there is no system" [ $? = 0 ]
finish
