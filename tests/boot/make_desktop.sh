#!/usr/bin/env bash
# Makes a hard disk with Debian 12 for i386, X (frame buffer or VESA driver) and icewm, started by GRUB in a VBE mode. It is no test: it wants
# root, a network, debootstrap and some minutes. See docs/guests.md.
#   make_desktop.sh DISK.img
set -eu
[ $# = 1 ] || { echo "usage: $0 DISK.img"; exit 2; }
disk=$(realpath "$1")
PATH=$PATH:/usr/sbin:/sbin
for tool in debootstrap mke2fs sfdisk grub-mkimage; do
    command -v $tool >/dev/null || { echo "$tool is not there (Debian packages debootstrap, e2fsprogs, fdisk, grub-common)"; exit 2; }
done
grub=/usr/lib/grub/i386-pc
[ -e $grub/boot.img ] || { echo "$grub is not there (Debian package grub-pc-bin)"; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
packages=linux-image-686,systemd-sysv,udev,kmod,initramfs-tools,xserver-xorg-core,xserver-xorg-video-vesa,xserver-xorg-video-fbdev
packages=$packages,xserver-xorg-input-libinput,xserver-xorg-legacy,xinit,xterm,icewm,x11-apps,xfonts-base,fontconfig,procps
debootstrap --arch=i386 --variant=minbase --include="$packages" bookworm "$root" http://deb.debian.org/debian >"$work/log" ||
    { tail -n 5 "$work/log"; exit 1; }

echo '/dev/sda1 / ext4 rw,noatime 0 0' >"$root/etc/fstab"
echo desktop >"$root/etc/hostname"
echo 'root:debian' | chroot "$root" chpasswd
cat >"$root/etc/systemd/system/desktop.service" <<'EOF'
[Unit]
Description=X with icewm
Wants=systemd-udev-settle.service
After=systemd-udev-settle.service systemd-user-sessions.service
[Service]
Environment=HOME=/root
ExecStart=/usr/bin/xinit /usr/local/bin/session -- /usr/bin/Xorg :0 vt7 -ac -nolisten tcp
[Install]
WantedBy=multi-user.target
EOF
cat >"$root/usr/local/bin/session" <<'EOF'
#!/bin/sh
xeyes -geometry 150x100+620+250 &
xclock -geometry 150x150+620+30 &
xterm -geometry 70x20+40+60 &
echo "desktop is up" >/dev/ttyS0
exec icewm
EOF
chmod +x "$root/usr/local/bin/session"
chroot "$root" systemctl -q enable desktop.service serial-getty@ttyS0.service
# The cache of fonts takes a processor of that time minutes to make.
chroot "$root" fc-cache -f
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*

truncate -s 1500M "$work/part"
mke2fs -q -t ext4 -O ^metadata_csum,^64bit -d "$root" "$work/part"
rm -f "$disk"
truncate -s 1502M "$disk"
printf 'start=2048,type=83,bootable\n' | sfdisk -q "$disk"
dd if="$work/part" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
cat >"$work/load.cfg" <<'EOF'
set root=(hd0,msdos1)
set gfxpayload=800x600x16
linux /vmlinuz root=/dev/sda1 ro console=ttyS0,115200 console=tty0 nomodeset cryptomgr.notests
initrd /initrd.img
boot
EOF
grub-mkimage -d $grub -O i386-pc -p '(hd0,msdos1)/boot/grub' -c "$work/load.cfg" -o "$work/core.img" biosdisk part_msdos ext2 linux normal vbe video
dd if=$grub/boot.img of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
