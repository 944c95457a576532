#!/bin/bash
# One run as a Slurm array: every task computes one shard, one more job merges them.
#
#   sbatch --array=1-8 docs/cluster/slurm_array.sh scenario=china_ree_embargo run.replications=1000000
#   sbatch --dependency=afterok:JOBID docs/cluster/slurm_merge.sh results/china_ree_embargo
#
# The folder (output.dir, by default results/<scenario>) must be on a file system that all nodes
# share. A task that was lost is sent again alone: sbatch --array=3 with the same words and
# SHARDS=8; what it had finished is kept.
#SBATCH --job-name=shortfall
#SBATCH --cpus-per-task=2
#SBATCH --mem=1G
#SBATCH --time=01:00:00
#SBATCH --signal=B:TERM@60
set -eu

shards=${SHARDS:-$SLURM_ARRAY_TASK_COUNT}
shortfall=${SHORTFALL:-shortfall}
trap 'kill -TERM $child; wait $child' TERM # one minute before the limit: finished blocks are kept
$shortfall run "$@" "run.shard=$SLURM_ARRAY_TASK_ID/$shards" \
  "run.workers=${SLURM_CPUS_PER_TASK:-1}" &
child=$!
wait $child
