#!/usr/bin/env bash
# The shell scripts hold nothing that shellcheck takes for an error.
cd "$(dirname "$0")/../.." || exit 2
command -v shellcheck >/dev/null || { echo "shellcheck is not installed"; exit 77; }
git rev-parse --git-dir >/dev/null 2>&1 || { echo "not a git checkout"; exit 77; }
git ls-files -z start check .ci/run 'tools/*.sh' 'tests/lint/*.sh' 'tests/front/*.sh' 'tests/snapshot/*.sh' 'tests/monitor/*.sh' | xargs -0 shellcheck -s bash -S warning -e SC1090,SC1091
