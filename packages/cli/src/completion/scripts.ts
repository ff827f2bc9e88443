/** What a shell needs so that the Tab key completes command lines: it asks the program itself. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export const SCRIPTS: Record<Shell, string> = {
  bash: `_millrace_completion() {
  local IFS=$'\\n'
  local answers
  answers="$(millrace complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1)"
  COMPREPLY=($(compgen -W "$answers" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _millrace_completion millrace
`,
  zsh: `#compdef millrace
_millrace() {
  local -a answers
  local line
  for line in "\${(@f)$(millrace complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n "$line" ]] && answers+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#answers} )); then
    _describe millrace answers
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == "_millrace" ]]; then
  _millrace "$@"
else
  compdef _millrace millrace
fi
`,
  fish: `function __millrace_complete
  set -l words (commandline --tokenize --cut-at-cursor --current-process)
  set -l answers (millrace complete -- $words[2..] (commandline --current-token --cut-at-cursor) 2>/dev/null)
  if test (count $answers) -gt 0
    printf '%s\\n' $answers
  else
    __fish_complete_path (commandline --current-token --cut-at-cursor)
  end
end
complete --command millrace --no-files --arguments '(__millrace_complete)'
`,
};
