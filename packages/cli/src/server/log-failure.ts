/** Writes down what was not expected, without the secrets that its text may hold. */
import { redactText } from "@millrace/agent";
import type { Logger } from "pino";

export function logFailure(logger: Logger, error: unknown, fields: Record<string, string>, message: string): void {
  const { name, message: text, stack = "" } = error instanceof Error ? error : new Error(String(error));
  logger.error({ ...fields, err: { type: name, message: redactText(text), stack: redactText(stack) } }, message);
}
