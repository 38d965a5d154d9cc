#compdef mlk
# zsh completion for mlk. Load it with:  source <(mlk completion zsh)
# or for good:  mlk completion zsh > "${fpath[1]}/_mlk"

_mlk() {
  local -a answer values described
  local fallback line value description
  local program=${(Q)words[1]/#\~\//$HOME/}
  answer=("${(@f)$("$program" __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  (( $#answer )) || return 1
  fallback=$answer[-1]
  answer[-1]=()
  for line in $answer; do
    value=${line%%$'\t'*}
    description=
    [[ $line == *$'\t'* ]] && description=${line#*$'\t'}
    values+=("$value")
    described+=("${value//:/\\:}${description:+:$description}")
  done
  local -i found=1
  if (( $#values )); then
    # A value that goes on (a tag, a path) gets no space behind it.
    if (( $#values == 1 )) && [[ $values[1] == *[=:/] ]]; then
      _describe -t mlk 'mlk' described -S '' && found=0
    else
      _describe -t mlk 'mlk' described && found=0
    fi
  fi
  case $fallback in
    :files) _files && found=0 ;;
    :directories) _files -/ && found=0 ;;
  esac
  return found
}

if [[ ${funcstack[1]} == _mlk ]]; then
  _mlk "$@"
elif (( $+functions[compdef] )); then
  compdef _mlk mlk
fi
