/** The fields of the job form: each is bound to a part of the draft and shows the host's fault about its path. */
import { NativeSelect, TextInput, Textarea } from "@mantine/core";
import { createContext, use } from "react";
import type { JobDraft } from "./job-draft.ts";
import type { FieldErrors } from "./job-input.ts";

export interface JobFormState {
  draft: JobDraft;
  change: (changes: Partial<JobDraft>) => void;
  errors: FieldErrors;
}

export const JobFormContext = createContext<JobFormState | null>(null);

/** @throws Error outside of a job form */
export function useJobForm(): JobFormState {
  const state = use(JobFormContext);
  if (state === null) throw new Error("A field of the job form stands outside of it.");
  return state;
}

type TextKey = { [Key in keyof JobDraft]: JobDraft[Key] extends string ? Key : never }[keyof JobDraft];

interface FieldProps {
  field: TextKey;
  /** The path of the host's faults about it; the field's name by default. */
  path?: string;
  label: string;
  description?: string;
  placeholder?: string;
  required?: boolean;
}

export function TextField({ type = "text", ...field }: FieldProps & { type?: "text" | "datetime-local" }) {
  return <TextInput type={type} {...useField(field)} />;
}

export function CodeField(field: FieldProps) {
  return (
    <Textarea
      {...useField(field)}
      autosize
      minRows={3}
      maxRows={14}
      spellCheck={false}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
    />
  );
}

export function ChoiceField({
  options,
  ...field
}: FieldProps & { options: readonly { value: string; label: string }[] }) {
  return <NativeSelect data={[...options]} {...useField(field)} />;
}

function useField({ field, path = field, label, description, placeholder, required = false }: FieldProps) {
  const { draft, change, errors } = useJobForm();
  return {
    label,
    ...(description !== undefined && { description }),
    ...(placeholder !== undefined && { placeholder }),
    withAsterisk: required,
    value: draft[field],
    error: errors[path],
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) => change({ [field]: currentTarget.value }),
  };
}
