/**
 * All that a person may look at on one platform (tenant): workflows, inputs, outputs, runs, events and what needs a
 * person. The HTTP API and the command line show the same.
 *
 * Invariants:
 * 1. It reads, and changes nothing.
 * 2. What belongs to another platform is not found, like what does not exist.
 * 3. A list gives a page at a time, and a view so many things of each kind, whatever the size of the database; what
 *    many rows need of other tables is read in one query for all of them.
 */
import type { HandlerRun, Input, Mutation, Notification, Workflow } from "@millrace/db";
import type { ReplayPlan } from "../execution/replay-plan.ts";
import { countAttention, findNotification, listAttention, type AttentionRequest } from "./attention-view.ts";
import { listEvents, listTopics, showEvent, type EventRequest } from "./event-view.ts";
import { findInput, listInputs, showInput, type InputRequest } from "./input-view.ts";
import type { Inspected } from "./inspected.ts";
import { findOutput, listOutputs, showOutput, summariseOutputs, type OutputRequest } from "./output-view.ts";
import { ownWorkflow } from "./ownership.ts";
import { viewReplay } from "./replay-view.ts";
import { findRun, listRunLogs, listRuns, showRun, type LogRequest, type RunRequest } from "./run-view.ts";
import { describeOutput, nameWorkflows, summariseRun } from "./summaries.ts";
import { listDecisions, listVersions, showVersion } from "./version-view.ts";
import { listWorkflows, showWorkflow, type WorkflowRequest } from "./workflow-view.ts";

export class Inspector {
  private readonly inspected: Inspected;

  constructor(inspected: Inspected) {
    this.inspected = inspected;
  }

  /** Workflows at a glance, by name. @throws ForeignCursorError */
  workflows(request: WorkflowRequest = {}) {
    return listWorkflows(this.inspected, request);
  }

  /** @throws UnknownNameError */
  workflow(name: string) {
    return showWorkflow(this.inspected, name);
  }

  /** The row alone. @throws UnknownNameError */
  workflowByName(name: string): Promise<Workflow> {
    return ownWorkflow(this.inspected, name);
  }

  /** The versions of a workflow, newest first. @throws UnknownNameError */
  versions(workflowName: string) {
    return listVersions(this.inspected, workflowName);
  }

  /** A version, for example `1.2`, with its source. @throws UnknownNameError */
  version(workflowName: string, version: string) {
    return showVersion(this.inspected, workflowName, version);
  }

  /** What was decided about the ticks of a producer, the latest first. @throws UnknownNameError */
  decisions(workflowName: string, producerName: string) {
    return listDecisions(this.inspected, workflowName, producerName);
  }

  /** Inputs, newest first. @throws UnknownNameError, ForeignCursorError */
  inputs(request: InputRequest = {}) {
    return listInputs(this.inspected, request);
  }

  /** An input with all that came of it. @throws UnknownNameError */
  input(id: string) {
    return showInput(this.inspected, id);
  }

  /** The row alone. @throws UnknownNameError */
  inputById(id: string): Promise<Input> {
    return findInput(this.inspected, id);
  }

  /** Outputs, newest first. @throws UnknownNameError, ForeignCursorError */
  outputs(request: OutputRequest = {}) {
    return listOutputs(this.inspected, request);
  }

  /** An output with its inputs and attempts, and what a person may decide about it. @throws UnknownNameError */
  output(id: string) {
    return showOutput(this.inspected, id);
  }

  /** The row alone. @throws UnknownNameError */
  outputById(id: string): Promise<Mutation> {
    return findOutput(this.inspected, id);
  }

  /** Everything of a row of the ledger. */
  async describeOutput(mutation: Mutation) {
    const shown = await this.inspected.redaction.mutation(mutation);
    return describeOutput(shown, await nameWorkflows(this.inspected, [mutation]));
  }

  /** The short form of the rows of the ledger that have these ids. */
  summariseOutputs(ids: readonly Mutation["id"][]) {
    return summariseOutputs(this.inspected, ids);
  }

  /** Runs, newest first. @throws UnknownNameError, ForeignCursorError */
  runs(request: RunRequest = {}) {
    return listRuns(this.inspected, request);
  }

  /** A run with its phases, attempts, reservations, data and log. @throws UnknownNameError */
  run(id: string) {
    return showRun(this.inspected, id);
  }

  /** The row alone. @throws UnknownNameError */
  runById(id: string): Promise<HandlerRun> {
    return findRun(this.inspected, id);
  }

  /** Lines of a run's log, in order. @throws UnknownNameError */
  runLogs(id: string, request: LogRequest = {}) {
    return listRunLogs(this.inspected, id, request);
  }

  /** The short form of a run's row. */
  async summariseRun(run: HandlerRun) {
    return summariseRun(await this.inspected.redaction.run(run), await nameWorkflows(this.inspected, [run]));
  }

  /** What a replay would do, with the events and effects that it is about. */
  describeReplay(plan: ReplayPlan) {
    return viewReplay(this.inspected, plan);
  }

  /** The topics of a workflow. @throws UnknownNameError */
  topics(workflowName: string) {
    return listTopics(this.inspected, workflowName);
  }

  /** Events, newest first. @throws UnknownNameError, ForeignCursorError */
  events(request: EventRequest = {}) {
    return listEvents(this.inspected, request);
  }

  /** An event with its payload, its origin and who handled it. @throws UnknownNameError */
  event(id: string) {
    return showEvent(this.inspected, id);
  }

  /** What needs a person, newest first. @throws UnknownNameError, ForeignCursorError */
  attention(request: AttentionRequest = {}) {
    return listAttention(this.inspected, request);
  }

  /** How much needs a person, by kind. */
  attentionCount() {
    return countAttention(this.inspected);
  }

  /** The row alone. @throws NotFoundError, UnknownNameError */
  notificationById(id: string): Promise<Notification> {
    return findNotification(this.inspected, id);
  }
}
