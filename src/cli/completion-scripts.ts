export type Shell = 'bash' | 'zsh' | 'fish';

/** Each script hands the words so far to `jit __complete`, which answers a candidate a line. */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `_jit_complete() {
  local IFS=$'\\n' line="\${COMP_LINE:0:COMP_POINT}" words
  read -r -a words <<< "\${line//$'\\n'/ }"
  IFS=' ' read -r -a words <<< "$line"
  [[ "$line" == *' ' ]] && words+=('')
  COMPREPLY=()
  local candidate current="\${words[\${#words[@]}-1]}"
  local before="\${current%"\${current##*[:=]}"}"
  while read -r candidate; do
    [[ "$COMP_WORDBREAKS" == *:* ]] && candidate="\${candidate#"$before"}"
    COMPREPLY+=("$candidate")
  done < <(jit __complete -- "\${words[@]:1}" 2>/dev/null)
}
# An older bash, as on macOS, knows no nosort.
complete -o nosort -o bashdefault -o default -F _jit_complete jit 2>/dev/null ||
  complete -o bashdefault -o default -F _jit_complete jit`,
  zsh: `#compdef jit
_jit_complete() {
  local -a candidates
  candidates=("\${(@f)$(jit __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -V jit -a candidates
}
compdef _jit_complete jit`,
  fish: `function __jit_complete
  set -l words (commandline -opc) (commandline -ct)
  jit __complete -- $words[2..] 2>/dev/null
end
complete -c jit -f -a '(__jit_complete)'`,
};
