/** Writes a receipt for each invoice that was paid. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NonRetryableError, type EventHandlerFunction } from "@millrace/agent";
import { z } from "zod";

/** What a payment service tells. The invoice's number becomes the name of a file, so it is not just any text. */
const payment = z.object({
  invoice: z.string().regex(/^[A-Z0-9-]{1,40}$/),
  customer: z.string(),
  amount: z.string().regex(/^\d+\.\d{2}$/),
  currency: z.string().length(3),
});

type Payment = z.output<typeof payment>;

export function receiptHandler({ folder }: { folder: string }): EventHandlerFunction {
  return async (payload, { scheduledAt, idempotencyKey }) => {
    const { invoice, customer, amount, currency } = readPayment(payload);
    const day = new Date(scheduledAt).toISOString().slice(0, 10);
    const text = [`Receipt for invoice ${invoice}`, customer, `${amount} ${currency}, paid on ${day}`, ""].join("\n");
    await mkdir(folder, { recursive: true });
    // Every attempt writes the same text to the same place, and a reader sees all of it or nothing.
    const partial = join(folder, `.${invoice}.${idempotencyKey.replaceAll(/\W/g, "-")}`);
    await writeFile(partial, text);
    await rename(partial, join(folder, `${invoice}.txt`));
    return { file: `${invoice}.txt` };
  };
}

function readPayment(payload: unknown): Payment {
  const { data, error } = payment.safeParse(payload);
  // What does not fit today does not fit tomorrow: it is not tried again, and a person finds it among the dead letters.
  if (error) throw new NonRetryableError(`This is no payment:\n${z.prettifyError(error)}`);
  return data;
}

/** Payments as their service delivers them: each with an id of its own, and one of them twice. */
export const PAYMENTS: readonly { eventId: string; payload: Payment }[] = [
  { eventId: "evt-1", payload: { invoice: "NL-0341", customer: "Nordlicht", amount: "1234.56", currency: "EUR" } },
  { eventId: "evt-2", payload: { invoice: "CW-1002", customer: "Cloudworks", amount: "89.50", currency: "USD" } },
  { eventId: "evt-1", payload: { invoice: "NL-0341", customer: "Nordlicht", amount: "1234.56", currency: "EUR" } },
  { eventId: "evt-3", payload: { invoice: "AB-0077", customer: "Alpenbahn", amount: "480.00", currency: "CHF" } },
];
