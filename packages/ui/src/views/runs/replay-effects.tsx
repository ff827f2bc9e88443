/** The effects that a replay concerns. Each one that it would repeat has to be allowed by itself. */
import "./replay.css";
import { Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { StatusBadge } from "../../components/status-badge.tsx";
import type { ReplayPlan } from "../../services/runs.ts";

type Effect = ReplayPlan["effects"][number];

export interface RepeatedEffectsProps {
  effects: readonly Effect[];
  /** The ids of the outputs that may be repeated. */
  crossed: ReadonlySet<string>;
  onChange: (crossed: ReadonlySet<string>) => void;
}

export function RepeatedEffects({ effects, crossed, onChange }: RepeatedEffectsProps) {
  const toggle = (id: string, checked: boolean) => {
    const next = new Set(crossed);
    if (checked) next.add(id);
    else next.delete(id);
    onChange(next);
  };
  return (
    <ul className="effects" aria-label="Effects that would be repeated">
      {effects.map((effect) => (
        <EffectItem key={effect.outputId} effect={effect}>
          <Checkbox
            label={`I allow “${effect.title}” to happen again`}
            checked={crossed.has(effect.outputId)}
            onChange={({ currentTarget }) => toggle(effect.outputId, currentTarget.checked)}
          />
        </EffectItem>
      ))}
    </ul>
  );
}

export function OtherEffects({ effects }: { effects: readonly Effect[] }) {
  return (
    <ul className="effects" aria-label="Effects that are not repeated">
      {effects.map((effect) => (
        <EffectItem key={effect.outputId} effect={effect} />
      ))}
    </ul>
  );
}

function EffectItem({ effect, children }: { effect: Effect; children?: ReactNode }) {
  const { outputId, title, connector, operation, status, why } = effect;
  return (
    <li className="effect">
      <div className="row">
        <Link to="/outputs/$output" params={{ output: outputId }}>
          {title}
        </Link>
        <StatusBadge domain="output" status={status} />
        <span className="soft mono">
          {connector}.{operation}
        </span>
      </div>
      <p>{why}</p>
      {children}
    </li>
  );
}
