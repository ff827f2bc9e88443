/** Where webhooks come from, and the secrets that they are signed with. Secrets come from the host's configuration alone. */
import { MillraceError } from "@millrace/agent";
import { Webhook } from "standardwebhooks";
import { z } from "zod";

const secret = z.string().min(1, "is empty");

/** The webhooks of one source. */
const source = z
  .strictObject({
    secret: secret.optional(),
    /** Several, while one replaces another. */
    secrets: z.array(secret).min(1).max(10).optional(),
    /** The only workflow that it may publish to. */
    workflow: z.string().min(1).optional(),
    /** The only topics that it may publish to. */
    topics: z.array(z.string().min(1)).min(1).optional(),
  })
  .refine(
    (value) => (value.secret === undefined) !== (value.secrets === undefined),
    "needs either a secret or secrets",
  );

/** What the module that is served exports as `webhooks`. */
export const webhookSources = z.record(z.string().regex(/^[\w.-]{1,100}$/, "is not a name for an address"), source);

export type WebhookSources = z.input<typeof webhookSources>;

/** The configuration of webhooks can't be used. */
export class WebhookConfigurationError extends MillraceError {}

/** The shortest key that Standard Webhooks allows. */
const LEAST_KEY_BYTES = 24;

export interface WebhookSource {
  verifiers: readonly Webhook[];
  workflow: string | null;
  topics: readonly string[] | null;
}

/** @throws WebhookConfigurationError naming the source, never its secret */
export function readWebhookSources(sources: WebhookSources): ReadonlyMap<string, WebhookSource> {
  const parsed = webhookSources.safeParse(sources);
  if (!parsed.success) {
    throw new WebhookConfigurationError(`The webhooks can't be used: ${z.prettifyError(parsed.error)}`);
  }
  return new Map(
    Object.entries(parsed.data).map(([name, { workflow = null, topics = null, ...rest }]) => {
      const verifiers = secretsOf(rest).map((value) => verifierOf(name, value));
      return [name, { verifiers, workflow, topics }];
    }),
  );
}

/** Every secret of the sources, so that none of them is ever shown. */
export function allSecretsOf(sources: WebhookSources): string[] {
  return Object.values(sources).flatMap((value) =>
    secretsOf(value).flatMap((one) => [one, one.replace(/^whsec_/, "")]),
  );
}

function secretsOf({ secret: one, secrets = [] }: { secret?: string | undefined; secrets?: string[] | undefined }) {
  return one === undefined ? secrets : [one];
}

function verifierOf(name: string, value: string): Webhook {
  const key = value.replace(/^whsec_/, "");
  if (!/^[A-Za-z0-9+/]+=*$/.test(key) || Buffer.from(key, "base64").length < LEAST_KEY_BYTES) {
    throw new WebhookConfigurationError(
      `The secret of webhooks from "${name}" can't be used. It is at least ${LEAST_KEY_BYTES} random bytes in base64, with or without "whsec_" before it.`,
    );
  }
  return new Webhook(value);
}
