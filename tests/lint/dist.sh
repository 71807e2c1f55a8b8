#!/usr/bin/env bash
# All files under version control are in the tarball that "make dist" makes.
cd "$(dirname "$0")/../.." || exit 2
command -v git >/dev/null && git rev-parse --git-dir >/dev/null 2>&1 || { echo "skipped: no git repository"; exit 77; }
[ -f build/Makefile ] || { echo "skipped: build/ is not configured"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
make -s -C build distdir distdir="$scratch/dist" >"$scratch/log" 2>&1 || { tail "$scratch/log"; exit 1; }
missing=$(comm -23 <(git ls-files | grep -v '^\.gitignore$' | sort) <(cd "$scratch/dist" && find . -type f | sed 's/^..//' | sort))
[ -z "$missing" ] && exit 0
echo "not in the tarball (EXTRA_DIST or ..._SOURCES in Makefile.am or a local.mk):"
echo "$missing"
exit 1
