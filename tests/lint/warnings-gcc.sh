#!/usr/bin/env bash
# Everything, tests included, builds with gcc without a warning.
. "$(dirname "$0")/build.inc"
build_with_werror gcc gcc -O2
