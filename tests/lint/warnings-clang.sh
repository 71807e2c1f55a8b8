#!/usr/bin/env bash
# Everything, tests included, builds with clang without a warning. -O1: clang's warnings do not depend on more.
. "$(dirname "$0")/build.inc"
build_with_werror clang "$(command -v clang-19 || command -v clang || echo clang)" -O1
