/** How the axes of all charts look. */
const tick = { fill: "var(--text-soft)", fontSize: 11 };

export const axis = { tick, tickLine: false, axisLine: { stroke: "var(--line)" }, minTickGap: 24, height: 22 } as const;

export const valueAxis = { tick, tickLine: false, axisLine: false, width: "auto", allowDecimals: false } as const;

export const grid = { vertical: false, stroke: "var(--line)" } as const;
