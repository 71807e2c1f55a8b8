#!/usr/bin/env bash
# The speaker's sound: a guest plays 1000 Hz, SDL writes what it hears to a file, and the waves have that length.
. "$(dirname "$0")/front.inc"
need nasm Xvfb xdotool od awk
cat >tone.asm <<'ASM'
org 0x7c00
    mov al, 0xb6            ; channel 2, square wave
    out 0x43, al
    mov ax, 1193            ; 1,193,182 Hz / 1193 = 1000 Hz
    out 0x42, al
    mov al, ah
    out 0x42, al
    in al, 0x61
    or al, 3                ; gate and speaker on
    out 0x61, al
    sti
again: hlt
    jmp again
times 510 - ($ - $$) db 0
    dw 0xaa55
ASM
nasm -f bin tone.asm -o tone.img || exit 1
number=$((600 + $$ % 300))
Xvfb ":$number" -screen 0 1024x768x24 -nolisten tcp >xvfb.log 2>&1 &
cleanup_jobs="$cleanup_jobs $!"
export DISPLAY=":$number" SDL_AUDIODRIVER=disk SDL_DISKAUDIOFILE=sound.raw
wait_for 10 xdotool getmouselocation || { echo "Xvfb does not start"; exit 77; }

# Samples are 16 bits, 44100 a second: a wave of 1000 Hz is 44.1 of them long. Prints the commonest length.
wave_length() {
    od -An -v -td2 -w2 "$1" | awk '{
        if (last < 0 && $1 >= 0) { if (rise) lengths[NR - rise]++; rise = NR }
        last = $1
    } END {
        for (l in lengths) if (lengths[l] > most) { most = lengths[l]; common = l }
        print (most > 200 ? common : 0)
    }'
}
"$TICK86" --display sdl --snapshot --limit 6s tone.img 2>err
verify "the run ends" [ $? = 124 ]
verify "sound was made" [ -s sound.raw ]
length=$(wave_length sound.raw)
verify "its waves are 44 samples long, not $length" [ "$length" = 44 ]
rm -f sound.raw
"$TICK86" --display sdl --sound no --snapshot --limit 3s tone.img 2>err
verify "--sound no makes none" [ ! -s sound.raw ]
finish
