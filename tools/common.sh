# shellcheck disable=SC2034  # the variables are for those who source this
# Shared by ./start and ./check: installs what is missing and builds. To be sourced by bash at the top folder.

say() { printf '%s\n' "$*" >&2; }

# What it takes to build the program.
BUILD_PACKAGES="autoconf automake make gcc clang-19 binutils libc6-dev pkgconf zlib1g-dev libinih-dev libsdl2-dev
    libpng-dev libedit-dev libzydis-dev nasm"
# What the tests use besides.
CHECK_PACKAGES="check clang-format-14 libclang-rt-19-dev fdisk acpica-tools xvfb xdotool tmux imagemagick xz-utils shellcheck openbox nasm patch mtools dosfstools grub-pc-bin grub-common xorriso syslinux syslinux-common isolinux libmpfr-dev dmidecode procps xclip seabios valgrind vgabios
    cpio file memtest86+ debian-installer-12-netboot-i386 ipxe ipxe-qemu u-boot-qemu"

# Prints those of the packages in $* that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

# Installs those of the packages in $* that are missing; says so before. Nothing happens if all are there.
install_packages() {
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0
    local missing sudo=
    missing=$(missing_packages "$@" | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "These packages are missing and there is no sudo: $missing"
            say "Install them as root: apt-get install $missing"
            return 1
        fi
        sudo=sudo
    fi
    say "Installing Debian packages: $missing"
    # shellcheck disable=SC2086  # a list of words
    $sudo apt-get install -y -q --no-install-recommends $missing >&2 && return 0
    $sudo apt-get update -q >&2 || true
    # shellcheck disable=SC2086
    $sudo apt-get install -y -q --no-install-recommends $missing >&2
}

# Makes ./configure where it is missing or older than what it is made from.
make_configure() {
    if [ ! -x configure ] || [ configure.ac -nt configure ] || [ ! -f Makefile.in ]; then
        say "Preparing the build system ..."
        autoreconf -i >autoreconf.log 2>&1 || {
            cat autoreconf.log >&2
            return 1
        }
        rm -f autoreconf.log
    fi
}

# What ./configure would find now: compilers and libraries.
found_by_configure() {
    local name
    for name in clang-19 gcc nasm; do command -v $name || echo "no $name"; done
    for name in zlib inih sdl2 libpng libedit check mpfr; do
        pkg-config --modversion $name 2>/dev/null || echo "no $name"
    done
    find /usr/include/Zydis -name Zydis.h 2>/dev/null || echo "no zydis"
}

# configure_in FOLDER [CONFIGURE ARGUMENTS ...]: unless that was done already, with the same libraries.
configure_in() {
    local folder=$1 found again=
    shift
    found=$(found_by_configure)
    mkdir -p "$folder"
    [ -f "$folder/Makefile" ] && [ -f "$folder/config.h" ] &&
        { [ ! -f "$folder/configured-with" ] || [ "$(cat "$folder/configured-with")" = "$found" ]; } && return 0
    [ -f "$folder/config.h" ] && again=yes
    say "Configuring $folder ..."
    local top=$PWD
    (cd "$folder" && "$top/configure" -q "$@") >&2 || return 1
    # What another compiler made does not fit.
    [ -z "$again" ] || make -s -C "$folder" clean >&2
    echo "$found" >"$folder/configured-with"
}

jobs() { nproc 2>/dev/null || echo 1; }
