/** When a job runs: other fields for each type. */
import { Autocomplete, Radio, SegmentedControl } from "@mantine/core";
import { GAP_WORDS, MODE_WORDS, optionsOf, REPEAT_WORDS, TYPE_WORDS } from "../job-words.ts";
import { ChoiceField, TextField, useJobForm } from "./form-fields.tsx";

const zones = Intl.supportedValuesOf("timeZone");

export function TypeField({ isFixed }: { isFixed: boolean }) {
  const { draft, change } = useJobForm();
  return (
    <Radio.Group label="When does it run?" value={draft.type} onChange={(type) => change({ type })}>
      <div className="job-types">
        {Object.entries(TYPE_WORDS).map(([type, { label, meaning }]) => (
          <Radio
            key={type}
            value={type}
            label={label}
            description={meaning}
            disabled={isFixed && type !== draft.type}
          />
        ))}
      </div>
    </Radio.Group>
  );
}

export function ScheduleFields() {
  const { draft } = useJobForm();
  switch (draft.type) {
    case "cron":
      return <CalendarFields />;
    case "recurring":
      return <RecurringFields />;
    case "one_time":
      return <OnceFields />;
    case "event":
      return (
        <TextField
          field="event"
          label="Event"
          description="The name that a program triggers, for example user.created."
          required
        />
      );
  }
}

function CalendarFields() {
  return (
    <>
      <div className="job-form-row">
        <TextField
          field="cron"
          label="Cron expression"
          description="Minute, hour, day of the month, month, weekday; with six parts the first is the second."
          placeholder="0 9 * * 1-5"
          required
        />
        <ZoneField />
      </div>
      <div className="job-form-row">
        <ChoiceField
          field="gap"
          path="dst.gap"
          label="A time that a change of the clocks leaves out"
          options={optionsOf(GAP_WORDS)}
        />
        <ChoiceField
          field="repeated"
          path="dst.overlap"
          label="A time that a change of the clocks repeats"
          options={optionsOf(REPEAT_WORDS)}
        />
      </div>
    </>
  );
}

function ZoneField() {
  const { draft, change, errors } = useJobForm();
  return (
    <Autocomplete
      label="Time zone"
      description="Whose clocks the expression means."
      data={zones}
      limit={50}
      value={draft.timezone}
      error={errors["timezone"]}
      onChange={(timezone) => change({ timezone })}
    />
  );
}

function RecurringFields() {
  const { draft, change } = useJobForm();
  return (
    <>
      <SegmentedControl
        aria-label="What it goes by"
        style={{ alignSelf: "flex-start" }}
        data={[
          { value: "interval", label: "Every so often" },
          { value: "cron", label: "By a cron expression" },
        ]}
        value={draft.recurs}
        onChange={(recurs) => change({ recurs })}
      />
      {draft.recurs === "cron" ? (
        <CalendarFields />
      ) : (
        <div className="job-form-row">
          <TextField
            field="interval"
            label="Interval"
            description="For example 30s, 5m, 1h30m or 1d."
            placeholder="5m"
            required
          />
          <ChoiceField
            field="mode"
            label="It counts"
            description="The second leaves a pause however long a run takes."
            options={optionsOf(MODE_WORDS)}
          />
        </div>
      )}
      <div className="job-form-row">
        <TextField
          field="startsAt"
          type="datetime-local"
          label="First run"
          description="In your time zone. Empty: now."
        />
        <TextField
          field="endsAt"
          type="datetime-local"
          label="Last run before"
          description="In your time zone. Empty: no end."
        />
        <TextField field="maxRuns" label="Runs at most" description="Empty: without end." />
      </div>
    </>
  );
}

function OnceFields() {
  const { draft, change } = useJobForm();
  return (
    <>
      <SegmentedControl
        aria-label="When it runs once"
        style={{ alignSelf: "flex-start" }}
        data={[
          { value: "now", label: "Now" },
          { value: "in", label: "In a while" },
          { value: "at", label: "At a time" },
        ]}
        value={draft.when}
        onChange={(when) => change({ when })}
      />
      {draft.when === "in" ? (
        <TextField field="in" label="How long from now" description="For example 10m, 2h or 3d." required />
      ) : draft.when === "at" ? (
        <TextField field="at" type="datetime-local" label="Time" description="In your time zone." required />
      ) : null}
    </>
  );
}
