// Figures as they are read: three digits and a unit.

export function timeShort(ns: number): string {
  const units: [number, string][] = [
    [1e9, "s"],
    [1e6, "ms"],
    [1e3, "µs"],
  ];
  const [scale, unit] = units.find(([scale]) => ns >= scale) ?? [1, "ns"];
  return `${digits(ns / scale)} ${unit}`;
}

export function rateShort(perSecond: number): string {
  if (perSecond >= 1e6) return `${digits(perSecond / 1e6)}M`;
  if (perSecond >= 1e3) return `${digits(perSecond / 1e3)}k`;
  return digits(perSecond);
}

export function sizeShort(bytes: number): string {
  const units: [number, string][] = [
    [2 ** 30, "GiB"],
    [2 ** 20, "MiB"],
    [2 ** 10, "KiB"],
  ];
  const [scale, unit] = units.find(([scale]) => bytes >= scale) ?? [1, "B"];
  return `${digits(bytes / scale)} ${unit}`;
}

export const digits = (value: number): string =>
  value === 0
    ? "0"
    : value >= 100
      ? value.toFixed(0)
      : Number(value.toPrecision(3)).toString();
