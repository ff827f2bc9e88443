export * from "./errors.ts";
export { systemClock, type Clock } from "./clock.ts";
export { resolvePolicy, type Policy, type PolicyOptions } from "./policy.ts";
export * from "./connectors/define-connector.ts";
