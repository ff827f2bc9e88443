/** All stores of a database in one object. */
import type { Database } from "../database.ts";
import { EventHandlerStore } from "./event-handler-store.ts";
import { EventStore } from "./event-store.ts";
import { HandlerRunStore } from "./handler-run-store.ts";
import { HandlerStateStore } from "./handler-state-store.ts";
import { InputStore } from "./input-store.ts";
import { JobExecutionStore } from "./job-execution-store.ts";
import { JobHistoryStore } from "./job-history-store.ts";
import { JobStore } from "./job-store.ts";
import { MutationStore } from "./mutation-store.ts";
import { NotificationStore } from "./notification-store.ts";
import { PlatformStore } from "./platform-store.ts";
import { ProducerScheduleStore } from "./producer-schedule-store.ts";
import { ScheduleDecisionStore } from "./schedule-decision-store.ts";
import { ScriptStore } from "./script-store.ts";
import { SessionStore } from "./session-store.ts";
import { TopicStore } from "./topic-store.ts";
import { WorkflowStore } from "./workflow-store.ts";

export interface Stores {
  workflows: WorkflowStore;
  scripts: ScriptStore;
  sessions: SessionStore;
  topics: TopicStore;
  events: EventStore;
  inputs: InputStore;
  handlerRuns: HandlerRunStore;
  mutations: MutationStore;
  handlerStates: HandlerStateStore;
  producerSchedules: ProducerScheduleStore;
  notifications: NotificationStore;
  platforms: PlatformStore;
  jobs: JobStore;
  jobExecutions: JobExecutionStore;
  jobHistory: JobHistoryStore;
  eventHandlers: EventHandlerStore;
  scheduleDecisions: ScheduleDecisionStore;
}

export function createStores(database: Database): Stores {
  return {
    workflows: new WorkflowStore(database),
    scripts: new ScriptStore(database),
    sessions: new SessionStore(database),
    topics: new TopicStore(database),
    events: new EventStore(database),
    inputs: new InputStore(database),
    handlerRuns: new HandlerRunStore(database),
    mutations: new MutationStore(database),
    handlerStates: new HandlerStateStore(database),
    producerSchedules: new ProducerScheduleStore(database),
    notifications: new NotificationStore(database),
    platforms: new PlatformStore(database),
    jobs: new JobStore(database),
    jobExecutions: new JobExecutionStore(database),
    jobHistory: new JobHistoryStore(database),
    eventHandlers: new EventHandlerStore(database),
    scheduleDecisions: new ScheduleDecisionStore(database),
  };
}
