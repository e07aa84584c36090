import { switchRules, type SwitchName } from "../simulator/engine/switches";
import type { Answer, Probe, Verdict } from "./probe";
import { notSettled } from "./not-settled";
import type { ContractResult } from "./run-contract";
import { sources } from "./sources";

/** The values that make the stand-in answer as the server did, where they are not its defaults. */
export function recommended(answers: readonly Answer[]): Partial<Record<SwitchName, string>> {
  const differing = answers.filter(({ verdict }) => verdict === "switch");
  return Object.fromEntries(differing.map(({ probe, value }) => ["settles" in probe ? probe.settles : "", value]));
}

/** The report of a run, Markdown: what to do, every question with its answer, and what this cannot find out. */
export function reportOf({ product, answers, leftovers, left }: ContractResult): string {
  const count = (verdict: Verdict) => answers.filter((answer) => answer.verdict === verdict).length;
  const parts = [
    `# What ${product} answered`,
    `${answers.length} questions: ${verdicts.map((each) => `${count(each)} ${each}`).join(", ")}.` +
      (leftovers.length > 0 ? ` Removed first, left by an earlier run: ${leftovers.join(", ")}.` : ""),
    "## What to do",
    toDo(answers) + (left === undefined ? "" : `\n- **not everything was removed**: ${left}`),
    ...[...new Set(answers.map(({ area }) => area))].map((area) =>
      section(
        area,
        answers.filter((answer) => answer.area === area),
      ),
    ),
    "## What the API and mail cannot tell",
    table(
      ["Switch", "Why", "How to find out"],
      Object.entries(notSettled).map(([name, { why, how }]) => [`\`${name}\``, why, how]),
    ),
  ];
  return `${parts.join("\n\n")}\n`;
}

const verdicts: Verdict[] = ["as expected", "switch", "fact wrong", "not as assumed", "not asked", "failed"];

function toDo(answers: readonly Answer[]): string {
  const flips = Object.entries(recommended(answers));
  const lines = answers
    .filter(({ verdict }) => ["fact wrong", "not as assumed", "failed"].includes(verdict))
    .map((answer) => `- ${advice(answer)}`);
  if (flips.length > 0) {
    const switches = flips.map(([name, value]) => `--switch ${name}=${value}`).join(" ");
    lines.unshift(`- Start the stand-in as this server is: \`npm run simulator -- --state DIR ${switches}\``);
  }
  return lines.length > 0 ? lines.join("\n") : "Nothing: the server answered as the stand-in does.";
}

function advice({ probe, verdict, seen }: Answer): string {
  if (verdict === "failed") return `**could not be asked**: ${probe.question} ${seen}`;
  if (verdict === "fact wrong") {
    return `**fact wrong**: ${probe.fact.says} (${cited(probe)}). Expected: ${expectation(probe)}. Seen: ${seen}`;
  }
  const what = "settles" in probe ? `\`${probe.settles}\` needs a new value` : "the stand-in needs a switch";
  return `**${what}**: ${probe.question} Seen: ${seen}`;
}

function section(area: string, answers: readonly Answer[]): string {
  const rows = answers.map((answer) => [
    answer.probe.question,
    expectation(answer.probe),
    answer.seen,
    outcome(answer),
    `${answer.probe.fact.says} (${cited(answer.probe)})`,
  ]);
  return `## ${area}\n\n${table(["Question", "Expected", "Seen", "Result", "Fact"], rows)}`;
}

function outcome({ probe, verdict, value }: Answer): string {
  if (!("settles" in probe) || value === undefined) return verdict === "fact wrong" ? "**fact wrong**" : verdict;
  const setting = `\`${probe.settles}=${value}\``;
  return verdict === "switch" ? `**${setting}**` : `as expected, ${setting}`;
}

function expectation(probe: Probe): string {
  return "settles" in probe ? `\`${probe.settles}=${switchRules[probe.settles].standard}\`` : probe.expects;
}

function cited({ fact }: Probe): string {
  const { title, url } = sources[fact.source];
  return url === "" ? title : `[${title}](${url})`;
}

function table(heads: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replace(/\s+/g, " ").replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
