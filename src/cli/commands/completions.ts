import { arg, type Command, defineCommand, GLOBAL_OPTIONS, type OptionSpecs } from "../command.ts";
import { CliError, EXIT } from "../errors.ts";
import { GROUPS } from "../registry.ts";

interface Word {
  /** Words before this one: "" for nouns, "apps" for its verbs, "apps create" for its options. */
  after: string;
  words: string[];
}

export const commands: readonly Command[] = [
  defineCommand({
    name: "completions",
    summary: "Print the completions of a shell",
    args: [{ name: "shell", description: "bash, zsh or fish" }],
    examples: [
      "pic completions bash > /etc/bash_completion.d/pic",
      "pic completions zsh > ~/.zfunc/_pic",
      "pic completions fish > ~/.config/fish/completions/pic.fish",
    ],
    async run(ctx, input) {
      const shell = arg(input, "shell");
      const render = RENDERERS[shell];
      if (!render)
        throw new CliError(
          EXIT.usage,
          `There are no completions for \`${shell}\``,
          "Shells: bash, zsh, fish",
        );
      ctx.io.stdout(render(await collectWords()));
    },
  }),
];

async function collectWords(): Promise<Word[]> {
  const entries = GROUPS.flatMap((group) => group.entries);
  const words: Word[] = [{ after: "", words: entries.map((entry) => entry.name) }];
  for (const entry of entries) {
    const own = (await entry.load()).commands.filter(
      (command) => command.name.split(" ")[0] === entry.name,
    );
    const verbs = own
      .map((command) => command.name.split(" ")[1])
      .filter((verb) => verb !== undefined);
    if (verbs.length > 0) words.push({ after: entry.name, words: verbs });
    for (const command of own)
      words.push({ after: command.name, words: flags({ ...command.options, ...GLOBAL_OPTIONS }) });
  }
  return words;
}

const flags = (specs: OptionSpecs): string[] => Object.keys(specs).map((name) => `--${name}`);

const RENDERERS: Readonly<Record<string, (words: Word[]) => string>> = { bash, zsh, fish };

function bash(words: Word[]): string {
  return `# pic completions for bash
_pic() {
  local current="\${COMP_WORDS[COMP_CWORD]}" one="\${COMP_WORDS[1]}" two="\${COMP_WORDS[1]} \${COMP_WORDS[2]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then words="${wordsAfter(words, "")}"
  else
    case "$one" in
${caseLines(words, (entry) => entry.after !== "" && !entry.after.includes(" "), "      ")}
    esac
    if [ "$COMP_CWORD" -gt 2 ]; then
      case "$two" in
${caseLines(words, (entry) => entry.after.includes(" "), "        ")}
      esac
    fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _pic pic
`;
}

function zsh(words: Word[]): string {
  return `#compdef pic
_pic() {
  local one="\${words[2]}" two="\${words[2]} \${words[3]}" list=""
  if (( CURRENT == 2 )); then list="${wordsAfter(words, "")}"
  else
    case "$one" in
${caseLines(words, (entry) => entry.after !== "" && !entry.after.includes(" "), "      ", "list")}
    esac
    if (( CURRENT > 3 )); then
      case "$two" in
${caseLines(words, (entry) => entry.after.includes(" "), "        ", "list")}
      esac
    fi
  fi
  compadd -- \${=list}
  [[ -n "$list" ]] || _files
}
compdef _pic pic
`;
}

function fish(words: Word[]): string {
  const lines = words.flatMap((entry) => {
    const [noun, verb] = entry.after.split(" ");
    const condition = !noun
      ? "__fish_use_subcommand"
      : verb
        ? `__fish_seen_subcommand_from ${noun}; and __fish_seen_subcommand_from ${verb}`
        : `__fish_seen_subcommand_from ${noun}`;
    return entry.words.map((word) =>
      word.startsWith("--")
        ? `complete -c pic -n '${condition}' -l ${word.slice(2)}`
        : `complete -c pic -f -n '${condition}' -a ${word}`,
    );
  });
  return `# pic completions for fish\n${lines.join("\n")}\n`;
}

const wordsAfter = (words: Word[], after: string): string =>
  words
    .filter((entry) => entry.after === after)
    .flatMap((entry) => entry.words)
    .join(" ");

function caseLines(
  words: Word[],
  keep: (entry: Word) => boolean,
  indent: string,
  variable = "words",
): string {
  const names = [...new Set(words.filter(keep).map((entry) => entry.after))];
  return names
    .map((name) => `${indent}"${name}") ${variable}="${wordsAfter(words, name)}" ;;`)
    .join("\n");
}
