#!/bin/bash
# Join the shards of a run and finish it: tables, figures, report.
#
#   sbatch --dependency=afterok:JOBID docs/cluster/slurm_merge.sh results/china_ree_embargo
#SBATCH --job-name=shortfall-merge
#SBATCH --cpus-per-task=2
#SBATCH --mem=2G
#SBATCH --time=00:30:00
set -eu
${SHORTFALL:-shortfall} merge "$@"
