/**
 * Makes a job or changes one. What the host finds wrong stands at its field; the preview says what the schedule means
 * while it is typed.
 */
import "../jobs.css";
import "./job-form.css";
import { Button, TagsInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useEffect, useRef, useState } from "react";
import { ProblemNote } from "../../../components/problem-note.tsx";
import type { Job, JobInput } from "../../../services/jobs.ts";
import { useMayOperate } from "../../../services/session.ts";
import { AdvancedFields } from "./advanced-fields.tsx";
import { fieldErrorsOf } from "./field-errors.ts";
import { CodeField, JobFormContext, TextField } from "./form-fields.tsx";
import { HandlerField } from "./handler-field.tsx";
import type { JobDraft } from "./job-draft.ts";
import { type FieldErrors, inputOf } from "./job-input.ts";
import { ScheduleFields, TypeField } from "./schedule-fields.tsx";
import { SchedulePreview, useSchedulePreview } from "./schedule-preview.tsx";

export interface JobFormProps {
  initial: JobDraft;
  /** Whether the job is there already: its type then stays. */
  isEdit: boolean;
  /** The word on the button. */
  submit: string;
  save: (input: JobInput) => Promise<Job>;
  onSaved: (job: Job) => void;
  onCancel: () => void;
}

export function JobForm({ initial, isEdit, submit, save, onSaved, onCancel }: JobFormProps) {
  const [draft, setDraft] = useState(initial);
  const preview = useSchedulePreview(draft);
  const [tries, setTries] = useState(0);
  const { input, errors: unsendable } = inputOf(draft);
  const mutation = useMutation({ mutationFn: save, onSuccess: onSaved });
  const mayOperate = useMayOperate();
  const form = useRef<HTMLFormElement>(null);
  const own = { ...missingOf(draft), ...unsendable };
  const errors = { ...fieldErrorsOf(mutation.error), ...preview.errors, ...(tries === 0 ? unsendable : own) };
  useFocusOnFault(form, tries, mutation.error);

  const change = (changes: Partial<JobDraft>) => {
    setDraft((current) => ({ ...current, ...changes }));
    // What the host refused was another input.
    if (mutation.isError) mutation.reset();
  };
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    setTries(tries + 1);
    if (Object.keys(own).length === 0) mutation.mutate(input);
  };
  return (
    <JobFormContext value={{ draft, change, errors }}>
      <form ref={form} className="job-form" onSubmit={onSubmit} noValidate>
        <div className="stack">
          <section className="panel stack" aria-label="What it is">
            <TextField field="name" label="Name" required />
            <HandlerField />
            <TextField field="description" label="Description" />
            <TagsInput
              label="Tags"
              description="To find it by; Enter adds one."
              value={draft.tags}
              error={errors["tags"]}
              onChange={(tags) => change({ tags })}
            />
          </section>
          <section className="panel stack" aria-label="Schedule">
            <TypeField isFixed={isEdit} />
            <ScheduleFields />
          </section>
          <section className="panel stack" aria-label="Payload">
            <CodeField field="payload" label="Payload (JSON)" description="What each run is given. Empty: nothing." />
          </section>
          <details className="panel job-advanced">
            <summary>More options: repeats, limits, missed runs, what is kept</summary>
            <div className="stack">
              <AdvancedFields />
            </div>
          </details>
        </div>
        <div className="stack job-form-side">
          <SchedulePreview preview={preview} type={draft.type} />
          {mutation.isError ? <ProblemNote error={mutation.error} /> : null}
          <div className="row">
            <Button type="submit" loading={mutation.isPending} disabled={!mayOperate}>
              {submit}
            </Button>
            <Button variant="default" onClick={onCancel}>
              Cancel
            </Button>
          </div>
          {mayOperate ? null : <p className="soft">Your access only allows looking.</p>}
        </div>
      </form>
    </JobFormContext>
  );
}

/** What a new form lacks by nature; it is said only once somebody tries to send it. */
function missingOf({ name, handler }: JobDraft): FieldErrors {
  return {
    ...(name.trim() === "" && { name: "Give it a name." }),
    ...(handler === "" && { handler: "Choose what it runs." }),
  };
}

/** Leads to the first field with a fault when it was tried to send the form, and when the host refused it. */
function useFocusOnFault(form: { current: HTMLFormElement | null }, tries: number, refusal: unknown): void {
  useEffect(() => {
    if (tries > 0) focusFault(form.current);
  }, [form, tries]);
  useEffect(() => {
    if (refusal !== null) focusFault(form.current);
  }, [form, refusal]);
}

function focusFault(form: HTMLFormElement | null): void {
  const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
  // It may be folded away.
  field?.closest("details")?.setAttribute("open", "");
  field?.focus();
}
