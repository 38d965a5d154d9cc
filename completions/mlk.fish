# fish completion for mlk. Load it with:  mlk completion fish | source
# or for good:  mlk completion fish > ~/.config/fish/completions/mlk.fish

function __mlk_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $before[1])
    set -l answer (command $program __complete -- $before[2..-1] "$current" 2>/dev/null)
    test (count $answer) -gt 0; or return
    set -l fallback $answer[-1]
    set -e answer[-1]
    for line in $answer
        echo $line
    end
    switch $fallback
        case :files
            __fish_complete_path "$current"
        case :directories
            __fish_complete_directories "$current"
    end
end

complete -c mlk -e
complete -c mlk -f -a '(__mlk_complete)'
