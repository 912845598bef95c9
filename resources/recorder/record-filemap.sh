#!/bin/sh
# Records what a Linux guest references in its page cache, with the kernel's filemap trace events, as a file that
# Tmem Console reads: gzip-compressed text as of trace_pipe. See README.md beside it.
#
# POSIX sh; needs root, tracefs and gzip. It records into a trace instance of its own, so that nobody else's tracing is
# disturbed, and removes it again however it ends, except by SIGKILL: what that leaves behind is removed by the next run.
set -u

name=record-filemap
usage() {
  cat <<END
Usage: $name.sh [-t SECONDS] [-s MIB] [-b KIB] [-m] -o FILE [-- COMMAND [ARGUMENT ...]]

Records the page-cache references of this machine into FILE (a name that ends in .gz is usual) until SECONDS are over, MIB of
text are recorded, COMMAND has ended, or Ctrl+C. What was recorded until then is kept.

  -o FILE     the file to write; it must not exist yet
  -t SECONDS  how long to record at most (default 60, at most 86400)
  -s MIB      how much text to record at most (default 1024; gzip makes about a tenth of it)
  -b KIB      the kernel's buffer for each CPU (default 8192): more when events are lost
  -m          record also what comes into the page cache and leaves it; the console does not need it

Exit codes: 0 recorded, 1 failed or nothing recorded, 2 wrong arguments or something is missing, 129/130/143 stopped by a signal
(what was recorded until then is kept).
END
}

say() { printf '%s: %s\n' "$name" "$*" >&2; }
refuse() {
  say "$*"
  exit 2
}
# number TEXT LEAST MOST WHAT
number() {
  case $1 in
    '' | *[!0-9]* | ?????????*) refuse "$4 must be a whole number from $2 to $3, not \"$1\"." ;;
  esac
  if [ "$1" -lt "$2" ] || [ "$1" -gt "$3" ]; then refuse "$4 must be a whole number from $2 to $3, not $1."; fi
}

output='' seconds=60 mib=1024 buffer_kib=8192 misses=0
while getopts o:t:s:b:mh option; do
  case $option in
    o) output=$OPTARG ;;
    t) seconds=$OPTARG ;;
    s) mib=$OPTARG ;;
    b) buffer_kib=$OPTARG ;;
    m) misses=1 ;;
    h)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
done
shift $((OPTIND - 1))
number "$seconds" 1 86400 'The duration (-t)'
number "$mib" 1 1048576 'The size (-s)'
number "$buffer_kib" 64 1048576 'The buffer (-b)'
if [ -z "$output" ]; then
  usage >&2
  exit 2
fi
if [ -e "$output" ]; then refuse "$output exists already: give another name, or remove it."; fi

# What is needed, before anything is changed.
for tool in gzip head cat sleep grep mkfifo; do
  command -v "$tool" >/dev/null 2>&1 || refuse "the command \"$tool\" is missing: install it."
done
# TMEM_TRACEFS is for a tracefs mounted elsewhere, and for tests.
tracefs=${TMEM_TRACEFS:-}
if [ -z "$tracefs" ]; then
  for tracefs in /sys/kernel/tracing /sys/kernel/debug/tracing; do
    [ -d "$tracefs/events" ] && break
  done
fi
if [ "$(id -u)" -ne 0 ] && [ ! -w "$tracefs/instances" ]; then
  refuse 'only root may trace: run it as root, as with "sudo".'
fi
if [ ! -d "$tracefs/events" ]; then
  if grep -qw tracefs /proc/filesystems 2>/dev/null; then
    refuse "no tracefs is mounted at $tracefs: mount it with \"mount -t tracefs nodev /sys/kernel/tracing\"."
  fi
  refuse 'this kernel has no tracefs: it was built without tracing (CONFIG_FTRACE), or is locked down.'
fi
if [ ! -d "$tracefs/events/filemap" ]; then
  refuse 'this kernel has no filemap trace events (CONFIG_EVENT_TRACING).'
fi
if [ ! -d "$tracefs/instances" ]; then
  refuse "this kernel has no trace instances ($tracefs/instances), which recording without disturbing others needs."
fi

events='' has_accesses=0
for event in mm_filemap_get_pages mm_filemap_map_pages mm_filemap_fault; do
  if [ -d "$tracefs/events/filemap/$event" ]; then events="$events $event" has_accesses=1; fi
done
if [ "$has_accesses" -eq 0 ] || [ "$misses" -eq 1 ]; then
  for event in mm_filemap_add_to_page_cache mm_filemap_delete_from_page_cache; do
    if [ -d "$tracefs/events/filemap/$event" ]; then events="$events $event"; fi
  done
fi
[ -n "$events" ] || refuse 'this kernel has filemap trace events, but none that the console knows.'
if [ "$has_accesses" -eq 0 ]; then
  say 'this kernel tells only which pages come into its page cache, not which are referenced there, as newer ones do:'
  say 'the trace will be one of the misses of its page cache.'
fi

part=$output.part.$$
( : >"$part" ) 2>/dev/null || refuse "$part cannot be written: choose another place."

instance='' pipeline='' command_pid='' gate='' stopped_by=''

# Sends what is still in the kernel's buffer on its way, and waits for the file to be whole.
finish_pipeline() {
  [ -n "$pipeline" ] || return 0
  echo 0 >"$instance/tracing_on"
  # Kernels differ in whether trace_pipe ends when tracing is off and all is read, so it is ended once there is nothing more.
  tries=0
  while kill -0 "$pipeline" 2>/dev/null && [ $tries -lt 60 ]; do
    if [ $tries -ge 1 ] && ! grep -qv '^#' "$instance/trace" 2>/dev/null; then break; fi
    sleep 1
    tries=$((tries + 1))
  done
  cat_pid=$(cat "$part.cat" 2>/dev/null)
  [ -n "$cat_pid" ] && kill "$cat_pid" 2>/dev/null
  wait "$pipeline" 2>/dev/null
  pipeline=''
}

remove_instance() {
  [ -n "$instance" ] || return 0
  for event in $events; do echo 0 >"$instance/events/filemap/$event/enable"; done 2>/dev/null
  tries=0
  until rmdir "$instance" 2>/dev/null || [ $tries -ge 10 ]; do
    sleep 1
    tries=$((tries + 1))
  done
  if [ -d "$instance" ]; then say "$instance could not be removed: remove it with \"rmdir $instance\"."; fi
  instance=''
}

clean_up() {
  trap '' HUP INT TERM
  # A command that still waits to begin.
  [ -z "$gate" ] || kill "$command_pid" 2>/dev/null
  finish_pipeline
  remove_instance
  rm -f "$part" "$part.cat" "$part.gate"
}
trap clean_up EXIT
trap 'stopped_by=HUP' HUP
trap 'stopped_by=INT' INT
trap 'stopped_by=TERM' TERM

# What runs that were killed have left: an instance, and a process that still reads it.
for left in "$tracefs"/instances/tmem-console.*; do
  pid=${left##*.}
  if [ ! -d "$left" ] || kill -0 "$pid" 2>/dev/null; then continue; fi
  echo 0 >"$left/tracing_on"
  # The brackets keep grep from finding itself.
  for reader in $(grep -l "tmem-console[.]$pid/trace_pipe" /proc/[0-9]*/cmdline 2>/dev/null); do
    reader=${reader#/proc/}
    kill "${reader%/cmdline}" 2>/dev/null
  done
  tries=0
  until rmdir "$left" 2>/dev/null || [ $tries -ge 5 ]; do
    sleep 1
    tries=$((tries + 1))
  done
  [ -d "$left" ] || say "removed $left, which a run that was killed had left."
done

instance=$tracefs/instances/tmem-console.$$
if ! mkdir "$instance"; then
  instance=''
  say 'the kernel refuses a trace instance: it may be locked down, or out of memory.'
  exit 1
fi
# set FILE VALUE WHAT: a setting without which there is no recording
set_up() {
  if ! echo "$2" >"$instance/$1"; then
    say "the kernel refuses $3."
    exit 1
  fi
}
set_up tracing_on 0 'to hold tracing back'
set_up buffer_size_kb "$buffer_kib" "a buffer of $buffer_kib KiB for each CPU: give less with -b"
# One clock for all CPUs, where there is a choice.
if [ -w "$instance/trace_clock" ]; then echo mono >"$instance/trace_clock"; fi 2>/dev/null
for event in $events; do set_up "events/filemap/$event/enable" 1 "the event $event"; done

# The command is forked before the recorder is left out of the trace, for that holds for what it forks from then on. It waits
# at the gate until recording has begun.
if [ $# -gt 0 ]; then
  mkfifo "$part.gate" || exit 1
  exec 3<&0
  (
    trap - HUP TERM
    : <"$part.gate"
    exec "$@" <&3 3<&-
  ) &
  command_pid=$!
  gate=$part.gate
  exec 3<&-
fi
if [ -w "$instance/set_event_notrace_pid" ]; then
  echo 1 >"$instance/options/event-fork"
  echo $$ >"$instance/set_event_notrace_pid"
fi 2>/dev/null

# A line of these events has at most 160 bytes; whole lines are counted, so that none is cut in two.
lines=$((mib * 1048576 / 160))
{
  echo "# page-cache references, recorded by $name.sh of Tmem Console"
  echo "# kernel $(uname -r), page size $(getconf PAGESIZE || echo unknown)"
  grep -E '^(MemTotal|Cached):' /proc/meminfo | while read -r line; do echo "# $line when recording began"; done
  sh -c 'echo $$ >"$1"; exec cat "$2"' cat "$part.cat" "$instance/trace_pipe" | head -n "$lines"
} 2>/dev/null | gzip -c >"$part" &
pipeline=$!
# Recording begins when the file is being written, so that nothing waits in the buffer before.
tries=0
while [ ! -s "$part.cat" ] && [ $tries -lt 10 ]; do
  sleep 1
  tries=$((tries + 1))
done
if ! echo 1 >"$instance/tracing_on"; then
  say 'the kernel refuses to trace.'
  exit 1
fi
if [ -n "$gate" ]; then
  : >"$gate"
  gate=''
fi

waited=0 why="$seconds s are over"
while [ "$waited" -lt "$seconds" ]; do
  if [ -n "$stopped_by" ]; then
    why="it was stopped by SIG$stopped_by"
    break
  fi
  if ! kill -0 "$pipeline" 2>/dev/null; then
    why="$mib MiB of text are recorded (more with -s)"
    break
  fi
  if [ -n "$command_pid" ] && ! kill -0 "$command_pid" 2>/dev/null; then
    why='the command has ended'
    break
  fi
  sleep 1
  waited=$((waited + 1))
done
[ -z "$stopped_by" ] || why="it was stopped by SIG$stopped_by"

trap '' HUP INT TERM
finish_pipeline
lost=0
for stats in "$instance"/per_cpu/cpu*/stats; do
  [ -r "$stats" ] || continue
  while read -r what count; do
    case $what in
      overrun:) lost=$((lost + count)) ;;
    esac
  done <"$stats"
done
remove_instance

if ! gzip -t "$part" 2>/dev/null; then
  say "$output could not be written whole: the disk may be full."
  exit 1
fi
recorded=$(gzip -dc "$part" | grep -c ': mm_filemap_')
if [ "$recorded" -eq 0 ]; then
  say "nothing was recorded: no page of a file was referenced."
  exit 1
fi
# "ln" never replaces what somebody put there meanwhile.
if ! ln "$part" "$output" 2>/dev/null && { [ -e "$output" ] || ! mv "$part" "$output"; }; then
  say "$output cannot be written, or exists by now."
  exit 1
fi
say "$recorded events in $output ($why)."
if [ "$lost" -gt 0 ]; then say "$lost events were lost: record with a larger buffer (-b), or less at a time."; fi

if [ -n "$command_pid" ]; then
  if [ -n "$stopped_by" ]; then
    kill "$command_pid" 2>/dev/null
  elif kill -0 "$command_pid" 2>/dev/null; then
    say 'the command goes on; this waits for it.'
  fi
  wait "$command_pid"
  status=$?
  [ $status -eq 0 ] || say "the command ended with exit code $status."
fi
case $stopped_by in
  HUP) exit 129 ;;
  INT) exit 130 ;;
  TERM) exit 143 ;;
esac
exit 0
