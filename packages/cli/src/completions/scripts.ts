/**
 * The completion scripts, for `completion`. Each runs `complete` with the words up to the cursor, and lets its shell
 * complete the command that `exec` runs.
 */
import type { Shell } from "../chosen.ts"

const bash = `_alicloud_credentials() {
  local IFS=$'\\n' line from="" words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while read -r line; do
    case "$line" in
      ":command "*) from="\${line#:command }" ;;
      *) COMPREPLY+=("$(printf %q "\${line%%$'\\t'*}")") ;;
    esac
  done < <("$1" complete bash "\${words[@]}" 2>/dev/null)
  if [[ -z $from ]]; then
    return
  elif declare -F _command_offset >/dev/null; then
    IFS=$' \\t\\n' _command_offset "$((from + 1))"
  elif ((COMP_CWORD == from + 1)); then
    COMPREPLY=($(compgen -c -- "\${COMP_WORDS[COMP_CWORD]}"))
  else
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
  fi
}
complete -o nosort -F _alicloud_credentials alicloud-credentials 2>/dev/null ||
  complete -F _alicloud_credentials alicloud-credentials`

const zsh = `#compdef alicloud-credentials
_alicloud_credentials() {
  local line from=""
  local -a values
  for line in "\${(@f)$("\${(Q)words[1]}" complete zsh "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    case "$line" in
      ":command "*) from="\${line#:command }" ;;
      ?*) values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${\${(M)line%$'\\t'*}#$'\\t'}") ;;
    esac
  done
  if [[ -n $from ]]; then
    shift $((from + 1)) words
    ((CURRENT -= from + 1))
    _normal
  else
    _describe -V 'alicloud-credentials' values
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _alicloud_credentials "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _alicloud_credentials alicloud-credentials
fi`

const fish = `function __alicloud_credentials
  set -l words (commandline -opc)
  set -l last (commandline -ct)
  set -l lines ($words[1] complete fish $words[2..-1] "$last" 2>/dev/null)
  if string match -q ':command *' -- $lines[1]
    set -l from (math (string replace ':command ' '' -- $lines[1]) + 2)
    set -l rest
    if test (count $words) -ge $from
      set rest (string escape -- $words[$from..-1])
    end
    complete -C (string join ' ' -- $rest $last)
  else
    printf '%s\\n' $lines
  end
end
complete -c alicloud-credentials -f -k -a '(__alicloud_credentials)'`

const powershell = `Register-ArgumentCompleter -Native -CommandName alicloud-credentials -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $elements = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition })
  $words = @($elements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  if ($wordToComplete -ne '') { $words = @($words | Select-Object -SkipLast 1) }
  # Older versions drop an empty argument: the last word has a full stop behind it.
  $lines = @(& "$($elements[0])" complete powershell @words "$wordToComplete.")
  if ($lines[0] -match '^:command (\\d+)$') {
    $start = [int]$Matches[1] + 1
    $text = if ($elements.Count -gt $start) {
      $commandAst.ToString().Substring($elements[$start].Extent.StartOffset - $commandAst.Extent.StartOffset)
    } else { '' }
    if ($wordToComplete -eq '') { $text = "$text " }
    return [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches
  }
  $lines | Where-Object { $_ } | ForEach-Object {
    $value, $description = $_ -split "\\t", 2
    $quoted = if ($value -match '\\s') { "'$value'" } else { $value }
    [System.Management.Automation.CompletionResult]::new(
      $quoted, $value, 'ParameterValue', $(if ($description) { $description } else { $value }))
  }
}`

export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish, powershell }
