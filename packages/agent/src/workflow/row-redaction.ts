/**
 * Rows as they are shown and logged: without what the connectors of their workflow declare secret. The rows themselves
 * keep it, because a connector is asked with the very parameters of a call what became of it.
 *
 * Invariants:
 * 1. What is declared is read from the workflow's stored configuration, so a process without its code hides the same.
 * 2. A workflow that declares nothing costs no query of its own.
 * 3. What can't be read (a configuration, the parameters of a call) shows nothing that may be secret, and fails nothing.
 */
import {
  CorruptRowError,
  UNREADABLE,
  type Event,
  type HandlerRun,
  type JsonValue,
  type Mutation,
  type MutationId,
  type Stores,
  type Transaction,
  type WorkflowId,
} from "@millrace/db";
import {
  hideInText,
  hideInValue,
  valuesUnder,
  type Hidden as HiddenPart,
  type SecretKeys,
} from "../connectors/declared-secrets.ts";
import { REDACTED } from "../redaction.ts";
import { parseDeclaredSecrets, type DeclaredSecrets } from "./handler-config.ts";

/** Undefined where nothing is secret; `unreadable` where nobody can say what is. */
type Declared = DeclaredSecrets | undefined | "unreadable";

/** What is hidden of a row: all of its data where it can't be told what is secret in it. */
type Hidden = HiddenPart | "everything";

type Call = Pick<Mutation, "connector" | "operation">;

const NOTHING: Hidden = { keys: [], values: [] };

/** What is declared of one operation. */
export function secretsOfCall(declared: DeclaredSecrets | undefined, { connector, operation }: Call): SecretKeys {
  return declared?.[connector]?.[operation] ?? [];
}

/** What is declared of any operation of a workflow. */
export function secretsOfAllCalls(declared: DeclaredSecrets | undefined): SecretKeys {
  return [...new Set(Object.values(declared ?? {}).flatMap((operations) => Object.values(operations).flat()))];
}

/** A row of the ledger, and every text in it, without what its operation declares secret. */
function redactMutation(mutation: Mutation, declared: Declared): Mutation {
  const hidden = hiddenBy(mutation, declared);
  if (hidden !== "everything" && hidden.keys.length === 0) return mutation;
  const text = (words: string | null) => words && hideText(words, hidden);
  return {
    ...mutation,
    params: hideValue(mutation.params, hidden),
    result: hideValue(mutation.result, hidden),
    lateOutcome: hideValue(mutation.lateOutcome, hidden),
    title: hideText(mutation.title, hidden),
    error: text(mutation.error),
    evidence: text(mutation.evidence),
    approvalEvidence: text(mutation.approvalEvidence),
  };
}

function hiddenBy(mutation: Mutation, declared: Declared): Hidden {
  if (declared === "unreadable") return "everything";
  const keys = secretsOfCall(declared, mutation);
  const data = [mutation.params, mutation.result, mutation.lateOutcome];
  // What is secret in it can't be told, so it can't be found in the texts either.
  if (keys.length > 0 && data.includes(UNREADABLE)) return "everything";
  return { keys, values: valuesUnder(data, keys) };
}

function hideValue<Value extends JsonValue | null>(json: Value, hidden: Hidden): Value | JsonValue {
  if (json === null || json === UNREADABLE) return json;
  return hidden === "everything" ? REDACTED : hideInValue(json, hidden);
}

const hideText = (words: string, hidden: Hidden) =>
  hidden === "everything" ? REDACTED : hideInText(words, hidden.values);

/** A run's data and error: without what stands under a declared key, and without the secrets of its call. */
function redactRun(run: HandlerRun, hidden: Hidden): HandlerRun {
  return {
    ...run,
    prepareResult: hideValue(run.prepareResult, hidden),
    inputState: hideValue(run.inputState, hidden),
    outputState: hideValue(run.outputState, hidden),
    error: run.error && hideText(run.error, hidden),
  };
}

function redactEvent(event: Event, declared: Declared): Event {
  if (declared === "unreadable") return { ...event, payload: REDACTED };
  const keys = secretsOfAllCalls(declared);
  return keys.length === 0 ? event : { ...event, payload: hideInValue(event.payload, { keys, values: [] }) };
}

export class RowRedaction {
  private readonly stores: Stores;
  private readonly kept = new Map<WorkflowId, Declared>();
  private readonly keeps: boolean;

  /** @param keeps whether what is declared is read once, by the process that deploys the workflows, or anew each time */
  constructor(stores: Stores, keeps: boolean) {
    this.stores = stores;
    this.keeps = keeps;
  }

  /** A workflow has been deployed: reads anew what it declares. */
  forget(id: WorkflowId): void {
    this.kept.delete(id);
  }

  async mutation(mutation: Mutation, tx?: Transaction): Promise<Mutation> {
    return redactMutation(mutation, await this.declaredBy(mutation.workflowId, tx));
  }

  async mutations(mutations: readonly Mutation[], tx?: Transaction): Promise<Mutation[]> {
    const declared = await this.declaredByAll(mutations, tx);
    return mutations.map((mutation) => redactMutation(mutation, declared.get(mutation.workflowId)));
  }

  async runs(runs: readonly HandlerRun[]): Promise<HandlerRun[]> {
    const hidden = await this.hiddenOf(runs);
    return runs.map((run) => redactRun(run, hidden.get(run.id) ?? NOTHING));
  }

  async run(run: HandlerRun): Promise<HandlerRun> {
    return redactRun(run, (await this.hiddenOf([run])).get(run.id) ?? NOTHING);
  }

  /** Lines of a run's log, or another part of it. */
  async dataOfRun<Line extends { message: string; data: JsonValue | null }>(
    run: HandlerRun,
    lines: readonly Line[],
  ): Promise<Line[]> {
    const hidden = (await this.hiddenOf([run])).get(run.id);
    if (!hidden) return [...lines];
    return lines.map((line) => ({
      ...line,
      message: hideText(line.message, hidden),
      data: hideValue(line.data, hidden),
    }));
  }

  /** An event with its payload, without what stands under a key that any connector of its workflow declares. */
  async event(event: Event): Promise<Event> {
    return redactEvent(event, await this.declaredBy(event.workflowId));
  }

  async events(events: readonly Event[]): Promise<Event[]> {
    const declared = await this.declaredByAll(events);
    return events.map((event) => redactEvent(event, declared.get(event.workflowId)));
  }

  /** What is said about a mutation, without its secrets. */
  async text(words: string, about: Mutation, tx?: Transaction): Promise<string> {
    return hideText(words, hiddenBy(about, await this.declaredBy(about.workflowId, tx)));
  }

  /**
   * A value of no workflow in particular, without what stands under a key that any of the database declares, and
   * without the secrets of the output that it may be about.
   */
  async anything(value: JsonValue, about: Mutation["id"] | null): Promise<JsonValue> {
    const workflows = await this.stores.workflows.list();
    const declared = await this.declaredByAll(workflows.map(({ id }) => ({ workflowId: id })));
    const readable = [...declared.values()].filter((one) => one !== "unreadable");
    const keys = [...new Set(readable.flatMap(secretsOfAllCalls))];
    if (keys.length === 0 && readable.length === declared.size) return value;
    const mutation = about && (await this.stores.mutations.findListed(about));
    const hidden = mutation ? hiddenBy(mutation, declared.get(mutation.workflowId)) : NOTHING;
    if (hidden === "everything") return REDACTED;
    return hideInValue(value, { keys, values: [...hidden.values, ...valuesUnder(value, keys)] });
  }

  /** What is hidden of each run; of one whose workflow declares nothing there is none. */
  private async hiddenOf(runs: readonly HandlerRun[]): Promise<Map<HandlerRun["id"], Hidden>> {
    const declared = await this.declaredByAll(runs);
    const concerned = runs.filter(({ workflowId }) => declared.get(workflowId) !== undefined);
    const ids = concerned.flatMap(({ mutationId }) => (mutationId === null ? [] : [mutationId]));
    const found = ids.length === 0 ? [] : await this.stores.mutations.listByIds([...new Set<MutationId>(ids)]);
    const byId = new Map(found.map((mutation) => [mutation.id, mutation]));
    return new Map(
      concerned.map(({ id, workflowId, mutationId }): [HandlerRun["id"], Hidden] => {
        const secrets = declared.get(workflowId);
        const mutation = mutationId === null ? undefined : byId.get(mutationId);
        const hidden = mutation ? hiddenBy(mutation, secrets) : NOTHING;
        if (secrets === "unreadable" || hidden === "everything") return [id, "everything"];
        return [id, { keys: secretsOfAllCalls(secrets), values: hidden.values }];
      }),
    );
  }

  private async declaredByAll(
    rows: readonly { workflowId: WorkflowId }[],
    tx?: Transaction,
  ): Promise<Map<WorkflowId, Declared>> {
    const ids = [...new Set(rows.map(({ workflowId }) => workflowId))];
    return new Map(await Promise.all(ids.map(async (id) => [id, await this.declaredBy(id, tx)] as const)));
  }

  private async declaredBy(id: WorkflowId, tx?: Transaction): Promise<Declared> {
    if (this.kept.has(id)) return this.kept.get(id);
    const workflow = await this.stores.workflows.findListed(id, tx);
    try {
      const declared = workflow ? parseDeclaredSecrets(workflow) : undefined;
      if (this.keeps) this.kept.set(id, declared);
      return declared;
    } catch (error) {
      if (error instanceof CorruptRowError) return "unreadable";
      throw error;
    }
  }
}
