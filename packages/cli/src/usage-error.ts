import { MillraceError } from "@millrace/agent";

/** The words and options of a command line do not go together. */
export class UsageError extends MillraceError {}
