/** The connectors as a handler sees them on its `ctx`. */
import { LogicError } from "../errors.ts";
import type { Operation } from "../connectors/define-connector.ts";
import { callRead } from "./call-connector.ts";
import type { PhaseGate } from "./phase-gate.ts";
import { handOut, type RunScope } from "./run-scope.ts";

export type ConnectorCalls = Record<string, Record<string, (params: unknown) => Promise<unknown>>>;

/** Takes a call of a mutation; what it gives is what the handler waits for. */
export type OnMutation = (call: { connector: string; operation: string; params: unknown }) => Promise<unknown>;

/** Builds `ctx.<connector>.<operation>` for all of a workflow's connectors. */
export function connectorCalls(scope: RunScope, gate: PhaseGate, onMutation: OnMutation): ConnectorCalls {
  const calls: ConnectorCalls = {};
  for (const [connector, { operations }] of Object.entries(scope.workflow.connectors)) {
    const own: ConnectorCalls[string] = {};
    for (const [name, operation] of Object.entries(operations)) {
      own[name] = operationCall(scope, gate, { connector, name, operation }, onMutation);
    }
    calls[connector] = own;
  }
  return calls;
}

function operationCall(
  scope: RunScope,
  gate: PhaseGate,
  { connector, name, operation }: { connector: string; name: string; operation: Operation },
  onMutation: OnMutation,
) {
  const call = `${connector}.${name}`;
  // An async function, so that a refused call rejects like one that fails.
  const start = async (params: unknown) => {
    gate.check(operation.kind, `${call}()`);
    const { secrets = [] } = operation;
    scope.secrets.learn(params, secrets);
    if (operation.kind === "mutation") return onMutation({ connector, operation: name, params });
    const result = await callRead(scope, operation, call, params, scope.signal);
    scope.secrets.learn(result, secrets);
    return result;
  };
  return (params: unknown) => handOut(start(params));
}

/** Where no mutation can be made the gate has refused the call before this is reached. */
export const noMutation: OnMutation = ({ connector, operation }) =>
  Promise.reject(new LogicError(`${connector}.${operation} can't be called here.`));
