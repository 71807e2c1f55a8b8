#!/usr/bin/env bash
# The SDL window on a virtual X screen: keys, mouse, resizing, full screen, and the picture pixel by pixel.
. "$(dirname "$0")/front.inc"
need xclip Xvfb xdotool import compare identify openbox
make_guest
export SDL_AUDIODRIVER=dummy

number=$((100 + $$ % 400))
Xvfb ":$number" -screen 0 1280x1024x24 -nolisten tcp >xvfb.log 2>&1 &
cleanup_jobs="$cleanup_jobs $!"
export DISPLAY=":$number"
wait_for 10 xdotool getmouselocation || { echo "Xvfb does not start"; exit 77; }
openbox >openbox.log 2>&1 &
cleanup_jobs="$cleanup_jobs $!"
sleep 0.5

"$TICK86" --snapshot guest.img --serial file:serial.txt --screen-text final.txt 2>err &
job=$!
cleanup_jobs="$cleanup_jobs $job"
verify "the guest starts" wait_for 60 grep -q READY serial.txt
# $window is tick86's; without one nothing that follows means anything, and import would wait for a click.
find_window() { window=$(xdotool search --onlyvisible --name '^tick86' | head -n 1) && [ -n "$window" ]; }
wait_for 60 find_window || { bad "there is a window"; finish; }
ok "there is a window"
xdotool windowfocus --sync "$window"

title() { xdotool getwindowname "$window" | grep -q -- "$1"; }
size() { xdotool getwindowgeometry "$window" | sed -n 's/ *Geometry: //p'; }
has_size() { [ "$(size)" = "$1" ]; }
sent() { grep -q -- "$1" serial.txt; }
# Keys held for a while, as fingers do.
press() { xdotool key --delay 60 "$@"; sleep 0.3; }

verify "the window has the shape of a monitor" has_size 720x540
verify "the title tells the speed" wait_for 30 title ' %'
xdotool type --delay 80 'keys Arrive 123'
verify "keys arrive" wait_for 60 sent 'keys Arrive 123'

printf 'pasted Text 42' | xclip -selection clipboard
wait_for 30 xclip -selection clipboard -o
press ctrl+alt+v
verify "the clipboard's text is typed" wait_for 60 sent 'pasted Text 42'

# What X shows is what the guest shows: mode 12h is 640x480, so the window needs no scaling.
press F2
verify "the window follows the mode" wait_for 30 has_size 640x480
sleep 0.5
import -window "$window" x.png
press ctrl+alt+s
saved=$(ls tick86-*.png 2>/dev/null | head -n 1)
verify "the screenshot key saves a picture" [ -n "$saved" ]
verify "of the guest's pixels" [ "$(identify -format '%w %h %k' "$saved" 2>/dev/null)" = "640 480 16" ]
verify "which the window shows pixel by pixel" [ "$(compare -metric AE x.png "$saved" null: 2>&1)" = 0 ]

xdotool windowsize --sync "$window" 1000 600
sleep 0.7
import -window "$window" wide.png
verify "a wide window keeps 4:3 with black at the sides" \
    [ "$(convert wide.png -crop 1x1+50+300 -format '%[pixel:p{0,0}]' info: | tr -d ' ' | grep -Ec 'black|\(0,0,0\)')" = 1 ]
verify "and the picture between" \
    [ "$(convert wide.png -crop 1x1+500+580 -format '%[pixel:p{0,0}]' info: | tr -d ' ' | grep -Ec 'white|\(255,255,255\)')" = 1 ]
press ctrl+alt+f
verify "full screen" wait_for 30 has_size 1280x1024
press ctrl+alt+f
verify "and back" wait_for 30 has_size 1000x600
press F3
verify "text again" wait_for 30 sent TEXT

press F4
verify "the guest listens to the mouse" wait_for 30 sent MOUSE
xdotool mousemove --window "$window" 500 300
sleep 0.3
xdotool click 1
verify "a click captures the mouse" wait_for 30 title 'Ctrl+Alt+G releases the mouse'
xdotool mousemove_relative 20 7
sleep 0.3
xdotool click 3
sleep 0.5
press ctrl+alt+g
verify "Ctrl+Alt+G releases it" wait_for 30 eval '! title releases'
press Escape
wait_for 30 eval '[ "$(grep -c TEXT serial.txt)" -ge 2 ]'

press ctrl+alt+m
import -window "$window" menu.png
press Escape
sleep 0.3
import -window "$window" closed.png
verify "the menu lies over the picture" [ "$(compare -metric AE menu.png closed.png null: 2>&1 | cut -d. -f1)" -gt 10000 ]
press ctrl+alt+m
press Return End Return
verify "the menu ejects the floppy" wait_for 30 title 'A: is empty'
press ctrl+alt+n
verify "a key inserts it again" wait_for 30 title 'A: guest.img inserted'

press ctrl+alt+p
verify "pause" wait_for 30 title paused
press ctrl+alt+p
verify "and on" wait_for 30 title ' %'
# On a French keyboard Q is where the guest's US keyboard has A.
if command -v setxkbmap >/dev/null; then
    setxkbmap fr
    sleep 0.5
    xdotool type --delay 80 'zq'
    verify "the guest's keys go by their place" wait_for 60 sent wa
else
    echo "note: no setxkbmap; other layouts are not tried"
fi
press ctrl+alt+q
wait $job
verify "the quit key ends with status 0" [ $? = 0 ]
# Packets as the mouse sends them: status, 20 to the right, 7 down (the PS/2 mouse counts upwards).
verify "the mouse moved as pushed" grep -q 'M2814F9' final.txt
verify "the right button arrived" grep -q 'M0A0000' final.txt

# Ctrl+Alt+I leads into the monitor, which has another terminal (here a pipe).
command -v setxkbmap >/dev/null && setxkbmap us
mkfifo commands
"$TICK86" --snapshot --monitor guest.img --serial file:serial2.txt <commands >monitor.txt 2>&1 &
job=$!
cleanup_jobs="$cleanup_jobs $job"
exec 3>commands
echo continue >&3
wait_for 60 grep -q READY serial2.txt
wait_for 60 find_window || { bad "there is a window again"; finish; }
xdotool windowfocus --sync "$window"
press ctrl+alt+i
verify "the monitor's key stops the run" wait_for 30 grep -q 'in all' monitor.txt
echo 'print 0x1234' >&3
verify "the monitor takes commands" wait_for 30 grep -qx '0x1234  4660' monitor.txt
echo continue >&3
sleep 0.5
xdotool type --delay 80 'again'
press ctrl+alt+i
verify "and lets it go on, and stops it again" wait_for 30 eval '[ "$(grep -c "in all" monitor.txt)" = 2 ]'
verify "the guest has not seen the key's letter" [ "$(grep -c 'againi' serial2.txt)" = 0 ]
verify "but those between" grep -q again serial2.txt
echo quit >&3
exec 3>&-
wait $job
verify "quit ends it with status 0" [ $? = 0 ]
finish
