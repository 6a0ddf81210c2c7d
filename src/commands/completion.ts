import type { Command, Option } from 'commander';
import { CommandError, EXIT } from './exit.ts';
import { examples } from './options.ts';

const SHELLS: Readonly<Record<string, (program: Command) => string>> = {
  bash: bashScript,
  zsh: (program) => `#compdef crowsnest
autoload -U +X bashcompinit && bashcompinit
${bashScript(program)}`,
  fish: fishScript,
};

/** `completion SHELL`: a script for the shell, made from the commands themselves. */
export function registerCompletion(program: Command): void {
  program
    .command('completion <shell>')
    .description('print a completion script for bash, zsh or fish')
    .addHelpText(
      'after',
      examples(
        'completion bash > /etc/bash_completion.d/crowsnest',
        'completion fish > ~/.config/fish/completions/crowsnest.fish',
      ),
    )
    .action((shell: string) => {
      if (!Object.hasOwn(SHELLS, shell))
        throw new CommandError(EXIT.usage, `expected bash, zsh or fish, not ${JSON.stringify(shell)}`);
      process.stdout.write(SHELLS[shell](program));
    });
}

/** The value of an option is completed from its choices, else as a file; anything else from the command's own words. */
function bashScript(program: Command): string {
  return `_crowsnest() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path="" word i skip=""
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=""; continue; fi
    case "$word" in
      ${valuedFlags(program)}) skip=1 ;;
      -*) ;;
      *) path="$path $word" ;;
    esac
  done
  COMPREPLY=()
  case "\${path# }:$prev" in
${bashValues(program, '').join('\n')}
    ${valuedFlags(program)
      .split('|')
      .map((flag) => `*:${flag}`)
      .join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  case "\${path# }" in
${bashCases(program, '').join('\n')}
  esac
}
complete -o default -F _crowsnest crowsnest
`;
}

/** All flags that take a value, as a pattern of `case`. */
function valuedFlags(program: Command): string {
  const flags = allOf(program).flatMap(({ options }) => options.filter(takesValue).flatMap(flagsOf));
  return [...new Set(flags)].join('|');
}

function bashValues(command: Command, path: string): string[] {
  const own = command.options
    .filter((option) => choicesOf(option).length > 0)
    .map((option) => {
      const pattern = flagsOf(option)
        .map((flag) => JSON.stringify(`${path}:${flag}`))
        .join('|');
      return `    ${pattern}) COMPREPLY=($(compgen -W ${JSON.stringify(choicesOf(option).join(' '))} -- "$cur")); return ;;`;
    });
  return [...own, ...command.commands.flatMap((child) => bashValues(child, `${path} ${child.name()}`.trim()))];
}

function bashCases(command: Command, path: string): string[] {
  const words = [
    ...command.commands.map((child) => child.name()),
    ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    ...command.options.flatMap(flagsOf),
    '--help',
  ].join(' ');
  const own = `    ${JSON.stringify(path)}) COMPREPLY=($(compgen -W ${JSON.stringify(words)} -- "$cur")) ;;`;
  return [own, ...command.commands.flatMap((child) => bashCases(child, `${path} ${child.name()}`.trim()))];
}

function fishScript(program: Command): string {
  const lines = ['complete -c crowsnest -f'];
  for (const child of program.commands) {
    lines.push(`complete -c crowsnest -n __fish_use_subcommand -a ${child.name()} -d ${quote(child.description())}`);
    lines.push(...fishOptions(child, `__fish_seen_subcommand_from ${child.name()}`));
    for (const verb of child.commands) {
      lines.push(
        `complete -c crowsnest -n "__fish_seen_subcommand_from ${child.name()}" -a ${verb.name()} -d ${quote(verb.description())}`,
        ...fishOptions(
          verb,
          `__fish_seen_subcommand_from ${child.name()}; and __fish_seen_subcommand_from ${verb.name()}`,
        ),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function fishOptions(command: Command, condition: string): string[] {
  return command.options.map((option) => {
    const short = option.short ? ` -s ${option.short.slice(1)}` : '';
    const choices = choicesOf(option);
    const value = choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : takesValue(option) ? ' -r -F' : '';
    return `complete -c crowsnest -n "${condition}"${short} -l ${(option.long ?? '').slice(2)} -d ${quote(option.description)}${value}`;
  });
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag): flag is string => flag !== undefined);
}

function choicesOf({ argChoices }: Option): readonly string[] {
  return argChoices ?? [];
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`\'`)}'`;
}
