// Axes in the colours of the page as it is now, light or dark.
import type uPlot from "uplot";
import { styleValue } from "./elements.ts";

export const line = () => ({ stroke: styleValue("--line"), width: 1 });

export function axis(more: uPlot.Axis): uPlot.Axis {
  return {
    stroke: styleValue("--soft"),
    grid: line(),
    ticks: line(),
    font: "12px system-ui, sans-serif",
    labelFont: "12px system-ui, sans-serif",
    labelSize: 18,
    ...more,
  };
}
