/**
 * The types of the HTTP API, generated from the schemas that the host parses with (`pnpm api:types`).
 * A test fails when they drift.
 */
export interface paths {
    "/api/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who this is
         * @description This takes the role `viewer`.
         */
        get: operations["showSession"];
        put?: never;
        /**
         * Come in, with the code of a login address or with an access token; sets the session's cookie
         * @description Anybody may do this.
         */
        post: operations["createSession"];
        /**
         * Leave; an access token stays good
         * @description This takes the role `viewer`.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What needs you, how much was done, and what comes next
         * @description This takes the role `viewer`.
         */
        get: operations["showOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The database, the queues, the latencies and the versions
         * @description This takes the role `viewer`.
         */
        get: operations["showHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every action by a person, the latest first
         * @description This takes the role `viewer`.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/attention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What needs a person, newest first
         * @description This takes the role `viewer`.
         */
        get: operations["listAttention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/attention/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many things need a person, by kind
         * @description This takes the role `viewer`.
         */
        get: operations["countAttention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/attention/{notification}/dismissal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close a notification that has been read
         * @description This takes the role `operator`.
         */
        post: operations["dismissNotification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workflows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Workflows by name
         * @description This takes the role `viewer`.
         */
        get: operations["listWorkflows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workflows/{workflow}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A workflow, what it is made of, and what came in and went out lately
         * @description This takes the role `viewer`.
         */
        get: operations["showWorkflow"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workflows/{workflow}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a workflow start no more runs
         * @description This takes the role `operator`.
         */
        post: operations["pauseWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workflows/{workflow}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a paused workflow go on
         * @description This takes the role `operator`.
         */
        post: operations["resumeWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workflows/{workflow}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run all producers now, or those named
         * @description This takes the role `operator`.
         */
        post: operations["runWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workflows/{workflow}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try the failed run again now
         * @description This takes the role `operator`.
         */
        post: operations["retryWorkflow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workflows/{workflow}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The versions of a workflow, newest first
         * @description This takes the role `viewer`.
         */
        get: operations["listWorkflowVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workflows/{workflow}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A version with its source
         * @description This takes the role `viewer`.
         */
        get: operations["showWorkflowVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workflows/{workflow}/producers/{producer}/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was decided about the ticks of a producer, the latest first
         * @description This takes the role `viewer`.
         */
        get: operations["listProducerDecisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inputs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Inputs, newest first
         * @description This takes the role `viewer`.
         */
        get: operations["listInputs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inputs/{input}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An input and its story in time order
         * @description This takes the role `viewer`.
         */
        get: operations["showInput"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inputs/{input}/skip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do nothing more because of an input
         * @description This takes the role `operator`.
         */
        post: operations["skipInput"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/outputs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Outputs, newest first
         * @description This takes the role `viewer`.
         */
        get: operations["listOutputs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/outputs/{output}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An output with its parameters, its inputs and its attempts
         * @description This takes the role `viewer`.
         */
        get: operations["showOutput"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/outputs/{output}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve or reject the very parameters of an output that waits for it
         * @description This takes the role `operator`.
         */
        post: operations["approveOutput"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/outputs/{output}/resolution": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Settle an output whose outcome is unknown
         * @description This takes the role `operator`.
         */
        post: operations["resolveOutput"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/outputs/resolutions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Settle all outputs of a connector whose outcome has been unknown since a time span; a dry run counts them
         * @description This takes the role `operator`.
         */
        post: operations["resolveOutputs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Runs, newest first
         * @description This takes the role `viewer`.
         */
        get: operations["listRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A run with its phases, attempts, reservations, data and log
         * @description This takes the role `viewer`.
         */
        get: operations["showRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Log lines of a run, in order
         * @description This takes the role `viewer`.
         */
        get: operations["listRunLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What replaying a run would do, and which effects it would repeat
         * @description This takes the role `viewer`.
         */
        get: operations["planReplay"];
        put?: never;
        /**
         * Replay a run, crossing only the effects that are named
         * @description This takes the role `operator`.
         */
        post: operations["replayRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workflows/{workflow}/topics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The topics of a workflow with what waits in each
         * @description This takes the role `viewer`.
         */
        get: operations["listTopics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events, newest first
         * @description This takes the role `viewer`.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/{event}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An event with its payload, where it comes from and who handled it
         * @description This takes the role `viewer`.
         */
        get: operations["showEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Jobs, newest first
         * @description This takes the role `viewer`.
         */
        get: operations["listJobs"];
        put?: never;
        /**
         * Schedule a job
         * @description This takes the role `operator`.
         */
        post: operations["createJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A schedule in words, and its next runs; nothing is stored
         * @description This takes the role `viewer`.
         */
        post: operations["previewJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do something with all jobs that match a filter; a dry run counts them
         * @description This takes the role `operator`.
         */
        post: operations["actOnJobs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/job-handlers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What jobs can run here: functions, workflows, and whether there is an agent
         * @description This takes the role `viewer`.
         */
        get: operations["listJobHandlers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A job with its statistics and its next runs
         * @description This takes the role `viewer`.
         */
        get: operations["showJob"];
        put?: never;
        post?: never;
        /**
         * Delete a job with its history
         * @description This takes the role `operator`.
         */
        delete: operations["deleteJob"];
        options?: never;
        head?: never;
        /**
         * Change parts of a job: a new version, whose schedule counts from now
         * @description This takes the role `operator`.
         */
        patch: operations["editJob"];
        trace?: never;
    };
    "/api/jobs/{job}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a job start nothing; what runs goes on
         * @description This takes the role `operator`.
         */
        post: operations["pauseJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a paused job go on, from now
         * @description This takes the role `operator`.
         */
        post: operations["resumeJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a job with what it has under way; its history stays
         * @description This takes the role `operator`.
         */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a job once more, beside its schedule
         * @description This takes the role `operator`.
         */
        post: operations["runJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}/skip-next": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Leave out the next tick
         * @description This takes the role `operator`.
         */
        post: operations["skipNextRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}/backfill": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make up for the ticks of a past range that have no record; a dry run counts them
         * @description This takes the role `operator`.
         */
        post: operations["backfillJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The versions of a job, newest first
         * @description This takes the role `viewer`.
         */
        get: operations["listJobVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was decided about a job's ticks, the latest first
         * @description This takes the role `viewer`.
         */
        get: operations["listJobDecisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job}/executions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A job's executions, the latest nominal time first
         * @description This takes the role `viewer`.
         */
        get: operations["listExecutions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{execution}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An execution with its job and its log
         * @description This takes the role `viewer`.
         */
        get: operations["showExecution"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{execution}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Log lines of an execution, in order
         * @description This takes the role `viewer`.
         */
        get: operations["listExecutionLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{execution}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End an execution: at once where it waits; where it runs, its signal aborts
         * @description This takes the role `operator`.
         */
        post: operations["cancelExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/executions/{execution}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Repeat an execution that is over
         * @description This takes the role `operator`.
         */
        post: operations["retryExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Executions that failed for good and were not repeated, the latest first
         * @description This takes the role `viewer`.
         */
        get: operations["listDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dead-letters/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Repeat dead letters
         * @description This takes the role `operator`.
         */
        post: operations["redrive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/job-events/{event}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make an execution for each job that waits for an event
         * @description This takes the role `operator`.
         */
        post: operations["triggerEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/event-handlers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The jobs that wait for events
         * @description This takes the role `viewer`.
         */
        get: operations["listEventHandlers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/event-handlers/{job}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Let an event handler make no executions, or make them again
         * @description This takes the role `operator`.
         */
        patch: operations["setEventHandler"];
        trace?: never;
    };
    "/api/job-metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many jobs and executions there are, and how the scheduler is doing
         * @description This takes the role `viewer`.
         */
        get: operations["showJobMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What changes, as server-sent events: `ready` once at the beginning, then a message for each change. `reset` says that some were missed, so that all is to be asked for anew
         * @description This takes the role `viewer`.
         */
        get: operations["streamChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        __schema0: unknown;
        Session: {
            name: string;
            /** @enum {string} */
            role: "viewer" | "operator" | "publisher";
            platform: string;
            csrfToken: string | null;
            expiresAt: number | null;
        };
        Problem: {
            /** @description `urn:millrace:problem:` and the kind of the problem */
            type: string;
            title: string;
            status: number;
            detail: string;
            instance: string;
            errors?: {
                path: string;
                message: string;
            }[];
        };
        Done: {
            /** @constant */
            done: true;
        };
        Overview: {
            attention: {
                total: number;
                newest: components["schemas"]["Notification"][];
            };
            workflows: {
                total: number;
                byStatus: {
                    /** @enum {string} */
                    status: "draft" | "ready" | "active" | "paused" | "archived";
                    count: number;
                }[];
                withError: number;
            };
            activity: {
                bucketMs: number;
                buckets: {
                    /** @description Unix milliseconds UTC */
                    at: number;
                    committed: number;
                    failed: number;
                    waiting: number;
                    jobs: number;
                }[];
            };
            outputs: {
                unknown: number;
                awaitingApproval: number;
                failed: number;
            };
            upcoming: components["schemas"]["UpcomingRun"][];
        };
        Notification: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            /** @enum {string} */
            kind: "approval" | "indeterminate" | "authorisation" | "logic" | "internal" | "transient" | "late_outcome" | "missing_code" | "missing_handler" | "job_paused" | "dead_schedule";
            message: string;
            workflow: components["schemas"]["WorkflowReference"] | null;
            job: {
                /**
                 * Format: uuid
                 * @description A UUID
                 */
                id: string;
                name: string;
            } | null;
            runId: string | null;
            mutation: components["schemas"]["Output"] | null;
            /** @description Unix milliseconds UTC */
            createdAt: number;
            resolvedAt: number | null;
        };
        WorkflowReference: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            name: string;
        };
        Output: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            workflow: components["schemas"]["WorkflowReference"];
            /**
             * Format: uuid
             * @description A UUID
             */
            runId: string;
            connector: string;
            operation: string;
            title: string;
            /** @enum {string} */
            status: "pending" | "in_flight" | "applied" | "failed" | "needs_reconcile" | "indeterminate";
            resolution: ("happened" | "did_not_happen" | "skip" | "try_again") | null;
            error: string | null;
            sentAt: number | null;
            /** @description Unix milliseconds UTC */
            createdAt: number;
            /** @description Unix milliseconds UTC */
            updatedAt: number;
            params: components["schemas"]["__schema1"];
            idempotencyKey: string;
            result: components["schemas"]["__schema1"] | null;
            approvedBy: string | null;
            approvedAt: number | null;
            approvalEvidence: string | null;
            reconcileAttempts: number;
            notAppliedCount: number;
            uncertainSince: number | null;
            lastReconcileAt: number | null;
            nextReconcileAt: number | null;
            resolvedBy: string | null;
            resolvedAt: number | null;
            evidence: string | null;
            lateOutcome: components["schemas"]["__schema1"] | null;
        };
        UpcomingRun: {
            /** @enum {string} */
            kind: "producer" | "consumer" | "retry" | "job";
            workflow: string | null;
            jobId: string | null;
            name: string;
            /** @description Unix milliseconds UTC */
            at: number;
            schedule: string | null;
        };
        HostHealth: {
            /** @enum {string} */
            status: "ok" | "degraded";
            checks: {
                name: string;
                ok: boolean;
                detail: string;
            }[];
            database: {
                sizeBytes: number;
                freeBytes: number;
                walBytes: number;
                schemaVersion: string;
                location: string;
            };
            queues: {
                pendingEvents: number;
                openExecutions: number;
                runningExecutions: number;
                reconciling: number;
                nextDueAt: number | null;
            };
            latencies: {
                operation: string;
                count: number;
                p50: number;
                p95: number;
                max: number;
            }[];
            versions: {
                millrace: string;
                node: string;
                sqlite: string;
            };
            /** @description Unix milliseconds UTC */
            startedAt: number;
        };
        AuditEntry: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            /** @description Unix milliseconds UTC */
            at: number;
            actor: string;
            /** @enum {string} */
            channel: "dashboard" | "api" | "command_line" | "program";
            action: string;
            subjectType: string | null;
            subjectId: string | null;
            details: components["schemas"]["__schema1"] | null;
            outcome: ("done" | "refused" | "failed") | null;
            message: string | null;
        };
        WorkflowSummary: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            name: string;
            /** @enum {string} */
            status: "draft" | "ready" | "active" | "paused" | "archived";
            error: string | null;
            version: string | null;
            deployed: boolean;
            pendingEvents: number;
            schedules: {
                producer: string;
                description: string;
                /** @description Unix milliseconds UTC */
                nextRunAt: number;
                lastRunAt: number | null;
            }[];
            nextRunAt: number | null;
            retryAt: number | null;
            openNotifications: number;
            lastRun: components["schemas"]["RunSummary"] | null;
        };
        RunSummary: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            workflow: components["schemas"]["WorkflowReference"];
            /** @enum {string} */
            handlerType: "producer" | "consumer";
            handlerName: string;
            trigger: string;
            /** @enum {string} */
            phase: "executing" | "preparing" | "prepared" | "mutating" | "mutated" | "emitting" | "committed";
            /** @enum {string} */
            status: "active" | "paused:transient" | "paused:approval" | "paused:reconciliation" | "failed:logic" | "failed:internal" | "aborted" | "committed" | "crashed";
            retryOf: string | null;
            attempt: number;
            mutationId: string | null;
            mutationOutcome: ("applied" | "none" | "skipped") | null;
            error: string | null;
            errorType: string | null;
            /** @description Unix milliseconds UTC */
            startedAt: number;
            endedAt: number | null;
        };
        Workflow: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            name: string;
            /** @enum {string} */
            status: "draft" | "ready" | "active" | "paused" | "archived";
            error: string | null;
            version: string | null;
            deployed: boolean;
            pendingEvents: number;
            schedules: {
                producer: string;
                description: string;
                /** @description Unix milliseconds UTC */
                nextRunAt: number;
                lastRunAt: number | null;
            }[];
            nextRunAt: number | null;
            retryAt: number | null;
            openNotifications: number;
            lastRun: components["schemas"]["RunSummary"] | null;
            /** @description Unix milliseconds UTC */
            createdAt: number;
            /** @description Unix milliseconds UTC */
            updatedAt: number;
            configVersion: number;
            topics: {
                name: string;
                pending: number;
            }[];
            producers: {
                name: string;
                publishes: string[];
                schedule: {
                    description: string;
                    timezone: string;
                    nextRunAt: number | null;
                    lastRunAt: number | null;
                    next: number[];
                } | null;
            }[];
            consumers: {
                name: string;
                subscribes: string[];
                publishes: string[];
                mutates: boolean;
                approval: boolean;
                wakeAt: number | null;
                connectors: string[];
            }[];
            flow: {
                inputs: number;
                since: number | null;
                sources: {
                    source: string;
                    type: string;
                    count: number;
                }[];
                connectors: {
                    connector: string;
                    operation: string;
                    applied: number;
                    unknown: number;
                    failed: number;
                    waiting: number;
                }[];
                links: {
                    source: string;
                    type: string;
                    connector: string;
                    operation: string;
                    count: number;
                }[];
            };
        };
        WorkflowVersion: {
            version: string;
            active: boolean;
            digest: string;
            origin: string;
            /** @description Unix milliseconds UTC */
            createdAt: number;
        };
        WorkflowVersionSource: {
            version: string;
            active: boolean;
            digest: string;
            origin: string;
            /** @description Unix milliseconds UTC */
            createdAt: number;
            source: string;
        };
        ScheduleDecision: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            /** @description Unix milliseconds UTC */
            scheduledAt: number;
            /** @description Unix milliseconds UTC */
            decidedAt: number;
            /** @enum {string} */
            decision: "fired" | "skipped" | "coalesced" | "missed";
            reason: string | null;
            count: number;
            executionId: string | null;
            runId: string | null;
        };
        ListedInput: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            workflow: components["schemas"]["WorkflowReference"];
            source: string;
            type: string;
            externalId: string;
            title: string;
            /** @enum {string} */
            status: "active" | "skipped";
            /** @description Unix milliseconds UTC */
            createdAt: number;
            /** @enum {string} */
            state: "waiting" | "in_progress" | "needs_attention" | "done" | "skipped";
            outputs: {
                happened: number;
                unknown: number;
                failed: number;
                waiting: number;
            };
        };
        InputStory: {
            input: {
                /**
                 * Format: uuid
                 * @description A UUID
                 */
                id: string;
                workflow: components["schemas"]["WorkflowReference"];
                source: string;
                type: string;
                externalId: string;
                title: string;
                /** @enum {string} */
                status: "active" | "skipped";
                /** @description Unix milliseconds UTC */
                createdAt: number;
                createdByRunId: string | null;
                /** @description Unix milliseconds UTC */
                updatedAt: number;
            };
            /** @enum {string} */
            state: "waiting" | "in_progress" | "needs_attention" | "done" | "skipped";
            events: components["schemas"]["EventSummary"][];
            runs: components["schemas"]["RunSummary"][];
            outputs: components["schemas"]["OutputSummary"][];
            story: components["schemas"]["StoryEntry"][];
            truncated: boolean;
        };
        EventSummary: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            workflow: components["schemas"]["WorkflowReference"];
            topic: string;
            messageId: string;
            /** @enum {string} */
            status: "pending" | "reserved" | "consumed" | "skipped";
            reservedByRunId: string | null;
            createdByRunId: string | null;
            attemptNumber: number;
            /** @description Unix milliseconds UTC */
            createdAt: number;
            /** @description Unix milliseconds UTC */
            updatedAt: number;
        };
        OutputSummary: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            workflow: components["schemas"]["WorkflowReference"];
            /**
             * Format: uuid
             * @description A UUID
             */
            runId: string;
            connector: string;
            operation: string;
            title: string;
            /** @enum {string} */
            status: "pending" | "in_flight" | "applied" | "failed" | "needs_reconcile" | "indeterminate";
            resolution: ("happened" | "did_not_happen" | "skip" | "try_again") | null;
            error: string | null;
            sentAt: number | null;
            /** @description Unix milliseconds UTC */
            createdAt: number;
            /** @description Unix milliseconds UTC */
            updatedAt: number;
        };
        StoryEntry: {
            /** @description Unix milliseconds UTC */
            at: number;
            /** @enum {string} */
            kind: "input_registered" | "event_published" | "run_started" | "run_ended" | "output_sent" | "output_settled" | "input_skipped";
            title: string;
            eventId: string | null;
            runId: string | null;
            outputId: string | null;
            status: string | null;
        };
        OutputDetails: {
            output: components["schemas"]["Output"];
            inputs: components["schemas"]["InputSummary"][];
            attempts: components["schemas"]["RunSummary"][];
            explanation: {
                why: string;
                check: string;
            } | null;
            answers: {
                /** @enum {string} */
                resolution: "happened" | "did_not_happen" | "skip" | "try_again";
                consequence: string;
            }[];
            awaitsApproval: boolean;
        };
        InputSummary: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            workflow: components["schemas"]["WorkflowReference"];
            source: string;
            type: string;
            externalId: string;
            title: string;
            /** @enum {string} */
            status: "active" | "skipped";
            /** @description Unix milliseconds UTC */
            createdAt: number;
        };
        BulkResolution: {
            matched: number;
            resolved: number;
            refused: {
                /**
                 * Format: uuid
                 * @description A UUID
                 */
                id: string;
                reason: string;
            }[];
            examples: components["schemas"]["OutputSummary"][];
        };
        RunDetails: {
            run: {
                /**
                 * Format: uuid
                 * @description A UUID
                 */
                id: string;
                workflow: components["schemas"]["WorkflowReference"];
                /** @enum {string} */
                handlerType: "producer" | "consumer";
                handlerName: string;
                trigger: string;
                /** @enum {string} */
                phase: "executing" | "preparing" | "prepared" | "mutating" | "mutated" | "emitting" | "committed";
                /** @enum {string} */
                status: "active" | "paused:transient" | "paused:approval" | "paused:reconciliation" | "failed:logic" | "failed:internal" | "aborted" | "committed" | "crashed";
                retryOf: string | null;
                attempt: number;
                mutationId: string | null;
                mutationOutcome: ("applied" | "none" | "skipped") | null;
                error: string | null;
                errorType: string | null;
                /** @description Unix milliseconds UTC */
                startedAt: number;
                endedAt: number | null;
                version: string;
                prepareResult: components["schemas"]["__schema1"] | null;
                inputState: components["schemas"]["__schema1"] | null;
                outputState: components["schemas"]["__schema1"] | null;
            };
            phases: {
                /** @enum {string} */
                phase: "executing" | "preparing" | "prepared" | "mutating" | "mutated" | "emitting" | "committed";
                /** @enum {string} */
                state: "done" | "current" | "stopped" | "ahead";
                enteredAt: number | null;
                leftAt: number | null;
            }[];
            attempts: components["schemas"]["RunSummary"][];
            output: components["schemas"]["Output"] | null;
            reserved: components["schemas"]["EventSummary"][];
            published: components["schemas"]["EventSummary"][];
            inputs: components["schemas"]["InputSummary"][];
            logs: components["schemas"]["LogLine"][];
            replayFrom: ("preparing" | "emitting" | "executing")[];
        };
        LogLine: {
            seq: number;
            /** @description Unix milliseconds UTC */
            at: number;
            /** @enum {string} */
            level: "debug" | "info" | "warn" | "error";
            message: string;
            data: components["schemas"]["__schema1"] | null;
        };
        ReplayPlan: {
            run: components["schemas"]["RunSummary"];
            /** @enum {string} */
            from: "preparing" | "emitting" | "executing";
            description: string;
            refusals: string[];
            events: components["schemas"]["EventSummary"][];
            effects: {
                /**
                 * Format: uuid
                 * @description A UUID
                 */
                outputId: string;
                title: string;
                connector: string;
                operation: string;
                /** @enum {string} */
                status: "pending" | "in_flight" | "applied" | "failed" | "needs_reconcile" | "indeterminate";
                wouldRepeat: boolean;
                mustCross: boolean;
                why: string;
            }[];
            truncated: boolean;
        };
        Replayed: {
            /** @constant */
            done: true;
            runId: string | null;
        };
        EventDetails: {
            event: {
                /**
                 * Format: uuid
                 * @description A UUID
                 */
                id: string;
                workflow: components["schemas"]["WorkflowReference"];
                topic: string;
                messageId: string;
                /** @enum {string} */
                status: "pending" | "reserved" | "consumed" | "skipped";
                reservedByRunId: string | null;
                createdByRunId: string | null;
                attemptNumber: number;
                /** @description Unix milliseconds UTC */
                createdAt: number;
                /** @description Unix milliseconds UTC */
                updatedAt: number;
                payload: components["schemas"]["__schema1"];
            };
            inputs: components["schemas"]["InputSummary"][];
            publishedBy: components["schemas"]["RunSummary"] | null;
            reservedBy: components["schemas"]["RunSummary"][];
        };
        JobSummary: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            key: string | null;
            name: string;
            description: string | null;
            /** @enum {string} */
            type: "cron" | "one_time" | "recurring" | "event";
            /** @enum {string} */
            status: "pending" | "active" | "paused" | "completed" | "failed" | "cancelled";
            schedule: string;
            /** @enum {string} */
            handlerType: "function" | "workflow" | "agent";
            handlerName: string;
            tags: string[];
            nextRun: number | null;
            lastRun: number | null;
            executionCount: number;
            successCount: number;
            failureCount: number;
            consecutiveFailures: number;
            averageDurationMs: number | null;
            /** @description Unix milliseconds UTC */
            createdAt: number;
            /** @description Unix milliseconds UTC */
            updatedAt: number;
        };
        Job: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            key: string | null;
            name: string;
            description: string | null;
            /** @enum {string} */
            type: "cron" | "one_time" | "recurring" | "event";
            /** @enum {string} */
            status: "pending" | "active" | "paused" | "completed" | "failed" | "cancelled";
            schedule: string;
            /** @enum {string} */
            handlerType: "function" | "workflow" | "agent";
            handlerName: string;
            tags: string[];
            nextRun: number | null;
            lastRun: number | null;
            executionCount: number;
            successCount: number;
            failureCount: number;
            consecutiveFailures: number;
            averageDurationMs: number | null;
            /** @description Unix milliseconds UTC */
            createdAt: number;
            /** @description Unix milliseconds UTC */
            updatedAt: number;
            version: number;
            cronExpression: string | null;
            timezone: string;
            /** @enum {string} */
            dstGap: "shift" | "skip";
            /** @enum {string} */
            dstOverlap: "first" | "last" | "both";
            intervalMs: number | null;
            /** @enum {string} */
            intervalMode: "fixed_rate" | "fixed_delay";
            anchorAt: number | null;
            runAt: number | null;
            eventName: string | null;
            endsAt: number | null;
            maxRuns: number | null;
            jitterMs: number;
            handlerTarget: components["schemas"]["__schema1"] | null;
            payload: components["schemas"]["__schema1"] | null;
            maxRetries: number;
            retryDelayMs: number;
            timeoutMs: number;
            priority: number;
            /** @enum {string} */
            delivery: "at_least_once" | "at_most_once";
            /** @enum {string} */
            overlapPolicy: "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "allow";
            /** @enum {string} */
            misfirePolicy: "latest" | "all" | "skip";
            misfireGraceMs: number;
            misfireWindowMs: number;
            misfireLimit: number;
            catchUp: boolean;
            maxConcurrency: number | null;
            concurrencyKey: string | null;
            concurrencyKeyLimit: number | null;
            uniqueKey: string | null;
            autoPauseAfter: number | null;
            keepLast: number;
            metadata: components["schemas"]["__schema1"] | null;
            pauseNote: string | null;
            pausedAt: number | null;
            runCount: number;
            createdBy: string | null;
            finishedAt: number | null;
        };
        SchedulePreview: {
            description: string;
            runs: {
                /** @description Unix milliseconds UTC */
                at: number;
                local: string;
                change: ("shifted" | "repeated-first" | "repeated-last" | "after-skipped" | "offset-change") | null;
            }[];
        };
        BulkJobAction: {
            matched: number;
            changed: number;
            refused: {
                /**
                 * Format: uuid
                 * @description A UUID
                 */
                id: string;
                name: string;
                reason: string;
            }[];
            examples: components["schemas"]["JobSummary"][];
            truncated: boolean;
        };
        JobDetails: {
            job: components["schemas"]["Job"];
            next: number[];
            statistics: {
                executions: number;
                successRate: number | null;
                duration: {
                    p50: number;
                    p95: number;
                    p99: number;
                    average: number;
                    longest: number;
                } | null;
            };
        };
        Execution: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            /**
             * Format: uuid
             * @description A UUID
             */
            jobId: string;
            jobVersion: number;
            handlerName: string;
            /** @enum {string} */
            origin: "schedule" | "backfill" | "event" | "manual" | "retry";
            /** @enum {string} */
            status: "pending" | "running" | "success" | "failed" | "timeout" | "cancelled" | "skipped";
            /** @description Unix milliseconds UTC */
            scheduledAt: number;
            /** @description Unix milliseconds UTC */
            dueAt: number;
            startedAt: number | null;
            completedAt: number | null;
            durationMs: number | null;
            attempt: number;
            retryCount: number;
            nextRetryAt: number | null;
            waitsFor: string | null;
            payload: components["schemas"]["__schema1"] | null;
            eventId: string | null;
            workerId: string | null;
            result: components["schemas"]["__schema1"] | null;
            error: string | null;
            errorType: string | null;
            errorStack: string | null;
            reason: string | null;
            missedCount: number;
            traceId: string | null;
            spanId: string | null;
            parentSpanId: string | null;
            retryOf: string | null;
            redrivenBy: string | null;
            createdBy: string | null;
            /** @description Unix milliseconds UTC */
            createdAt: number;
        };
        ExecutionDetails: {
            execution: components["schemas"]["Execution"];
            job: components["schemas"]["JobSummary"];
            logs: components["schemas"]["ExecutionLogLine"][];
        };
        ExecutionLogLine: {
            seq: number;
            attempt: number;
            /** @description Unix milliseconds UTC */
            timestamp: number;
            /** @enum {string} */
            level: "debug" | "info" | "warn" | "error";
            message: string;
            data: components["schemas"]["__schema1"] | null;
        };
        DeadLetter: {
            /**
             * Format: uuid
             * @description A UUID
             */
            id: string;
            /**
             * Format: uuid
             * @description A UUID
             */
            jobId: string;
            jobVersion: number;
            handlerName: string;
            /** @enum {string} */
            origin: "schedule" | "backfill" | "event" | "manual" | "retry";
            /** @enum {string} */
            status: "pending" | "running" | "success" | "failed" | "timeout" | "cancelled" | "skipped";
            /** @description Unix milliseconds UTC */
            scheduledAt: number;
            /** @description Unix milliseconds UTC */
            dueAt: number;
            startedAt: number | null;
            completedAt: number | null;
            durationMs: number | null;
            attempt: number;
            retryCount: number;
            nextRetryAt: number | null;
            waitsFor: string | null;
            payload: components["schemas"]["__schema1"] | null;
            eventId: string | null;
            workerId: string | null;
            result: components["schemas"]["__schema1"] | null;
            error: string | null;
            errorType: string | null;
            errorStack: string | null;
            reason: string | null;
            missedCount: number;
            traceId: string | null;
            spanId: string | null;
            parentSpanId: string | null;
            retryOf: string | null;
            redrivenBy: string | null;
            createdBy: string | null;
            /** @description Unix milliseconds UTC */
            createdAt: number;
            jobName: string;
        };
        JobMetrics: {
            jobs: {
                [key: string]: number;
            };
            open: {
                pending: number;
                running: number;
            };
            lastHour: {
                success: number;
                failed: number;
                timeout: number;
                cancelled: number;
                skipped: number;
            };
            averageDurationMs: number | null;
            oldestReadyMs: number | null;
            nextRun: number | null;
            health: {
                /** @enum {string} */
                status: "ok" | "degraded" | "stopped";
                checks: {
                    name: string;
                    ok: boolean;
                    detail: string;
                }[];
            };
        };
        Change: {
            /** @enum {string} */
            kind: "workflow" | "run" | "output" | "event" | "input" | "notification" | "job" | "execution";
            id: string;
            workflow: string | null;
            of: string | null;
            status: string | null;
            /** @description Unix milliseconds UTC */
            at: number;
        };
        __schema1: unknown;
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    showSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                } | {
                    token: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
        };
    };
    showOverview: {
        parameters: {
            query?: {
                span?: "hour" | "day" | "week";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
        };
    };
    showHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostHealth"];
                };
            };
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description The `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
                from?: number;
                until?: number;
                actor?: string;
                action?: string;
                subjectId?: string;
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["AuditEntry"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    listAttention: {
        parameters: {
            query?: {
                /** @description The `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
                from?: number;
                until?: number;
                state?: "open" | "resolved";
                kind?: string;
                workflow?: string;
                connector?: string;
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Notification"][];
                        nextCursor: string | null;
                        partial: boolean;
                    };
                };
            };
        };
    };
    countAttention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        total: number;
                        kinds: {
                            /** @enum {string} */
                            kind: "approval" | "indeterminate" | "authorisation" | "logic" | "internal" | "transient" | "late_outcome" | "missing_code" | "missing_handler" | "job_paused" | "dead_schedule";
                            count: number;
                        }[];
                        outages: {
                            connector: string;
                            count: number;
                            from: number;
                            until: number;
                        }[];
                    };
                };
            };
        };
    };
    dismissNotification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                notification: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
        };
    };
    listWorkflows: {
        parameters: {
            query?: {
                /** @description The `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["WorkflowSummary"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    showWorkflow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow's name */
                workflow: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Workflow"];
                };
            };
        };
    };
    pauseWorkflow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow's name */
                workflow: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
        };
    };
    resumeWorkflow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow's name */
                workflow: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
        };
    };
    runWorkflow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow's name */
                workflow: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    producers?: string[];
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
        };
    };
    retryWorkflow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow's name */
                workflow: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What you looked at, and what you found */
                    evidence?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunSummary"];
                };
            };
        };
    };
    listWorkflowVersions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow's name */
                workflow: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["WorkflowVersion"][];
                    };
                };
            };
        };
    };
    showWorkflowVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow's name */
                workflow: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkflowVersionSource"];
                };
            };
        };
    };
    listProducerDecisions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The workflow's name */
                workflow: string;
                producer: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ScheduleDecision"][];
                    };
                };
            };
        };
    };
    listInputs: {
        parameters: {
            query?: {
                /** @description The `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
                from?: number;
                until?: number;
                workflow?: string;
                source?: string;
                type?: string;
                status?: "active" | "skipped";
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ListedInput"][];
                        nextCursor: string | null;
                        partial: boolean;
                    };
                };
            };
        };
    };
    showInput: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                input: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InputStory"];
                };
            };
        };
    };
    skipInput: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                input: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        skipped: boolean;
                        skippedEvents: number;
                        abortedRuns: string[];
                    };
                };
            };
        };
    };
    listOutputs: {
        parameters: {
            query?: {
                /** @description The `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
                from?: number;
                until?: number;
                workflow?: string;
                connector?: string;
                operation?: string;
                status?: string;
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["OutputSummary"][];
                        nextCursor: string | null;
                        partial: boolean;
                    };
                };
            };
        };
    };
    showOutput: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                output: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutputDetails"];
                };
            };
        };
    };
    approveOutput: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                output: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    approved: boolean;
                    /** @description What you looked at, and what you found */
                    evidence?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Output"];
                };
            };
        };
    };
    resolveOutput: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                output: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    resolution: "happened" | "did_not_happen" | "skip" | "try_again";
                    /** @description What you looked at, and what you found */
                    evidence?: string;
                    result?: components["schemas"]["__schema0"];
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Output"];
                };
            };
        };
    };
    resolveOutputs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    connector: string;
                    /** @description Unix milliseconds UTC */
                    from: number;
                    /** @description Unix milliseconds UTC */
                    until: number;
                    /** @enum {string} */
                    resolution: "happened" | "did_not_happen" | "skip" | "try_again";
                    /** @description What you looked at, and what you found */
                    evidence?: string;
                    dryRun: boolean;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkResolution"];
                };
            };
        };
    };
    listRuns: {
        parameters: {
            query?: {
                /** @description The `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
                from?: number;
                until?: number;
                workflow?: string;
                handler?: string;
                handlerType?: "producer" | "consumer";
                status?: string;
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["RunSummary"][];
                        nextCursor: string | null;
                        partial: boolean;
                    };
                };
            };
        };
    };
    showRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetails"];
                };
            };
        };
    };
    listRunLogs: {
        parameters: {
            query?: {
                /** @description Lines after this sequence number */
                after?: number;
                level?: string;
            };
            header?: never;
            path: {
                /** @description A UUID */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["LogLine"][];
                    };
                };
            };
        };
    };
    planReplay: {
        parameters: {
            query: {
                from: "preparing" | "emitting" | "executing";
            };
            header?: never;
            path: {
                /** @description A UUID */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplayPlan"];
                };
            };
        };
    };
    replayRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                run: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    from: "preparing" | "emitting" | "executing";
                    cross: string[];
                    /** @description What you looked at, and what you found */
                    evidence?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replayed"];
                };
            };
        };
    };
    listTopics: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                workflow: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            name: string;
                            pending: number;
                            publishers: string[];
                            subscribers: string[];
                        }[];
                    };
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description The `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
                from?: number;
                until?: number;
                workflow?: string;
                topic?: string;
                status?: "pending" | "reserved" | "consumed" | "skipped";
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["EventSummary"][];
                        nextCursor: string | null;
                        partial: boolean;
                    };
                };
            };
        };
    };
    showEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                event: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDetails"];
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description The `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
                status?: string;
                type?: string;
                handler?: string;
                tag?: string;
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["JobSummary"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    createJob: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "cron";
                    id?: string;
                    key?: string;
                    name: string;
                    description?: string;
                    handler: string | {
                        workflow: string;
                        producer: string;
                    } | {
                        workflow: string;
                        topic: string;
                    } | {
                        agent: string;
                    };
                    payload?: unknown;
                    maxRetries?: number;
                    retryDelay?: number | string;
                    timeout?: number | string;
                    priority?: number;
                    /** @enum {string} */
                    delivery?: "at_least_once" | "at_most_once";
                    /** @enum {string} */
                    overlap?: "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "allow";
                    misfire?: {
                        /** @enum {string} */
                        policy?: "latest" | "all" | "skip";
                        grace?: number | string;
                        window?: number | string;
                        limit?: number;
                    };
                    catchUp?: boolean;
                    maxConcurrency?: number;
                    concurrency?: {
                        key: string;
                        /** @default 1 */
                        limit?: number;
                    };
                    unique?: {
                        key: string;
                        /**
                         * @default reject
                         * @enum {string}
                         */
                        onConflict?: "reject" | "replace" | "throttle" | "debounce";
                        window?: number | string;
                    };
                    autoPauseAfter?: number | null;
                    keepLast?: number;
                    tags?: string[];
                    metadata?: {
                        [key: string]: unknown;
                    };
                    jitter?: number | string;
                    createdBy?: string;
                    cron: string;
                    timezone?: string;
                    dst?: {
                        /** @enum {string} */
                        gap?: "shift" | "skip";
                        /** @enum {string} */
                        overlap?: "first" | "last" | "both";
                    };
                } | {
                    /** @constant */
                    type: "one_time";
                    id?: string;
                    key?: string;
                    name: string;
                    description?: string;
                    handler: string | {
                        workflow: string;
                        producer: string;
                    } | {
                        workflow: string;
                        topic: string;
                    } | {
                        agent: string;
                    };
                    payload?: unknown;
                    maxRetries?: number;
                    retryDelay?: number | string;
                    timeout?: number | string;
                    priority?: number;
                    /** @enum {string} */
                    delivery?: "at_least_once" | "at_most_once";
                    /** @enum {string} */
                    overlap?: "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "allow";
                    misfire?: {
                        /** @enum {string} */
                        policy?: "latest" | "all" | "skip";
                        grace?: number | string;
                        window?: number | string;
                        limit?: number;
                    };
                    catchUp?: boolean;
                    maxConcurrency?: number;
                    concurrency?: {
                        key: string;
                        /** @default 1 */
                        limit?: number;
                    };
                    unique?: {
                        key: string;
                        /**
                         * @default reject
                         * @enum {string}
                         */
                        onConflict?: "reject" | "replace" | "throttle" | "debounce";
                        window?: number | string;
                    };
                    autoPauseAfter?: number | null;
                    keepLast?: number;
                    tags?: string[];
                    metadata?: {
                        [key: string]: unknown;
                    };
                    jitter?: number | string;
                    createdBy?: string;
                    at?: string | number;
                    in?: number | string;
                } | {
                    /** @constant */
                    type: "recurring";
                    id?: string;
                    key?: string;
                    name: string;
                    description?: string;
                    handler: string | {
                        workflow: string;
                        producer: string;
                    } | {
                        workflow: string;
                        topic: string;
                    } | {
                        agent: string;
                    };
                    payload?: unknown;
                    maxRetries?: number;
                    retryDelay?: number | string;
                    timeout?: number | string;
                    priority?: number;
                    /** @enum {string} */
                    delivery?: "at_least_once" | "at_most_once";
                    /** @enum {string} */
                    overlap?: "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "allow";
                    misfire?: {
                        /** @enum {string} */
                        policy?: "latest" | "all" | "skip";
                        grace?: number | string;
                        window?: number | string;
                        limit?: number;
                    };
                    catchUp?: boolean;
                    maxConcurrency?: number;
                    concurrency?: {
                        key: string;
                        /** @default 1 */
                        limit?: number;
                    };
                    unique?: {
                        key: string;
                        /**
                         * @default reject
                         * @enum {string}
                         */
                        onConflict?: "reject" | "replace" | "throttle" | "debounce";
                        window?: number | string;
                    };
                    autoPauseAfter?: number | null;
                    keepLast?: number;
                    tags?: string[];
                    metadata?: {
                        [key: string]: unknown;
                    };
                    jitter?: number | string;
                    createdBy?: string;
                    interval?: number | string;
                    /** @enum {string} */
                    mode?: "fixed_rate" | "fixed_delay";
                    cron?: string;
                    timezone?: string;
                    dst?: {
                        /** @enum {string} */
                        gap?: "shift" | "skip";
                        /** @enum {string} */
                        overlap?: "first" | "last" | "both";
                    };
                    startsAt?: string | number;
                    endsAt?: string | number;
                    maxRuns?: number;
                } | {
                    /** @constant */
                    type: "event";
                    id?: string;
                    key?: string;
                    name: string;
                    description?: string;
                    handler: string | {
                        workflow: string;
                        producer: string;
                    } | {
                        workflow: string;
                        topic: string;
                    } | {
                        agent: string;
                    };
                    payload?: unknown;
                    maxRetries?: number;
                    retryDelay?: number | string;
                    timeout?: number | string;
                    priority?: number;
                    /** @enum {string} */
                    delivery?: "at_least_once" | "at_most_once";
                    /** @enum {string} */
                    overlap?: "skip" | "buffer_one" | "buffer_all" | "cancel_other" | "allow";
                    misfire?: {
                        /** @enum {string} */
                        policy?: "latest" | "all" | "skip";
                        grace?: number | string;
                        window?: number | string;
                        limit?: number;
                    };
                    catchUp?: boolean;
                    maxConcurrency?: number;
                    concurrency?: {
                        key: string;
                        /** @default 1 */
                        limit?: number;
                    };
                    unique?: {
                        key: string;
                        /**
                         * @default reject
                         * @enum {string}
                         */
                        onConflict?: "reject" | "replace" | "throttle" | "debounce";
                        window?: number | string;
                    };
                    autoPauseAfter?: number | null;
                    keepLast?: number;
                    tags?: string[];
                    metadata?: {
                        [key: string]: unknown;
                    };
                    jitter?: number | string;
                    createdBy?: string;
                    event: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    previewJob: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    job: {
                        [key: string]: components["schemas"]["__schema0"];
                    };
                    count?: number;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulePreview"];
                };
            };
        };
    };
    actOnJobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    action: "pause" | "resume" | "cancel" | "run" | "skip_next";
                    filter: {
                        statuses?: ("pending" | "active" | "paused" | "completed" | "failed" | "cancelled")[];
                        types?: ("cron" | "one_time" | "recurring" | "event")[];
                        handler?: string;
                        tag?: string;
                        text?: string;
                    };
                    dryRun: boolean;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkJobAction"];
                };
            };
        };
    };
    listJobHandlers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        functions: string[];
                        workflows: {
                            name: string;
                            producers: string[];
                            topics: string[];
                        }[];
                        agents: boolean;
                    };
                };
            };
        };
    };
    showJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobDetails"];
                };
            };
        };
    };
    deleteJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
        };
    };
    editJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    [key: string]: components["schemas"]["__schema0"];
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    pauseJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    note?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    resumeJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    catchUp?: boolean;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    runJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    payload?: components["schemas"]["__schema0"];
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
        };
    };
    skipNextRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    backfillJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Unix milliseconds UTC */
                    from: number;
                    /** @description Unix milliseconds UTC */
                    until: number;
                    dryRun: boolean;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        ticks: number;
                        executions: number;
                    };
                };
            };
        };
    };
    listJobVersions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            version: number;
                            definition: components["schemas"]["__schema1"];
                            createdBy: string | null;
                            /** @description Unix milliseconds UTC */
                            createdAt: number;
                        }[];
                    };
                };
            };
        };
    };
    listJobDecisions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ScheduleDecision"][];
                    };
                };
            };
        };
    };
    listExecutions: {
        parameters: {
            query?: {
                /** @description The `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
                from?: number;
                until?: number;
                status?: string;
            };
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Execution"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    showExecution: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                execution: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutionDetails"];
                };
            };
        };
    };
    listExecutionLogs: {
        parameters: {
            query?: {
                /** @description Lines after this sequence number */
                after?: number;
                level?: string;
            };
            header?: never;
            path: {
                /** @description A UUID */
                execution: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ExecutionLogLine"][];
                    };
                };
            };
        };
    };
    cancelExecution: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                execution: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
        };
    };
    retryExecution: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                execution: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Execution"];
                };
            };
        };
    };
    listDeadLetters: {
        parameters: {
            query?: {
                /** @description The `nextCursor` of the page before */
                cursor?: string;
                limit?: number;
                job?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["DeadLetter"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    redrive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    executions: string[];
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Execution"][];
                    };
                };
            };
        };
    };
    triggerEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    payload?: components["schemas"]["__schema0"];
                    eventId?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Execution"][];
                    };
                };
            };
        };
    };
    listEventHandlers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /**
                             * Format: uuid
                             * @description A UUID
                             */
                            id: string;
                            eventName: string;
                            /**
                             * Format: uuid
                             * @description A UUID
                             */
                            jobId: string;
                            enabled: boolean;
                            /** @description Unix milliseconds UTC */
                            createdAt: number;
                        }[];
                    };
                };
            };
        };
    };
    setEventHandler: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID */
                job: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    enabled: boolean;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
        };
    };
    showJobMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobMetrics"];
                };
            };
        };
    };
    streamChanges: {
        parameters: {
            query?: never;
            header?: {
                /** @description Go on behind this event */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Change"];
                };
            };
        };
    };
}
