#!/bin/sh
# show: a job that ignores its token, seen by gdb. Compiles ignores_its_token.cpp, lets it hang, and prints where its
# threads are, and what the job's token says.
#
# Status 0: the trouble showed. What differs from run to run is evened out: threads are counted from 1001, addresses
# from 0x…01, and folders are left out. Lines left out are marked with '…'. CXX says which compiler; default: g++.
set -eu

cd "$(dirname "$0")/../../.."
out=build/trouble
mkdir -p "$out"
name=ignores_its_token
log=$out/$name.log

includes="-I01-basic-pool/include -I02-bounded-queue/include -I03-priority/include"
# shellcheck disable=SC2086,SC2046  # lists
"${CXX:-g++}" -std=c++20 -g -pthread $includes "03-priority/examples/trouble/$name.cpp" \
    $(ls 01-basic-pool/src/*.cpp 02-bounded-queue/src/*.cpp 03-priority/src/*.cpp) -o "$out/$name"

: >"$log.out"
"$out/$name" >"$log.out" 2>&1 &
pid=$!
trap 'kill -9 $pid' EXIT
tries=0
until grep -q 'longer than its timeout' "$log.out"; do # the pool says so when it has cancelled the token
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || { echo 'show: the job was not cancelled' >&2; exit 1; }
    sleep 0.1
done
cat "$log.out"
timeout 60 gdb -p "$pid" -batch -nx -ex 'thread apply all bt' -ex 'thread 2' -ex 'frame function count_primes' \
    -ex 'print token.state_._M_ptr->reason' >"$log" 2>&1

# Frames of ours, without addresses and folders; the rest becomes one '…'
sed -n '/^Thread 3/,$p' "$log" |
    sed -e 's|^\(#[0-9]* *\)0x[0-9a-f]* in |\1|' -e 's|(anonymous namespace)::||' -e 's|0[123]-[a-z-]*/\([a-z/_]*/\)||g' \
        -e '/^.Switching/,/^[$]1/{/^[$]1/!d; s/^/\n/}' -e 's|^.Inferior.*||' |
    awk '
    /^ *$/ { blank = 1; next }
    /^Thread|SteadyAlarm|Timer::run \(|count_primes \(|ThreadPool::run \(|~ThreadPool|main \(|^[$0-9]/ {
        while (match($0, "0x[0-9a-f]+")) {
            address = substr($0, RSTART, RLENGTH)
            if (!(address in known)) known[address] = sprintf("0x…%02d", ++addresses)
            $0 = substr($0, 1, RSTART - 1) known[address] substr($0, RSTART + RLENGTH)
        }
        sub(/LWP [0-9]+/, "LWP " 1003 - threads)
        if (/^Thread/) ++threads  # gdb begins with the last
        if (blank) print ""
        print
        gap = blank = 0
        next
    }
    !gap { if (blank) print ""; print "…"; gap = 1 }
    { blank = 0 }' >"$log.even"
grep -q '"timeout"' "$log.even" || { cat "$log" >&2; exit 1; }
cat "$log.even"
