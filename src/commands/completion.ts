import type { Command } from 'commander';
import { CommandError, EXIT } from './exit.ts';
import { examples } from './options.ts';

const SHELLS: Readonly<Record<string, (words: string) => string>> = {
  bash: (words) => `_crowsnest() {
  local path="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do word=\${COMP_WORDS[i]}; [[ $word == -* ]] || path="$path $word"; done
  case "\${path# }" in
${words}
  esac
}
complete -o default -F _crowsnest crowsnest
`,
  zsh: (words) => `#compdef crowsnest
autoload -U +X bashcompinit && bashcompinit
${SHELLS.bash(words)}`,
  fish: () => '',
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
      if (!(shell in SHELLS))
        throw new CommandError(EXIT.usage, `expected bash, zsh or fish, not ${JSON.stringify(shell)}`);
      process.stdout.write(shell === 'fish' ? fishScript(program) : SHELLS[shell](bashCases(program, '').join('\n')));
    });
}

function bashCases(command: Command, path: string): string[] {
  const words = wordsOf(command).join(' ');
  const own = `    ${JSON.stringify(path)}) COMPREPLY=($(compgen -W ${JSON.stringify(words)} -- "\${COMP_WORDS[COMP_CWORD]}")) ;;`;
  return [own, ...command.commands.flatMap((child) => bashCases(child, `${path} ${child.name()}`.trim()))];
}

function wordsOf(command: Command): string[] {
  return [
    ...command.commands.map((child) => child.name()),
    ...command.options.map((option) => option.long ?? ''),
    '--help',
  ];
}

function fishScript(program: Command): string {
  const lines = ['complete -c crowsnest -f'];
  for (const child of program.commands) {
    lines.push(`complete -c crowsnest -n __fish_use_subcommand -a ${child.name()} -d ${quote(child.description())}`);
    for (const option of child.options) {
      lines.push(
        `complete -c crowsnest -n "__fish_seen_subcommand_from ${child.name()}" -l ${(option.long ?? '').slice(2)} -d ${quote(option.description)}${option.required ? ' -r -F' : ''}`,
      );
    }
    for (const verb of child.commands) {
      lines.push(
        `complete -c crowsnest -n "__fish_seen_subcommand_from ${child.name()}" -a ${verb.name()} -d ${quote(verb.description())}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`\'`)}'`;
}
