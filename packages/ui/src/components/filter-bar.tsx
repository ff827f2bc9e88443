/**
 * What a list is filtered by. Each field is one parameter of the address (a time span is two: `from` and `until`), so
 * that filters can be shared, and every view reads them with `useFilters`.
 */
import "./filter-bar.css";
import { Button, MultiSelect, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useFilters } from "../services/filters.ts";
import { SearchField } from "./search-field.tsx";
import { TimeSpanField } from "./time-span-field.tsx";

export interface FilterOption {
  value: string;
  label: string;
}

export type FilterField =
  | { kind: "search"; key: string; label: string; placeholder?: string }
  | { kind: "select"; key: string; label: string; options: readonly FilterOption[] }
  /** Several words, separated by commas in the address. */
  | { kind: "several"; key: string; label: string; options: readonly FilterOption[] }
  | { kind: "span" };

export function FilterBar({ label, fields }: { label: string; fields: readonly FilterField[] }) {
  const keys = fields.flatMap((field) => (field.kind === "span" ? ["from", "until"] : [field.key]));
  const [filters, setFilters] = useFilters(keys);
  const isFiltered = Object.keys(filters).length > 0;
  const clear = () => setFilters(Object.fromEntries(keys.map((key) => [key, undefined])), true);
  return (
    <search className="filter-bar" aria-label={label}>
      {fields.map((field) => (
        <Field key={field.kind === "span" ? "span" : field.key} field={field} filters={filters} onChange={setFilters} />
      ))}
      {/* It keeps its place, so that nothing moves when the first filter is set. */}
      <Button
        variant="subtle"
        color="gray"
        leftSection={<IconX size={14} aria-hidden />}
        onClick={clear}
        style={{ visibility: isFiltered ? "visible" : "hidden" }}
      >
        Clear
      </Button>
    </search>
  );
}

interface FieldProps {
  field: FilterField;
  filters: Readonly<Record<string, string | undefined>>;
  onChange: (changes: Record<string, string | undefined>, push?: boolean) => void;
}

function Field({ field, filters, onChange }: FieldProps) {
  switch (field.kind) {
    case "search":
      return (
        <SearchField
          label={field.label}
          placeholder={field.placeholder ?? field.label}
          value={filters[field.key] ?? ""}
          onChange={(value) => onChange({ [field.key]: value })}
        />
      );
    case "select":
      return (
        <Select
          className="filter-select"
          aria-label={field.label}
          placeholder={field.label}
          data={withPresent(field.options, filters[field.key])}
          value={filters[field.key] ?? null}
          onChange={(value) => onChange({ [field.key]: value ?? undefined }, true)}
          clearable
          clearButtonProps={{ "aria-label": `Clear ${field.label}` }}
          searchable={field.options.length > 8}
          nothingFoundMessage="Nothing found"
        />
      );
    case "several":
      return (
        <MultiSelect
          className="filter-several"
          aria-label={field.label}
          {...(filters[field.key] === undefined ? { placeholder: field.label } : {})}
          data={withPresent(field.options, filters[field.key])}
          value={wordsOf(filters[field.key])}
          onChange={(words) => onChange({ [field.key]: words.join(",") }, true)}
          clearable
          clearButtonProps={{ "aria-label": `Clear ${field.label}` }}
          hidePickedOptions
        />
      );
    case "span":
      return (
        <TimeSpanField from={filters["from"]} until={filters["until"]} onChange={(span) => onChange(span, true)} />
      );
  }
}

function wordsOf(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(",");
}

/** The options and those that the address names besides: what is filtered by must show. */
function withPresent(options: readonly FilterOption[], value: string | undefined): FilterOption[] {
  const known = new Set(options.map((option) => option.value));
  const others = wordsOf(value).filter((word) => !known.has(word));
  return [...options, ...others.map((word) => ({ value: word, label: word }))];
}
