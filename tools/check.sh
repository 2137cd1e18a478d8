#!/bin/sh
# check: everything that a change must pass, step by step. Called by `./learn check`; CI runs the same.
#
#   check.sh              all steps
#   check.sh STEP…        only these: pages book format test clang asan tsan tidy model mutants tools exercises
#   check.sh ID…          only these exercises
#
# Each step says how long it took; the last line counts what passed and what failed: tests one by one, other steps as one.
#
# The steps tidy, model, mutants and exercises do not judge again what is known to have passed and has not changed, but for
# a few, chosen by chance. Before the steps there may be (tools/remembered.py):
#
#   --all                 judge everything, as with POOL_CHECK_ALL=1
#   --changed             only what has changed, nothing by chance: for the loop of who edits
#   --remember            write what has passed to tools/verdicts, for the next fresh clone; commit that
set -u

cd "$(dirname "$0")/.." || exit 2
logs=build/check
mkdir -p "$logs"
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
passed=0
failed=0
remembered=0
how=
if [ "${1:-}" = --help ]; then
    sed -n '2,/^set /s/^# \{0,1\}//p' tools/check.sh
    exit
fi
case ${1:-} in --all | --changed | --remember)
    how=$1
    shift
    ;;
esac
if command -v ccache >/dev/null 2>&1; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi

cpp_files() { git ls-files --cached --others --exclude-standard "*.hpp" "*.cpp" | grep -vE "/(mutants|task)/"; }

# --- the steps -----------------------------------------------------------------------------------------------------

step_pages() { # everything that is generated is fresh, every link is alive, every edge has two ends
    python3 tools/spec.py --check && python3 tools/weave.py --check && python3 tools/edges.py --check
}

step_format() {
    # shellcheck disable=SC2046  # a list of files
    cpp_files | xargs clang-format --dry-run --Werror && shellcheck learn .ci/run $(git ls-files --cached --others --exclude-standard '*.sh') &&
        ! git ls-files --cached --others --exclude-standard '*.hpp' '*.cpp' '*.py' | xargs grep -nE '^.{141}'
}

step_book() { python3 tools/book.py --check; } # the site can be made, and none of its links is dead

step_test() {
    # What the tests of the dashboard and of the OpenAPI document need; without it they are skipped, and say so.
    (cd 06-metrics/server/tests/browser && npm ci --no-audit --no-fund --silent) || echo "check: npm ci failed"
    ./learn test && python3 tools/conformance.py --check build/default/learn-tests.log
}

with_preset() {
    cmake --preset "$1" >"$logs/$1-configure.log" || { cat "$logs/$1-configure.log"; return 1; }
    cmake --build --preset "$1" --parallel "$cores" || return 1
    ctest --preset "$1" --parallel "$cores"
}
step_clang() { with_preset clang; }
step_asan() { with_preset asan; }
step_tsan() { with_preset tsan; }

step_tidy() {
    cmake --preset clang >/dev/null &&
        python3 tools/tidy.py ${how:+"$how"} build/clang "$cores"
}

step_model() { python3 tools/model.py ${how:+"$how"}; } # needs spin, and says so

step_mutants() { CXX=clang++ python3 tools/mutants.py ${how:+"$how"}; } # clang needs a third less time than g++

step_tools() { # each file in a process of its own, as many at a time as there are cores
    # shellcheck disable=SC2016  # the inner shell expands it
    printf '%s\n' tools/tests/*_test.py | xargs -n 1 -P "$cores" sh -c '
        said=$(python3 "$0" 2>&1) && status=0 || status=$?
        printf "%s\n" "$said"
        exit "$status"'
}

step_exercises() { python3 tools/tutor check ${how:+"$how"}; }

# --- running them --------------------------------------------------------------------------------------------------

# count LOG: prints "passed failed" of what a step's log says: ctest's tests, or unittest's, or a closing line of counts
count() {
    if tests=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#' "$1") && [ "$tests" -gt 0 ]; then
        bad=$(grep -E '^ *[0-9]+/[0-9]+ Test +#' "$1" | grep -cvE '( Passed|\*\*\*Skipped) ')
        echo "$((tests - bad)) $bad"
    elif line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$1" | tail -n 1) && [ -n "$line" ]; then
        echo "$line" | sed 's/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/'
    elif grep -qE '^Ran [0-9]+ tests? in' "$1"; then # once for each file of tests
        ran=$(sed -nE 's/^Ran ([0-9]+) tests? in.*/\1/p' "$1" | awk '{ s += $1 } END { print s }')
        bad=$(sed -n 's/^FAILED (\(.*\))/\1/p' "$1" | tr ',' '\n' | sed -n 's/.*\(failures\|errors\)=\([0-9]*\).*/\2/p' | awk '{ s += $1 } END { print s + 0 }')
        echo "$((ran - bad)) $bad"
    else
        echo "none none"
    fi
}

# how_many STEP: how many of those that passed are remembered ones
how_many() {
    sed -n 's/^[0-9]* passed, [0-9]* failed\(; [0-9]* remembered[^(]*\((seed [0-9]*)\)\{0,1\}\).*/\1/p' "$logs/$1.log" | tail -n 1
}

run() {
    start=$(date +%s)
    printf '%-10s ' "$1"
    status=0
    "step_$1" >"$logs/$1.log" 2>&1 </dev/null || status=$?
    took=$(($(date +%s) - start))
    counts=$(count "$logs/$1.log")
    ok=${counts%% *}
    bad=${counts##* }
    if [ "$ok" = none ]; then ok=$((status == 0)) bad=$((status != 0)); fi
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi # it failed outside its tests
    known=$(sed -n 's/^[0-9]* passed, [0-9]* failed; \([0-9]*\) remembered.*/\1/p' "$logs/$1.log" | tail -n 1)
    remembered=$((remembered + ${known:-0}))
    passed=$((passed + ok))
    failed=$((failed + bad))
    if [ "$status" -eq 0 ]; then
        printf 'ok      %4d s  %s passed%s\n' "$took" "$ok" "$(how_many "$1")"
    else
        printf 'FAILED  %4d s  %s failed; the end of %s:\n' "$took" "$bad" "$logs/$1.log"
        grep -vE ' Passed ' "$logs/$1.log" | tail -n 60 | sed 's/^/    /'
    fi
    sed -n 's/^tools\/verdicts\/.* is \(not \)\{0,1\}written.*/           &/p' "$logs/$1.log"
}

all="pages book format test clang asan tsan tidy model mutants tools exercises"
if [ $# -eq 0 ]; then
    # shellcheck disable=SC2086  # a list of words
    set -- $all
fi
case " $all " in
*" $1 "*) ;;
*) exec python3 tools/tutor check ${how:+"$how"} "$@" ;;
esac
for step in "$@"; do
    case " $all " in
    *" $step "*) run "$step" ;;
    *)
        echo "check: there is no step '$step'. The steps are: $all" >&2
        exit 2
        ;;
    esac
done
known=
if [ "$remembered" -gt 0 ]; then known="; $remembered of these are remembered from earlier runs"; fi
printf '%d passed, %d failed%s\n' "$passed" "$failed" "$known"
[ "$failed" -eq 0 ]
