/** All stores of a database in one object. */
import type { Database } from "../database.ts";
import { AccessTokenStore } from "./access-token-store.ts";
import { AuditStore } from "./audit-store.ts";
import { CountStore } from "./count-store.ts";
import { DetailStore } from "./detail-store.ts";
import { EventHandlerStore } from "./event-handler-store.ts";
import { EventStore } from "./event-store.ts";
import { GlanceStore } from "./glance-store.ts";
import { HandlerRunStore } from "./handler-run-store.ts";
import { HandlerStateStore } from "./handler-state-store.ts";
import { InputStore } from "./input-store.ts";
import { JobExecutionStore } from "./job-execution-store.ts";
import { JobHistoryStore } from "./job-history-store.ts";
import { JobStore } from "./job-store.ts";
import { MutationStore } from "./mutation-store.ts";
import { NameStore } from "./name-store.ts";
import { NotificationStore } from "./notification-store.ts";
import { PlatformStore } from "./platform-store.ts";
import { ProducerScheduleStore } from "./producer-schedule-store.ts";
import { LineageStore } from "./lineage-store.ts";
import { ReplayStore } from "./replay-store.ts";
import { RunLogStore } from "./run-log-store.ts";
import { ScheduleDecisionStore } from "./schedule-decision-store.ts";
import { ScriptStore } from "./script-store.ts";
import { SessionStore } from "./session-store.ts";
import { StandingStore } from "./standing-store.ts";
import { TopicStore } from "./topic-store.ts";
import { UpcomingStore } from "./upcoming-store.ts";
import { WorkflowStore } from "./workflow-store.ts";

export interface Stores {
  workflows: WorkflowStore;
  scripts: ScriptStore;
  sessions: SessionStore;
  topics: TopicStore;
  standings: StandingStore;
  events: EventStore;
  inputs: InputStore;
  handlerRuns: HandlerRunStore;
  runLogs: RunLogStore;
  mutations: MutationStore;
  handlerStates: HandlerStateStore;
  producerSchedules: ProducerScheduleStore;
  notifications: NotificationStore;
  replays: ReplayStore;
  lineage: LineageStore;
  platforms: PlatformStore;
  jobs: JobStore;
  jobExecutions: JobExecutionStore;
  jobHistory: JobHistoryStore;
  eventHandlers: EventHandlerStore;
  scheduleDecisions: ScheduleDecisionStore;
  audit: AuditStore;
  accessTokens: AccessTokenStore;
  counts: CountStore;
  upcoming: UpcomingStore;
  names: NameStore;
  glances: GlanceStore;
  details: DetailStore;
}

export function createStores(database: Database): Stores {
  return {
    workflows: new WorkflowStore(database),
    scripts: new ScriptStore(database),
    sessions: new SessionStore(database),
    topics: new TopicStore(database),
    standings: new StandingStore(database),
    events: new EventStore(database),
    inputs: new InputStore(database),
    handlerRuns: new HandlerRunStore(database),
    runLogs: new RunLogStore(database),
    mutations: new MutationStore(database),
    handlerStates: new HandlerStateStore(database),
    producerSchedules: new ProducerScheduleStore(database),
    notifications: new NotificationStore(database),
    replays: new ReplayStore(database),
    lineage: new LineageStore(database),
    platforms: new PlatformStore(database),
    jobs: new JobStore(database),
    jobExecutions: new JobExecutionStore(database),
    jobHistory: new JobHistoryStore(database),
    eventHandlers: new EventHandlerStore(database),
    scheduleDecisions: new ScheduleDecisionStore(database),
    audit: new AuditStore(database),
    accessTokens: new AccessTokenStore(database),
    counts: new CountStore(database),
    upcoming: new UpcomingStore(database),
    names: new NameStore(database),
    glances: new GlanceStore(database),
    details: new DetailStore(database),
  };
}
