# Sourced by start and stop: how a bed knows its own processes.
# A process is known by id and start time, so that a reused id is never taken for ours.

# Prints when process PID started; fails when there is none (a zombie is none).
started_at() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- ${stat##*) }
  [ "$1" != Z ] && echo "${20}"
}

# is_alive PID START: without a child process, because it is asked often.
is_alive() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- "$2" ${stat##*) }
  [ "$2" != Z ] && [ "${21}" = "$1" ]
}

# Prints "NAME PID" of every living process of the bed in folder $1.
living() {
  local file pid start
  for file in "$1"/pids/*; do
    [ -f "$file" ] || continue
    read -r pid start <"$file" || continue
    is_alive "$pid" "$start" && echo "${file##*/} $pid"
  done
  return 0
}

is_bed() { [ -f "$1/bed" ]; }
