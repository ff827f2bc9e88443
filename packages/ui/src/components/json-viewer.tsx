/**
 * A JSON value as a tree that opens and closes. Everything is text to React, so nothing in a value can become markup;
 * long texts and long lists show their beginning until they are asked for.
 */
import "./json-viewer.css";
import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { formatNoun } from "../format/numbers.ts";
import { CopyButton } from "./copy-button.tsx";

const shownCharacters = 400;
const shownEntries = 50;

export interface JsonViewerProps {
  value: unknown;
  /** What the value is, for screen readers: "Parameters". */
  label: string;
  /** How many levels are open at first. */
  openLevels?: number;
}

export function JsonViewer({ value, label, openLevels = 2 }: JsonViewerProps) {
  return (
    <div className="json-viewer" role="group" aria-label={label}>
      <div className="json-copy">
        <CopyButton text={JSON.stringify(value, null, 2) ?? ""} label={`Copy ${label.toLowerCase()}`} />
      </div>
      <div className="json-tree">
        <JsonNode name={null} value={value} level={0} openLevels={openLevels} />
      </div>
    </div>
  );
}

interface JsonNodeProps {
  name: string | null;
  value: unknown;
  level: number;
  openLevels: number;
}

function JsonNode({ name, value, level, openLevels }: JsonNodeProps) {
  const entries = entriesOf(value);
  if (entries !== null && entries.length > 0) {
    return (
      <JsonBranch name={name} entries={entries} isList={Array.isArray(value)} level={level} openLevels={openLevels} />
    );
  }
  return (
    <div className="json-line">
      <JsonName name={name} />
      <JsonLeaf value={value} />
    </div>
  );
}

interface JsonBranchProps extends Omit<JsonNodeProps, "value"> {
  entries: readonly [string, unknown][];
  isList: boolean;
}

function JsonBranch({ name, entries, isList, level, openLevels }: JsonBranchProps) {
  const [opened, setOpened] = useState(level < openLevels);
  const [all, setAll] = useState(false);
  const shown = all ? entries : entries.slice(0, shownEntries);
  const size = isList ? formatNoun(entries.length, "item") : formatNoun(entries.length, "field");
  return (
    <div>
      <UnstyledButton className="json-toggle" aria-expanded={opened} onClick={() => setOpened(!opened)}>
        <IconChevronRight size={13} aria-hidden />
        <JsonName name={name} />
        <span className="json-size">{isList ? `[ ${size} ]` : `{ ${size} }`}</span>
      </UnstyledButton>
      {opened ? (
        <div className="json-children">
          {shown.map(([key, child]) => (
            <JsonNode key={key} name={key} value={child} level={level + 1} openLevels={openLevels} />
          ))}
          {shown.length < entries.length ? (
            <MoreButton onClick={() => setAll(true)}>
              Show all {formatNoun(entries.length, "entry", "entries")}
            </MoreButton>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function JsonName({ name }: { name: string | null }) {
  return name === null ? null : <span className="json-name">{name}: </span>;
}

function JsonLeaf({ value }: { value: unknown }) {
  const [all, setAll] = useState(false);
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined");
  const isLong = text.length > shownCharacters;
  return (
    <span className="json-value" data-type={value === null ? "null" : typeof value}>
      {all || !isLong ? text : `${text.slice(0, shownCharacters)}…`}
      {isLong ? (
        <MoreButton onClick={() => setAll(!all)}>
          {all ? "Show less" : `Show all ${formatNoun(text.length, "character")}`}
        </MoreButton>
      ) : null}
    </span>
  );
}

function MoreButton({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <UnstyledButton className="json-more" onClick={onClick}>
      {children}
    </UnstyledButton>
  );
}

/** The fields or items of a value; null for what has none by its kind. */
function entriesOf(value: unknown): [string, unknown][] | null {
  return typeof value === "object" && value !== null ? Object.entries(value) : null;
}
