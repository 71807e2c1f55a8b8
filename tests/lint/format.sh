#!/usr/bin/env bash
# Every C file is as clang-format 14 leaves it with the project's .clang-format.
cd "$(dirname "$0")/../.." || exit 2
tool=$(command -v clang-format-14 || true)
[ -n "$tool" ] || { echo "clang-format-14 is not installed"; exit 77; }
git rev-parse --git-dir >/dev/null 2>&1 || { echo "not a git checkout"; exit 77; }
git ls-files -z '*.c' '*.h' | xargs -0 -r "$tool" --dry-run -Werror --ferror-limit=3
