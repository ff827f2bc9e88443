/**
 * Rows of one kind. On a wide page a table; on a narrow one each row is a card with its fields by name. The whole row
 * is a link where `rowLink` says so: the link itself is in the first column, so that the keyboard meets one stop a row.
 */
import "./data-table.css";
import { Checkbox } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

export interface Column<Row> {
  title: string;
  render: (row: Row) => ReactNode;
  /** Numbers stand at the end. */
  align?: "start" | "end";
  /** A CSS width; columns without one share what is left. */
  width?: string;
  /** Left out of the cards of a narrow page. */
  wideOnly?: boolean;
}

export interface Selection {
  selected: ReadonlySet<string>;
  onChange: (selected: ReadonlySet<string>) => void;
}

export interface DataTableProps<Row> {
  /** What the table shows; screen readers announce it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Where a row leads: `to` and its params. The first column then holds words, no link of its own. */
  rowLink?: (row: Row) => Pick<LinkProps, "to" | "params" | "search">;
  /** A checkbox a row; `rowLabel` names it. */
  selection?: Selection;
  rowLabel?: (row: Row) => string;
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rows, rowKey, selection } = props;
  return (
    <div className="data-table-frame">
      {/* On a narrow page the parts are no table to the browser any more; the roles keep them one. */}
      <table className="data-table" role="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {selection === undefined ? null : (
              <th role="columnheader" scope="col" className="data-table-check">
                <SelectAll rows={rows} rowKey={rowKey} selection={selection} />
              </th>
            )}
            {columns.map(({ title, align, width }) => (
              <th
                key={title}
                role="columnheader"
                scope="col"
                data-align={align}
                style={width === undefined ? {} : { width }}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <TableRow key={rowKey(row)} row={row} {...props} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TableRow<Row>({ row, columns, rowKey, rowLink, selection, rowLabel }: DataTableProps<Row> & { row: Row }) {
  const key = rowKey(row);
  const link = rowLink?.(row);
  return (
    <tr role="row" className={link === undefined ? "" : "data-table-linked"}>
      {selection === undefined ? null : (
        <td role="cell" className="data-table-check">
          <Checkbox
            size="xs"
            aria-label={`Select ${rowLabel?.(row) ?? key}`}
            checked={selection.selected.has(key)}
            onChange={() => selection.onChange(toggled(selection.selected, key))}
          />
        </td>
      )}
      {columns.map(({ title, render, align, wideOnly }, index) => (
        <td
          key={title}
          role="cell"
          data-title={title}
          data-align={align}
          data-first={index === 0 || undefined}
          data-wide-only={wideOnly || undefined}
        >
          {index === 0 && link !== undefined ? (
            <Link {...link} className="data-table-link">
              {render(row)}
            </Link>
          ) : (
            render(row)
          )}
        </td>
      ))}
    </tr>
  );
}

interface SelectAllProps<Row> {
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  selection: Selection;
}

function SelectAll<Row>({ rows, rowKey, selection }: SelectAllProps<Row>) {
  const keys = rows.map(rowKey);
  const count = keys.filter((key) => selection.selected.has(key)).length;
  const all = keys.length > 0 && count === keys.length;
  return (
    <Checkbox
      size="xs"
      aria-label="Select all that are shown"
      checked={all}
      indeterminate={count > 0 && !all}
      onChange={() => selection.onChange(new Set(all ? [] : keys))}
    />
  );
}

function toggled(selected: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(selected);
  if (!next.delete(key)) next.add(key);
  return next;
}
