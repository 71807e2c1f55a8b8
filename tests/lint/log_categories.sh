#!/usr/bin/env bash
# Every category that the sources log to can be asked for by --log, and every one that can be asked for is used.
cd "$(dirname "$0")/../.." || exit 2
used=$(grep -rhoE 'log_(line|wants)\([^,"]+, "[a-z0-9_]+"' --include='*.c' bus cpu devices machine gui monitor |
    sed 's/.*"\(.*\)"/\1/' | sort -u)
known=$(sed -n 's/^    {"\([a-z0-9_]*\)",.*/\1/p' machine/log_categories.c | sort -u)
if [ -n "$used" ] && [ "$used" = "$known" ]; then exit 0; fi
echo "machine/log_categories.c and what the sources log to differ:"
diff <(echo "$known") <(echo "$used")
exit 1
