import type { Program } from "../../program.ts";

const AFTER_HELP = `
A job is named by its key, its name, or the end of its id; an execution by the end of its id.

Examples:
  millrace jobs list --status active
  millrace jobs show nightly-backup
  millrace jobs preview "0 9 * * 1-5" --timezone Europe/Berlin
  millrace jobs schedule --file backup.json`;

export type JobsGroup = ReturnType<typeof addJobsGroup>;

export function addJobsGroup(program: Program) {
  return program
    .command("jobs")
    .description("See, schedule and steer jobs: what runs at a time, again and again, or whenever something happens.")
    .option("--platform <name>", "the tenant whose jobs are meant (default: default)")
    .addHelpText("after", AFTER_HELP);
}
