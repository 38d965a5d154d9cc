# bash completion for mlk. Load it with:  source <(mlk completion bash)
# or for good:  mlk completion bash > ~/.local/share/bash-completion/completions/mlk

_mlk_completion() {
  local line=${COMP_LINE:0:COMP_POINT} program=${1/#\~\//$HOME/}
  local -a answer=()
  mapfile -t answer < <("$program" __complete --line "$line" 2>/dev/null)
  local count=${#answer[@]}
  ((count > 0)) || return 0
  local fallback=${answer[count - 1]}
  unset 'answer[count-1]'

  # bash replaces only what stands behind the last '=' or ':' of the word, where these break words.
  local word=${line##*[[:space:]]} cut=
  local breaks=${COMP_WORDBREAKS//[^=:]/}
  if [[ -n $breaks && $word == *["$breaks"]* ]]; then
    cut=${word%"${word##*["$breaks"]}"}
  fi

  local candidate
  COMPREPLY=()
  for candidate in "${answer[@]}"; do
    candidate=${candidate%%$'\t'*}
    candidate=${candidate#"$cut"}
    COMPREPLY+=("$(printf '%q' "$candidate")")
  done

  local current=${word#"$cut"}
  case $fallback in
    :files)
      compopt -o filenames 2>/dev/null
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
      ;;
    :directories)
      compopt -o filenames 2>/dev/null
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$current")
      ;;
  esac
  if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[=:/] ]]; then
    compopt -o nospace 2>/dev/null
  fi
  return 0
}

complete -F _mlk_completion mlk
