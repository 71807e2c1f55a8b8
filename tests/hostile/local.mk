# Guests that try to keep the host busy.
TESTS += tests/hostile/run.sh
EXTRA_DIST += tests/hostile/run.sh tests/hostile/hostile.asm
