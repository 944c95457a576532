#!/bin/bash
# One run inside an allocation that is there already: srun starts all shards side by side.
#
#   salloc --ntasks=8 --cpus-per-task=2
#   bash docs/cluster/srun.sh scenario=china_ree_embargo run.replications=1000000
#   shortfall merge results/china_ree_embargo
#
# The folder must be on a file system that all nodes share. NOT RUN on several nodes.
set -eu

export SHORTFALL=${SHORTFALL:-shortfall}
srun --kill-on-bad-exit=0 bash -c \
  'exec $SHORTFALL run "$@" "run.shard=$((SLURM_PROCID + 1))/$SLURM_NTASKS" \
   "run.workers=${SLURM_CPUS_PER_TASK:-1}"' shard "$@"
