#!/bin/sh
# show: the instructions that clang makes of claim_orders.c for three processors.
set -eu
cd "$(dirname "$0")"

for target in x86_64 aarch64 riscv64; do
    echo "$target"
    clang --target="$target-linux-gnu" -ffreestanding -O2 -S -o - claim_orders.c | awk '
        /^[a-z_]+:/ { name = $1; gsub("_", " ", name); line = ""; next }
        /^\tret/ && name != "" { printf "  %-21s  %s\n", name, line; name = "" }
        /^\t[a-z]/ && name != "" { sub(/^\t/, ""); gsub(/\t/, " "); line = line (line == "" ? "" : "; ") $0 }'
done
