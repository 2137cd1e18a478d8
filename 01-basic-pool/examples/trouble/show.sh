#!/bin/sh
# show: compiles a program of this folder, lets it go wrong, and prints what the tool for that says.
#
#   show.sh NAME
#
#   job_waits_for_job         hangs; the test's watchdog prints the stacks
#   job_waits_for_job_lines   the same, seen by gdb, as `./learn try` prints it
#   transfer                  hangs; gdb prints all stacks, and who owns one of the locks
#   transfer_explored         fails under the explorer
#   lock_order                ends well; ThreadSanitizer warns
#   count_words               a data race: ThreadSanitizer's report in the first of ten runs that has one
#   count_words_results       the results of 200 runs without a sanitizer
#   count_words_seen          in how many of 30 runs ThreadSanitizer sees the race, alone and together
#   dangling                  AddressSanitizer's report
#   endless_wait              the instructions that the compiler made of a loop
#   store_buffering           counts how often two threads miss each other
#   store_buffering_explored  the explorer, with release and acquire, and with seq_cst
#   annotated                 clang warns of a variable that is used without its lock
#   no_trouble                runs, and nothing is wrong
#
# Status 0: the trouble showed. What differs from run to run is evened out: numbers of processes are counted from
# 1001, addresses from 0x…01, and folders are left out. Lines left out are marked with '…'.
# CXX says which compiler; the default is g++.
set -eu

cd "$(dirname "$0")/../../.."
here=01-basic-pool/examples/trouble
out=build/trouble
mkdir -p "$out"

# --- compiling ----------------------------------------------------------------------------------------------------

sources="01-basic-pool/src/*.cpp"
testing="01-basic-pool/testing/pool/testing/*.cpp"
explorer="01-basic-pool/testing/pool/testing/explorer/*.cpp"

# build FILE PROGRAM ARGUMENT…: compiles FILE.cpp, with the debug information that the tools need for lines
build() {
    file_to_build=$here/$1.cpp
    built=$out/$2
    shift 2
    "${CXX:-g++}" -std=c++20 -g -pthread -I01-basic-pool/include -I01-basic-pool/testing "$file_to_build" "$@" -o "$built"
}

# run COMMAND…: its output goes to $log, and its status does not matter
run() {
    timeout 60 "$@" >"$log" 2>&1 || :
}

# ThreadSanitizer needs addresses where it expects them, see docs/when-it-hangs.md
calm=
if setarch -R true 2>/dev/null; then calm='setarch -R'; fi

# --- printing -----------------------------------------------------------------------------------------------------

# even: the first address becomes 0x…01, the next 0x…02; numbers of processes and threads 1001, 1002 …
even() {
    sed -e "s|$PWD/||g" -e "s|$here/||g" -e 's|01-basic-pool/\([a-z/_]*/\)||g' -e 's| *([a-z0-9_.-]*+0x[0-9a-f]*)||g' \
        -e 's|^\(#[0-9]* *\)0x[0-9a-f]* in |\1|' -e 's|/usr/include/[^ ]*/|…/|g' \
        -e 's|\.\./[./]*[a-z/]*/|…/|g' -e 's|/lib/[a-z0-9_-]*/|…/|g' |
        awk '
        function replace(line, pattern, before, format, known, count,    done, from, text) {
            while (match(line, pattern)) {
                text = substr(line, RSTART, RLENGTH)
                from = substr(text, length(before) + 1)
                if (!(from in known)) known[from] = sprintf(format, ++count[1])
                done = done substr(line, 1, RSTART - 1) before known[from]
                line = substr(line, RSTART + RLENGTH)
            }
            return done line
        }
        {
            line = replace($0, "0x[0-9a-f]+", "", "0x…%02d", addresses, address)
            line = replace(line, "LWP [0-9]+", "LWP ", "%d", ids, id)
            line = replace(line, "pid=[0-9]+", "pid=", "%d", ids, id)
            line = replace(line, "tid=[0-9]+", "tid=", "%d", ids, id)
            line = replace(line, "  thread [0-9]+", "  thread ", "%d", ids, id)
            print replace(line, "^==[0-9]+", "==", "%d", ids, id)
        }
        BEGIN {
            id[1] = 1000
            threads = split(ENVIRON["THREADS"], list)
            for (i = 1; i <= threads; ++i) ids[list[i]] = ++id[1]
        }'
}

worker='Work::operator|ThreadPool::run\(' # the frames of the pool that tell a worker

# keep PATTERN: the lines of $log that match it, and blank ones; other lines together become one '…'
keep() {
    PATTERN=$1 awk '
        /^ *$/ { blank = 1; next }
        $0 ~ ENVIRON["PATTERN"] { if (blank) print ""; print; gap = blank = 0; next }
        !gap { if (blank) print ""; match($0, "^ *"); print substr($0, 1, RLENGTH) "…"; gap = 1 }
        { blank = 0 }' "$log"
}

# explored: what the explorer says, without GoogleTest's lines around it
explored() {
    sed -n '/^\[ RUN/,$p' "$log" >"$log.part" && mv "$log.part" "$log"
    keep '^\[ RUN|^after|^  | step|^ +[0-9]+ [|]|^replay|^\[ explored|^\[       OK'
}

# expect TEXT: ends with status 1 if the trouble did not show
expect() {
    grep -qF "$1" "$log" && return
    cat "$log"
    echo "show: this did not go wrong as it should: nothing says '$1'" >&2
    exit 1
}

# hang PROGRAM: starts it, and gives its threads a second to run into each other; its number is in $pid
hang() {
    "$1" >/dev/null 2>&1 &
    pid=$!
    trap 'kill -9 $pid' EXIT
    sleep 1
    THREADS=$(ls "/proc/$pid/task") # in the order in which they began
    export THREADS
}

# --- the programs -------------------------------------------------------------------------------------------------

name=${1:-}
log=$out/$name.log
# shellcheck disable=SC2086  # lists of files
case $name in
job_waits_for_job)
    build job_waits_for_job "$name" -rdynamic $sources $testing -lgmock -lgtest
    POOL_TEST_LIMIT=1 run "$out/$name"
    expect 'HANG: Pages.AreCountedByAJob'
    sed -n '/^HANG/,$p' "$log" >"$log.part" && mv "$log.part" "$log"
    keep "^HANG|  thread |syscall|::wait\(\)|_M_get_result|future<int>::get|TestBody|#7 .*[?]|#39|$worker" | even
    ;;
job_waits_for_job_lines)
    build job_waits_for_job "$name" -rdynamic $sources $testing -lgmock -lgtest
    hang "$out/$name"
    PYTHONPATH=tools PYTHONDONTWRITEBYTECODE=1 python3 -c \
        'import sys; from tutor.stacks import stacks; print(stacks(int(sys.argv[1])))' "$pid" >"$log"
    expect 'waiting for a future'
    keep '.' | even
    ;;
transfer)
    build transfer "$name"
    hang "$out/$name"
    owner='printf "the owner: LWP %d\n\n", to.mutex._M_mutex.__data.__owner'
    run gdb -p "$pid" -batch -nx -ex 'thread apply all bt' -ex 'echo \n' \
        -ex 'thread 2' -ex 'frame function transfer' -ex "$owner" \
        -ex 'thread 3' -ex 'frame function transfer' -ex "$owner"
    expect 'the owner'
    sed -n -e '/^\[Inferior/q' -e '/^Thread 3/,$p' "$log" >"$log.part" && mv "$log.part" "$log"
    keep '^Thread|^.Switch|futex_wait |lll_lock|mutex::lock|lock_guard|transfer|operator\(\) \(|thread::join|main \(|owner' |
        even
    ;;
transfer_explored)
    build transfer_explored "$name" -DPOOL_EXPLORE -fno-omit-frame-pointer $explorer $testing -lgmock -lgtest
    run "$out/$name"
    expect 'deadlock'
    explored
    ;;
lock_order)
    build lock_order "$name" -fsanitize=thread
    run $calm "$out/$name"
    expect 'lock-order-inversion'
    keep '^===|WARNING|Cycle|acquired|one_way|other_way|SUMMARY' | even
    ;;
count_words)
    build count_words "$name" -fsanitize=thread $sources
    for _ in $(seq 10); do
        run $calm "$out/$name"
        if grep -q 'data race' "$log"; then break; fi
    done
    expect 'data race'
    keep "^===|WARNING|(Read|write|Write|read) of size|count_words.cpp|$worker|is stack|Thread T|SUMMARY|reported|words$" | even
    ;;
count_words_results)
    build count_words "$name" $sources
    for _ in $(seq 200); do "$out/$name"; done >"$log"
    awk '$1 == 200000 { ++right; next }
        ++wrong <= 5 { others = others " " $1 }
        END { if (wrong > 5) others = others " …"
            printf "200000 words in %d runs\n", right
            printf "fewer in %d runs:%s\n", wrong, others
            exit wrong == 0 }' "$log"
    ;;
count_words_seen)
    for program in count_words count_words_together; do
        build "$program" "$program-seen" -fsanitize=thread $sources
        seen=0
        for _ in $(seq 30); do
            run $calm "$out/$program-seen"
            if grep -q 'data race' "$log"; then seen=$((seen + 1)); fi
        done
        [ "$seen" -gt 0 ] || expect 'data race'
        printf '%-21s race reported in %2d of 30 runs\n' "$program:" "$seen"
    done
    ;;
dangling)
    build dangling "$name" -fsanitize=address $sources
    run "$out/$name"
    expect 'heap-use-after-free'
    sed '/^SUMMARY/,$d' "$log" >"$log.part" && mv "$log.part" "$log"
    keep "^===|ERROR|(READ|WRITE) of size|dangling.cpp|$worker|located|(freed|allocated) by|operator (new|delete)|Thread T" | even
    ;;
endless_wait)
    build endless_wait "$name.s" -O2 -S
    sed -n '/^_Z4waitv:/,/endproc/p' "$out/$name.s" | grep -P '^(_Z|\t[a-z])' >"$log"
    expect 'ret'
    cat "$log"
    ;;
store_buffering)
    build store_buffering "$name" -O2
    run "$out/$name"
    expect 'seq_cst: '
    cat "$log"
    ;;
store_buffering_explored)
    build store_buffering_explored "$name" -DPOOL_EXPLORE -fno-omit-frame-pointer $explorer $testing -lgmock -lgtest
    run "$out/$name"
    expect 'check failed'
    explored
    ;;
annotated)
    run clang++ -std=c++20 -fsyntax-only -Wthread-safety "$here/$name.cpp"
    expect 'requires holding mutex'
    even <"$log"
    ;;
no_trouble)
    build no_trouble "$name" $sources
    "$out/$name"
    ;;
*)
    sed -n '2,/^set/p' "$0" | sed -n 's/^# \{0,1\}//p' >&2
    exit 2
    ;;
esac
