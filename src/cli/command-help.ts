/** Every command, in the order of the help. */
export const commandNames = ['run', 'plan', 'sync', 'report', 'verify', 'repair', 'check', 'config'] as const

export type CommandName = (typeof commandNames)[number]

export const repoHelp =
  'repos such as Qwen/Qwen3-0.6B, hf:Qwen/Qwen3-*, hf:datasets/owner/name, dir:./folder, or the address of a page or clone'

export const descriptions: Readonly<Record<CommandName, string>> = {
  run: 'plan, sync and report in one go',
  plan: 'compare both hubs, print what would happen, write DIR/plan.json; changes nothing',
  sync: 'do what a plan says: all of it, or one job; writes DIR/results/*.json',
  report: 'read DIR, write report.json, report.md and report.html, print the summary',
  verify: 'compare the content of both sides and read LFS objects back; changes nothing',
  repair: 'make right what `verify` finds',
  check: 'look at configuration, endpoints, tokens and permissions; changes nothing',
  config: 'print the configuration with every default filled in, without secrets',
}

export const programExamples = `
Examples:
  $ model-hub-sync run Qwen/Qwen3-0.6B --from hf --to ms:my-org --dry-run   what would happen
  $ model-hub-sync run Qwen/Qwen3-0.6B --from hf --to ms:my-org             do it
  $ model-hub-sync run                                                      all rules of model-hub-sync.yml

Tokens come from the environment or a .env file: HF_TOKEN, MODELSCOPE_TOKEN, MODELSCOPE_AI_TOKEN,
MODELERS_TOKEN, GITCODE_TOKEN, GH_TOKEN.
Exit status: 0 nothing failed, 1 something failed, 2 bad usage or configuration, 3 stopped early (run again to continue).`

export const commandExamples: Readonly<Record<CommandName, string>> = {
  run: `
Examples:
  $ model-hub-sync run Qwen/Qwen3-0.6B --from hf --to ms:my-org
  $ model-hub-sync run --from "hf:Qwen/Qwen3-*" --to "ms:my-org/qwen-{name}" --exclude "original/**"
  $ model-hub-sync run --rule qwen-to-modelscope --set bandwidth=20MB/s
  $ model-hub-sync run --every 12h --log-dir ./log                             as a service, docs/service.md
  $ model-hub-sync run dir:./my-model --to ms:my-org --set visibility=public   publish a folder (private without --set)
  $ model-hub-sync run hf:Qwen/Qwen3-0.6B --to dir:./backup/Qwen3-0.6B         back up into a folder`,
  plan: `
Examples:
  $ model-hub-sync plan
  $ model-hub-sync plan hf:Qwen/Qwen3-0.6B --to ms:my-org --json`,
  sync: `
Examples:
  $ model-hub-sync sync                      every job of DIR/plan.json
  $ model-hub-sync sync --job-index 0        the first job only
  $ model-hub-sync sync --job publish        publish what several jobs have moved
A plan has no authority of its own: give the same --config, --rule, --from, --to and --set as to the plan,
and the repos it was made for by --model.`,
  report: `
Examples:
  $ model-hub-sync report --dir ./.model-hub-sync --json`,
  verify: `
Examples:
  $ model-hub-sync verify                                                   all rules of model-hub-sync.yml
  $ model-hub-sync verify hf:Qwen/Qwen3-0.6B --to ms:my-org --set verify=full
  $ model-hub-sync verify hf:Qwen/Qwen3-0.6B --to dir:./backup/Qwen3-0.6B   a download that some tool made`,
  repair: `
Examples:
  $ model-hub-sync repair --dry-run
  $ model-hub-sync repair hf:Qwen/Qwen3-0.6B --to ms:my-org`,
  check: `
Examples:
  $ model-hub-sync check
  $ model-hub-sync check --from hf:Qwen --to ms:my-org`,
  config: `
Examples:
  $ model-hub-sync config > expanded.yml
  $ model-hub-sync config --config .github/model-hub-sync.yml --rule nightly`,
}
