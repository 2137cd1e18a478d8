#!/bin/sh
# doctor: looks at what the course needs of a machine, and says what to do about each thing that is not right.
# Called by `./learn doctor`. Status 0: stage 01 can be built and tested here; 1: something that it needs is missing.
set -u

bad=0
good() { printf '  ok       %-22s %s\n' "$1" "$2"; }
note() { printf '  note     %-22s %s\n' "$1" "$2"; }
miss() {
    printf '  MISSING  %-22s %s\n' "$1" "$2"
    bad=$((bad + 1))
}
has() { command -v "$1" >/dev/null 2>&1; }
first() { "$@" 2>/dev/null | head -n 1; }
version_of() { if [ "$1" = spin ]; then first spin -V; else first "$1" --version; fi; }

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# compiles FLAGS…: a small C++20 program, with a thread, and runs it
compiles() {
    cat >"$tmp/t.cpp" <<'CPP'
#include <concepts>
#include <latch>
#include <thread>
template <std::integral T> T twice(T x) { return x + x; }
int main() { std::latch done(1); std::jthread t([&] { done.count_down(); }); done.wait(); return twice(0); }
CPP
    "$cxx" -std=c++20 -pthread "$@" "$tmp/t.cpp" -o "$tmp/t" >"$tmp/log" 2>&1 && "$tmp/t" >>"$tmp/log" 2>&1
}

printf 'What stage 01 needs\n'
cxx=${CXX:-c++}
if has "$cxx"; then
    if compiles; then good compiler "$(first "$cxx" --version)"; else miss compiler "$cxx cannot build C++20 (g++ 12, clang 14 or newer can): $(head -n 1 "$tmp/log")"; fi
else
    miss compiler "no C++ compiler. Debian, Ubuntu: apt install g++; macOS: xcode-select --install"
fi
if has cmake; then
    version=$(cmake --version | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p')
    major=${version%%.*}
    minor=${version#*.}
    minor=${minor%%.*}
    if [ "$major" -gt 3 ] || { [ "$major" -eq 3 ] && [ "$minor" -ge 25 ]; }; then
        good cmake "$version"
    else
        miss cmake "$version, but the presets need 3.25. Debian 12 and Ubuntu 24.04 have it"
    fi
else
    miss cmake "not there. Debian, Ubuntu: apt install cmake; macOS: brew install cmake"
fi
if has make; then good make "$(first make --version)"; else miss make "not there. Debian, Ubuntu: apt install make"; fi
gtest=no
for root in /usr/include /usr/local/include /opt/homebrew/include; do [ -e "$root/gmock/gmock.h" ] && gtest=$root; done
if [ "$gtest" != no ]; then good GoogleTest "$gtest/gtest"; else miss GoogleTest "not there. Debian, Ubuntu: apt install libgtest-dev libgmock-dev; macOS: brew install googletest"; fi

printf 'For exercises and for ./learn check\n'
for tool in python3:python3 patch:patch git:git gdb:gdb clang++:clang clang-tidy:clang-tidy clang-format:clang-format ccache:ccache spin:spin; do
    if has "${tool%%:*}"; then good "${tool%%:*}" "$(version_of "${tool%%:*}")"; else note "${tool%%:*}" "not there; apt install ${tool#*:} (./learn asks when it is needed)"; fi
done

printf 'Sanitizers\n'
if has "$cxx"; then
    for sanitizer in thread address,undefined; do
        if compiles "-fsanitize=$sanitizer"; then good "$sanitizer" "builds and runs"; else note "$sanitizer" "does not run here: $(tail -n 1 "$tmp/log")"; fi
    done
fi
bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo unknown)
case $bits in
unknown) ;;
*) if [ "$bits" -gt 28 ]; then
    note "address layout" "randomised over $bits bits; older ThreadSanitizers stop at 28: run tests under 'setarch -R', or sysctl vm.mmap_rnd_bits=28"
else
    good "address layout" "randomised over $bits bits"
fi ;;
esac

printf 'The machine\n'
good processors "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo unknown) (a pool has one worker for each)"
if [ -r /proc/loadavg ]; then
    load=$(cut -d' ' -f1 /proc/loadavg)
    case $load in 0.*) good load "$load" ;; *) note load "$load: something else runs here; benchmarks will not be worth much" ;; esac
fi
case $(date +%Y) in 19* | 200* | 201*) note clock "it says $(date +%F): builds compare times, so set it right" ;; *) good clock "$(date +%F)" ;; esac

if [ "$bad" -ne 0 ]; then
    printf '\n%d missing. On Debian and Ubuntu "./learn test" installs them.\n' "$bad"
    exit 1
fi
printf '\nAll that stage 01 needs is here.\n'
