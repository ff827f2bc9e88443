/** What a person can do about something that needs one, in commands. */
import type { Mutation, Notification } from "@millrace/db";
import { shortId } from "./cells.ts";

export interface NeedsAdvice {
  notification: Pick<Notification, "id" | "kind" | "jobId">;
  workflow: string | null;
  mutation: Pick<Mutation, "id"> | null;
}

export function adviceFor({ notification, workflow, mutation }: NeedsAdvice): string[] {
  const mutationId = mutation === null ? "<mutation>" : shortId(mutation.id);
  const job = notification.jobId === null ? "<job>" : shortId(notification.jobId);
  const retry = `millrace retry ${workflow ?? "<workflow>"}`;
  switch (notification.kind) {
    case "approval":
      return [`Allow it:   millrace approve ${mutationId}`, `Refuse it:  millrace approve ${mutationId} --reject`];
    case "indeterminate":
      return [
        "Look whether it happened, then say so:",
        `millrace resolve ${mutationId} happened|did-not-happen|skip|try-again --evidence "what you saw"`,
      ];
    case "authorisation":
      return [`Mend the credentials or the permission, then: ${retry}`];
    case "logic":
      if (notification.jobId !== null) return [`When it is mended: millrace dismiss ${shortId(notification.id)}`];
      return [`Mend the workflow and run it again: a new version tries again by itself. Or: ${retry}`];
    case "internal":
      return [`Find out what broke ("millrace runs --workflow ${workflow ?? "<workflow>"}"), then: ${retry}`];
    case "transient":
      return [`When the other side works again: ${retry}`];
    case "late_outcome":
      return [`Compare it with what was decided, then: millrace dismiss ${shortId(notification.id)}`];
    case "missing_code":
      return ["Run the file that has this workflow: millrace run <file>"];
    case "missing_handler":
      return ["Start a process that registers this handler; what waits for it runs then."];
    case "job_paused":
      return [`Mend what made it fail ("millrace jobs history ${job}"), then: millrace jobs resume ${job}`];
    case "dead_schedule":
      return [`Look why ("millrace jobs decisions ${job}"); schedule it anew, or: millrace jobs cancel ${job}`];
  }
}
