#!/usr/bin/env bash
# Run for each submission; PrairieLearn shows what is then in results/results.json.
set -euo pipefail
grade=${GRADE:-/grade}
cd "$(dirname "$(readlink -f "$0")")/course"
mkdir -p "$grade/results"
exec .venv/bin/python -m cs231n_vis.grading.autograder prairielearn \
    . "$grade/student" "$grade/results/results.json"
