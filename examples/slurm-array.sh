#!/bin/sh
# The same plan as a Slurm job array. On the login node: HF_TOKEN=… MODELSCOPE_TOKEN=… ./slurm-array.sh
# The folder must be one that all nodes see; model-hub-sync.yml lies in it.
set -eu
run_directory=${RUN_DIRECTORY:-./.model-hub-sync}
tool="npx --yes model-hub-sync@0.1.0"

$tool plan --dir "$run_directory" --max-jobs 64 --fail-on never
jobs=$(node -p 'JSON.parse(fs.readFileSync(process.argv[1])).jobs.length' "$run_directory/plan.json")

after=""
if [ "$jobs" -gt 0 ]; then
  array=$(sbatch --parsable --job-name=model-hub-sync --time=12:00:00 --cpus-per-task=2 --mem=2G --signal=B:TERM@120 \
    --array="0-$((jobs - 1))%8" \
    --wrap="exec $tool sync --dir '$run_directory' --job-index \$SLURM_ARRAY_TASK_ID --deadline 11h30m")
  # Whatever became of the array: publish makes good what a job did not get done.
  after="--dependency=afterany:$array"
fi
# shellcheck disable=SC2086 # no option at all where nothing is to be waited for
sbatch --parsable --job-name=model-hub-sync-report --time=12:00:00 --cpus-per-task=2 --mem=2G $after \
  --wrap="$tool sync --dir '$run_directory' --job publish --deadline 11h30m; $tool report --dir '$run_directory'"
